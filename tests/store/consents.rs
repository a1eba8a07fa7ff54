//! What players let services do: asked once, taken back at once.

use super::{
    services::{service, slug},
    *,
};
use crate::support::spawn;
use futures::future::join_all;
use hasjoined::store::{CodeToken, CodeUse, Consent, ConsentRequest, Grant, Service, ServiceCode};

on_every_database!(
    a_request_is_answered_once
    requests_have_a_time_and_a_number
    a_yes_adds_to_what_was_allowed
    what_is_taken_back_stays_so
    a_service_that_is_off_has_no_tokens
    a_code_is_used_once
    what_is_over_is_forgotten
    ;
    of_a_hundred_that_use_a_code_one_gets_the_token
);

fn request(id: &str, service: &Service) -> ConsentRequest {
    ConsentRequest {
        id: id.into(),
        service: service.id.clone(),
        redirect: "https://a.example/cb?a=1".into(),
        permissions: vec!["profile:read".into()],
        state: Some("what it wants back".into()),
        challenge: None,
        expires_at: after(600_000),
    }
}

fn code(hash: &str, service: &Service, user: &User) -> ServiceCode {
    ServiceCode {
        code_hash: hash.into(),
        service: service.id.clone(),
        user: user.id,
        redirect: "https://a.example/cb?a=1".into(),
        permissions: vec!["profile:read".into(), "totem:read".into()],
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
        methods: vec!["msa".into()],
        authenticated_at: noon(),
        parent_jti: "t1".into(),
        parent_issued_at: noon(),
        expires_at: after(60_000),
    }
}

fn token(jti: &str) -> CodeToken {
    CodeToken { jti: jti.into(), until: after(2_592_000_000) }
}

fn yes<'a>(user: &'a User, service: &'a Service, permissions: &'a [String]) -> Grant<'a> {
    Grant { user: &user.id, service: &service.id, permissions, request: None, code: None }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

async fn a_request_is_answered_once(place: Place) {
    let store = place.open().await;
    let (a, b) = (service(&store, "a").await, service(&store, "b").await);
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    let coded = ConsentRequest { challenge: Some("c".into()), state: None, ..request("r2", &a) };
    for new in [&request("r1", &a), &coded] {
        assert_eq!(store.put_consent_request(new, 10, noon()).await, Ok(true));
        assert_eq!(store.consent_request(&new.id, noon()).await, Ok(Some(new.clone())));
    }
    let profile = words("profile:read");
    let foreign = Grant { request: Some("r1"), ..yes(&user, &b, &profile) };
    assert_eq!(store.grant(foreign, noon()).await, Ok(false), "it is another service's");
    assert_eq!(store.consents(&user.id).await, Ok(vec![]), "and nothing is written");
    let own = Grant { service: &a.id, ..foreign };
    assert_eq!(store.grant(own, noon()).await, Ok(true));
    assert_eq!(store.grant(own, noon()).await, Ok(false), "it is answered");
    assert_eq!(store.consent_request("r1", noon()).await, Ok(None));
    assert_eq!(store.take_consent_request("r2", noon()).await, Ok(Some(coded)));
    assert_eq!(store.take_consent_request("r2", noon()).await, Ok(None));
    let allowed = Consent { service: a, permissions: profile, granted_at: noon() };
    assert_eq!(store.consents(&user.id).await, Ok(vec![allowed]));
}

async fn requests_have_a_time_and_a_number(place: Place) {
    let store = place.open().await;
    let a = service(&store, "a").await;
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    assert_eq!(store.put_consent_request(&request("r1", &a), 1, noon()).await, Ok(true));
    assert_eq!(store.put_consent_request(&request("r2", &a), 1, noon()).await, Ok(false), "there is room for one");
    let over = after(600_000);
    assert_eq!(store.consent_request("r1", after(599_999)).await.map(|it| it.is_some()), Ok(true));
    assert_eq!(store.consent_request("r1", over).await, Ok(None));
    assert_eq!(store.take_consent_request("r1", over).await, Ok(None));
    let profile = words("profile:read");
    assert_eq!(store.grant(Grant { request: Some("r1"), ..yes(&user, &a, &profile) }, over).await, Ok(false));
    assert_eq!(store.put_consent_request(&request("r2", &a), 1, over).await, Ok(true), "what is over takes no room");
}

async fn a_yes_adds_to_what_was_allowed(place: Place) {
    let store = place.open().await;
    let (a, b) = (service(&store, "a").await, service(&store, "b").await);
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    let other = logged_in(&store, &login(2, "t2"), noon()).await;
    for (permissions, now) in [("totem:read", noon()), ("profile:read totem:read", after(5))] {
        assert_eq!(store.grant(yes(&user, &a, &words(permissions)), now).await, Ok(true));
    }
    store.grant(yes(&user, &b, &words("profile:read")), after(7)).await.unwrap();
    store.grant(yes(&other, &b, &words("profile:read")), after(8)).await.unwrap();
    let of_a = Consent { service: a, permissions: words("totem:read profile:read"), granted_at: noon() };
    let of_b = Consent { service: b, permissions: words("profile:read"), granted_at: after(7) };
    assert_eq!(store.consents(&user.id).await, Ok(vec![of_b, of_a]), "the newest first");
    let players: Vec<_> = store.services().await.unwrap().into_iter().map(|(_, players)| players).collect();
    assert_eq!(players, [1, 2]);
    assert!(store.erase(&other.id).await.unwrap());
    assert_eq!(store.services().await.unwrap()[1].1, 1);
}

async fn what_is_taken_back_stays_so(place: Place) {
    let store = place.open().await;
    let a = service(&store, "a").await;
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    let standing = async || store.service_standing(&user.id, "s1", &a.id).await.unwrap();
    assert!(standing().await.revoked, "without a yes there is no token");
    let permissions = words("profile:read totem:read");
    let waiting = code("h1", &a, &user);
    store.grant(Grant { code: Some(&waiting), ..yes(&user, &a, &permissions) }, noon()).await.unwrap();
    assert_eq!((standing().await.revoked, standing().await.valid_after), (false, Timestamp::default()));
    assert_eq!(store.revoke_consent(&user.id, &slug("b"), after(1)).await, Ok(false));
    assert_eq!(store.revoke_consent(&user.id, &slug("a"), after(2)).await, Ok(true));
    assert_eq!(store.revoke_consent(&user.id, &slug("a"), after(3)).await, Ok(false), "there is nothing left");
    assert!(standing().await.revoked && store.consents(&user.id).await.unwrap().is_empty());
    assert_eq!(store.use_code(("h1", &a.id), &token("s1"), after(4)).await, Ok(CodeUse::Unknown));
    store.grant(yes(&user, &a, &words("profile:read")), after(5)).await.unwrap();
    assert_eq!((standing().await.revoked, standing().await.valid_after), (false, after(2)), "older tokens stay void");
    let [allowed] = &store.consents(&user.id).await.unwrap()[..] else { panic!("one") };
    assert_eq!((&allowed.permissions, allowed.granted_at), (&words("profile:read"), after(5)), "from anew");
    assert!(store.invalidate_tokens(&user.id, after(9)).await.unwrap());
    assert_eq!(standing().await.valid_after, after(9), "the later of the two");
    store.revoke("s1", Some(user.id), after(99), "logged out").await.unwrap();
    assert!(standing().await.revoked);
}

async fn a_service_that_is_off_has_no_tokens(place: Place) {
    let store = place.open().await;
    let a = service(&store, "a").await;
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    let permissions = words("profile:read");
    let waiting = code("h1", &a, &user);
    store.grant(Grant { code: Some(&waiting), ..yes(&user, &a, &permissions) }, noon()).await.unwrap();
    let standing = async || store.service_standing(&user.id, "s1", &a.id).await.unwrap();
    for disabled in [true, false] {
        store.set_service_disabled(&slug("a"), disabled).await.unwrap();
        assert_eq!(standing().await.revoked, disabled);
    }
    store.set_disabled(&user.id, true).await.unwrap();
    assert!(standing().await.disabled);
    store.remove_service(&slug("a")).await.unwrap();
    assert!(standing().await.revoked && store.consents(&user.id).await.unwrap().is_empty());
    store.erase(&user.id).await.unwrap();
    assert!(standing().await.gone);
}

async fn a_code_is_used_once(place: Place) {
    let store = place.open().await;
    let (a, b) = (service(&store, "a").await, service(&store, "b").await);
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    let permissions = words("profile:read totem:read");
    for hash in ["h1", "h2"] {
        let new = code(hash, &a, &user);
        store.grant(Grant { code: Some(&new), ..yes(&user, &a, &permissions) }, noon()).await.unwrap();
    }
    assert_eq!(store.use_code(("h1", &b.id), &token("s0"), noon()).await, Ok(CodeUse::Unknown), "another service's");
    assert_eq!(store.use_code(("h0", &a.id), &token("s0"), noon()).await, Ok(CodeUse::Unknown));
    let first = CodeUse::First(code("h1", &a, &user));
    assert_eq!(store.use_code(("h1", &a.id), &token("s1"), after(59_999)).await, Ok(first));
    for now in [after(59_999), after(60_000)] {
        assert_eq!(store.use_code(("h1", &a.id), &token("s2"), now).await, Ok(CodeUse::Again(token("s1"))));
    }
    assert_eq!(store.use_code(("h1", &b.id), &token("s2"), noon()).await, Ok(CodeUse::Unknown));
    assert_eq!(store.use_code(("h2", &a.id), &token("s2"), after(60_000)).await, Ok(CodeUse::Unknown), "too late");
}

async fn what_is_over_is_forgotten(place: Place) {
    let store = place.open().await;
    let a = service(&store, "a").await;
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
    store.put_consent_request(&request("r1", &a), 10, noon()).await.unwrap();
    let used = code("h1", &a, &user);
    store.grant(Grant { code: Some(&used), ..yes(&user, &a, &words("profile:read")) }, noon()).await.unwrap();
    store.use_code(("h1", &a.id), &token("s1"), noon()).await.unwrap();
    let keep = hasjoined::store::Retention {
        challenges: Duration::from_secs(600),
        addresses: Duration::from_secs(600_000),
        sessions: Duration::from_secs(600_000),
    };
    let swept = async |now| {
        let swept = store.sweep(now, &keep).await.unwrap();
        (swept.requests, swept.codes)
    };
    assert_eq!(swept(after(599_999)).await, (0, 0));
    assert_eq!(swept(after(600_000)).await, (1, 0));
    assert_eq!(swept(after(659_999)).await, (0, 0), "a second use is noticed for ten minutes");
    assert_eq!(swept(after(660_000)).await, (0, 1));
    assert_eq!(store.consents(&user.id).await.unwrap().len(), 1);
}

async fn of_a_hundred_that_use_a_code_one_gets_the_token(place: Place) {
    let stores = [place.open().await, place.open().await];
    let a = service(&stores[0], "a").await;
    let user = logged_in(&stores[0], &login(1, "t1"), noon()).await;
    let new = code("h1", &a, &user);
    stores[0].grant(Grant { code: Some(&new), ..yes(&user, &a, &words("profile:read")) }, noon()).await.unwrap();
    let tries = (0..100).map(|number| {
        let (store, id) = (stores[number % 2].clone(), a.id.clone());
        spawn(async move { store.use_code(("h1", &id), &token(&format!("s{number}")), noon()).await.unwrap() })
    });
    let used: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    let (first, again): (Vec<_>, Vec<_>) = used.into_iter().partition(|used| matches!(used, CodeUse::First(_)));
    assert_eq!(first.len(), 1);
    assert!(again.iter().all(|used| *used == again[0] && matches!(used, CodeUse::Again(_))), "{again:?}");
}
