//! Access tokens as those see them who check them.

use super::*;

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
