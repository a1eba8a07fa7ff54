//! Whose names are whose, after a restart.

use super::*;
use crate::support::spawn;
use futures::future::join_all;

on_every_database!(
    a_name_is_of_the_first_who_vouched
    of_many_who_claim_at_once_one_gets_the_name
    the_list_goes_on_where_it_ended
    ;
    an_upstream_pushes_out_its_own_oldest_names
    a_name_is_touched_once_a_day
);

fn drasl() -> UpstreamId {
    UpstreamId::new("drasl").unwrap()
}

async fn a_name_is_of_the_first_who_vouched(place: Place) {
    let store = place.open().await;
    assert_eq!(store.bind_name("notch", &mojang(), noon()).await, Ok(mojang()));
    assert_eq!(store.bind_name("notch", &drasl(), after(1)).await, Ok(mojang()));
    assert_eq!(store.bind_name("notch", &mojang(), after(2)).await, Ok(mojang()));
    assert_eq!(store.release_name("notch").await, Ok(true));
    assert_eq!(store.release_name("notch").await, Ok(false));
    assert_eq!(store.bind_name("notch", &drasl(), after(3)).await, Ok(drasl()));
}

async fn of_many_who_claim_at_once_one_gets_the_name(place: Place) {
    let store = place.open().await;
    for round in 0..10 {
        let claims = (0..8).map(|number| {
            let (store, upstream) = (store.clone(), UpstreamId::new(&format!("u{number}")).unwrap());
            spawn(async move { store.bind_name(&format!("name{round}"), &upstream, noon()).await.unwrap() })
        });
        let holders: Vec<_> = join_all(claims).await.into_iter().map(Result::unwrap).collect();
        assert!(holders.windows(2).all(|two| two[0] == two[1]), "{holders:?}");
    }
}

async fn the_list_goes_on_where_it_ended(place: Place) {
    let store = place.open().await;
    for (name, upstream) in [("c", mojang()), ("a", drasl()), ("b", mojang())] {
        store.bind_name(name, &upstream, noon()).await.unwrap();
    }
    assert_eq!(store.bindings("", 2).await, Ok(vec![("a".into(), drasl()), ("b".into(), mojang())]));
    assert_eq!(store.bindings("b", 2).await, Ok(vec![("c".into(), mojang())]));
    assert_eq!(store.bindings("c", 2).await, Ok(vec![]));
}

async fn count(store: &Store, of: &UpstreamId) -> usize {
    store.bindings("", u32::MAX).await.unwrap().iter().filter(|(_, holder)| holder == of).count()
}

async fn an_upstream_pushes_out_its_own_oldest_names(place: Place) {
    let store = place.open().await;
    store.bind_name("notch", &mojang(), noon()).await.unwrap();
    place
        .sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
             INSERT INTO name_bindings (folded, upstream, seen_at) SELECT 'p' || i, 'drasl', i FROM n",
        )
        .await;
    for name in ["x1", "x2"] {
        assert_eq!(store.bind_name(name, &drasl(), noon()).await, Ok(drasl()));
    }
    assert_eq!(count(&store, &drasl()).await, 99_002);
    assert_eq!(count(&store, &mojang()).await, 1);
    assert_eq!(store.release_name("p1000").await, Ok(false), "seen longest ago");
    assert_eq!(store.release_name("p1001").await, Ok(true));
}

async fn a_name_is_touched_once_a_day(place: Place) {
    const DAY: u64 = 24 * 3600 * 1000;
    const TAKE_THE_TOUCHED: &str = "DELETE FROM name_bindings WHERE seen_at > 1800000000000";
    let store = place.open().await;
    for (seen, left) in [(0, 1), (DAY - 1, 1), (DAY, 0)] {
        store.bind_name("notch", &mojang(), after(seen)).await.unwrap();
        place.sql(TAKE_THE_TOUCHED).await;
        assert_eq!(store.bindings("", 9).await.unwrap().len(), left, "seen after {seen} ms");
    }
}
