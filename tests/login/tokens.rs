//! Cases 48, 50 to 52 and 62, and what ends a token: seen from outside. What tokens are made of is tried in `src/tokens`.

use super::{
    Database, on_both,
    stage::{AUTH_VERIFY, SESSIONS, Stage, dashed, json_of, refused, wrong_field},
};
use crate::support::{
    client::{Answer, Request},
    profile,
};
use hasjoined::model::{ProfileId, UpstreamId};
use serde_json::json;
use std::time::Duration;

on_both! {
    case_48_a_token_of_one_class_is_none_of_another,
    case_50_a_services_token_opens_nothing_else,
    case_52_a_token_ends_when_it_is_revoked,
    case_52_all_tokens_of_a_user_end_at_once,
    case_62_a_token_is_read_from_header_or_cookie,
    introspection_tells_of_ones_own_tokens,
    logging_out_ends_the_token_and_clears_the_cookies,
}

const REVOKE: &str = "/v1/auth/revoke";
const INTROSPECT: &str = "/v1/auth/introspect";
const LOGOUT: &str = "/v1/auth/logout";

fn form(path: &str, token: &str) -> Request {
    let body = format!("token={token}&token_type_hint=access_token");
    Request::form(path, &body)
}

#[track_caller]
fn invalid(answer: &Answer) {
    refused(answer, 401, "invalid_token");
}

async fn case_48_a_token_of_one_class_is_none_of_another(database: Database) {
    let stage = Stage::over(database).await;
    let (access, joining) = (stage.token().await, stage.joined("Notch").await);
    for path in [SESSIONS, AUTH_VERIFY] {
        invalid(&stage.get(path, &joining.join_token).await);
    }
    let mut proof = joining.proof("Notch");
    proof["joinToken"] = json!(access);
    let answer = stage.verify(&proof).await;
    refused(&answer, 401, "invalid_join_token");
}

async fn case_50_a_services_token_opens_nothing_else(database: Database) {
    let stage = Stage::over(database).await;
    stage.token().await;
    let service = |scope: &'static str| stage.service_token("build-moe", scope);
    let token = service("profile:read").await;
    let sessions = stage.get(SESSIONS, &token).await;
    assert_eq!((sessions.status, json_of(&sessions)["error"].as_str()), (403, Some("insufficient_scope")));
    assert_eq!(stage.get(SESSIONS, &service("sessions:read").await).await.status, 200, "it was granted that");
    invalid(&stage.get(AUTH_VERIFY, &token).await);
    assert_eq!(stage.get("/auth/verify?service=build-moe", &token).await.status, 200);
    invalid(&stage.get("/auth/verify?service=other", &token).await);
    invalid(&stage.get("/auth/verify?service=build-moe", &stage.token().await).await);
    invalid(&stage.send(Request::get(AUTH_VERIFY).header("Cookie", &format!("uebliche_token={token}"))).await);
    invalid(&stage.send(Request::post(INTROSPECT, "{}").bearer(&token)).await);
}

async fn case_52_a_token_ends_when_it_is_revoked(database: Database) {
    let stage = Stage::over(database).await;
    let (one, other) = (stage.token().await, stage.token().await);
    let stranger = stage.log_in("Dinnerbone").await;
    let revoke = async |as_: &str, token: &str| stage.send(form(REVOKE, token).bearer(as_)).await;
    for (as_, token) in [(&stranger, &one), (&other, &"no token".to_owned())] {
        assert_eq!(revoke(as_, token).await.status, 200, "nobody is told which tokens there are");
    }
    assert_eq!(stage.get(AUTH_VERIFY, &one).await.status, 200, "a stranger cannot end it");
    let nothing = stage.send(Request::post(REVOKE, "{}").bearer(&one)).await;
    wrong_field(&nothing, "token");
    assert_eq!(revoke(&other, &one).await.status, 200);
    invalid(&stage.get(AUTH_VERIFY, &one).await);
    invalid(&stage.get(SESSIONS, &one).await);
    assert_eq!(stage.get(AUTH_VERIFY, &other).await.status, 200);
    // As OAuth libraries do: who has it may end it.
    let as_json = Request::post(REVOKE, &json!({ "token": other }).to_string());
    assert_eq!(stage.send(as_json).await.status, 200);
    invalid(&stage.get(AUTH_VERIFY, &other).await);
}

async fn case_52_all_tokens_of_a_user_end_at_once(database: Database) {
    let stage = Stage::over(database).await;
    let notch = ProfileId::parse(&profile::id_of("Notch")).unwrap();
    let token = stage.token().await;
    let user = stage.store.user_by(&UpstreamId::new("mojang").unwrap(), notch).await.unwrap().unwrap();
    assert_eq!(stage.get(AUTH_VERIFY, &token).await.status, 200);
    // Somebody else does it, as another replica would: it is known 5 s later.
    stage.wait(Duration::from_secs(1));
    assert!(stage.store.invalidate_tokens(&user.id, stage.now()).await.unwrap());
    stage.wait(Duration::from_secs(6));
    invalid(&stage.get(AUTH_VERIFY, &token).await);
    let token = stage.token().await;
    assert_eq!(stage.get(AUTH_VERIFY, &token).await.status, 200);
    assert!(stage.store.set_disabled(&user.id, true).await.unwrap());
    stage.wait(Duration::from_secs(6));
    invalid(&stage.get(AUTH_VERIFY, &token).await);
    assert!(stage.store.set_disabled(&user.id, false).await.unwrap());
    stage.wait(Duration::from_secs(6));
    assert_eq!(stage.get(AUTH_VERIFY, &token).await.status, 200);
    assert!(stage.store.erase(&user.id).await.unwrap());
    stage.wait(Duration::from_secs(6));
    invalid(&stage.get(AUTH_VERIFY, &token).await);
}

async fn case_62_a_token_is_read_from_header_or_cookie(database: Database) {
    let stage = Stage::over(database).await;
    let token = stage.token().await;
    let ask = |headers: &[(&str, String)]| {
        headers.iter().fold(Request::get(AUTH_VERIFY), |request, (name, value)| request.header(name, value))
    };
    let cookie = |name: &str, value: &str| ("Cookie", format!("{name}={value}"));
    for request in [
        ask(&[("Authorization", format!("Bearer {token}"))]),
        ask(&[cookie("uebliche_token", &token)]),
        ask(&[cookie("auth_token", &token)]),
        ask(&[cookie("uebliche_token", "invalid"), cookie("auth_token", &token)]),
    ] {
        let answer = stage.send(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let now = stage.now().seconds();
        let claims = json!({ "sub": dashed("Notch"), "exp": now + 2_592_000, "iat": now });
        assert_eq!(json_of(&answer), json!({ "claims": claims }));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

async fn introspection_tells_of_ones_own_tokens(database: Database) {
    let stage = Stage::over(database).await;
    let (own, stranger) = (stage.token().await, stage.log_in("Dinnerbone").await);
    let ask = async |as_: &str, token: &str| stage.send(form(INTROSPECT, token).bearer(as_)).await;
    let told = json_of(&ask(&own, &own).await);
    let issuer = format!("http://{}", stage.address());
    let known = json!({
        "active": true,
        "scope": "profile:read totem:read totem:write",
        "client_id": "mc-join",
        "username": "Notch",
        "token_type": "Bearer",
        "sub": dashed("Notch"),
        "iss": issuer,
        "aud": issuer,
        "iat": stage.now().seconds(),
        "exp": stage.now().seconds() + 2_592_000,
        "jti": told["jti"],
    });
    assert_eq!(told, known);
    for (as_, token) in [(&stranger, own.as_str()), (&own, "x"), (&own, "")] {
        let answer = ask(as_, token).await;
        match token {
            "" => assert_eq!(answer.status, 400),
            _ => assert_eq!(json_of(&answer), json!({ "active": false })),
        }
    }
    invalid(&stage.send(form(INTROSPECT, &own)).await);
}

async fn logging_out_ends_the_token_and_clears_the_cookies(database: Database) {
    let stage = Stage::over(database).await;
    let token = stage.token().await;
    let with_cookie = || Request::new("POST", LOGOUT).header("Cookie", &format!("uebliche_token={token}"));
    let foreign = stage.send(with_cookie()).await;
    refused(&foreign, 403, "forbidden");
    let cross = with_cookie().header("X-Requested-With", "x").header("Sec-Fetch-Site", "cross-site");
    assert_eq!(stage.send(cross).await.status, 403);
    assert_eq!(stage.get(AUTH_VERIFY, &token).await.status, 200);
    let answer =
        stage.send(with_cookie().header("X-Requested-With", "x").header("Sec-Fetch-Site", "same-origin")).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let cookies: Vec<_> =
        answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value).collect();
    assert_eq!(
        cookies,
        [
            "uebliche_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
            "auth_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        ]
    );
    invalid(&stage.get(AUTH_VERIFY, &token).await);
    let again = stage.token().await;
    assert_eq!(stage.send(Request::new("POST", LOGOUT).bearer(&again)).await.status, 204);
    invalid(&stage.get(AUTH_VERIFY, &again).await);
}
