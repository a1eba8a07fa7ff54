//! Services: the file's, and those of commands.

use super::*;
use hasjoined::{
    model::ServiceSlug,
    store::{Origin, Registration, Service},
};

on_every_database!(
    keeps_a_service_as_it_is
    the_file_has_the_last_word
    a_service_is_switched_off_and_removed
);

pub(super) fn slug(text: &str) -> ServiceSlug {
    ServiceSlug::new(text).unwrap()
}

pub(super) fn registered(text: &str) -> Registration {
    Registration {
        slug: slug(text),
        name: format!("Sérvice {text}"),
        redirects: vec![format!("https://{text}.example/cb?a=1"), "http://localhost/".into()],
        permissions: vec!["totem:read".into(), "profile:read".into()],
        verification_level: "original".into(),
        verified: true,
        native: false,
        secret_hash: None,
        disabled: false,
    }
}

/// A service of that slug, as the file has it.
pub(super) async fn service(store: &Store, text: &str) -> Service {
    store.add_service(&registered(text), noon()).await.unwrap();
    store.service(&slug(text)).await.unwrap().unwrap()
}

async fn keeps_a_service_as_it_is(place: Place) {
    let store = place.open().await;
    assert_eq!(store.service(&slug("a")).await, Ok(None));
    let other = Registration { secret_hash: Some("ab".repeat(32)), native: true, verified: false, ..registered("b") };
    for new in [&registered("a"), &other] {
        assert_eq!(store.add_service(new, noon()).await, Ok(true));
        assert_eq!(store.add_service(new, noon()).await, Ok(false), "its slug is taken");
        let found = store.service(&new.slug).await.unwrap().unwrap();
        assert_eq!((&found.registered, found.origin, found.created_at), (new, Origin::Command, noon()));
        assert_eq!(store.service_by_id(&found.id).await, Ok(Some(found)));
    }
    let all: Vec<_> =
        store.services().await.unwrap().into_iter().map(|(it, players)| (it.registered, players)).collect();
    assert_eq!(all, [(registered("a"), 0), (other, 0)]);
}

async fn the_file_has_the_last_word(place: Place) {
    let store = place.open().await;
    for command in ["a", "b"] {
        store.add_service(&registered(command), noon()).await.unwrap();
    }
    let before = store.service(&slug("a")).await.unwrap().unwrap();
    let written = Registration { name: "Other".into(), redirects: vec!["https://x/".into()], ..registered("a") };
    assert_eq!(store.put_services(&[written.clone(), registered("c")], after(1)).await, Ok(vec![]));
    let found = store.service(&slug("a")).await.unwrap().unwrap();
    assert_eq!(found, Service { registered: written, origin: Origin::File, ..before }, "the same service");
    assert_eq!(store.put_services(&[registered("a")], after(2)).await, Ok(vec![slug("c")]));
    assert_eq!(store.put_services(&[registered("a")], after(2)).await, Ok(vec![]), "told once");
    let disabled = async |text: &str| store.service(&slug(text)).await.unwrap().unwrap().registered.disabled;
    assert_eq!((disabled("a").await, disabled("b").await, disabled("c").await), (false, false, true));
    store.put_services(&[registered("c")], after(3)).await.unwrap();
    assert_eq!((disabled("a").await, disabled("c").await), (true, false), "one that comes back is on again");
}

async fn a_service_is_switched_off_and_removed(place: Place) {
    let store = place.open().await;
    service(&store, "a").await;
    for disabled in [true, false] {
        assert_eq!(store.set_service_disabled(&slug("a"), disabled).await, Ok(true));
        assert_eq!(store.service(&slug("a")).await.unwrap().unwrap().registered.disabled, disabled);
    }
    assert_eq!(store.set_service_disabled(&slug("b"), true).await, Ok(false));
    assert_eq!(store.remove_service(&slug("a")).await, Ok(true));
    assert_eq!(store.remove_service(&slug("a")).await, Ok(false));
    assert_eq!(store.service(&slug("a")).await, Ok(None));
}
