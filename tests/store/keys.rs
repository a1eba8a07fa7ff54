//! Keys that sign: one of a class, whoever starts at once.

use super::*;
use crate::support::spawn;
use futures::future::join_all;
use hasjoined::store::{KeyState, SigningKey};

on_every_database!(
    keeps_a_key_as_it_is
    one_key_of_a_class_signs
    rotates_in_one_step
    removes_a_key
    ;
    of_ten_that_start_at_once_one_makes_the_key
);

fn key(kid: &str, state: KeyState) -> SigningKey {
    SigningKey {
        kid: kid.into(),
        class: "access".into(),
        alg: "ES256".into(),
        state,
        wrapped_private: vec![0, 255, 39, 0, 128],
        public_jwk: r#"{"kty":"EC"}"#.into(),
        not_before: noon(),
        retire_at: None,
    }
}

async fn states(store: &Store) -> Vec<(String, KeyState, Option<Timestamp>)> {
    store.keys().await.unwrap().into_iter().map(|key| (key.kid, key.state, key.retire_at)).collect()
}

async fn keeps_a_key_as_it_is(place: Place) {
    let store = place.open().await;
    let retired = SigningKey { retire_at: Some(after(9)), ..key("a", KeyState::Retired) };
    let empty = SigningKey { wrapped_private: vec![], class: "join".into(), ..key("b", KeyState::Pending) };
    for key in [&retired, &empty] {
        assert_eq!(store.put_key(key).await, Ok(true));
        assert_eq!(store.put_key(key).await, Ok(false), "its name is taken");
    }
    assert_eq!(store.keys().await, Ok(vec![retired.clone(), empty]));
    assert_eq!(store.reseal_key("a", b"sealed").await, Ok(true));
    let resealed = SigningKey { wrapped_private: b"sealed".to_vec(), ..retired };
    assert_eq!(store.keys().await.unwrap()[0], resealed);
}

async fn one_key_of_a_class_signs(place: Place) {
    let store = place.open().await;
    assert_eq!(store.put_key(&key("a", KeyState::Active)).await, Ok(true));
    assert_eq!(store.put_key(&key("b", KeyState::Active)).await, Ok(false));
    assert_eq!(store.put_key(&key("b", KeyState::Pending)).await, Ok(true));
    assert_eq!(store.put_key(&SigningKey { class: "join".into(), ..key("c", KeyState::Active) }).await, Ok(true));
    assert_eq!(store.set_key_state("b", KeyState::Active, None).await, Ok(false));
    assert_eq!(store.set_key_state("a", KeyState::Retired, Some(after(5))).await, Ok(true));
    assert_eq!(store.set_key_state("b", KeyState::Active, None).await, Ok(true));
    assert_eq!(store.set_key_state("none", KeyState::Active, None).await, Ok(false));
    let expected = [
        ("a".to_owned(), KeyState::Retired, Some(after(5))),
        ("b".to_owned(), KeyState::Active, None),
        ("c".to_owned(), KeyState::Active, None),
    ];
    assert_eq!(states(&store).await, expected);
}

async fn rotates_in_one_step(place: Place) {
    let store = place.open().await;
    store.put_key(&key("a", KeyState::Active)).await.unwrap();
    store.put_key(&key("b", KeyState::Pending)).await.unwrap();
    assert_eq!(store.activate_key("none", after(5)).await, Ok(false));
    assert_eq!(states(&store).await[0], ("a".to_owned(), KeyState::Active, None), "nothing has changed");
    for _ in 0..2 {
        assert_eq!(store.activate_key("b", after(5)).await, Ok(true));
        let expected = [("a".to_owned(), KeyState::Retired, Some(after(5))), ("b".to_owned(), KeyState::Active, None)];
        assert_eq!(states(&store).await, expected);
    }
}

async fn removes_a_key(place: Place) {
    let store = place.open().await;
    store.put_key(&key("a", KeyState::Active)).await.unwrap();
    assert_eq!(store.delete_key("a").await, Ok(true));
    assert_eq!(store.delete_key("a").await, Ok(false));
    assert_eq!(store.reseal_key("a", b"").await, Ok(false));
    assert_eq!(store.keys().await, Ok(vec![]));
}

async fn of_ten_that_start_at_once_one_makes_the_key(place: Place) {
    let place = std::sync::Arc::new(place);
    let starts = (0..10).map(|number| {
        let place = place.clone();
        spawn(async move {
            let store = place.open().await;
            let made = store.put_key(&key(&format!("k{number}"), KeyState::Active)).await.unwrap();
            (store, made)
        })
    });
    let started: Vec<_> = join_all(starts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(started.iter().filter(|(_, made)| *made).count(), 1);
    let keys = started[0].0.keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    // All rotate at once, each to its own: one of them is active in the end.
    for (number, (store, _)) in started.iter().enumerate() {
        store.put_key(&key(&format!("next{number}"), KeyState::Pending)).await.unwrap();
    }
    let rotations = started.iter().enumerate().map(|(number, (store, _))| {
        let store = store.clone();
        spawn(async move { store.activate_key(&format!("next{number}"), after(1)).await.unwrap() })
    });
    let rotated: Vec<_> = join_all(rotations).await.into_iter().map(Result::unwrap).collect();
    assert!(rotated.contains(&true));
    let active = states(&started[0].0).await.into_iter().filter(|(_, state, _)| *state == KeyState::Active).count();
    assert_eq!(active, 1);
}
