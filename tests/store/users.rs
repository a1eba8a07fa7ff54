//! Users and the tokens they have (cases 34, 35, 52).

use super::*;
use hasjoined::{model::UserId, store::TokenStanding};

on_every_database!(
    keeps_what_a_login_brought
    follows_a_player_who_renames
    tells_upstreams_apart
    locks_a_user_out
    voids_tokens
    revokes_one_token
    erases_a_user_and_keeps_revocations
    knows_nobody_of_another_id
);

async fn keeps_what_a_login_brought(place: Place) {
    let store = place.open().await;
    let bare = Login { ip: None, user_agent: None, scopes: vec![], name: "ä€𐍈 '; --".into(), ..login(2, "t2") };
    let (user, odd) = (logged_in(&store, &login(1, "t1"), after(5)).await, logged_in(&store, &bare, noon()).await);
    let expected = User {
        id: user.id,
        idp: mojang(),
        player: login(1, "t1").player,
        name: "Player1".into(),
        created_at: after(5),
        last_seen_at: after(5),
        disabled: false,
        tokens_valid_after: Timestamp::default(),
    };
    assert_eq!(user, expected);
    assert_eq!(store.user(&user.id).await, Ok(Some(expected)));
    let session = Session {
        id: "t1".into(),
        created_at: after(5),
        ip: Some("192.0.2.7".into()),
        user_agent: Some("Totem/1.0".into()),
        profile_name: "Player1".into(),
        server_id: "serverId of t1".into(),
        scopes: vec!["profile:read".into(), "totem:read".into()],
    };
    assert_eq!(history(&store, &user).await, [session]);
    let session = history(&store, &odd).await.remove(0);
    assert_eq!((session.ip, session.user_agent, session.scopes), (None, None, vec![]));
    assert_eq!((session.profile_name, odd.name), (bare.name.clone(), bare.name));
}

async fn follows_a_player_who_renames(place: Place) {
    let (store, first) = place.with_player().await;
    let renamed = Login { name: "Steve".into(), ..login(1, "t2") };
    let second = logged_in(&store, &renamed, after(7)).await;
    assert_eq!((second.id, second.created_at, second.last_seen_at), (first.id, noon(), after(7)));
    assert_eq!(second.name, "Steve");
    let names: Vec<_> = history(&store, &first).await.into_iter().map(|session| session.profile_name).collect();
    assert_eq!(names, ["Steve", "Player1"], "what it was then");
}

async fn tells_upstreams_apart(place: Place) {
    let store = place.open().await;
    let evil = UpstreamId::new("evil").unwrap();
    let one = logged_in(&store, &login(1, "t1"), noon()).await;
    let other = logged_in(&store, &Login { idp: evil.clone(), ..login(1, "t2") }, noon()).await;
    assert_ne!(one.id, other.id);
    assert_eq!(store.user_by(&evil, one.player).await, Ok(Some(other)));
    assert_eq!(store.user_by(&UpstreamId::new("none").unwrap(), one.player).await, Ok(None));
}

async fn locks_a_user_out(place: Place) {
    let (store, user) = place.with_player().await;
    assert_eq!(store.set_disabled(&user.id, true).await, Ok(true));
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;
    let renamed = Login { name: "Steve".into(), ..login(1, "t2") };
    assert_eq!(store.finish(&held, &renamed, after(9)).await, Ok(Finish::Disabled(user.id)));
    let unchanged = User { disabled: true, ..user.clone() };
    assert_eq!(store.user(&user.id).await, Ok(Some(unchanged)));
    assert_eq!(history(&store, &user).await.len(), 1, "nothing else was written");
    assert_eq!(store.lease("a", Kind::Join, after(9)).await, Ok(Leasing::Used));
    assert!(store.standing(&user.id, "t1").await.unwrap().disabled);
    assert_eq!(store.set_disabled(&user.id, false).await, Ok(true));
    assert_eq!(logged_in(&store, &renamed, after(10)).await.name, "Steve");
}

async fn voids_tokens(place: Place) {
    let (store, user) = place.with_player().await;
    let begun = TokenStanding { begun_at: Some(noon()), ..TokenStanding::default() };
    assert_eq!(store.standing(&user.id, "t1").await, Ok(begun));
    assert_eq!(store.standing(&user.id, "t2").await, Ok(TokenStanding::default()), "of no login that is known");
    assert_eq!(store.invalidate_tokens(&user.id, after(5)).await, Ok(true));
    assert_eq!(store.invalidate_tokens(&user.id, after(3)).await, Ok(true));
    let standing = TokenStanding { valid_after: after(5), ..begun };
    assert_eq!(store.standing(&user.id, "t1").await, Ok(standing), "what is void stays so");
}

async fn revokes_one_token(place: Place) {
    let (store, user) = place.with_player().await;
    store.revoke("t1", Some(user.id), after(5), "logout").await.unwrap();
    store.revoke("t1", None, after(3), "again").await.unwrap();
    store.revoke("t9", None, after(3), "of nobody").await.unwrap();
    let revoked = TokenStanding { revoked: true, begun_at: Some(noon()), ..TokenStanding::default() };
    assert_eq!(store.standing(&user.id, "t1").await, Ok(revoked));
    assert_eq!(store.standing(&user.id, "t2").await, Ok(TokenStanding::default()));
}

async fn erases_a_user_and_keeps_revocations(place: Place) {
    let store = place.open().await;
    let (user, other) =
        (logged_in(&store, &login(1, "t1"), noon()).await, logged_in(&store, &login(2, "t2"), noon()).await);
    store.revoke("t1", Some(user.id), after(5), "logout").await.unwrap();
    assert_eq!(store.erase(&user.id).await, Ok(true));
    assert_eq!((store.user(&user.id).await, history(&store, &user).await), (Ok(None), vec![]));
    let gone = TokenStanding { revoked: true, gone: true, ..TokenStanding::default() };
    assert_eq!(store.standing(&user.id, "t1").await, Ok(gone));
    assert_eq!(history(&store, &other).await.len(), 1, "of nobody else");
    // The id of the erased login is free again, so its row is gone; the player is a new user.
    put(&store, "again").await;
    let held = lease(&store, "again", noon()).await;
    let (back, created) = finish(&store, &held, &login(1, "t1"), noon()).await;
    assert!(created && back.id != user.id);
}

async fn knows_nobody_of_another_id(place: Place) {
    let store = place.open().await;
    let nobody = UserId::new(noon());
    assert_eq!(store.user(&nobody).await, Ok(None));
    assert_eq!(store.set_disabled(&nobody, true).await, Ok(false));
    assert_eq!(store.invalidate_tokens(&nobody, noon()).await, Ok(false));
    assert_eq!(store.erase(&nobody).await, Ok(false));
    assert!(store.standing(&nobody, "t").await.unwrap().gone);
}
