//! The store of the login API.

use hasjoined::{
    model::{ProfileId, Timestamp, UpstreamId},
    store::{Challenge, Finish, Kind, Leasing, Location, Login, Put, Store},
};

#[tokio::test]
async fn smoke() {
    let folder = tempfile::tempdir().unwrap();
    for at in [Location::Memory, Location::File(folder.path().join("a/b/login.db"))] {
        let store = Store::open(&at).await.unwrap();
        let now = Timestamp::from_seconds(1_800_000_000);
        let challenge = Challenge {
            jti: "j".into(),
            kind: Kind::Join,
            server_id: "s".into(),
            created_at: now,
            expires_at: now.plus(std::time::Duration::from_secs(60)),
        };
        assert_eq!(store.put_challenge(&challenge, 10).await.unwrap(), Put::Stored);
        assert_eq!(store.put_challenge(&challenge, 10).await.unwrap(), Put::Taken);
        let Leasing::Granted(lease) = store.lease("j", Kind::Join, now).await.unwrap() else { panic!() };
        assert_eq!(store.lease("j", Kind::Join, now).await.unwrap(), Leasing::InUse);
        let login = Login {
            idp: UpstreamId::new("mojang").unwrap(),
            player: ProfileId::parse("069a79f444e94726a5befca90e38aaf5").unwrap(),
            name: "Notch".into(),
            token_jti: "t".into(),
            token_expires_at: now,
            scopes: vec!["a".into(), "b".into()],
            ip: None,
            user_agent: None,
        };
        let Finish::Finished { created: true, user } = store.finish(&lease, &login, now).await.unwrap() else {
            panic!()
        };
        assert_eq!(store.user(&user.id).await.unwrap(), Some(user.clone()));
        store.standing(&user.id, "t").await.unwrap();
        store.ping().await.unwrap();
        store.close().await;
    }
}
