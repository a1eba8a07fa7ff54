//! What becomes of a challenge (cases 15, 18 to 21, 29, 30), and how many there may be.

use super::*;
use futures::future::join_all;

on_every_database!(
    is_used_once
    is_tried_again_after_it_was_given_back
    is_used_up_without_a_login
    is_tried_six_times
    ends_with_its_minute
    is_unknown_to_others
    is_unlike_all_others
    has_a_lease_that_ends_by_itself
    loses_its_login_to_who_took_over
    keeps_its_lease_while_nobody_takes_over
    is_refused_beyond_the_cap
    is_counted_exactly_by_one_process
    is_known_by_its_server_id
);

async fn lease_of(store: &Store, jti: &str, now: Timestamp) -> Leasing {
    store.lease(jti, Kind::Join, now).await.unwrap()
}

async fn is_used_once(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;
    assert_eq!(held.server_id, "serverId of a");
    assert_eq!(lease_of(&store, "a", after(1)).await, Leasing::InUse);
    let (user, created) = finish(&store, &held, &login(1, "t1"), after(2)).await;
    assert!(created);
    assert_eq!(lease_of(&store, "a", after(3)).await, Leasing::Used);
    assert_eq!(lease_of(&store, "a", after(90_000)).await, Leasing::Used, "even when its time is over");
    assert_eq!(store.finish(&held, &login(1, "t2"), after(4)).await, Ok(Finish::LeaseLost));
    assert_eq!((store.release(&held).await, store.consume(&held).await), (Ok(false), Ok(false)));
    assert_eq!(history(&store, &user).await.len(), 1);
}

async fn is_tried_again_after_it_was_given_back(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;
    assert_eq!(store.release(&held).await, Ok(true));
    assert_eq!(store.release(&held).await, Ok(false), "it is given back already");
    let again = lease(&store, "a", after(1)).await;
    assert_eq!(store.finish(&held, &login(1, "t1"), after(2)).await, Ok(Finish::LeaseLost), "a lease of before");
    finish(&store, &again, &login(1, "t1"), after(2)).await;
}

async fn is_used_up_without_a_login(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;
    assert_eq!(store.consume(&held).await, Ok(true));
    assert_eq!(lease_of(&store, "a", after(1)).await, Leasing::Used);
    assert_eq!(store.user_by(&mojang(), login(1, "t").player).await, Ok(None));
}

async fn is_tried_six_times(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    for attempt in 0..6 {
        let held = lease(&store, "a", after(attempt)).await;
        store.release(&held).await.unwrap();
    }
    assert_eq!(lease_of(&store, "a", after(10)).await, Leasing::Exhausted);
    assert_eq!(lease_of(&store, "a", after(60_000)).await, Leasing::Expired);
}

async fn ends_with_its_minute(place: Place) {
    let store = place.open().await;
    for jti in ["a", "b"] {
        put(&store, jti).await;
    }
    let last = lease(&store, "a", after(59_999)).await;
    assert_eq!(lease_of(&store, "b", after(60_000)).await, Leasing::Expired);
    // Begun in time, it may end later.
    finish(&store, &last, &login(1, "t"), after(62_000)).await;
}

async fn is_unknown_to_others(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    for jti in ["b", "", "A", "' OR 1=1 --", "a "] {
        assert_eq!(lease_of(&store, jti, noon()).await, Leasing::Unknown, "{jti}");
    }
}

async fn is_unlike_all_others(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let same_jti = Challenge { server_id: "another".into(), ..challenge("a") };
    let same_server_id = Challenge { jti: "b".into(), ..challenge("a") };
    for taken in [same_jti, same_server_id] {
        assert_eq!(store.put_challenge(&taken, 10).await, Ok(Put::Taken));
    }
}

/// Whoever held it died.
async fn has_a_lease_that_ends_by_itself(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    lease(&store, "a", noon()).await;
    assert_eq!(lease_of(&store, "a", after(9_999)).await, Leasing::InUse);
    assert_eq!(lease_of(&store, "a", after(10_000)).await, Leasing::InUse);
    lease(&store, "a", after(10_001)).await;
    assert_eq!(lease_of(&store, "a", after(20_001)).await, Leasing::InUse, "the ten seconds of the second");
}

async fn loses_its_login_to_who_took_over(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let slow = lease(&store, "a", noon()).await;
    let fast = lease(&store, "a", after(10_001)).await;
    assert_eq!(store.finish(&slow, &login(1, "t1"), after(10_002)).await, Ok(Finish::LeaseLost));
    assert_eq!((store.release(&slow).await, store.consume(&slow).await), (Ok(false), Ok(false)));
    assert_eq!(store.user_by(&mojang(), login(1, "t1").player).await, Ok(None), "nothing is written");
    let (user, created) = finish(&store, &fast, &login(2, "t2"), after(10_003)).await;
    assert!(created);
    let ids: Vec<_> = history(&store, &user).await.into_iter().map(|session| session.id).collect();
    assert_eq!(ids, ["a"]);
}

async fn keeps_its_lease_while_nobody_takes_over(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;
    assert!(finish(&store, &held, &login(1, "t"), after(15_000)).await.1);
}

async fn is_refused_beyond_the_cap(place: Place) {
    let store = place.open().await;
    let at = |jti: &str, now: Timestamp| Challenge {
        created_at: now,
        expires_at: now.plus(Duration::from_secs(60)),
        ..challenge(jti)
    };
    for jti in ["a", "b", "c"] {
        assert_eq!(store.put_challenge(&at(jti, noon()), 3).await, Ok(Put::Stored));
    }
    assert_eq!(store.put_challenge(&at("d", after(1)), 3).await, Ok(Put::Full));
    assert_eq!(store.put_challenge(&at("d", after(59_999)), 3).await, Ok(Put::Full));
    // What is used waits no more.
    let held = lease(&store, "a", after(59_999)).await;
    finish(&store, &held, &login(1, "t"), after(59_999)).await;
    assert_eq!(store.put_challenge(&at("d", after(60_999)), 3).await, Ok(Put::Stored));
    // The first three are over.
    assert_eq!(store.put_challenge(&at("e", after(61_000)), 3).await, Ok(Put::Stored));
    assert_eq!(store.put_challenge(&at("f", after(61_000)), 3).await, Ok(Put::Stored));
    assert_eq!(store.put_challenge(&at("g", after(62_000)), 3).await, Ok(Put::Full));
    assert_eq!(store.put_challenge(&at("g", after(62_000)), 0).await, Ok(Put::Full));
}

async fn is_counted_exactly_by_one_process(place: Place) {
    let store = place.open().await;
    // The first has them counted.
    assert_eq!(store.put_challenge(&challenge("first"), 10).await, Ok(Put::Stored));
    let puts = (0..40).map(|number| {
        let store = store.clone();
        crate::support::spawn(async move { store.put_challenge(&challenge(&format!("j{number}")), 10).await.unwrap() })
    });
    let answers: Vec<_> = join_all(puts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|put| **put == Put::Stored).count(), 9, "{answers:?}");
}

async fn is_known_by_its_server_id(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let known = async |jti: &str| store.pending(&format!("serverId of {jti}")).await.unwrap();
    assert!(known("a").await, "as it waits");
    let held = lease(&store, "a", noon()).await;
    assert!(known("a").await, "as it is verified");
    finish(&store, &held, &login(1, "t"), noon()).await;
    assert!(known("a").await, "as it was used");
    assert!(!known("b").await);
}
