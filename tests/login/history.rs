//! Cases 55 to 61: what a player sees of their own logins.

use super::{
    Database, on_both,
    stage::{JOIN, Lines, NO_LIMITS, SESSIONS, Stage, VERIFY, json_of, wrong_field},
};
use crate::support::client::{Answer, Request};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

on_both! {
    case_55_the_header_is_bearer_and_one_token,
    case_56_the_newest_come_first,
    case_57_a_limit_is_a_number_from_1_to_100,
    case_58_nobody_sees_anothers,
    case_59_what_a_client_calls_itself_is_cut_and_cleaned,
    case_60_the_address_is_that_of_the_client,
    case_61_what_is_old_is_forgotten,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn items(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{answer:?}");
    json_of(answer)["items"].as_array().unwrap().clone()
}

async fn case_55_the_header_is_bearer_and_one_token(database: Database) {
    let stage = Stage::over(database).await;
    let token = stage.token().await;
    let with = async |value: &str| stage.send(Request::get(SESSIONS).header("Authorization", value)).await;
    let missing = stage.send(Request::get(SESSIONS)).await;
    assert_eq!((missing.status, missing.header("www-authenticate")), (401, Some("Bearer realm=\"127.0.0.1\"")));
    for wrong in ["Basic x", &format!("Bearer  {token}"), "Bearer", &token, "Bearer x"] {
        let answer = with(wrong).await;
        assert_eq!((answer.status, json_of(&answer)["error"].as_str()), (401, Some("invalid_token")), "{wrong}");
    }
    assert_eq!(with(&format!("bearer {token}")).await.status, 200);
    let cookie = stage.send(Request::get(SESSIONS).header("Cookie", &format!("uebliche_token={token}"))).await;
    assert_eq!(cookie.status, 401, "a history is not for browsers that send cookies by themselves");
}

async fn case_56_the_newest_come_first(database: Database) {
    let stage = Stage::over(database).await;
    let mut joined = Vec::new();
    let mut token = String::new();
    for _ in 0..3 {
        let joining = stage.joined("Notch").await;
        let request = Request::post(VERIFY, &joining.proof("Notch").to_string()).header("User-Agent", "TotemMod/1.0");
        token = json_of(&stage.send(request).await)["accessToken"].as_str().unwrap().to_owned();
        joined.push(joining);
        stage.wait(Duration::from_secs(1));
    }
    let two = items(&stage.get(&format!("{SESSIONS}?limit=2"), &token).await);
    let servers: Vec<_> = two.iter().map(|item| item["serverId"].as_str().unwrap()).collect();
    assert_eq!(servers, [&joined[2].server_id, &joined[1].server_id]);
    let keys: BTreeSet<_> = two[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        BTreeSet::from(["createdAt", "id", "ip", "profileName", "scopes", "serverId", "userAgent"]),
        "exactly the seed's"
    );
    assert_eq!(two[1]["createdAt"], "2026-01-18T12:34:57Z");
    let known = [&two[0]["ip"], &two[0]["userAgent"], &two[0]["profileName"]];
    assert_eq!(known, ["127.0.0.1", "TotemMod/1.0", "Notch"]);
    assert_eq!(two[0]["id"], json!(joined[2].jti()), "the seed's: the id of the join token");
    let before = two[1]["id"].as_str().unwrap();
    let rest = items(&stage.get(&format!("{SESSIONS}?before={before}"), &token).await);
    assert_eq!((rest.len(), rest[0]["serverId"].as_str()), (1, Some(joined[0].server_id.as_str())));
    assert_eq!(items(&stage.get(&format!("{SESSIONS}?before=unknown"), &token).await).len(), 0);
}

async fn case_57_a_limit_is_a_number_from_1_to_100(database: Database) {
    let stage = Stage::over(database).await;
    let token = stage.token().await;
    for wrong in ["0", "-1", "101", "abc", "", "%2B5", "1e2", "1.0", "%201", "99999999999"] {
        let answer = stage.get(&format!("{SESSIONS}?limit={wrong}"), &token).await;
        wrong_field(&answer, "limit");
    }
    for wrong in ["", "%00", "a%00", "%20", "%C3%A9", &"a".repeat(65)] {
        let answer = stage.get(&format!("{SESSIONS}?before={wrong}"), &token).await;
        wrong_field(&answer, "before");
    }
    let twice = stage.get(&format!("{SESSIONS}?limit=1&limit=2"), &token).await;
    assert_eq!((twice.status, json_of(&twice)["error"].as_str()), (400, Some("duplicate_parameter")));
    for right in ["1", "100", "007"] {
        assert_eq!(stage.get(&format!("{SESSIONS}?limit={right}"), &token).await.status, 200, "{right}");
    }
    let narrow = stage.challenge(json!({ "scopes": ["totem:read"] })).await;
    stage.session.join("Notch", &narrow.server_id);
    let narrow = json_of(&stage.verify(&narrow.proof("Notch")).await)["accessToken"].as_str().unwrap().to_owned();
    let answer = stage.get(SESSIONS, &narrow).await;
    assert_eq!((answer.status, json_of(&answer)["error"].as_str()), (403, Some("insufficient_scope")));
    let challenge = "Bearer realm=\"127.0.0.1\", error=\"insufficient_scope\", scope=\"profile:read\"";
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
}

async fn case_58_nobody_sees_anothers(database: Database) {
    let stage = Stage::over(database).await;
    let (notch, other) = (stage.log_in("Notch").await, stage.log_in("Dinnerbone").await);
    let of = async |token: &str, query: &str| items(&stage.get(&format!("{SESSIONS}{query}"), token).await);
    let (mine, theirs) = (of(&notch, "").await, of(&other, "").await);
    assert_eq!((mine.len(), mine[0]["profileName"].as_str()), (1, Some("Notch")));
    assert_eq!((theirs.len(), theirs[0]["profileName"].as_str()), (1, Some("Dinnerbone")));
    let id = theirs[0]["id"].as_str().unwrap();
    for query in [format!("?before={id}"), format!("?id={id}"), format!("?user={id}")] {
        let seen = of(&notch, &query).await;
        assert!(seen.iter().all(|item| item["profileName"] == "Notch"), "{query}");
    }
}

async fn case_59_what_a_client_calls_itself_is_cut_and_cleaned(database: Database) {
    let stage = Stage::over(database).await;
    let mut token = String::new();
    for agent in [Some("x".repeat(300)), Some("Mod \u{e9}\tone".to_owned()), None] {
        let request = Request::post(VERIFY, &stage.joined("Notch").await.proof("Notch").to_string());
        let request = agent.iter().fold(request, |request, agent| request.header("User-Agent", agent));
        token = json_of(&stage.send(request).await)["accessToken"].as_str().unwrap().to_owned();
        stage.wait(Duration::from_secs(1));
    }
    let items = items(&stage.get(SESSIONS, &token).await);
    let agents: Vec<_> = items.iter().map(|item| &item["userAgent"]).collect();
    assert_eq!(agents, [&Value::Null, &json!("Mod ???one"), &json!("x".repeat(256))]);
    let smuggled = Request::post(JOIN, "{}").header("User-Agent", "a\rb");
    assert_eq!(stage.send(smuggled).await.status, 400);
}

async fn case_60_the_address_is_that_of_the_client(database: Database) {
    let lines = Lines { server: "trusted_proxies = [\"127.0.0.1\"]", login: NO_LIMITS, upstreams: "" };
    let stage = Stage::of(database, lines).await;
    let mut token = String::new();
    for chain in ["1.2.3.4", "6.6.6.6, 2001:db8::7", "::ffff:192.0.2.1"] {
        let request = Request::post(VERIFY, &stage.joined("Notch").await.proof("Notch").to_string());
        let answer = stage.send(request.header("X-Forwarded-For", chain)).await;
        token = json_of(&answer)["accessToken"].as_str().unwrap().to_owned();
        stage.wait(Duration::from_secs(1));
    }
    let items = items(&stage.get(SESSIONS, &token).await);
    let addresses: Vec<_> = items.iter().map(|item| item["ip"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["192.0.2.1", "2001:db8::7", "1.2.3.4"]);
}

async fn case_61_what_is_old_is_forgotten(database: Database) {
    let stage = Stage::over(database).await;
    let token = stage.token().await;
    stage.wait(8 * DAY);
    stage.swept().await;
    let items = items(&stage.get(SESSIONS, &token).await);
    assert_eq!((items.len(), &items[0]["ip"], &items[0]["userAgent"]), (1, &Value::Null, &Value::Null));
}

#[tokio::test]
async fn what_is_not_to_be_kept_is_never_written() {
    for (lines, kept) in [
        ("ip_mode = \"none\"", Value::Null),
        ("ip_mode = \"truncate\"", json!("127.0.0.0")),
        ("ip_retention = \"0s\"", Value::Null),
    ] {
        let stage = Stage::with("", &format!("[login.sessions]\n{lines}\n{NO_LIMITS}")).await;
        let token = stage.token().await;
        assert_eq!(items(&stage.get(SESSIONS, &token).await)[0]["ip"], kept, "{lines}");
    }
}
