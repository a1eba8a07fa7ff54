//! One key after the other: in time, at once, of another algorithm.

use super::*;

#[tokio::test]
async fn a_key_is_shown_for_a_day_before_it_signs_and_kept_until_its_tokens_are_over() {
    let keyring = Keyring::open(store().await, settings(), start()).await.unwrap();
    let first = active(&keyring, start());
    let rotated = keyring.rotate(Rotation::default(), start().plus(HOUR)).await.unwrap();
    let [next] = rotated.successors.iter().filter(|key| key.class == "access").collect::<Vec<_>>()[..] else {
        panic!("{rotated:?}")
    };
    let switch = start().plus(HOUR + DAY);
    assert_eq!(next.signs_from, switch);
    assert_eq!(active(&keyring, switch.minus(TICK)), first);
    assert_eq!(active(&keyring, switch), next.id);
    assert_eq!(phases(&keyring, switch).await, [Phase::Retired, Phase::Active]);
    let over = switch.plus(30 * DAY + HOUR);
    assert_eq!(access(&keyring, switch).await[0].over_at, Some(over));
    assert_eq!(phases(&keyring, over.minus(TICK)).await, [Phase::Retired, Phase::Active]);
    keyring.refresh(over.plus(FRESH)).await.unwrap();
    assert_eq!(phases(&keyring, over).await, [Phase::Active], "gone from the store");
    // A second rotation before the first took effect changes nothing.
    let again = keyring.rotate(Rotation::default(), over).await.unwrap();
    assert_eq!(keyring.rotate(Rotation::default(), over.plus(HOUR)).await.unwrap().successors, again.successors);
}

#[tokio::test]
async fn a_successor_takes_over_at_once_when_it_has_to() {
    let store = store().await;
    let keyring = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let replica = Keyring::open(store, settings(), start()).await.unwrap();
    let first = active(&keyring, start());
    let join = |keyring: &Keyring, now| keyring.ring().active(Class::Join, now).unwrap().key.id().to_owned();
    let first_join = join(&keyring, start());
    let (only, now) = (Rotation { class: Some(Class::Access), at_once: true }, start().plus(HOUR));
    let rotated = keyring.rotate(only, now).await.unwrap();
    assert_eq!(rotated.successors, [access(&keyring, now).await.pop().unwrap()]);
    assert_eq!(rotated.successors[0].id, active(&keyring, now));
    assert_eq!(phases(&keyring, now).await, [Phase::Retired, Phase::Active]);
    assert_eq!(join(&keyring, now), first_join, "the other class is left alone");
    // Replicas follow within seconds, and what the first key signed until then is good on.
    assert_eq!(active(&replica, now), first);
    replica.refresh(now.plus(FRESH)).await.unwrap();
    assert_eq!(active(&replica, now.plus(FRESH)), active(&keyring, now));
    assert!(replica.ring().find(&first, now.plus(30 * DAY)).is_some());
    // One that is shown already is brought forward, so that those who know it are not surprised.
    let shown = keyring.rotate(Rotation { at_once: false, ..only }, now).await.unwrap().successors.pop().unwrap();
    assert_eq!((shown.phase, shown.signs_from), (Ok(Phase::Pending), now.plus(DAY)));
    let later = now.plus(HOUR);
    let hastened = keyring.rotate(only, later).await.unwrap().successors.pop().unwrap();
    assert_eq!((hastened.id, hastened.phase, hastened.signs_from), (shown.id, Ok(Phase::Active), later));
    assert_eq!(phases(&keyring, later).await, [Phase::Retired, Phase::Retired, Phase::Active]);
}

#[tokio::test]
async fn a_successor_is_made_in_time_without_an_operator() {
    let keyring = Keyring::open(store().await, settings(), start()).await.unwrap();
    let end = start().plus(90 * DAY);
    keyring.refresh(end.minus(DAY + TICK)).await.unwrap();
    assert_eq!(phases(&keyring, end.minus(DAY + TICK)).await, [Phase::Active]);
    keyring.refresh(end.minus(DAY).plus(FRESH)).await.unwrap();
    let keys = access(&keyring, end).await;
    assert_eq!(keys.len(), 2);
    assert!(keys[1].signs_from >= end && keys[1].signs_from <= end.plus(FRESH));
    // Down all the while: still shown for a day first.
    let late = end.plus(400 * DAY);
    keyring.refresh(late).await.unwrap();
    let keys = access(&keyring, late).await;
    assert_eq!(keys.last().unwrap().signs_from, late.plus(DAY));
}

#[tokio::test]
async fn another_algorithm_takes_over_after_it_was_shown() {
    let store = store().await;
    Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let changed = KeySettings { algorithm: Algorithm::EdDsa, ..settings() };
    for now in [start().plus(HOUR), start().plus(2 * HOUR)] {
        let keyring = Keyring::open(store.clone(), changed.clone(), now).await.unwrap();
        let keys = access(&keyring, now).await;
        let all: Vec<_> = keys.iter().map(|key| (key.algorithm.as_str(), key.phase, key.signs_from)).collect();
        let next = start().plus(HOUR + DAY);
        assert_eq!(all, [("ES256", Ok(Phase::Active), start()), ("EdDSA", Ok(Phase::Pending), next)]);
    }
}

#[tokio::test]
async fn a_lifetime_that_is_cut_ends_no_token_before_its_time() {
    let store = store().await;
    let keyring = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    keyring.rotate(Rotation::default(), start()).await.unwrap();
    let switch = start().plus(DAY);
    keyring.refresh(switch).await.unwrap();
    let lifetimes = Lifetimes { access: HOUR, ..settings().lifetimes };
    let cut = Keyring::open(store, KeySettings { lifetimes, ..settings() }, switch.plus(DAY)).await.unwrap();
    let last = switch.plus(30 * DAY);
    assert_eq!(phases(&cut, last).await, [Phase::Retired, Phase::Active]);
}
