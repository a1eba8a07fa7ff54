//! Access tokens of the older form.

use super::*;

fn older() -> (TokenSettings, KeySettings) {
    let secret = Some(b"a secret of at least 32 bytes, as asked".to_vec().into());
    (TokenSettings { older: true, ..settings() }, KeySettings { algorithm: Algorithm::Hs256, secret, ..keys() })
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
