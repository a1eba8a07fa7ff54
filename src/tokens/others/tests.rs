//! Tokens that are not for this API: their claims to the letter, and that none passes for another.

use crate::{
    model::{ProfileId, Timestamp, UpstreamId, UserId},
    store::{Location, Store},
    tokens::{
        AccessClaims, Algorithm, BY_JOIN, FeatherClaims, FeatherKeys, FeatherPlayer, Flaw, KeySettings, Keyring,
        Lifetimes, Refused, ServiceClaims, TokenSettings, Tokens, fresh_id,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const NOW: Timestamp = Timestamp::from_seconds(1_768_739_696);
const SECRET: &str = "a secret that is longer than thirty-two bytes";

async fn tokens(strict: bool) -> (Tokens, Store) {
    let store = Store::open(&Location::Memory).await.unwrap();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let feather = match strict {
        true => FeatherKeys { algorithm: Algorithm::Hs256, secret: Some(SECRET.as_bytes().to_vec().into()) },
        false => FeatherKeys { algorithm: Algorithm::Es256, secret: None },
    };
    let keys = KeySettings {
        algorithm: Algorithm::Es256,
        secret: None,
        feather: Some(feather),
        services: true,
        kek: None,
        lifetimes: Lifetimes { join: Duration::from_secs(60), access: hours(720), feather: hours(64) },
    };
    let settings = TokenSettings {
        issuer: "https://login.example".to_owned(),
        audience: "https://login.example".to_owned(),
        leeway: Duration::ZERO,
        older: false,
        feather_strict: strict,
        scopes: Vec::new(),
    };
    let keyring = Keyring::open(store.clone(), keys, NOW).await.unwrap();
    (Tokens::new(settings, keyring, store.clone()), store)
}

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

fn keys_of(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn feather(jti: Option<String>) -> FeatherClaims {
    let player = ProfileId::parse("069a79f444e94726a5befca90e38aaf5").unwrap();
    FeatherClaims { user: UserId::new(NOW), player, jti }
}

fn player(user: UserId) -> FeatherPlayer {
    FeatherPlayer {
        user,
        player: feather(None).player,
        name: "Notch".to_owned(),
        registered_at: Timestamp::from_millis(1_768_739_696_044),
        permissions: BTreeMap::from([("playerServerLimit".to_owned(), 3)]),
    }
}

fn service(slug: &str) -> ServiceClaims {
    let access = AccessClaims {
        jti: fresh_id(NOW),
        user: UserId::new(NOW),
        subject: feather(None).player,
        idp: UpstreamId::new("mojang").unwrap(),
        name: "Notch".to_owned(),
        scopes: vec!["profile:read".to_owned()],
        client: slug.to_owned(),
        methods: vec![BY_JOIN.to_owned()],
        authenticated_at: NOW,
    };
    ServiceClaims { access, service: "svc-1".to_owned() }
}

fn flaw<T: std::fmt::Debug>(read: Result<T, Refused>) -> Flaw {
    match read {
        Err(Refused::Invalid(flaw)) => flaw,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn case_119_strict_tokens_are_the_seeds() {
    let (tokens, _) = tokens(true).await;
    let claims = feather(None);
    let session = tokens.issue_feather(&claims, NOW).unwrap();
    let header = |token: &str| URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let seeds: Value = serde_json::from_str(r#"{"alg":"HS256","typ":"JWT"}"#).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&header(&session.token)).unwrap(), seeds);
    let body = part(&session.token, 1);
    assert_eq!(keys_of(&body), ["exp", "iat", "kind", "mcID", "tokenKind", "userID"]);
    assert_eq!(body["exp"].as_i64().unwrap() - body["iat"].as_i64().unwrap(), 64 * 3_600);
    // The store knows no such user, which is the last that is looked at.
    assert_eq!(flaw(tokens.read_feather(&session.token, NOW).await), Flaw::Nobody);
    let read = crate::tokens::Read { claims: claims.clone(), issued_at: NOW, expires_at: session.expires_at };
    let full = tokens.issue_feather_full(player(claims.user), &read, NOW).unwrap().token;
    let body = part(&full, 1);
    let named =
        "activatedAt email exp firstName iat id kind lastName mcID mcUsername permissions ranks registeredAt username";
    assert_eq!(keys_of(&body), named.split(' ').collect::<Vec<_>>());
    assert_eq!((&body["iat"], &body["exp"]), (&part(&session.token, 1)["iat"], &part(&session.token, 1)["exp"]));
    assert_eq!((&body["registeredAt"], &body["ranks"]), (&json!("2026-01-18T12:34:56.044Z"), &json!([])));
    assert_eq!(body["permissions"], json!({ "playerServerLimit": 3 }));
    // Feather's services read it with the secret they were given.
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    rules.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_secret(SECRET.as_bytes());
    assert!(jsonwebtoken::decode::<Value>(&full, &key, &rules).is_ok());
    // The first is nobody's business, so it is signed with another one.
    assert!(jsonwebtoken::decode::<Value>(&session.token, &key, &rules).is_err());
    assert!(tokens.read_feather(&full, NOW).await.is_err());
}

#[tokio::test]
async fn case_117_no_other_token_is_one_of_feathers() {
    let (tokens, _) = tokens(false).await;
    let session = tokens.issue_feather(&feather(Some(fresh_id(NOW))), NOW).unwrap();
    let body = part(&session.token, 1);
    assert_eq!(
        (&body["iss"], &body["aud"]),
        (&json!("https://login.example"), &json!("https://login.example/feather/session"))
    );
    assert_eq!(flaw(tokens.read_feather(&session.token, NOW).await), Flaw::Nobody);
    let late = NOW.plus(Duration::from_secs(64 * 3_600));
    assert!(matches!(tokens.read_feather(&session.token, late).await, Err(Refused::Expired)));
    let read = crate::tokens::Read { claims: feather(None), issued_at: NOW, expires_at: session.expires_at };
    let full = tokens.issue_feather_full(player(UserId::new(NOW)), &read, NOW).unwrap().token;
    let access = tokens.issue_access(&service("x").access, NOW).unwrap().token;
    for other in [&full, &access] {
        assert_eq!(flaw(tokens.read_feather(other, NOW).await), Flaw::OtherClass);
    }
    assert_eq!(flaw(tokens.read_access(&session.token, NOW).await), Flaw::OtherClass);
}

#[tokio::test]
async fn case_50_a_services_token_is_for_that_service() {
    let (tokens, _) = tokens(false).await;
    let claims = service("build-moe");
    let issued = tokens.issue_service(&claims, None, NOW).unwrap();
    let body = part(&issued.token, 1);
    let named = [&body["aud"], &body["client_id"], &body["svc"]];
    assert_eq!(named, [&json!("build-moe"), &json!("build-moe"), &json!("svc-1")]);
    // That its user is unknown is found last: until then it is good.
    for slug in [None, Some("build-moe")] {
        assert_eq!(flaw(tokens.read_service(&issued.token, slug, NOW).await), Flaw::Nobody);
    }
    assert_eq!(flaw(tokens.read_service(&issued.token, Some("other"), NOW).await), Flaw::Audience);
    assert_eq!(flaw(tokens.read_access(&issued.token, NOW).await), Flaw::OtherClass);
    let access = tokens.issue_access(&claims.access, NOW).unwrap().token;
    assert_eq!(flaw(tokens.read_service(&access, None, NOW).await), Flaw::Claims);
    let soon = NOW.plus(Duration::from_secs(60));
    assert_eq!(tokens.issue_service(&claims, Some(soon), NOW).unwrap().expires_at, soon);
}
