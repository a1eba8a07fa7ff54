//! Keys over the months, with a clock that is moved by hand.

mod removal;
mod sealing;
mod succession;

use super::*;
use crate::{
    store::KeyState,
    tokens::{Listed, Phase, Rotation, upkeep::TICK},
};

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
