//! Keys that an operator removes: case 51.

use super::*;

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
