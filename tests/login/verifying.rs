//! Cases 14 to 28 and 31 to 37: from a join to a token, and everything that is none.

use super::{
    Database, on_both,
    stage::{
        AUTH_VERIFY, JOIN, Joining, Lines, NO_LIMITS, SESSIONS, Stage, VERIFY, dashed, json_of, refused, wrong_field,
    },
};
use crate::support::{
    client::{Answer, Request, get},
    profile,
    upstream::{Reply, Upstream},
};
use hasjoined::{
    login::{bound, secret_hash},
    model::{ProfileId, UpstreamId},
};
use serde_json::{Value, json};
use std::time::Duration;

on_both! {
    case_14_a_join_becomes_a_token,
    case_15_but_only_once,
    case_18_who_has_not_joined_may_still_join,
    case_19_six_attempts_and_no_more,
    case_20_sixty_seconds_and_no_more,
    case_21_another_player_uses_it_up,
    case_22_a_token_and_a_serverid_belong_together,
    case_23_names_are_the_same_in_any_case,
    case_24_another_name_is_another_player,
    case_25_one_of_both_names_the_player,
    case_26_what_is_no_join_token,
    case_27_silence_is_not_a_no,
    case_28_what_is_no_profile,
    case_31_upstreams_of_the_race_vouch_for_nobody,
    case_32_another_upstreams_players_are_others,
    case_33_the_race_is_not_asked_about_a_login,
    case_34_a_player_is_the_same_under_another_name,
    case_35_who_is_locked_out_stays_out,
    case_36_the_address_is_told_if_it_is_to_be,
    case_37_a_bound_login_needs_its_secret,
}

#[track_caller]
fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    json_of(answer)["accessToken"].as_str().unwrap().to_owned()
}

fn with(mut proof: Value, key: &str, value: Value) -> Value {
    proof[key] = value;
    proof
}

async fn case_14_a_join_becomes_a_token(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.challenge(json!({ "scopes": ["totem:read", "profile:read"] })).await;
    stage.session.join("Notch", &joining.server_id);
    let answer = stage.verify(&joining.proof("Notch")).await;
    let body = json_of(&answer);
    assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
    assert_eq!((&body["expiresIn"], &body["scopes"]), (&json!(2_592_000), &json!(["totem:read", "profile:read"])));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), (Some("no-store"), Some("no-cache")));
    // What any reader of the published keys makes of it.
    let keys: jsonwebtoken::jwk::JwkSet =
        serde_json::from_str(&get(&stage.address(), "/.well-known/jwks.json").await.text()).unwrap();
    let access = token(&answer);
    let header = jsonwebtoken::decode_header(&access).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(header.alg);
    (rules.validate_exp, rules.validate_aud) = (false, false);
    let claims = jsonwebtoken::decode::<Value>(&access, &key, &rules).unwrap().claims;
    assert_eq!((claims["sub"].as_str(), claims["name"].as_str()), (Some(&*dashed("Notch")), Some("Notch")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 2_592_000);
    assert_eq!((&claims["scope"], &claims["idp"]), (&json!("totem:read profile:read"), &json!("mojang")));
    let asked = &stage.session.upstream.requests()[0];
    assert_eq!((asked.query("ip"), asked.queries("serverId").len()), (None, 1));
}

async fn case_15_but_only_once(database: Database) {
    let stage = Stage::over(database).await;
    let proof = stage.joined("Notch").await.proof("Notch");
    token(&stage.verify(&proof).await);
    refused(&stage.verify(&proof).await, 401, "join_token_used");
    assert_eq!(stage.session.asked(), 1);
}

async fn case_18_who_has_not_joined_may_still_join(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.challenge(json!({})).await;
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_not_found");
    stage.session.join("Notch", &joining.server_id);
    token(&stage.verify(&joining.proof("Notch")).await);
}

async fn case_19_six_attempts_and_no_more(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.challenge(json!({})).await;
    for _ in 0..6 {
        refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_not_found");
    }
    stage.session.join("Notch", &joining.server_id);
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_token_used");
    assert_eq!(stage.session.asked(), 6);
}

#[tokio::test]
async fn a_strict_service_takes_one_attempt() {
    let stage = Stage::with("", &format!("burn_on_failure = true\n{NO_LIMITS}")).await;
    let joining = stage.challenge(json!({})).await;
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_not_found");
    stage.session.join("Notch", &joining.server_id);
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_token_used");
}

async fn case_20_sixty_seconds_and_no_more(database: Database) {
    let stage = Stage::over(database).await;
    let joined = [stage.joined("Notch").await, stage.joined("Dinnerbone").await, stage.joined("jeb_").await];
    stage.wait(Duration::from_millis(59_900));
    token(&stage.verify(&joined[0].proof("Notch")).await);
    stage.wait(Duration::from_millis(100));
    refused(&stage.verify(&joined[1].proof("Dinnerbone")).await, 401, "join_token_expired");
    stage.wait(Duration::from_secs(1));
    refused(&stage.verify(&joined[2].proof("jeb_")).await, 401, "join_token_expired");
}

async fn case_21_another_player_uses_it_up(database: Database) {
    let stage = Stage::over(database).await;
    let proof = stage.joined("Notch").await.proof("Notch");
    let other = with(proof.clone(), "userId", json!(dashed("Dinnerbone")));
    refused(&stage.verify(&other).await, 401, "profile_mismatch");
    let right = with(proof, "userId", json!(dashed("Notch")));
    refused(&stage.verify(&right).await, 401, "join_token_used");
    // The one who was announced is compared before anybody is asked.
    let joining = stage.challenge(json!({ "userId": dashed("Notch") })).await;
    stage.session.join("Notch", &joining.server_id);
    let other = with(joining.proof("Notch"), "userId", json!(dashed("Dinnerbone")));
    refused(&stage.verify(&other).await, 401, "profile_mismatch");
    token(&stage.verify(&joining.proof("Notch")).await);
    let joining = stage.challenge(json!({ "userId": dashed("Dinnerbone") })).await;
    stage.session.join("Notch", &joining.server_id);
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "profile_mismatch");
}

async fn case_22_a_token_and_a_serverid_belong_together(database: Database) {
    let stage = Stage::over(database).await;
    let (one, other) = (stage.joined("Notch").await, stage.joined("Notch").await);
    let mixed = Joining { server_id: one.server_id.clone(), join_token: other.join_token.clone() };
    refused(&stage.verify(&mixed.proof("Notch")).await, 401, "invalid_join_token");
    assert_eq!(stage.session.asked(), 0);
    token(&stage.verify(&one.proof("Notch")).await);
}

async fn case_23_names_are_the_same_in_any_case(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.challenge(json!({ "name": "Alice" })).await;
    stage.session.join("aLiCe", &joining.server_id);
    let access = token(&stage.verify(&joining.proof("ALICE")).await);
    let history = json_of(&stage.get(SESSIONS, &access).await);
    assert_eq!(history["items"][0]["profileName"], "aLiCe", "as the upstream writes it");
}

async fn case_24_another_name_is_another_player(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.challenge(json!({ "name": "Alice" })).await;
    stage.session.join("Bob", &joining.server_id);
    refused(&stage.verify(&joining.proof("Bob")).await, 401, "profile_mismatch");
    assert_eq!(stage.session.asked(), 0);
}

async fn case_25_one_of_both_names_the_player(database: Database) {
    let stage = Stage::over(database).await;
    let nameless = |joining: &Joining| json!({ "serverId": joining.server_id, "joinToken": joining.join_token });
    let joining = stage.challenge(json!({ "name": "Alice" })).await;
    stage.session.join("Alice", &joining.server_id);
    token(&stage.verify(&nameless(&joining)).await);
    let answer = stage.verify(&nameless(&stage.challenge(json!({})).await)).await;
    wrong_field(&answer, "name");
}

async fn case_26_what_is_no_join_token(database: Database) {
    let stage = Stage::over(database).await;
    let proof = stage.joined("Notch").await.proof("Notch");
    for wrong in [Value::Null, json!(7), json!("x".repeat(5_000)), json!("")] {
        let answer = stage.verify(&with(proof.clone(), "joinToken", wrong)).await;
        wrong_field(&answer, "joinToken");
    }
    for wrong in [Value::Null, json!(7), json!("x".repeat(65)), json!("")] {
        refused(&stage.verify(&with(proof.clone(), "serverId", wrong)).await, 400, "invalid_request");
    }
    refused(&stage.verify(&with(proof.clone(), "joinToken", json!("x"))).await, 401, "invalid_join_token");
    token(&stage.verify(&proof).await);
}

async fn case_27_silence_is_not_a_no(database: Database) {
    let lines = Lines { upstreams: "timeout = \"300ms\"\nconnect_timeout = \"300ms\"", login: NO_LIMITS, server: "" };
    let stage = Stage::of(database, lines).await;
    let silent = [
        Reply::status(500),
        Reply::no().hang(),
        Reply::no().close_without_answer(),
        Reply::status(429).header("Retry-After", "1"),
    ];
    for (number, silence) in silent.into_iter().enumerate() {
        let proof = stage.joined("Notch").await.proof("Notch");
        stage.session.instead(Some(silence));
        refused(&stage.verify(&proof).await, 503, "upstream_unavailable");
        stage.session.instead(None);
        if number < 3 {
            token(&stage.verify(&proof).await);
        }
    }
}

#[tokio::test]
async fn case_27_a_page_is_neither_a_yes_nor_a_no() {
    let stage = Stage::start().await;
    let proof = stage.joined("Notch").await.proof("Notch");
    stage.session.instead(Some(Reply::status(200).html("<h1>Welcome</h1>")));
    refused(&stage.verify(&proof).await, 502, "upstream_invalid");
    stage.session.instead(None);
    token(&stage.verify(&proof).await);
}

async fn case_28_what_is_no_profile(database: Database) {
    let stage = Stage::over(database).await;
    let proof = stage.joined("Notch").await.proof("Notch");
    for body in [profile::with_id("Notch", "not-hex"), profile::for_name("jeb_"), b"{}".to_vec()] {
        stage.session.instead(Some(Reply::status(200).json(body)));
        refused(&stage.verify(&proof).await, 502, "upstream_invalid");
    }
    stage.session.instead(Some(Reply::profile("Notch").padded_to(1 << 20)));
    refused(&stage.verify(&proof).await, 502, "upstream_invalid");
    stage.session.instead(None);
    token(&stage.verify(&proof).await);
}

/// An upstream that says yes to everything, with Notch's own UUID.
async fn evil() -> Upstream {
    let evil = Upstream::start().await;
    evil.answers_by(|request| {
        Reply::status(200).json(profile::with_id(&request.query("username").unwrap(), &profile::id_of("Notch")))
    });
    evil
}

async fn case_31_upstreams_of_the_race_vouch_for_nobody(database: Database) {
    let evil = evil().await;
    let upstreams = format!("[upstreams.evil]\nurl = \"{}\"\nattests = \"own\"", evil.url());
    let stage = Stage::of(database, Lines { upstreams: &upstreams, login: NO_LIMITS, server: "" }).await;
    let joining = stage.challenge(json!({})).await;
    refused(&stage.verify(&joining.proof("Notch")).await, 401, "join_not_found");
    assert_eq!(evil.requests().len(), 0);
}

async fn case_32_another_upstreams_players_are_others(database: Database) {
    let evil = evil().await;
    let upstreams = format!("[upstreams.evil]\nurl = \"{}\"\nattests = \"own\"", evil.url());
    let login = format!("upstreams = [\"mojang\", \"evil\"]\n{NO_LIMITS}");
    let stage = Stage::of(database, Lines { upstreams: &upstreams, login: &login, server: "" }).await;
    let real = token(&stage.verify(&stage.joined("Notch").await.proof("Notch")).await);
    let joining = stage.challenge(json!({})).await;
    let false_one = token(&stage.verify(&joining.proof("Notch")).await);
    let sub = async |token: &str| json_of(&stage.get(AUTH_VERIFY, token).await)["claims"]["sub"].clone();
    assert_eq!(sub(&real).await, dashed("Notch"));
    assert_ne!(sub(&false_one).await, dashed("Notch"));
    let notch = ProfileId::parse(&profile::id_of("Notch")).unwrap();
    let user = async |idp: &str| stage.store.user_by(&UpstreamId::new(idp).unwrap(), notch).await.unwrap().unwrap();
    assert_ne!(user("mojang").await.id, user("evil").await.id);
    let items = json_of(&stage.get(SESSIONS, &real).await)["items"].as_array().unwrap().len();
    assert_eq!(items, 1, "the login through evil is not in the real player's history");
}

async fn case_33_the_race_is_not_asked_about_a_login(database: Database) {
    let stage = Stage::over(database).await;
    let joining = stage.joined("Notch").await;
    let ask = |id: &str| format!("/session/minecraft/hasJoined?username=Notch&serverId={id}");
    get(&stage.address(), &ask(&joining.server_id)).await.assert_no();
    assert_eq!(stage.session.asked(), 0);
    let access = token(&stage.verify(&joining.proof("Notch")).await);
    get(&stage.address(), &ask(&joining.server_id)).await.assert_no();
    assert_eq!((stage.session.asked(), access.is_empty()), (1, false));
    // One that is of no challenge is a game server's.
    let other = "d8f8c86b0e9f9d3a1d8f8c86b0e9f9d3a1d8f8c8";
    stage.session.join("Notch", other);
    assert_eq!(get(&stage.address(), &ask(other)).await.status, 200);
}

async fn case_34_a_player_is_the_same_under_another_name(database: Database) {
    let stage = Stage::over(database).await;
    let mojang = UpstreamId::new("mojang").unwrap();
    let notch = ProfileId::parse(&profile::id_of("Notch")).unwrap();
    assert_eq!(stage.store.user_by(&mojang, notch).await.unwrap(), None);
    stage.log_in("Notch").await;
    let first = stage.store.user_by(&mojang, notch).await.unwrap().unwrap();
    assert_eq!((first.name.as_str(), first.created_at), ("Notch", stage.now()));
    stage.wait(Duration::from_secs(30));
    let joining = stage.joined("Notch").await;
    stage.session.calls_them("xNotch");
    token(&stage.verify(&joining.proof("xNotch")).await);
    let then = stage.store.user_by(&mojang, notch).await.unwrap().unwrap();
    assert_eq!((then.id, then.name.as_str(), then.last_seen_at), (first.id, "xNotch", stage.now()));
}

async fn case_35_who_is_locked_out_stays_out(database: Database) {
    let stage = Stage::over(database).await;
    stage.log_in("Notch").await;
    let notch = ProfileId::parse(&profile::id_of("Notch")).unwrap();
    let user = stage.store.user_by(&UpstreamId::new("mojang").unwrap(), notch).await.unwrap().unwrap();
    assert!(stage.store.set_disabled(&user.id, true).await.unwrap());
    let proof = stage.joined("Notch").await.proof("Notch");
    refused(&stage.verify(&proof).await, 403, "account_disabled");
    refused(&stage.verify(&proof).await, 401, "join_token_used");
}

async fn case_36_the_address_is_told_if_it_is_to_be(database: Database) {
    let login = format!("ip_binding = \"enforce\"\n{NO_LIMITS}");
    let lines = Lines { server: "trusted_proxies = [\"127.0.0.1\"]", login: &login, upstreams: "" };
    let stage = Stage::of(database, lines).await;
    let joining = stage.challenge(json!({})).await;
    stage.session.join_from("Notch", &joining.server_id, "192.0.2.7");
    let from = async |address: &str| {
        let request = Request::post(VERIFY, &joining.proof("Notch").to_string());
        stage.send(request.header("X-Forwarded-For", address)).await
    };
    refused(&from("192.0.2.8").await, 401, "join_not_found");
    assert_eq!(stage.session.upstream.requests()[0].query("ip").as_deref(), Some("192.0.2.8"));
    token(&from("192.0.2.7").await);
}

async fn case_37_a_bound_login_needs_its_secret(database: Database) {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let stage = Stage::of(
        database,
        Lines { login: &format!("audience = \"https://api.example\"\n{NO_LIMITS}"), ..Lines::default() },
    )
    .await;
    let secret = [7; 32];
    let hash = secret_hash(&secret);
    let answer = json_of(&stage.post(JOIN, &json!({ "clientSecretHash": hash })).await);
    let text = |key: &str| answer[key].as_str().unwrap();
    assert_eq!(text("audience"), "https://api.example");
    assert_eq!(text("serverId"), bound("https://api.example", text("nonce"), &hash));
    stage.session.join("Notch", text("serverId"));
    let proof = json!({ "serverId": text("serverId"), "joinToken": text("joinToken"), "name": "Notch" });
    let sent = |secret: &[u8]| with(proof.clone(), "clientSecret", json!(URL_SAFE_NO_PAD.encode(secret)));
    refused(&stage.verify(&sent(&[8; 32])).await, 401, "invalid_client_secret");
    refused(&stage.verify(&sent(&[7; 31])).await, 400, "invalid_request");
    let missing = stage.verify(&proof).await;
    refused(&missing, 400, "invalid_request");
    assert_eq!((json_of(&missing)["field"].as_str(), stage.session.asked()), (Some("clientSecret"), 0));
    token(&stage.verify(&sent(&secret)).await);
    for wrong in ["", "x", &format!("{hash}="), &"*".repeat(43), &"A".repeat(44)] {
        let answer = stage.post(JOIN, &json!({ "clientSecretHash": wrong })).await;
        wrong_field(&answer, "clientSecretHash");
    }
}
