//! Tokens as `login` uses them, with a store in memory and a clock that is moved by hand.

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

fn older() -> (TokenSettings, KeySettings) {
    let secret = Some(b"a secret of at least 32 bytes, as asked".to_vec().into());
    (TokenSettings { older: true, ..settings() }, KeySettings { algorithm: Algorithm::Hs256, secret, ..keys() })
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
async fn an_access_token_has_the_claims_of_rfc_9068() {
    let store = store().await;
    let tokens = tokens(&store).await;
    let claims = access_claims(user(&store).await);
    let issued = tokens.issue_access(&claims, now()).unwrap();
    let [header, payload] = written(&issued.token);
    let header: Value = serde_json::from_str(&header).unwrap();
    let keys: Value = serde_json::from_slice(&tokens.key_set(now())).unwrap();
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "ES256", "kid": keys["keys"][0]["kid"]}));
    let (jti, uid) = (&claims.jti, claims.user);
    assert_eq!(
        payload,
        format!(
            r#"{{"iss":"{ISSUER}","sub":"{NOTCH}","aud":"{ISSUER}","client_id":"mc-join","iat":1768739696,"exp":1771331696,"jti":"{jti}","scope":"profile:read totem:read","auth_time":1768739696,"amr":["mc_join"],"idp":"mojang","uid":"{uid}","name":"Notch"}}"#
        )
    );
    let read = tokens.read_access(&issued.token, now()).await.unwrap();
    assert_eq!(read, Read { claims, issued_at: now(), expires_at: issued.expires_at });
}

/// What any service can do that knows the address of the keys, with the library as it comes.
#[tokio::test]
async fn whoever_has_the_published_keys_can_verify_an_access_token() {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
    // The library asks the system's clock.
    let now = crate::lifecycle::Clock::system().now();
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let store = store().await;
        let keyring = Keyring::open(store.clone(), KeySettings { algorithm, ..keys() }, now).await.unwrap();
        let tokens = Tokens::new(settings(), keyring.clone(), store.clone());
        keyring.rotate(Rotation::default(), now).await.unwrap();
        let claims = access_claims(user(&store).await);
        let token = tokens.issue_access(&claims, now).unwrap().token;
        let published: JwkSet = serde_json::from_slice(&tokens.key_set(now)).unwrap();
        assert_eq!(published.keys.len(), 2, "the key that signs and its successor");
        let header = decode_header(&token).unwrap();
        let jwk = published.find(header.kid.as_deref().unwrap()).unwrap();
        let mut validation = Validation::new(jwk.common.key_algorithm.unwrap().to_string().parse().unwrap());
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        let verify = |token: &str| decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation);
        let verified = verify(&token).unwrap();
        assert_eq!((verified.header.alg, verified.header.typ.as_deref()), (algorithm.jwt(), Some("at+jwt")));
        assert_eq!(verified.claims["sub"], NOTCH);
        assert_eq!(verified.claims["jti"], claims.jti);
        // Not a join token, whose key nobody is shown, and not another's.
        let join = tokens.issue_join(&join_claims(), now).unwrap().token;
        assert!(published.find(decode_header(&join).unwrap().kid.as_deref().unwrap()).is_none());
        assert!(verify(&join).is_err(), "{algorithm:?}");
        let other = published.keys.iter().find(|other| other.common.key_id != jwk.common.key_id).unwrap();
        assert!(decode::<Value>(&token, &DecodingKey::from_jwk(other).unwrap(), &validation).is_err());
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
async fn a_join_token_has_the_claims_of_the_challenge() {
    let tokens = tokens(&store().await).await;
    let claims = join_claims();
    let issued = tokens.issue_join(&claims, now()).unwrap();
    let [header, payload] = written(&issued.token);
    assert!(header.contains(r#""typ":"join+jwt""#), "{header}");
    let (jti, secret) = (&claims.jti, "s".repeat(43));
    assert_eq!(
        payload,
        format!(
            r#"{{"iss":"{ISSUER}","aud":"{ISSUER}/v1/auth/session/minecraft/verify","iat":1768739696,"nbf":1768739696,"exp":1768739756,"jti":"{jti}","sid":"b3f0","scope":"profile:read totem:read","sub":"{NOTCH}","name":"Notch","csh":"{secret}","ver":1}}"#
        )
    );
    let read = tokens.read_join(&issued.token, now()).await.unwrap();
    assert_eq!(read, Read { claims, issued_at: now(), expires_at: issued.expires_at });
    let bare = JoinClaims { player: None, name: None, secret_hash: None, ..join_claims() };
    let token = tokens.issue_join(&bare, now()).unwrap().token;
    for absent in ["sub", "name", "csh"] {
        assert!(!written(&token)[1].contains(&format!("\"{absent}\"")));
    }
    assert_eq!(tokens.read_join(&token, now()).await.unwrap().claims, bare);
}

#[tokio::test]
async fn case_20_a_join_token_is_good_for_a_minute() {
    let tokens = tokens(&store().await).await;
    let token = tokens.issue_join(&join_claims(), now()).unwrap().token;
    let at = |millis| tokens.read_join(&token, now().plus(Duration::from_millis(millis)));
    assert!(at(59_900).await.is_ok());
    assert!(matches!(at(60_000).await, Err(Refused::Expired)));
    assert!(matches!(at(61_000).await, Err(Refused::Expired)));
}

#[tokio::test]
async fn case_48_a_join_token_opens_nothing_and_an_access_token_joins_nothing() {
    let store = store().await;
    let tokens = tokens(&store).await;
    let join = tokens.issue_join(&join_claims(), now()).unwrap().token;
    let access = tokens.issue_access(&access_claims(user(&store).await), now()).unwrap().token;
    assert_eq!(flaw(tokens.read_access(&join, now()).await), Some(Flaw::OtherClass));
    assert_eq!(flaw(tokens.read_join(&access, now()).await), Some(Flaw::OtherClass));
    assert_eq!(tokens.revoke(&join, "logout", now()).await.ok(), Some(false));
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

#[tokio::test]
async fn the_older_form_has_five_claims_and_names_no_key() {
    let store = store().await;
    let (settings, keys) = older();
    let tokens = tokens_with(&store, settings, keys).await;
    let claims = access_claims(user(&store).await);
    let issued = tokens.issue_access(&claims, now()).unwrap();
    let [header, payload] = written(&issued.token);
    assert_eq!(serde_json::from_str::<Value>(&header).unwrap(), json!({"alg": "HS256", "typ": "JWT"}));
    let jti = &claims.jti;
    assert_eq!(
        payload,
        format!(
            r#"{{"sub":"{NOTCH}","scopes":["profile:read","totem:read"],"iat":1768739696,"exp":1771331696,"jti":"{jti}"}}"#
        )
    );
    let read = tokens.read_access(&issued.token, now()).await.unwrap();
    assert_eq!(read, Read { claims: claims.clone(), issued_at: now(), expires_at: issued.expires_at });
    assert!(tokens.revoke(&issued.token, "revoked", now()).await.unwrap());
    assert_eq!(flaw(tokens.read_access(&issued.token, now()).await), Some(Flaw::Revoked));
    let elsewhere = AccessClaims { idp: UpstreamId::new("drasl").unwrap(), ..claims };
    assert_eq!(tokens.issue_access(&elsewhere, now()), Err(TokenError::NotMojangs));
}

#[tokio::test]
async fn the_older_form_is_read_only_where_it_is_issued() {
    let store = store().await;
    let today = tokens(&store).await.issue_access(&access_claims(user(&store).await), now()).unwrap().token;
    let (settings, keys) = older();
    let later = now().plus(SECOND);
    let tokens = tokens_with(&store, settings.clone(), keys.clone()).await;
    tokens.tend(later.plus(LAG)).await.unwrap();
    let older = tokens.issue_access(&access_claims(user(&store).await), later).unwrap().token;
    // Those of before stay good.
    assert!(tokens.read_access(&today, later).await.is_ok());
    let strict = tokens_with(&store, TokenSettings { older: false, ..settings }, keys).await;
    assert_eq!(flaw(strict.read_access(&older, later).await), Some(Flaw::UnknownKey));
}

#[tokio::test]
async fn a_token_that_fits_into_no_cookie_is_not_issued() {
    let store = store().await;
    let tokens = tokens(&store).await;
    let scopes = |length| vec!["s".repeat(length); 32];
    let claims = AccessClaims { scopes: scopes(64), ..access_claims(user(&store).await) };
    assert!(tokens.issue_access(&claims, now()).unwrap().token.len() <= 4096);
    let claims = AccessClaims { scopes: scopes(100), ..claims };
    assert_eq!(tokens.issue_access(&claims, now()), Err(TokenError::TooLong));
}

#[test]
fn only_mojangs_players_keep_their_uuid() {
    let of = |idp| subject(&UpstreamId::new(idp).unwrap(), notch());
    assert_eq!(of("mojang"), notch());
    assert_ne!(of("drasl"), notch());
    assert_ne!(of("drasl"), of("evil"));
    assert_eq!(of("drasl").dashed().to_string().as_bytes()[14], b'5', "a UUIDv5");
}
