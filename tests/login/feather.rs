//! Cases 111 to 120: the flow of Feather's launcher.

use super::{
    Database, on_both,
    stage::{AUTH_VERIFY, Joining, Lines, NO_LIMITS, Stage, claims, dashed, json_of, part, refused},
};
use crate::support::client::{Answer, Request};
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

on_both! {
    case_111_a_serverid_is_a_json_string,
    case_112_a_join_becomes_the_first_token,
    case_113_the_first_token_becomes_the_second,
    case_114_but_only_once,
    case_115_and_only_who_has_joined,
    case_116_a_name_is_one_segment_of_the_path,
    case_117_no_other_token_opens_the_second,
    case_118_what_a_browser_fetches_ahead_uses_nothing_up,
    case_119_strict_tokens_are_to_the_letter,
    case_120_it_can_be_switched_off,
}

const SERVER_ID: &str = "/v1/minecraft/server-id";
const AUTH_TOKEN: &str = "/v1/game/auth-token";

fn has_joined(name: &str, server_id: &str) -> String {
    format!("/v1/minecraft/has-joined/{name}?token={server_id}")
}

/// The members of a JSON object, in their order.
fn members(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let keys = text.trim_matches(['{', '}']).split("\":").filter_map(|before| before.rsplit_once('"'));
    keys.map(|(_, key)| key.to_owned()).collect()
}

impl Stage {
    async fn server_id(&self) -> String {
        let answer = self.send(Request::get(SERVER_ID)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        json_of(&answer).as_str().unwrap().to_owned()
    }

    /// The answer to a join by this player.
    async fn feather(&self, name: &str) -> Answer {
        let server_id = self.server_id().await;
        self.session.join(name, &server_id);
        self.send(Request::get(&has_joined(name, &server_id))).await
    }

    async fn full(&self, authorization: &str) -> Answer {
        self.send(Request::get(AUTH_TOKEN).header("Authorization", authorization)).await
    }
}

async fn case_111_a_serverid_is_a_json_string(database: Database) {
    let stage = Stage::over(database).await;
    let answer = stage.send(Request::get(SERVER_ID)).await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("application/json")));
    assert_eq!((answer.header("cache-control"), answer.header("location")), (Some("no-store"), None));
    let server_id = json_of(&answer).as_str().unwrap().to_owned();
    assert!(hasjoined::login::is_ours(&server_id), "{server_id}");
}

async fn case_112_a_join_becomes_the_first_token(database: Database) {
    let stage = Stage::over(database).await;
    let answer = stage.feather("Notch").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{answer:?}");
    let named = "id username email kind mcID mcUsername firstName lastName registeredAt activatedAt country";
    assert_eq!(members(&answer.body).join(" "), named);
    let body = json_of(&answer);
    let known = json!({
        "id": body["id"],
        "username": null,
        "email": null,
        "kind": "player",
        "mcID": dashed("Notch"),
        "mcUsername": "Notch",
        "firstName": null,
        "lastName": null,
        "registeredAt": "2026-01-18T12:34:56.000Z",
        "activatedAt": "2026-01-18T12:34:56.000Z",
        "country": null,
    });
    assert_eq!(body, known);
    let token = answer.header("authorization").unwrap();
    let claims = claims(token);
    assert_eq!((&claims["userID"], &claims["tokenKind"]), (&body["id"], &json!("user")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 64 * 3_600);
}

async fn case_113_the_first_token_becomes_the_second(database: Database) {
    let stage = Stage::over(database).await;
    let login = stage.feather("Notch").await;
    let session = login.header("authorization").unwrap();
    for authorization in [session.to_owned(), format!("Bearer {session}")] {
        let answer = stage.full(&authorization).await;
        assert_eq!((answer.status, answer.header("authorization")), (200, None), "{answer:?}");
        let full = json_of(&answer).as_str().unwrap().to_owned();
        let named =
            "id username email firstName lastName registeredAt activatedAt kind mcID mcUsername ranks permissions";
        assert!(members(&part(&full, 1)).join(" ").starts_with(named), "{full}");
        let (first, second) = (claims(session), claims(&full));
        assert_eq!([&first["iat"], &first["exp"]], [&second["iat"], &second["exp"]]);
        assert_eq!(second["permissions"], json!({ "playerServerLimit": 3 }));
    }
}

async fn case_114_but_only_once(database: Database) {
    let stage = Stage::over(database).await;
    let server_id = stage.server_id().await;
    stage.session.join("Notch", &server_id);
    stage.session.delays(Duration::from_millis(100));
    let ask = || stage.send(Request::get(&has_joined("Notch", &server_id)));
    let answers = join_all((0..100).map(|_| ask())).await;
    let (good, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((good.len(), stage.session.asked()), (1, 1));
    others.iter().for_each(|other| refused(other, 401, "challenge_used"));
    refused(&ask().await, 401, "challenge_used");
}

async fn case_115_and_only_who_has_joined(database: Database) {
    let stage = Stage::over(database).await;
    let server_id = stage.server_id().await;
    let ask = async |id: &str| stage.send(Request::get(&has_joined("Notch", id))).await;
    refused(&ask(&server_id).await, 401, "join_not_found");
    refused(&ask("d8f8c86b0e9f9d3a1d8f8c86b0e9f9d3a1d8f8c8").await, 401, "join_not_found");
    let other: Joining = stage.joined("Notch").await;
    refused(&ask(&other.server_id).await, 401, "join_not_found");
    assert_eq!(stage.session.asked(), 1, "nobody is asked about what is not of this flow");
    stage.session.join("Notch", &server_id);
    stage.wait(Duration::from_secs(60));
    refused(&ask(&server_id).await, 401, "challenge_expired");
    // Nor does one of this flow open the other.
    let mine = stage.server_id().await;
    stage.session.join("Notch", &mine);
    let mixed = Joining { server_id: mine, join_token: stage.challenge(json!({})).await.join_token };
    refused(&stage.verify(&mixed.proof("Notch")).await, 401, "invalid_join_token");
}

async fn case_116_a_name_is_one_segment_of_the_path(database: Database) {
    let stage = Stage::over(database).await;
    let server_id = stage.server_id().await;
    let at = async |path: &str| stage.send(Request::get(&format!("/v1/minecraft/has-joined{path}"))).await;
    for nowhere in ["/?token=x", "/a/b?token=x", "?token=x"] {
        refused(&at(nowhere).await, 404, "not_found");
    }
    for malformed in ["seventeen_letters", "%ff", "%00", "a%20b", "%C3%A4"] {
        refused(&at(&format!("/{malformed}?token={server_id}")).await, 400, "invalid_request");
    }
    refused(&at(&format!("/%2e%2e?token={server_id}")).await, 401, "join_not_found");
    for malformed in ["/Notch".to_owned(), "/Notch?token=".to_owned(), format!("/Notch?token={}", "x".repeat(65))] {
        refused(&at(&malformed).await, 400, "invalid_request");
    }
    refused(&at(&format!("/Notch?token={server_id}&token={server_id}")).await, 400, "duplicate_parameter");
}

async fn case_117_no_other_token_opens_the_second(database: Database) {
    let stage = Stage::over(database).await;
    let session = stage.feather("Notch").await.header("authorization").unwrap().to_owned();
    let full = json_of(&stage.full(&session).await).as_str().unwrap().to_owned();
    refused(&stage.send(Request::get(AUTH_TOKEN)).await, 401, "invalid_token");
    let access = stage.token().await;
    for other in
        [full.as_str(), &access, &stage.joined("Notch").await.join_token, "x", "Basic x", &format!("{session}x")]
    {
        refused(&stage.full(other).await, 401, "invalid_token");
    }
    refused(&stage.get(AUTH_VERIFY, &session).await, 401, "invalid_token");
    // Clocks of replicas may be half a minute apart.
    stage.wait(Duration::from_secs(64 * 3_600 + 31));
    refused(&stage.full(&session).await, 401, "invalid_token");
}

async fn case_118_what_a_browser_fetches_ahead_uses_nothing_up(database: Database) {
    let stage = Stage::over(database).await;
    let server_id = stage.server_id().await;
    stage.session.join("Notch", &server_id);
    let path = has_joined("Notch", &server_id);
    for method in ["HEAD", "POST"] {
        for path in [&path, SERVER_ID] {
            assert_eq!(stage.send(Request::new(method, path)).await.status, 405, "{method} {path}");
        }
    }
    for purpose in ["prefetch", "prefetch;prerender"] {
        refused(&stage.send(Request::get(&path).header("Sec-Purpose", purpose)).await, 403, "forbidden");
    }
    assert_eq!(stage.session.asked(), 0);
    assert_eq!(stage.send(Request::get(&path)).await.status, 200);
}

async fn case_119_strict_tokens_are_to_the_letter(database: Database) {
    let secret = database.folder().join("feather.secret");
    std::fs::write(&secret, "a secret that is longer than thirty-two bytes").unwrap();
    let login = format!("[login.feather]\nstrict = true\nsecret_file = \"{}\"\n{NO_LIMITS}", secret.display());
    let stage = Stage::of(database, Lines { login: &login, ..Lines::default() }).await;
    let session = stage.feather("Notch").await.header("authorization").unwrap().to_owned();
    let full = json_of(&stage.full(&session).await).as_str().unwrap().to_owned();
    for token in [&session, &full] {
        let header: Value = serde_json::from_slice(&part(token, 0)).unwrap();
        assert_eq!(header, json!({ "alg": "HS256", "typ": "JWT" }));
    }
    assert_eq!(members(&part(&session, 1)).join(" "), "userID kind mcID tokenKind iat exp");
    let named = "id username email firstName lastName registeredAt activatedAt kind mcID mcUsername ranks permissions playerServerLimit iat exp";
    assert_eq!(members(&part(&full, 1)).join(" "), named);
}

async fn case_120_it_can_be_switched_off(database: Database) {
    let login = format!("[login.feather]\nenabled = false\n{NO_LIMITS}");
    let stage = Stage::of(database, Lines { login: &login, ..Lines::default() }).await;
    for path in [SERVER_ID, AUTH_TOKEN, "/v1/minecraft/has-joined/Notch?token=x"] {
        refused(&stage.send(Request::get(path)).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_country_is_a_trusted_proxys_word() {
    let country = async |server: &str, sent: &str| {
        let login = format!("[login.feather]\ncountry_header = \"CF-IPCountry\"\n{NO_LIMITS}");
        let stage = Stage::with(server, &login).await;
        let server_id = stage.server_id().await;
        stage.session.join("Notch", &server_id);
        let request = Request::get(&has_joined("Notch", &server_id)).header("CF-IPCountry", sent);
        json_of(&stage.send(request).await)["country"].clone()
    };
    let trusted = "trusted_proxies = [\"127.0.0.1\"]";
    assert_eq!(country(trusted, "at").await, "AT");
    assert_eq!(country(trusted, "T1x").await, Value::Null);
    assert_eq!(country("", "AT").await, Value::Null);
}
