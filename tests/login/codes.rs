//! Codes and PKCE, as OAuth clients use them: once, in time, by whom they are for, and with what they were asked for.

use super::{
    Database, on_both,
    services::{CALLBACK, NATIVE, claims, encoded, page, pair, pairs, refused, request_of, stage},
    stage::{AUTH_VERIFY, Lines, NO_LIMITS, Stage, json_of},
};
use crate::support::client::{Answer, Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::future::join_all;
use hasjoined::microsoft::challenge_of;
use serde_json::{Value, json};
use std::time::Duration;

on_both! {
    a_code_becomes_a_token,
    a_code_is_for_who_asked_for_it,
    a_code_is_tried_once,
    a_second_try_ends_the_token_of_the_first,
    of_a_hundred_tries_one_gets_the_token,
    a_code_has_a_minute,
    a_code_ends_with_the_sign_in_of_who_approved,
    a_client_with_a_secret_has_to_know_it,
    a_code_needs_pkce,
    what_is_no_request_for_a_token_is_told_so,
    a_no_is_told_in_the_query,
    the_metadata_says_how,
}

const TOKEN: &str = "/v1/auth/token";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A request of a client that does not need anything of ours but the metadata.
fn authorization(client: &str, redirect: &str) -> String {
    format!(
        "/v1/auth/service/exchange?response_type=code&client_id={client}&redirect_uri={}&scope=profile%3Aread&state=xyz\
        &code_challenge={}&code_challenge_method=S256",
        encoded(redirect),
        challenge_of(VERIFIER)
    )
}

impl Stage {
    async fn request(&self, client: &str, redirect: &str) -> String {
        request_of(&self.send(Request::get(&authorization(client, redirect))).await)
    }

    /// Where the browser goes once this player has said yes.
    async fn approved(&self, token: &str, request: &str) -> String {
        let player = self.logins().tokens().read_access(token, self.now()).await.unwrap();
        self.logins().approve(&player, request, None).await.unwrap()
    }

    /// A code of a player for a client.
    async fn code(&self, token: &str, client: &str, redirect: &str) -> String {
        let landing = self.approved(token, &self.request(client, redirect).await).await;
        pair(&pairs(landing.split_once('?').unwrap().1), "code").to_owned()
    }

    async fn redeem(&self, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::form(TOKEN, &form(fields))).await
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect::<Vec<_>>().join("&")
}

/// What the client that a code is for sends.
fn fields<'a>(code: &'a str, client: &'a str, redirect: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect),
        ("client_id", client),
        ("code_verifier", VERIFIER),
    ]
}

fn without<'a>(fields: &[(&'a str, &'a str)], field: &str) -> Vec<(&'a str, &'a str)> {
    fields.iter().copied().filter(|(key, _)| *key != field).collect()
}

fn with<'a>(fields: &[(&'a str, &'a str)], field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    without(fields, field).into_iter().chain([(field, value)]).collect()
}

async fn a_code_becomes_a_token(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let answer = stage.send(Request::get(&authorization("build-moe", CALLBACK))).await;
    let request = request_of(&answer);
    let own = format!("/v1/auth/service/consent?request={request}");
    assert_eq!(answer.header("location"), Some(&*own), "nobody else can give a code");
    let body = json!({ "service": "build-moe", "redirect": CALLBACK, "consentRequest": request });
    let taken = Request::post("/v1/auth/service/token", &body.to_string());
    let taken = stage.send(taken.header("Authorization", &format!("Bearer {token}"))).await;
    refused(&taken, 409, "consent_expired");
    let landing = stage.approved(&token, &request).await;
    let sent = pairs(landing.strip_prefix("https://build.moe/auth/callback?").unwrap_or_else(|| panic!("{landing}")));
    let issuer = json_of(&stage.send(Request::get("/.well-known/oauth-authorization-server")).await)["issuer"].clone();
    assert_eq!((pair(&sent, "state"), Some(pair(&sent, "iss"))), ("xyz", issuer.as_str()));
    assert_eq!(sent.len(), 3, "{sent:?}");
    let code = pair(&sent, "code");
    let answer = stage.redeem(&fields(code, "build-moe", CALLBACK)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{answer:?}");
    let said = json_of(&answer);
    assert_eq!((&said["token_type"], &said["expires_in"]), (&json!("Bearer"), &json!(2_592_000)));
    assert_eq!((said["scope"].as_str(), said.as_object().unwrap().len()), (Some("profile:read"), 4));
    let access = said["access_token"].as_str().unwrap();
    let (inside, first) = (claims(access), claims(&token));
    assert_eq!((&inside["aud"], &inside["scope"]), (&json!("build-moe"), &json!("profile:read")));
    for same in ["sub", "uid", "idp", "name", "auth_time", "amr", "iss"] {
        assert_eq!(inside[same], first[same], "{same}");
    }
    let verified = stage.get(&format!("{AUTH_VERIFY}?service=build-moe"), access).await;
    assert_eq!(verified.status, 200);
    // The same as JSON.
    let code = stage.code(&token, "build-moe", CALLBACK).await;
    let body: Value = fields(&code, "build-moe", CALLBACK).into_iter().collect();
    assert_eq!(stage.post(TOKEN, &body).await.status, 200);
}

async fn a_code_is_for_who_asked_for_it(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let other = "x".repeat(43);
    for (field, wrong) in [
        ("code_verifier", other.as_str()),
        ("code_verifier", "short"),
        ("code_verifier", &challenge_of(VERIFIER)),
        ("redirect_uri", "https://build.moe/Second?a=1"),
        ("redirect_uri", "https://build.moe/auth/callback/"),
    ] {
        let code = stage.code(&token, "build-moe", CALLBACK).await;
        let good = fields(&code, "build-moe", CALLBACK);
        refused(&stage.redeem(&with(&good, field, wrong)).await, 400, "invalid_grant");
        refused(&stage.redeem(&good).await, 400, "invalid_grant");
    }
    let code = stage.code(&token, "build-moe", CALLBACK).await;
    let good = fields(&code, "build-moe", CALLBACK);
    refused(&stage.redeem(&with(&good, "client_id", "desk")).await, 400, "invalid_grant");
    refused(&stage.redeem(&with(&good, "code", &other)).await, 400, "invalid_grant");
    assert_eq!(stage.redeem(&good).await.status, 200, "what another client tried did not use it up");
    // An application on the player's machine gets what it asked for, at the port it asked for.
    let code = stage.code(&token, "desk", "http://localhost:9/cb").await;
    let good = fields(&code, "desk", "http://localhost:9/cb");
    refused(&stage.redeem(&with(&good, "redirect_uri", NATIVE)).await, 400, "invalid_grant");
}

async fn a_code_is_tried_once(database: Database) {
    let stage = stage(database, "").await;
    let code = stage.code(&stage.token().await, "build-moe", CALLBACK).await;
    let good = fields(&code, "build-moe", CALLBACK);
    refused(&stage.redeem(&with(&good, "code_verifier", &"x".repeat(43))).await, 400, "invalid_grant");
    refused(&stage.redeem(&good).await, 400, "invalid_grant");
}

async fn a_second_try_ends_the_token_of_the_first(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let codes = [stage.code(&token, "build-moe", CALLBACK).await, stage.code(&token, "build-moe", CALLBACK).await];
    let mut tokens = Vec::new();
    for code in &codes {
        let answer = stage.redeem(&fields(code, "build-moe", CALLBACK)).await;
        tokens.push(json_of(&answer)["access_token"].as_str().unwrap().to_owned());
    }
    let holds = async |token: &str| stage.get(&format!("{AUTH_VERIFY}?service=build-moe"), token).await.status;
    assert_eq!((holds(&tokens[0]).await, holds(&tokens[1]).await), (200, 200));
    stage.wait(Duration::from_secs(300));
    refused(
        &stage.redeem(&with(&fields(&codes[0], "build-moe", CALLBACK), "client_id", "desk")).await,
        400,
        "invalid_grant",
    );
    assert_eq!(holds(&tokens[0]).await, 200, "another client has no say in it");
    refused(&stage.redeem(&fields(&codes[0], "build-moe", CALLBACK)).await, 400, "invalid_grant");
    assert_eq!((holds(&tokens[0]).await, holds(&tokens[1]).await), (401, 200));
}

async fn of_a_hundred_tries_one_gets_the_token(database: Database) {
    let stage = stage(database, "").await;
    let code = stage.code(&stage.token().await, "build-moe", CALLBACK).await;
    let good = fields(&code, "build-moe", CALLBACK);
    let answers = join_all((0..100).map(|_| stage.redeem(&good))).await;
    let (given, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(given.len(), 1);
    others.iter().for_each(|other| refused(other, 400, "invalid_grant"));
}

async fn a_code_has_a_minute(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    for (wait, status) in [(59, 200), (60, 400)] {
        let code = stage.code(&token, "build-moe", CALLBACK).await;
        stage.wait(Duration::from_secs(wait));
        assert_eq!(stage.redeem(&fields(&code, "build-moe", CALLBACK)).await.status, status, "{wait} s");
    }
}

async fn a_code_ends_with_the_sign_in_of_who_approved(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let code = stage.code(&token, "build-moe", CALLBACK).await;
    let out = Request::post("/v1/auth/logout", "{}").header("Authorization", &format!("Bearer {token}"));
    assert_eq!(stage.send(out).await.status, 204);
    refused(&stage.redeem(&fields(&code, "build-moe", CALLBACK)).await, 400, "invalid_grant");
    let token = stage.token().await;
    let code = stage.code(&token, "build-moe", CALLBACK).await;
    let player = stage.logins().tokens().read_access(&token, stage.now()).await.unwrap();
    assert!(stage.logins().revoke_consent(&player.claims, "build-moe").await.unwrap());
    refused(&stage.redeem(&fields(&code, "build-moe", CALLBACK)).await, 400, "invalid_grant");
    let code = stage.code(&token, "build-moe", CALLBACK).await;
    assert!(stage.store.set_disabled(&player.claims.user, true).await.unwrap());
    refused(&stage.redeem(&fields(&code, "build-moe", CALLBACK)).await, 400, "invalid_grant");
}

async fn a_client_with_a_secret_has_to_know_it(database: Database) {
    const SECRET: &str = "a%20secret: of+32 characters/or more=";
    std::fs::write(database.folder().join("web.secret"), format!("{SECRET}\n")).unwrap();
    let login = format!(
        "{NO_LIMITS}[[login.services]]\nslug = \"web\"\nname = \"Web\"\nredirects = [\"https://web.example/cb\"]\n\
        permissions = [\"profile:read\"]\nsecret_file = \"web.secret\"\n\
        [[login.services]]\nslug = \"page\"\nname = \"Page\"\nredirects = [\"https://web.example/cb\"]\npermissions = [\"profile:read\"]\n"
    );
    let stage = Stage::of(database, Lines { login: &login, ..Lines::default() }).await;
    let (token, redirect) = (stage.token().await, "https://web.example/cb");
    let code = stage.code(&token, "web", redirect).await;
    let good = fields(&code, "web", redirect);
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let by_header = async |fields: &[(&str, &str)], header: &str| {
        stage.send(Request::form(TOKEN, &form(fields)).header("Authorization", header)).await
    };
    for wrong in [good.clone(), with(&good, "client_secret", ""), with(&good, "client_secret", "x")] {
        let answer = stage.redeem(&wrong).await;
        refused(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").is_some_and(|it| it.starts_with("Basic realm=\"")), "{answer:?}");
    }
    let bare = without(&good, "client_id");
    for header in
        [basic("web", "x"), basic("page", ""), basic("nobody", SECRET), "Basic x".into(), format!("Bearer {token}")]
    {
        let answer = by_header(&bare, &header).await;
        assert!(matches!(answer.status, 400 | 401), "{header}: {answer:?}");
        assert!(json_of(&answer)["error"] == "invalid_client" || header == basic("page", ""), "{header}: {answer:?}");
    }
    let header = basic("web", &encoded(SECRET));
    refused(&by_header(&with(&bare, "client_secret", SECRET), &header).await, 400, "invalid_request");
    refused(&by_header(&with(&bare, "client_id", "page"), &header).await, 400, "invalid_request");
    assert_eq!(by_header(&bare, &header).await.status, 200, "who does not know the secret has not used it up");
    let code = stage.code(&token, "web", redirect).await;
    let posted = fields(&code, "web", redirect);
    let answer = stage.redeem(&with(&posted, "client_secret", SECRET)).await;
    let access = json_of(&answer)["access_token"].as_str().unwrap().to_owned();
    by_its_service(&stage, (&access, &token), &header).await;
    // One that has none cannot pretend.
    let code = stage.code(&token, "page", redirect).await;
    let page = fields(&code, "page", redirect);
    refused(&stage.redeem(&with(&page, "client_secret", "x")).await, 401, "invalid_client");
    assert_eq!(stage.redeem(&page).await.status, 200);
}

/// A service with a secret asks about its own tokens, and ends them.
async fn by_its_service(stage: &Stage, (access, players): (&str, &str), header: &str) {
    let send = async |path: &str, token: &str, header: &str| {
        stage.send(Request::form(path, &format!("token={token}")).header("Authorization", header)).await
    };
    let (introspect, revoke) = ("/v1/auth/introspect", "/v1/auth/revoke");
    let public = format!("Basic {}", STANDARD.encode("page:"));
    for path in [introspect, revoke] {
        refused(&send(path, access, &public).await, 401, "invalid_client");
    }
    let said = json_of(&send(introspect, access, header).await);
    assert_eq!((&said["active"], &said["client_id"], &said["aud"]), (&json!(true), &json!("web"), &json!("web")));
    assert_eq!(json_of(&send(introspect, players, header).await), json!({ "active": false }), "another's");
    for token in [players, access] {
        assert_eq!(send(revoke, token, header).await.status, 200);
    }
    assert_eq!(json_of(&send(introspect, access, header).await), json!({ "active": false }));
    assert_eq!(stage.get(AUTH_VERIFY, players).await.status, 200, "a player's own token is none of its");
}

async fn a_code_needs_pkce(database: Database) {
    let stage = stage(database, "").await;
    let good = authorization("build-moe", CALLBACK);
    let challenge = format!("&code_challenge={}", challenge_of(VERIFIER));
    for wrong in [
        good.replace(&challenge, ""),
        good.replace(&challenge, "&code_challenge="),
        good.replace(&challenge, "&code_challenge=short"),
        good.replace(&challenge, &format!("{challenge}x")),
        good.replace("method=S256", "method=plain"),
        good.replace("&code_challenge_method=S256", ""),
        good.replace("response_type=code&", ""),
        good.replace("response_type=code", "response_type=token"),
        good.replace("response_type=code", "response_type=code%20token"),
    ] {
        page(&stage.send(Request::get(&wrong)).await, 400, "invalid_request");
    }
    assert_eq!(stage.send(Request::get(&good)).await.status, 302);
}

async fn what_is_no_request_for_a_token_is_told_so(database: Database) {
    let stage = stage(database, "").await;
    let code = stage.code(&stage.token().await, "build-moe", CALLBACK).await;
    let good = fields(&code, "build-moe", CALLBACK);
    for missing in ["grant_type", "code", "redirect_uri", "code_verifier"] {
        let answer = stage.redeem(&without(&good, missing)).await;
        assert_eq!((answer.status, json_of(&answer)["field"].as_str()), (400, Some(missing)), "{answer:?}");
    }
    refused(&stage.redeem(&without(&good, "client_id")).await, 401, "invalid_client");
    for nobody in ["nobody", "gone", "<b>\0"] {
        refused(&stage.redeem(&with(&good, "client_id", nobody)).await, 401, "invalid_client");
    }
    for other in ["password", "client_credentials", "refresh_token"] {
        refused(&stage.redeem(&with(&good, "grant_type", other)).await, 400, "unsupported_grant_type");
    }
    let twice: Vec<_> = good.iter().copied().chain([("code", code.as_str())]).collect();
    refused(&stage.redeem(&twice).await, 400, "duplicate_parameter");
    let query = stage.send(Request::get(&format!("{TOKEN}?{}", form(&good)))).await;
    assert_eq!(query.status, 405, "a code does not belong into an address");
    let text = Request::post(TOKEN, &form(&good));
    refused(&stage.send(text).await, 400, "invalid_json");
    assert_eq!(stage.redeem(&good).await.status, 200, "none of these has used it up");
}

async fn a_no_is_told_in_the_query(database: Database) {
    let stage = stage(database, "").await;
    let landing = stage.logins().deny(&stage.request("build-moe", CALLBACK).await).await.unwrap();
    let sent = pairs(landing.strip_prefix("https://build.moe/auth/callback?").unwrap_or_else(|| panic!("{landing}")));
    assert_eq!((pair(&sent, "error"), pair(&sent, "state"), sent.len()), ("access_denied", "xyz", 3));
    assert!(pair(&sent, "iss").starts_with("http://127.0.0.1:"));
}

async fn the_metadata_says_how(database: Database) {
    let stage = stage(database, "").await;
    let said = json_of(&stage.send(Request::get("/.well-known/oauth-authorization-server")).await);
    let issuer = said["issuer"].as_str().unwrap();
    assert_eq!(said["authorization_endpoint"], format!("{issuer}/v1/auth/service/exchange"));
    assert_eq!(said["token_endpoint"], format!("{issuer}{TOKEN}"));
    assert_eq!(said["code_challenge_methods_supported"], json!(["S256"]));
}
