//! Cases 1 to 8: what join takes and gives. Cases 9 to 13 are of the edge, in `tests/edge`.

use super::{
    Database, on_both,
    stage::{JOIN, Stage, claims, json_of, refused, wrong_field},
};
use crate::support::client::Request;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both! {
    case_1_a_challenge_is_three_fields_and_nothing_more,
    case_2_no_body_means_no_wishes,
    case_3_the_token_says_what_was_wished,
    case_5_a_scope_is_given_once,
    case_6_scopes_that_cannot_be_given,
    case_7_a_player_is_a_uuid,
    case_8_a_name_is_what_the_game_takes_for_one,
}

fn is_ours(server_id: &str) -> bool {
    server_id.len() == 40
        && server_id.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f'])
        && server_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

async fn case_1_a_challenge_is_three_fields_and_nothing_more(database: Database) {
    let stage = Stage::over(database).await;
    let answer = stage.post(JOIN, &json!({})).await;
    assert_eq!(answer.status, 200);
    let body = json_of(&answer);
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(BTreeSet::from_iter(keys), BTreeSet::from(["expiresIn", "joinToken", "serverId"]));
    assert_eq!(body["expiresIn"], 60);
    assert!(is_ours(body["serverId"].as_str().unwrap()), "{body}");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    let claims = claims(body["joinToken"].as_str().unwrap());
    assert_eq!(claims["sid"], body["serverId"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    let audience = format!("http://{}/v1/auth/session/minecraft/verify", stage.address());
    assert_eq!(claims["aud"], audience);
}

async fn case_2_no_body_means_no_wishes(database: Database) {
    let stage = Stage::over(database).await;
    let answer = stage.send(Request::new("POST", JOIN)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = claims(json_of(&answer)["joinToken"].as_str().unwrap());
    assert_eq!(claims["scope"], "profile:read totem:read totem:write");
    assert_eq!((claims.get("sub"), claims.get("name")), (None, None));
}

async fn case_3_the_token_says_what_was_wished(database: Database) {
    let stage = Stage::over(database).await;
    let wish = json!({
        "userId": "069a79f4-44e9-4726-a5be-fca90e38aaf5",
        "name": "Notch",
        "scopes": ["totem:write", "profile:read"],
    });
    let claims = claims(&stage.challenge(wish).await.join_token);
    assert_eq!(claims["sub"], "069a79f4-44e9-4726-a5be-fca90e38aaf5");
    assert_eq!((&claims["name"], &claims["scope"]), (&json!("Notch"), &json!("totem:write profile:read")));
}

#[tokio::test]
async fn case_4_no_serverid_comes_twice_and_all_are_ours() {
    let stage = Stage::start().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let some = futures::future::join_all((0..50).map(|_| stage.challenge(json!({})))).await;
        seen.extend(some.into_iter().map(|joining| joining.server_id));
    }
    // What is left of ten thousand is counted where serverIds are made, in src/login/challenge.rs.
    assert_eq!(seen.len(), 1_000);
    assert!(seen.iter().all(|server_id| is_ours(server_id)));
    let first: BTreeSet<_> = seen.iter().map(|server_id| &server_id[..1]).collect();
    assert_eq!(first.len(), 8, "{first:?}");
}

async fn case_5_a_scope_is_given_once(database: Database) {
    let stage = Stage::over(database).await;
    let wish = json!({ "scopes": ["profile:read", "profile:read"] });
    assert_eq!(claims(&stage.challenge(wish).await.join_token)["scope"], "profile:read");
}

async fn case_6_scopes_that_cannot_be_given(database: Database) {
    let stage = Stage::over(database).await;
    let join = async |scopes: Value| stage.post(JOIN, &json!({ "scopes": scopes })).await;
    for scopes in [json!([]), json!(["admin"]), json!(vec!["profile:read"; 33])] {
        refused(&join(scopes).await, 400, "invalid_scope");
    }
    for scopes in [json!("profile:read"), json!([1]), json!({})] {
        wrong_field(&join(scopes).await, "scopes");
    }
    assert_eq!(join(Value::Null).await.status, 200);
}

async fn case_7_a_player_is_a_uuid(database: Database) {
    let stage = Stage::over(database).await;
    let join = async |id: &str| stage.post(JOIN, &json!({ "userId": id })).await;
    for wrong in ["xyz", "", "069a79f444e94726a5befca90e38aaf", "{069a79f4-44e9-4726-a5be-fca90e38aaf5}"] {
        wrong_field(&join(wrong).await, "userId");
    }
    for right in ["069A79F444E94726A5BEFCA90E38AAF5", "069A79F4-44E9-4726-A5BE-FCA90E38AAF5"] {
        let answer = join(right).await;
        let claims = claims(json_of(&answer)["joinToken"].as_str().unwrap());
        assert_eq!(claims["sub"], "069a79f4-44e9-4726-a5be-fca90e38aaf5");
    }
}

async fn case_8_a_name_is_what_the_game_takes_for_one(database: Database) {
    let stage = Stage::over(database).await;
    for wrong in ["", "seventeen_letters", "a b", "ä", "a\u{0}", "a\u{7f}"] {
        wrong_field(&stage.post(JOIN, &json!({ "name": wrong })).await, "name");
    }
    for right in ["a", "sixteen__letters", "old-name.", "!"] {
        assert_eq!(stage.post(JOIN, &json!({ "name": right })).await.status, 200, "{right}");
    }
}

#[tokio::test]
async fn no_more_challenges_wait_than_are_allowed() {
    let stage = Stage::with("", "max_pending = 3\n[login.limits]\nenabled = false\n").await;
    for _ in 0..3 {
        stage.challenge(json!({})).await;
    }
    let full = stage.post(JOIN, &json!({})).await;
    refused(&full, 503, "unavailable");
    assert_eq!(full.header("retry-after"), Some("2"));
    stage.wait(std::time::Duration::from_secs(61));
    stage.challenge(json!({})).await;
}
