//! Keys over the months, with a clock that is moved by hand.

use super::*;
use crate::{
    store::KeyState,
    tokens::{Listed, Phase, Rotation, upkeep::TICK},
};
use base64::{Engine, engine::general_purpose::STANDARD};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn start() -> Timestamp {
    Timestamp::from_seconds(1_768_739_696)
}

async fn store() -> Store {
    crate::tokens::tests::store().await
}

fn settings() -> KeySettings {
    let lifetimes =
        Lifetimes { join: Duration::from_secs(60), access: 30 * DAY, feather: Duration::from_secs(64 * 3_600) };
    KeySettings { algorithm: Algorithm::Es256, secret: None, feather: None, services: false, kek: None, lifetimes }
}

fn kek(byte: u8) -> Option<Kek> {
    Kek::parse(&STANDARD.encode([byte; 32])).ok()
}

fn secret(text: &str) -> KeySettings {
    KeySettings { algorithm: Algorithm::Hs256, secret: Some(text.as_bytes().to_vec().into()), ..settings() }
}

/// Phases of the access keys, the oldest first.
async fn phases(keyring: &Keyring, now: Timestamp) -> Vec<Phase> {
    access(keyring, now).await.into_iter().map(|key| key.phase.unwrap()).collect()
}

async fn access(keyring: &Keyring, now: Timestamp) -> Vec<Listed> {
    keyring.list(now).await.unwrap().into_iter().filter(|key| key.class == "access").collect()
}

fn active(keyring: &Keyring, now: Timestamp) -> String {
    keyring.ring().active(Class::Access, now).unwrap().key.id().to_owned()
}

#[tokio::test]
async fn the_first_start_makes_a_key_of_each_class_and_the_second_finds_them() {
    let store = store().await;
    let first = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let made = first.list(start()).await.unwrap();
    assert_eq!(made.iter().map(|key| key.class.as_str()).collect::<Vec<_>>(), ["access", "join"]);
    assert!(made.iter().all(|key| key.phase == Ok(Phase::Active) && key.over_at.is_none()));
    let second = Keyring::open(store, settings(), start().plus(HOUR)).await.unwrap();
    assert_eq!(second.list(start().plus(HOUR)).await.unwrap(), made);
}

#[tokio::test]
async fn replicas_that_start_together_have_the_same_keys() {
    let store = store().await;
    let starts = (0..8).map(|_| Keyring::open(store.clone(), settings(), start()));
    let keyrings: Vec<_> = futures::future::join_all(starts).await.into_iter().map(Result::unwrap).collect();
    for keyring in &keyrings {
        assert_eq!(active(keyring, start()), active(&keyrings[0], start()));
        assert_eq!(keyring.list(start()).await.unwrap().len(), 2);
    }
}

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
async fn replicas_that_are_configured_otherwise_do_not_outdo_each_other() {
    let store = store().await;
    let changed = KeySettings { algorithm: Algorithm::EdDsa, ..settings() };
    let old = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let new = Keyring::open(store, changed, start()).await.unwrap();
    let count = access(&new, start()).await.len();
    for minute in 1..10 {
        let now = start().plus(minute * Duration::from_secs(60));
        old.refresh(now).await.unwrap();
        new.refresh(now).await.unwrap();
        assert_eq!(access(&new, now).await.len(), count);
    }
}

#[tokio::test]
async fn the_store_is_told_which_key_signs() {
    let store = store().await;
    let keyring = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let recorded = async || {
        let mut rows = store.keys().await.unwrap();
        rows.retain(|row| row.class == "access");
        rows.sort_by_key(|row| row.not_before);
        rows.into_iter().map(|row| (row.state, row.retire_at)).collect::<Vec<_>>()
    };
    assert_eq!(recorded().await, [(KeyState::Active, None)]);
    keyring.rotate(Rotation::default(), start()).await.unwrap();
    assert_eq!(recorded().await, [(KeyState::Active, None), (KeyState::Pending, None)]);
    let switch = start().plus(DAY);
    let over = Some(switch.plus(30 * DAY + HOUR));
    // Twice: nothing is done again that is done.
    for now in [switch, switch.plus(FRESH)] {
        keyring.refresh(now).await.unwrap();
        assert_eq!(recorded().await, [(KeyState::Retired, over), (KeyState::Active, None)]);
    }
    let now = switch.plus(HOUR);
    keyring.remove(&active(&keyring, now), now).await.unwrap();
    assert_eq!(recorded().await, [(KeyState::Retired, over), (KeyState::Active, None)]);
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

#[tokio::test]
async fn case_51_a_removed_key_is_gone_and_another_signs() {
    let store = store().await;
    let keyring = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let replica = Keyring::open(store, settings(), start()).await.unwrap();
    let first = active(&keyring, start());
    let now = start().plus(HOUR);
    let removed = keyring.remove(&first, now).await.unwrap();
    assert_eq!(removed.replaced_by, Some(active(&keyring, now)));
    assert_ne!(active(&keyring, now), first);
    assert!(keyring.ring().find(&first, now).is_none());
    replica.refresh(now).await.unwrap();
    assert!(replica.ring().find(&first, now).is_none());
    assert_eq!(active(&replica, now), active(&keyring, now));
    let again = keyring.remove(&first, now).await;
    assert!(matches!(again, Err(KeyringError::NoSuch(id)) if id == first));
}

#[tokio::test]
async fn removing_a_key_wakes_no_retired_one() {
    let keyring = Keyring::open(store().await, settings(), start()).await.unwrap();
    keyring.rotate(Rotation::default(), start()).await.unwrap();
    let now = start().plus(2 * DAY);
    let [old, signing] = &access(&keyring, now).await[..] else { panic!() };
    let removed = keyring.remove(&signing.id, now).await.unwrap();
    assert_ne!(removed.replaced_by.as_ref(), Some(&old.id));
    assert_eq!(phases(&keyring, now).await, [Phase::Retired, Phase::Active]);
    // A retired one leaves without a successor.
    assert_eq!(keyring.remove(&old.id, now).await.unwrap().replaced_by, None);
    assert_eq!(phases(&keyring, now).await, [Phase::Active]);
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
async fn a_secret_signs_at_once_and_the_one_before_it_verifies_on() {
    let store = store().await;
    let open = |settings, now| Keyring::open(store.clone(), settings, now);
    let (one, other) =
        (secret("the first secret, of 32 bytes and more"), secret("the second secret, of 32 bytes and more"));
    let keyring = open(settings(), start()).await.unwrap();
    // Shown, never to sign.
    keyring.rotate(Rotation::default(), start()).await.unwrap();
    let mut ids = vec![active(&keyring, start())];
    for (hours, settings) in [(1, &one), (2, &other), (3, &one), (100, &one)] {
        let now = start().plus(hours * HOUR);
        let keyring = open(settings.clone(), now).await.unwrap();
        let given = keyring.given(Class::Access).unwrap().id().to_owned();
        let at = now.plus(TICK);
        assert_eq!(active(&keyring, at), given, "after {hours} h");
        ids.push(given);
        assert!(ids.iter().all(|id| keyring.ring().find(id, at).is_some()), "after {hours} h");
        let refused = keyring.remove(ids.last().unwrap(), at).await;
        assert!(matches!(refused, Err(KeyringError::Given(_))));
        assert_eq!(keyring.rotate(Rotation::default(), at).await.unwrap().given, [Class::Access]);
    }
}

#[tokio::test]
async fn sealed_keys_need_their_kek() {
    let store = store().await;
    let with = |kek| KeySettings { kek, ..settings() };
    let fault = |opened: Result<Keyring, KeyringError>| match opened {
        Err(KeyringError::Unusable { fault: Unusable::Seal(fault), .. }) => Some(fault),
        Err(error) => panic!("{error}"),
        Ok(_) => None,
    };
    let open = |kek| Keyring::open(store.clone(), with(kek), start());
    assert_eq!(fault(open(kek(1)).await), None);
    assert_eq!(fault(open(kek(1)).await), None);
    assert_eq!(fault(open(kek(2)).await), Some(SealError::NotOurs));
    assert_eq!(fault(open(None).await), Some(SealError::NeedsKek));
}

#[tokio::test]
async fn keys_that_lie_open_are_sealed_when_the_operator_says_so() {
    let store = store().await;
    let plain = Keyring::open(store.clone(), settings(), start()).await.unwrap();
    let before = active(&plain, start());
    let sealed = KeySettings { kek: kek(1), ..settings() };
    let error = Keyring::open(store.clone(), sealed.clone(), start()).await.err().unwrap().to_string();
    assert!(error.contains("hasjoined keys rotate"), "{error}");
    let operators = Keyring::of(store.clone(), sealed.clone());
    let listed = operators.list(start()).await.unwrap();
    assert!(listed.iter().all(|key| key.phase == Err(Unusable::Seal(SealError::NotSealed))));
    assert_eq!(operators.rotate(Rotation::default(), start()).await.unwrap().sealed.len(), 2);
    assert!(store.keys().await.unwrap().iter().all(|row| row.wrapped_private[0] == 1));
    let keyring = Keyring::open(store, sealed, start()).await.unwrap();
    assert_eq!(active(&keyring, start()), before);
}

#[tokio::test]
async fn a_row_that_was_tampered_with_is_not_a_key() {
    let store = store().await;
    let settings = KeySettings { kek: kek(1), ..settings() };
    let keyring = Keyring::open(store.clone(), settings.clone(), start()).await.unwrap();
    let before = active(&keyring, start());
    // A key of the attacker's, and our own join key as if it were for access tokens.
    let theirs = Key::generate(Class::Access, Algorithm::Es256).unwrap();
    let ours = store.keys().await.unwrap().into_iter().find(|row| row.class == "join").unwrap();
    let from = start().plus(TICK);
    let forged = SigningKey {
        kid: theirs.id().to_owned(),
        class: "access".to_owned(),
        state: KeyState::Pending,
        wrapped_private: [&[0], theirs.private()].concat(),
        not_before: from,
        ..ours.clone()
    };
    let unknown = SigningKey { kid: "x".to_owned(), class: "other".to_owned(), ..forged.clone() };
    let swapped = SigningKey { kid: "y".to_owned(), class: "access".to_owned(), state: KeyState::Pending, ..ours };
    for row in [&forged, &unknown, &swapped] {
        assert!(store.put_key(row).await.unwrap());
    }
    let now = start().plus(HOUR);
    keyring.refresh(now).await.unwrap();
    assert_eq!(active(&keyring, now), before);
    assert!(keyring.ring().find(theirs.id(), now).is_none());
    let faults: Vec<_> = keyring.list(now).await.unwrap().into_iter().filter_map(|key| key.phase.err()).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(matches!(Keyring::open(store, settings, now).await, Err(KeyringError::Unusable { .. })));
    // Whatever it is, it can be removed.
    for row in [&forged, &unknown, &swapped] {
        assert_eq!(keyring.remove(&row.kid, now).await.unwrap().replaced_by, None);
    }
    assert_eq!(active(&keyring, now), before);
}
