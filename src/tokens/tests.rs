//! Tokens as `login` uses them, with a store in memory and a clock that is moved by hand.

mod access;
mod join;
mod older;
mod revocation;

use super::*;
use crate::{
    model::UserId,
    store::{Challenge, Finish, Kind, Leasing, Location, Login, Put},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const ISSUER: &str = "https://login.example.net";
const NOTCH: &str = "069a79f4-44e9-4726-a5be-fca90e38aaf5";
const LAG: Duration = Duration::from_secs(5);
const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

pub(super) async fn store() -> Store {
    Store::open(&Location::Memory).await.unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1_768_739_696)
}

fn keys() -> KeySettings {
    let lifetimes = Lifetimes {
        join: Duration::from_secs(60),
        access: Duration::from_secs(2_592_000),
        feather: Duration::from_secs(64 * 3_600),
    };
    KeySettings { algorithm: Algorithm::Es256, secret: None, feather: None, services: false, kek: None, lifetimes }
}

fn settings() -> TokenSettings {
    TokenSettings {
        issuer: ISSUER.to_owned(),
        audience: ISSUER.to_owned(),
        leeway: Duration::ZERO,
        older: false,
        feather_strict: false,
        scopes: vec!["profile:read".to_owned()],
    }
}

async fn tokens_with(store: &Store, settings: TokenSettings, keys: KeySettings) -> Tokens {
    let keyring = Keyring::open(store.clone(), keys, now()).await.unwrap();
    Tokens::new(settings, keyring, store.clone())
}

async fn tokens(store: &Store) -> Tokens {
    tokens_with(store, settings(), keys()).await
}

fn mojang() -> UpstreamId {
    UpstreamId::new("mojang").unwrap()
}

fn notch() -> ProfileId {
    ProfileId::parse(NOTCH).unwrap()
}

/// Notch, who has logged in.
async fn user(store: &Store) -> UserId {
    let jti = fresh_id(now());
    let challenge = Challenge {
        jti: jti.clone(),
        kind: Kind::Join,
        server_id: jti.clone(),
        created_at: now(),
        expires_at: now().plus(SECOND),
    };
    assert_eq!(store.put_challenge(&challenge, 10).await.unwrap(), Put::Stored);
    let Leasing::Granted(lease) = store.lease(&jti, Kind::Join, now()).await.unwrap() else { panic!() };
    let login = Login {
        idp: mojang(),
        player: notch(),
        name: "Notch".to_owned(),
        token_jti: jti,
        token_expires_at: now(),
        scopes: Vec::new(),
        ip: None,
        user_agent: None,
    };
    match store.finish(&lease, &login, now()).await.unwrap() {
        Finish::Finished { user, .. } => user.id,
        other => panic!("{other:?}"),
    }
}

fn join_claims() -> JoinClaims {
    JoinClaims {
        jti: fresh_id(now()),
        server_id: "b3f0".to_owned(),
        scopes: vec!["profile:read".to_owned(), "totem:read".to_owned()],
        player: Some(notch()),
        name: Some("Notch".to_owned()),
        secret_hash: Some("s".repeat(43)),
    }
}

fn access_claims(user: UserId) -> AccessClaims {
    AccessClaims {
        jti: fresh_id(now()),
        user,
        subject: subject(&mojang(), notch()),
        idp: mojang(),
        name: "Notch".to_owned(),
        scopes: vec!["profile:read".to_owned(), "totem:read".to_owned()],
        client: JOIN_CLIENT.to_owned(),
        methods: vec![BY_JOIN.to_owned()],
        authenticated_at: now(),
    }
}

/// Header and claims, in the order they are written.
fn written(token: &str) -> [String; 2] {
    let part = |at| String::from_utf8(URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap();
    [part(0), part(1)]
}

fn flaw<T: std::fmt::Debug>(read: Result<T, Refused>) -> Option<Flaw> {
    match read {
        Ok(_) => None,
        Err(Refused::Invalid(flaw)) => Some(flaw),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn replicas_forgive_each_other_their_clocks_but_a_join_token_ends_on_time() {
    let store = store().await;
    let forgiving = TokenSettings { leeway: 30 * SECOND, ..settings() };
    let tokens = tokens_with(&store, forgiving, keys()).await;
    let join = tokens.issue_join(&join_claims(), now()).unwrap();
    let access = tokens.issue_access(&access_claims(user(&store).await), now()).unwrap();
    // Read where the clock is behind.
    assert!(tokens.read_join(&join.token, now().minus(30 * SECOND)).await.is_ok());
    assert_eq!(flaw(tokens.read_join(&join.token, now().minus(30 * SECOND + MOMENT)).await), Some(Flaw::Future));
    assert!(tokens.read_access(&access.token, now().minus(60 * SECOND)).await.is_ok());
    // And where it is ahead.
    assert!(matches!(tokens.read_join(&join.token, join.expires_at).await, Err(Refused::Expired)));
    let last = access.expires_at.plus(30 * SECOND);
    assert!(tokens.read_access(&access.token, last.minus(MOMENT)).await.is_ok());
    assert!(matches!(tokens.read_access(&access.token, last).await, Err(Refused::Expired)));
}

#[tokio::test]
async fn no_token_is_in_what_is_printed_of_it() {
    let tokens = tokens(&store().await).await;
    let issued = tokens.issue_join(&join_claims(), now()).unwrap();
    assert_eq!(format!("{issued:?}"), "Issued(until 2026-01-18T12:35:56Z)");
    let refused = tokens.read_access(&issued.token, now()).await.unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(&issued.token[..20]));
}

#[tokio::test]
async fn case_46_a_token_of_another_installation_with_the_same_keys_is_not_ours() {
    let store = store().await;
    let theirs = TokenSettings { issuer: "https://other.example".to_owned(), ..settings() };
    let theirs = tokens_with(&store, theirs, keys()).await;
    let tokens = tokens(&store).await;
    let access = theirs.issue_access(&access_claims(user(&store).await), now()).unwrap().token;
    assert_eq!(flaw(tokens.read_access(&access, now()).await), Some(Flaw::Issuer));
    let join = theirs.issue_join(&join_claims(), now()).unwrap().token;
    assert_eq!(flaw(tokens.read_join(&join, now()).await), Some(Flaw::Issuer));
}

#[tokio::test]
async fn a_key_made_elsewhere_is_known_within_a_second() {
    let store = store().await;
    let (here, elsewhere) = (tokens(&store).await, tokens(&store).await);
    let soon = now().plus(SECOND);
    let active = here.0.keyring.ring().active(Class::Join, now()).unwrap().key.id().to_owned();
    elsewhere.0.keyring.remove(&active, soon).await.unwrap();
    let token = elsewhere.issue_join(&join_claims(), soon).unwrap().token;
    assert!(here.read_join(&token, soon).await.is_ok());
}
