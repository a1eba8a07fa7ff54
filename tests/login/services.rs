//! Cases 105 to 109: which services may ask a player, and who gets a token for them.

use super::{
    Database, on_both,
    stage::{AUTH_VERIFY, Lines, NO_LIMITS, Stage, dashed, json_of},
};
use crate::support::client::{Answer, Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hasjoined::{
    model::ServiceSlug,
    tokens::{AccessClaims, Read},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::time::Duration;

on_both! {
    case_105_who_asks_and_where_to_has_to_be_known,
    case_106_a_slug_is_never_markup,
    case_107_a_browser_is_sent_to_the_page_that_asks,
    case_108_a_page_gets_a_token_for_the_service,
    case_109_nobody_else_gets_one,
    case_109_a_request_is_of_one_service,
}

pub(super) const EXCHANGE: &str = "/v1/auth/service/exchange";
pub(super) const SERVICE_TOKEN: &str = "/v1/auth/service/token";
pub(super) const CALLBACK: &str = "https://build.moe/auth/callback";
pub(super) const NATIVE: &str = "http://localhost:4000/cb";

/// Three services: one as in the seed, one on players' machines, one that is off.
pub(super) const SERVICES: &str = "[[login.services]]\nslug = \"build-moe\"\nname = \"Build.moe\"\n\
    redirects = [\"https://build.moe/auth/callback\", \"https://build.moe/Second?a=1\"]\n\
    permissions = [\"profile:read\", \"totem:read\"]\nverification_level = \"original\"\nverified = true\n\
    [[login.services]]\nslug = \"desk\"\nname = \"Desk\"\nnative = true\n\
    redirects = [\"http://localhost:4000/cb\", \"https://desk.example/cb\"]\npermissions = [\"profile:read\"]\n\
    [[login.services]]\nslug = \"gone\"\nname = \"Gone\"\nenabled = false\n\
    redirects = [\"https://gone.example/\"]\npermissions = [\"profile:read\"]\n";

/// A stage with these services, and these lines in `[login]`.
pub(super) async fn stage(database: Database, lines: &str) -> Stage {
    let login = format!("{lines}{NO_LIMITS}{SERVICES}");
    Stage::of(database, Lines { login: &login, ..Lines::default() }).await
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

pub(super) fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// What stands in a query or a fragment.
pub(super) fn pairs(encoded: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    encoded
        .split('&')
        .map(|pair| pair.split_once('=').map(|(key, value)| (decoded(key), decoded(value))).unwrap())
        .collect()
}

pub(super) fn pair<'a>(pairs: &'a [(String, String)], key: &str) -> &'a str {
    &pairs.iter().find(|(known, _)| known == key).unwrap_or_else(|| panic!("no {key} in {pairs:?}")).1
}

/// A page of this status, that sends nobody anywhere.
#[track_caller]
pub(super) fn page(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{answer:?}");
    assert_eq!((answer.header("location"), answer.header("cache-control")), (None, Some("no-store")), "{answer:?}");
    assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
    assert!(answer.text().contains(&format!("<code>{code}</code>")), "{code}: {}", answer.text());
}

#[track_caller]
pub(super) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, json_of(answer)["error"].as_str()), (status, Some(error)), "{answer:?}");
}

/// The id of the request in the address that a browser is sent to.
#[track_caller]
pub(super) fn request_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{answer:?}");
    let query = answer.header("location").unwrap().split_once('?').unwrap().1.to_owned();
    pair(&pairs(&query), "request").to_owned()
}

impl Stage {
    pub(super) async fn exchange(&self, query: &str) -> Answer {
        self.send(Request::get(&format!("{EXCHANGE}?{query}"))).await
    }

    pub(super) async fn asked(&self, service: &str, redirect: &str) -> Answer {
        self.exchange(&format!("service={service}&redirect={}", encoded(redirect))).await
    }

    pub(super) async fn service_token_for(&self, token: &str, body: &Value) -> Answer {
        let request = Request::post(SERVICE_TOKEN, &body.to_string());
        self.send(request.header("Authorization", &format!("Bearer {token}"))).await
    }

    /// A token of a service, by the seed's request.
    pub(super) async fn granted(&self, token: &str, service: &str, redirect: &str) -> String {
        let answer = self.service_token_for(token, &json!({ "service": service, "redirect": redirect })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        json_of(&answer)["accessToken"].as_str().unwrap().to_owned()
    }

    /// Whether a service that asks about a token is told that it holds.
    pub(super) async fn holds(&self, service: &str, token: &str) -> bool {
        self.get(&format!("{AUTH_VERIFY}?service={service}"), token).await.status == 200
    }

    /// What the program itself reads of a player's token.
    pub(super) async fn player(&self, token: &str) -> Read<AccessClaims> {
        self.logins().tokens().read_access(token, self.now()).await.unwrap()
    }
}

async fn case_105_who_asks_and_where_to_has_to_be_known(database: Database) {
    let stage = stage(database, "").await;
    let callback = encoded(CALLBACK);
    for missing in [String::new(), format!("redirect={callback}"), format!("service=&redirect={callback}")] {
        page(&stage.exchange(&missing).await, 400, "missing_service");
    }
    page(&stage.asked("nobody", CALLBACK).await, 404, "unknown_service");
    page(&stage.asked("gone", "https://gone.example/").await, 404, "service_disabled");
    for wrong in
        ["service=build-moe", "service=build-moe&redirect=", "service=build-moe&redirect=https%3A%2F%2Fevil.example%2F"]
    {
        page(&stage.exchange(wrong).await, 400, "invalid_redirect");
    }
    for twice in
        ["service=build-moe&service=desk", &format!("service=build-moe&redirect={callback}&redirect={callback}")]
    {
        page(&stage.exchange(twice).await, 400, "invalid_request");
    }
    let long = "x".repeat(513);
    let good = format!("service=build-moe&redirect={callback}");
    for wrong in [
        format!("{good}&client_id=desk"),
        format!("{good}&redirect_uri=https%3A%2F%2Fbuild.moe%2FSecond%3Fa%3D1"),
        format!("{good}&state={long}"),
        format!("{good}&state=%00"),
        format!("{good}&state=%C3%A9"),
        format!("{good}&response_type=id_token"),
        format!("{good}&permissions=totem%3Awrite"),
        format!("{good}&scope="),
    ] {
        page(&stage.exchange(&wrong).await, 400, "invalid_request");
    }
    let posted = stage.send(Request::post(&format!("{EXCHANGE}?{good}"), "{}")).await;
    assert_eq!(posted.status, 405);
}

async fn case_106_a_slug_is_never_markup(database: Database) {
    let stage = stage(database, "").await;
    for slug in
        ["<script>alert(1)</script>", "\"><img src=x>", "a\0b", "é", "../build-moe", "BUILD-MOE", &"a".repeat(64)]
    {
        let answer = stage.asked(&encoded(slug), CALLBACK).await;
        page(&answer, 404, "unknown_service");
        assert!(!answer.text().contains("alert(1)") && !answer.text().contains("<img"), "{}", answer.text());
    }
}

async fn case_107_a_browser_is_sent_to_the_page_that_asks(database: Database) {
    let stage = stage(database, "[login.redirects]\nconsent_url = \"https://dash.example/ask?x=1\"\n").await;
    let answer = stage.exchange(&format!("service=build-moe&redirect={}&state=a%20b%26c", encoded(CALLBACK))).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        (Some("no-store"), Some("no-referrer"))
    );
    let query = answer.header("location").unwrap().strip_prefix("https://dash.example/ask?x=1&").unwrap().to_owned();
    let sent = pairs(&query);
    assert_eq!(
        (pair(&sent, "service"), pair(&sent, "redirect"), pair(&sent, "state")),
        ("build-moe", CALLBACK, "a b&c")
    );
    let (one, other) = (request_of(&answer), request_of(&stage.asked("build-moe", CALLBACK).await));
    assert!(one.len() == 43 && one != other);
    let without = stage.asked("build-moe", CALLBACK).await;
    assert!(!without.header("location").unwrap().contains("state="));
    let waits = stage.store.consent_request(&one, stage.now()).await.unwrap().unwrap();
    assert_eq!(
        (waits.state.as_deref(), waits.permissions.join(" ").as_str()),
        (Some("a b&c"), "profile:read totem:read")
    );
    // As OAuth clients write it.
    let named = format!("client_id=build-moe&redirect_uri={}&scope=totem%3Aread+other", encoded(CALLBACK));
    let waits =
        stage.store.consent_request(&request_of(&stage.exchange(&named).await), stage.now()).await.unwrap().unwrap();
    assert_eq!(waits.permissions, ["totem:read"], "what it may ask for, of what it asks for");
}

async fn case_108_a_page_gets_a_token_for_the_service(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    stage.wait(Duration::from_secs(5));
    let request = request_of(&stage.asked("build-moe", CALLBACK).await);
    let body = json!({ "service": "build-moe", "redirect": CALLBACK, "consentRequest": request });
    for (body, permissions) in [
        (json!({ "service": "build-moe", "redirect": CALLBACK }), "profile:read totem:read"),
        (body, "profile:read totem:read"),
        (
            json!({ "service": "build-moe", "redirect": CALLBACK, "permissions": ["totem:write", "totem:read"] }),
            "totem:read",
        ),
    ] {
        let answer = stage.service_token_for(&token, &body).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{answer:?}");
        let said = json_of(&answer);
        let keys: Vec<_> = said.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 6, "{keys:?}");
        assert_eq!(said["expiresIn"], 2_592_000);
        assert_eq!(said["expiresAt"], "2026-02-17T12:35:01Z");
        let names: Vec<_> = said["permissions"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert_eq!(names.join(" "), permissions);
        assert_eq!(said["user"], json!({ "id": dashed("Notch") }));
        let id = stage.store.service(&ServiceSlug::new("build-moe").unwrap()).await.unwrap().unwrap().id;
        let service = json!({ "id": id, "slug": "build-moe", "name": "Build.moe", "verificationLevel": "original", "verified": true });
        assert_eq!(said["service"], service);
        let access = said["accessToken"].as_str().unwrap();
        let inside = claims(access);
        for (claim, value) in
            [("aud", "build-moe"), ("client_id", "build-moe"), ("azp", "build-moe"), ("scope", permissions)]
        {
            assert_eq!(inside[claim], value);
        }
        assert_eq!((&inside["svc"], &inside["sub"]), (&json!(id), &said["user"]["id"]));
        assert_eq!(inside["exp"].as_i64().unwrap() - inside["iat"].as_i64().unwrap(), 2_592_000);
        assert!(stage.holds("build-moe", access).await && !stage.holds("desk", access).await);
    }
    // A player's token that allows less gives less.
    let joining = stage.challenge(json!({ "scopes": ["totem:read"] })).await;
    stage.session.join("Notch", &joining.server_id);
    let narrow = json_of(&stage.verify(&joining.proof("Notch")).await)["accessToken"].as_str().unwrap().to_owned();
    let answer = stage.service_token_for(&narrow, &json!({ "service": "build-moe", "redirect": CALLBACK })).await;
    assert_eq!(json_of(&answer)["permissions"], json!(["totem:read"]));
    let answer = stage.service_token_for(&narrow, &json!({ "service": "desk", "redirect": NATIVE })).await;
    refused(&answer, 403, "insufficient_scope");
}

async fn case_109_nobody_else_gets_one(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let body = |service: &str, redirect: &str| json!({ "service": service, "redirect": redirect });
    let good = body("build-moe", CALLBACK);
    refused(&stage.post(SERVICE_TOKEN, &good).await, 401, "invalid_token");
    refused(&stage.service_token_for("x.y.z", &good).await, 401, "invalid_token");
    let cookie = Request::post(SERVICE_TOKEN, &good.to_string()).header("Cookie", &format!("uebliche_token={token}"));
    refused(&stage.send(cookie).await, 401, "invalid_token");
    let services = stage.granted(&token, "build-moe", CALLBACK).await;
    refused(&stage.service_token_for(&services, &body("desk", NATIVE)).await, 403, "first_party_required");
    refused(
        &stage.service_token_for(&token, &body("build-moe", "https://build.moe/other")).await,
        400,
        "invalid_redirect",
    );
    refused(&stage.service_token_for(&token, &body("nobody", CALLBACK)).await, 404, "unknown_service");
    refused(&stage.service_token_for(&token, &body("<b>\0", CALLBACK)).await, 404, "unknown_service");
    refused(&stage.service_token_for(&token, &body("gone", "https://gone.example/")).await, 403, "service_disabled");
    for (field, wrong) in [
        ("service", json!({ "redirect": CALLBACK })),
        ("redirect", json!({ "service": "build-moe" })),
        ("permissions", json!({ "service": "build-moe", "redirect": CALLBACK, "permissions": "profile:read" })),
        ("consentRequest", json!({ "service": "build-moe", "redirect": CALLBACK, "consentRequest": 1 })),
    ] {
        let answer = stage.service_token_for(&token, &wrong).await;
        assert_eq!((answer.status, json_of(&answer)["field"].as_str()), (400, Some(field)), "{answer:?}");
    }
    for none in [json!([]), json!(["totem:write"]), json!(vec!["a"; 33])] {
        let mut wrong = good.clone();
        wrong["permissions"] = none;
        refused(&stage.service_token_for(&token, &wrong).await, 400, "invalid_scope");
    }
}

async fn case_109_a_request_is_of_one_service(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let with = |request: &str, redirect: &str| json!({ "service": "build-moe", "redirect": redirect, "consentRequest": request });
    let foreign = request_of(&stage.asked("desk", NATIVE).await);
    let own = request_of(&stage.asked("build-moe", CALLBACK).await);
    let old = request_of(&stage.asked("build-moe", CALLBACK).await);
    for (request, redirect) in
        [(foreign.as_str(), CALLBACK), (&own, "https://build.moe/Second?a=1"), ("x", CALLBACK), ("\0", CALLBACK)]
    {
        refused(&stage.service_token_for(&token, &with(request, redirect)).await, 409, "consent_expired");
    }
    assert_eq!(
        stage.service_token_for(&token, &with(&own, CALLBACK)).await.status,
        200,
        "what others tried did not use it up"
    );
    refused(&stage.service_token_for(&token, &with(&own, CALLBACK)).await, 409, "consent_expired");
    stage.wait(Duration::from_secs(600));
    refused(&stage.service_token_for(&token, &with(&old, CALLBACK)).await, 409, "consent_expired");
}
