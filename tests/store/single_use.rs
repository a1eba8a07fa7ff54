//! One login for one challenge, whoever comes at once (cases 16, 17, 29).

use super::*;
use crate::support::spawn;
use futures::future::join_all;
use std::{collections::HashSet, future::poll_fn, pin::pin, task::Poll};

on_every_database!(
    one_of_a_hundred_gets_the_lease
    one_of_a_hundred_logs_in
    two_logins_of_a_new_player_make_one_user
    no_lock_is_ever_in_the_way
    a_caller_that_goes_away_leaves_nothing_half_done
    ;
    two_processes_share_one_lease
);

/// All stores at once, `each` times over; what each was answered.
async fn rush(stores: &[Store], each: usize, jti: &str) -> Vec<Leasing> {
    let callers = stores.iter().flat_map(|store| std::iter::repeat_n(store, each)).map(|store| {
        let (store, jti) = (store.clone(), jti.to_owned());
        spawn(async move { store.lease(&jti, Kind::Join, noon()).await.unwrap() })
    });
    join_all(callers).await.into_iter().map(Result::unwrap).collect()
}

fn granted(answers: &[Leasing]) -> usize {
    for answer in answers {
        assert!(matches!(answer, Leasing::Granted(_) | Leasing::InUse | Leasing::Used), "{answer:?}");
    }
    answers.iter().filter(|answer| matches!(answer, Leasing::Granted(_))).count()
}

async fn one_of_a_hundred_gets_the_lease(place: Place) {
    let store = place.open().await;
    for round in 0..5 {
        let jti = format!("j{round}");
        put(&store, &jti).await;
        assert_eq!(granted(&rush(std::slice::from_ref(&store), 100, &jti).await), 1);
    }
}

/// Two stores are what two processes have: nothing in common but the database.
async fn two_processes_share_one_lease(place: Place) {
    let stores = [place.open().await, place.open().await];
    for round in 0..5 {
        let jti = format!("j{round}");
        put(&stores[0], &jti).await;
        assert_eq!(granted(&rush(&stores, 50, &jti).await), 1);
    }
}

async fn one_of_a_hundred_logs_in(place: Place) {
    let store = place.open().await;
    put(&store, "a").await;
    let callers = (0..100).map(|number| {
        let store = store.clone();
        spawn(async move {
            let Leasing::Granted(lease) = store.lease("a", Kind::Join, noon()).await.unwrap() else { return false };
            let done = store.finish(&lease, &login(1, &format!("t{number}")), noon()).await.unwrap();
            matches!(done, Finish::Finished { .. })
        })
    });
    let won = join_all(callers).await.into_iter().filter(|done| *done.as_ref().unwrap()).count();
    assert_eq!(won, 1);
    let user = store.user_by(&mojang(), login(1, "t").player).await.unwrap().unwrap();
    assert_eq!(history(&store, &user).await.len(), 1);
}

async fn two_logins_of_a_new_player_make_one_user(place: Place) {
    let store = place.open().await;
    for round in 1..=10 {
        let ends = ["a", "b"].map(|half| {
            let (store, jti) = (store.clone(), format!("{half}{round}"));
            spawn(async move {
                put(&store, &jti).await;
                let lease = lease(&store, &jti, noon()).await;
                finish(&store, &lease, &login(round, &jti), noon()).await
            })
        });
        let [one, other] = join_all(ends).await.try_into().unwrap();
        let ((one, made_one), (other, made_other)) = (one.unwrap(), other.unwrap());
        assert_eq!(one.id, other.id);
        assert!(made_one != made_other, "one of the two made the user");
        assert_eq!(history(&store, &one).await.len(), 2);
    }
}

/// `database is locked`, and timeouts for want of a connection, are for the store to avoid.
async fn no_lock_is_ever_in_the_way(place: Place) {
    let store = place.open().await;
    let writers = (1..=32_u128).map(|writer| {
        let store = store.clone();
        spawn(async move {
            for round in 0..8 {
                let user = logged_in(&store, &login(writer % 8 + 1, &format!("w{writer}r{round}")), noon()).await;
                store.revoke(&format!("w{writer}r{round}"), Some(user.id), after(1), "logout").await.unwrap();
                history(&store, &user).await;
            }
        })
    });
    for writer in join_all(writers).await {
        writer.unwrap();
    }
    let mut ids = HashSet::new();
    for player in 1..=8 {
        let user = store.user_by(&mojang(), login(player, "t").player).await.unwrap().unwrap();
        ids.extend(history(&store, &user).await.into_iter().map(|session| session.id));
    }
    assert_eq!(ids.len(), 32 * 8);
}

/// A client hangs up, and what served it is dropped at whatever it waits for.
/// Work for a caller who goes away after it was polled so often, whatever it waits for then.
async fn polled<T>(times: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (pin!(work), times);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn a_caller_that_goes_away_leaves_nothing_half_done(place: Place) {
    let store = place.open().await;
    for round in 0..5 {
        for polls in 0.. {
            let jti = format!("j{round}-{polls}");
            put(&store, &jti).await;
            let held = lease(&store, &jti, noon()).await;
            let login = login(round * 1_000 + polls as u128, &format!("t{round}-{polls}"));
            let done = polled(polls, store.finish(&held, &login, noon())).await;
            // All of it or nothing, and the next one is served.
            let again = store.finish(&held, &login, noon()).await.unwrap();
            let user = store.user_by(&mojang(), login.player).await.unwrap().expect("logged in once");
            assert_eq!(history(&store, &user).await.len(), 1, "after {polls} polls: {again:?}");
            _ = polled(polls, store.ping()).await;
            store.ping().await.unwrap();
            if done.is_some() {
                break;
            }
        }
    }
}
