//! Join tokens: cases 20 and 48.

use super::*;

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
