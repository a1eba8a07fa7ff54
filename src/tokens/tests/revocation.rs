//! Tokens that count no more before their time: case 52.

use super::*;

#[tokio::test]
async fn case_52_a_revoked_token_is_dead_at_once_here_and_within_5_s_elsewhere() {
    let store = store().await;
    let (here, elsewhere) = (tokens(&store).await, tokens(&store).await);
    let user = user(&store).await;
    let token = here.issue_access(&access_claims(user), now()).unwrap().token;
    let other = here.issue_access(&access_claims(user), now()).unwrap().token;
    for tokens in [&here, &elsewhere] {
        assert!(tokens.read_access(&token, now()).await.is_ok());
    }
    assert!(here.revoke(&token, "revoked", now()).await.unwrap());
    assert_eq!(flaw(here.read_access(&token, now()).await), Some(Flaw::Revoked));
    // Remembered for 5 s, to the millisecond.
    assert!(elsewhere.read_access(&token, now().plus(LAG - MOMENT)).await.is_ok());
    assert_eq!(flaw(elsewhere.read_access(&token, now().plus(LAG)).await), Some(Flaw::Revoked));
    assert!(here.read_access(&other, now()).await.is_ok(), "no other token is");
    assert!(here.revoke(&token, "revoked", now()).await.unwrap(), "twice is no error");
    for nonsense in ["", "a.b.c", &other[..40]] {
        assert!(!here.revoke(nonsense, "revoked", now()).await.unwrap());
    }
}

#[tokio::test]
async fn case_52_who_is_locked_out_or_gone_has_no_token_and_neither_has_who_voided_all() {
    let later = now().plus(60 * SECOND);
    for (flaw_then, act) in [(Flaw::Voided, 0), (Flaw::Disabled, 1), (Flaw::Nobody, 2)] {
        let store = store().await;
        let (here, elsewhere) = (tokens(&store).await, tokens(&store).await);
        let user = user(&store).await;
        let token = here.issue_access(&access_claims(user), now()).unwrap().token;
        for tokens in [&here, &elsewhere] {
            assert!(tokens.read_access(&token, later).await.is_ok());
        }
        let done = match act {
            0 => store.invalidate_tokens(&user, later).await,
            1 => store.set_disabled(&user, true).await,
            _ => store.erase(&user).await,
        };
        assert!(done.unwrap());
        here.forget();
        assert_eq!(flaw(here.read_access(&token, later).await), Some(flaw_then));
        assert!(elsewhere.read_access(&token, later.plus(LAG - MOMENT)).await.is_ok());
        assert_eq!(flaw(elsewhere.read_access(&token, later.plus(LAG)).await), Some(flaw_then));
        let new = here.issue_access(&access_claims(user), later.plus(SECOND)).unwrap().token;
        let new = flaw(here.read_access(&new, later.plus(SECOND)).await);
        assert_eq!(new, (flaw_then != Flaw::Voided).then_some(flaw_then), "a token of after");
    }
}

#[tokio::test]
async fn without_a_store_nothing_is_believed_but_the_keys_stay() {
    let store = store().await;
    let tokens = tokens(&store).await;
    let token = tokens.issue_access(&access_claims(user(&store).await), now()).unwrap().token;
    store.close().await;
    assert!(matches!(tokens.read_access(&token, now()).await, Err(Refused::Unavailable(_))));
    assert!(tokens.revoke(&token, "revoked", now()).await.is_err());
    assert!(tokens.tend(now().plus(LAG)).await.is_err());
    let join = tokens.issue_join(&join_claims(), now()).unwrap().token;
    assert!(tokens.read_join(&join, now()).await.is_ok());
}

#[tokio::test]
async fn case_52_a_clock_that_was_set_back_makes_no_answer_younger() {
    let store = store().await;
    let (here, elsewhere) = (tokens(&store).await, tokens(&store).await);
    let token = here.issue_access(&access_claims(user(&store).await), now()).unwrap().token;
    assert!(elsewhere.read_access(&token, now().plus(60 * SECOND)).await.is_ok());
    here.revoke(&token, "revoked", now()).await.unwrap();
    assert_eq!(flaw(elsewhere.read_access(&token, now()).await), Some(Flaw::Revoked));
}
