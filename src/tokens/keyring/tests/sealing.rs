//! Keys at rest: sealed, and not believed when they were tampered with.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

fn kek(byte: u8) -> Option<Kek> {
    Kek::parse(&STANDARD.encode([byte; 32])).ok()
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
