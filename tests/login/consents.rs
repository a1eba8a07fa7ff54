//! What a player lets a service do: how it is answered, how it is taken back, and what ends with it.

use super::{
    Database, on_both,
    services::{CALLBACK, NATIVE, claims, encoded, page, pair, pairs, request_of, stage},
    stage::{SESSIONS, json_of},
};
use crate::support::client::Request;
use hasjoined::{login::ServiceDenied, model::ServiceSlug};
use serde_json::json;
use std::time::Duration;

on_both! {
    a_page_of_our_own_needs_a_request,
    what_was_taken_back_ends_its_tokens,
    a_service_that_is_switched_off_gets_nothing,
    a_services_token_can_be_revoked_and_introspected,
    an_answer_sends_the_browser_back,
    a_token_ends_with_the_sign_in,
}

async fn a_page_of_our_own_needs_a_request(database: Database) {
    let stage = stage(database, "consent = \"builtin\"\n").await;
    let token = stage.token().await;
    let answer = stage.asked("build-moe", CALLBACK).await;
    let request = request_of(&answer);
    assert_eq!(answer.header("location"), Some(&*format!("/v1/auth/service/consent?request={request}")));
    let mut body = json!({ "service": "build-moe", "redirect": CALLBACK });
    let refused = stage.service_token_for(&token, &body).await;
    assert_eq!((refused.status, json_of(&refused)["field"].as_str()), (400, Some("consentRequest")));
    body["consentRequest"] = json!(request);
    assert_eq!(stage.service_token_for(&token, &body).await.status, 200);
}

async fn what_was_taken_back_ends_its_tokens(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let (build, desk) =
        (stage.granted(&token, "build-moe", CALLBACK).await, stage.granted(&token, "desk", NATIVE).await);
    let player = stage.player(&token).await.claims;
    let allowed = async || {
        let consents = stage.logins().consents(&player).await.unwrap();
        consents
            .into_iter()
            .map(|it| (it.service.registered.slug.to_string(), it.permissions.join(" ")))
            .collect::<Vec<_>>()
    };
    let own = ("build-moe".to_owned(), "profile:read totem:read".to_owned());
    assert_eq!(allowed().await, [own, ("desk".to_owned(), "profile:read".to_owned())]);
    assert!(stage.holds("build-moe", &build).await);
    stage.wait(Duration::from_secs(1));
    for (slug, was) in [("build-moe", true), ("build-moe", false), ("nobody", false), ("\0", false)] {
        assert_eq!(stage.logins().revoke_consent(&player, slug).await.unwrap(), was, "{slug}");
    }
    assert!(!stage.holds("build-moe", &build).await, "at once");
    assert!(stage.holds("desk", &desk).await);
    assert_eq!(stage.get(SESSIONS, &token).await.status, 200, "the player's own token is another matter");
    assert_eq!(allowed().await.len(), 1);
    stage.wait(Duration::from_secs(1));
    let again = stage.granted(&token, "build-moe", CALLBACK).await;
    assert!(stage.holds("build-moe", &again).await);
    stage.wait(Duration::from_secs(6));
    assert!(!stage.holds("build-moe", &build).await, "a token of before does not come back");
}

async fn a_service_that_is_switched_off_gets_nothing(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let desk = stage.granted(&token, "desk", NATIVE).await;
    let request = request_of(&stage.asked("desk", NATIVE).await);
    let slug = ServiceSlug::new("desk").unwrap();
    assert!(stage.store.set_service_disabled(&slug, true).await.unwrap());
    stage.wait(Duration::from_secs(6));
    assert!(!stage.holds("desk", &desk).await);
    page(&stage.asked("desk", NATIVE).await, 404, "service_disabled");
    assert!(matches!(stage.logins().consent(&request).await, Err(ServiceDenied::Off)));
    let player = stage.player(&token).await;
    assert!(matches!(stage.logins().approve(&player, &request, None).await, Err(ServiceDenied::Off)));
    assert!(stage.store.set_service_disabled(&slug, false).await.unwrap());
    stage.wait(Duration::from_secs(6));
    assert!(stage.holds("desk", &desk).await);
    assert!(stage.store.remove_service(&slug).await.unwrap());
    stage.wait(Duration::from_secs(6));
    assert!(!stage.holds("desk", &desk).await);
    assert!(matches!(stage.logins().consent(&request).await, Err(ServiceDenied::Over)));
}

async fn a_services_token_can_be_revoked_and_introspected(database: Database) {
    let stage = stage(database, "").await;
    let (token, stranger) = (stage.token().await, stage.log_in("Dinnerbone").await);
    let desk = stage.granted(&token, "desk", NATIVE).await;
    let send = async |path: &str, as_: &str| {
        let request = Request::form(path, &format!("token={desk}"));
        stage.send(request.header("Authorization", &format!("Bearer {as_}"))).await
    };
    let (introspect, revoke) = ("/v1/auth/introspect", "/v1/auth/revoke");
    let said = json_of(&send(introspect, &token).await);
    assert_eq!((&said["active"], &said["aud"], &said["scope"]), (&json!(true), &json!("desk"), &json!("profile:read")));
    assert_eq!(json_of(&send(introspect, &stranger).await), json!({ "active": false }));
    assert_eq!(send(revoke, &stranger).await.status, 200);
    assert!(stage.holds("desk", &desk).await, "a stranger cannot end it");
    assert_eq!(stage.send(Request::form(revoke, &format!("token={desk}"))).await.status, 200);
    assert!(!stage.holds("desk", &desk).await, "who has it can");
    assert_eq!(json_of(&send(introspect, &token).await), json!({ "active": false }));
}

/// What the page of our own does with an answer.
async fn an_answer_sends_the_browser_back(database: Database) {
    let stage = stage(database, "consent = \"builtin\"\n").await;
    let token = stage.token().await;
    let player = stage.player(&token).await;
    let ask = async |more: &str| {
        let query = format!("service=build-moe&redirect={}{more}", encoded("https://build.moe/Second?a=1"));
        request_of(&stage.exchange(&query).await)
    };
    let request = ask("&state=x%26y&scope=totem%3Aread").await;
    let pending = stage.logins().consent(&request).await.unwrap();
    assert_eq!((pending.service.registered.name.as_str(), pending.redirect.host()), ("Build.moe", "build.moe"));
    assert_eq!(
        (pending.of(&player.claims), pending.lifetime),
        (vec!["totem:read".to_owned()], Duration::from_secs(2_592_000))
    );
    let landing = stage.logins().approve(&player, &request, None).await.unwrap();
    let sent = pairs(landing.strip_prefix("https://build.moe/Second?a=1#").unwrap_or_else(|| panic!("{landing}")));
    assert_eq!((pair(&sent, "service"), pair(&sent, "state")), ("build-moe", "x&y"));
    assert_eq!(pair(&sent, "expiresAt"), "2026-02-17T12:34:56Z");
    assert_eq!(claims(pair(&sent, "authToken"))["scope"], "totem:read");
    assert!(stage.holds("build-moe", pair(&sent, "authToken")).await);
    for over in [stage.logins().approve(&player, &request, None).await, stage.logins().deny(&request).await] {
        assert!(matches!(over, Err(ServiceDenied::Over)), "it is answered");
    }
    let request = ask("&state=s").await;
    let landing = stage.logins().deny(&request).await.unwrap();
    assert_eq!(landing, "https://build.moe/Second?a=1#error=access_denied&state=s");
    assert!(matches!(stage.logins().approve(&player, &request, None).await, Err(ServiceDenied::Over)));
    // Less than was asked can be approved, but not more.
    let request = ask("&scope=totem%3Aread").await;
    let more = ["profile:read".to_owned()];
    let none = stage.logins().approve(&player, &request, Some(&more)).await;
    assert!(matches!(none, Err(ServiceDenied::Permissions)));
    stage.wait(Duration::from_secs(600));
    assert!(matches!(stage.logins().approve(&player, &request, None).await, Err(ServiceDenied::Over)));
    for none in ["", "\0", "x"] {
        assert!(matches!(stage.logins().consent(none).await, Err(ServiceDenied::Over)));
    }
}

async fn a_token_ends_with_the_sign_in(database: Database) {
    let stage = stage(database, "max_session = \"31d\"\n").await;
    let token = stage.token().await;
    stage.wait(Duration::from_secs(29 * 24 * 3_600));
    let answer = stage.service_token_for(&token, &json!({ "service": "desk", "redirect": NATIVE })).await;
    assert_eq!(json_of(&answer)["expiresIn"], 2 * 24 * 3_600);
}
