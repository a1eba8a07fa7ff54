//! What is over is forgotten (case 61).

use super::*;
use hasjoined::store::{Retention, Swept};

on_every_database!(
    forgets_in_time
    ;
    takes_more_than_one_bite
);

const DAY: u64 = 24 * 3600;

fn retention() -> Retention {
    Retention {
        challenges: Duration::from_secs(600),
        addresses: Duration::from_secs(7 * DAY),
        sessions: Duration::from_secs(90 * DAY),
    }
}

fn days(days: u64) -> Timestamp {
    noon().plus(Duration::from_secs(days * DAY))
}

async fn forgets_in_time(place: Place) {
    let (store, user) = place.with_player().await;
    logged_in(&store, &Login { ip: None, ..login(1, "t2") }, noon()).await;
    put(&store, "waits").await;
    store.revoke("t1", None, days(30), "logout").await.unwrap();

    assert_eq!(store.sweep(after(659_999), &retention()).await, Ok(Swept::default()));
    assert!(store.pending("serverId of waits").await.unwrap());
    let swept = Swept { challenges: 3, ..Swept::default() };
    assert_eq!(store.sweep(after(660_000), &retention()).await, Ok(swept));
    assert!(!store.pending("serverId of waits").await.unwrap());

    assert_eq!(store.sweep(days(6), &retention()).await, Ok(Swept::default()));
    assert_eq!(history(&store, &user).await.len(), 2);
    let swept = Swept { addresses: 2, ..Swept::default() };
    assert_eq!(store.sweep(days(8), &retention()).await, Ok(swept));
    for session in history(&store, &user).await {
        assert_eq!((session.ip, session.user_agent, session.profile_name.as_str()), (None, None, "Player1"));
    }
    assert_eq!(store.sweep(days(8), &retention()).await, Ok(Swept::default()), "only once");

    assert!(store.standing(&user.id, "t1").await.unwrap().revoked);
    let swept = Swept { revocations: 1, ..Swept::default() };
    assert_eq!(store.sweep(days(30), &retention()).await, Ok(swept));
    let swept = Swept { sessions: 2, ..Swept::default() };
    assert_eq!(store.sweep(days(90), &retention()).await, Ok(swept));
    assert!(history(&store, &user).await.is_empty());
    assert_eq!(store.user(&user.id).await, Ok(Some(user)), "the user stays");
}

async fn takes_more_than_one_bite(place: Place) {
    let store = place.open().await;
    place
        .sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) \
             INSERT INTO revoked_tokens (jti, expires_at, reason) SELECT 'j' || i, i, '' FROM n",
        )
        .await;
    let swept = store.sweep(noon(), &retention()).await.unwrap();
    assert_eq!(swept.revocations, 2500);
}

/// One of several processes sweeps; the others do not wait for it.
#[tokio::test]
async fn leaves_it_to_another_process() {
    use secrecy::ExposeSecret;
    use sqlx::{Connection, Executor, PgConnection};
    let place = Place::postgres().await;
    let store = place.open().await;
    put(&store, "a").await;
    let Location::Postgres(url) = &place.at else { unreachable!() };
    let mut other = PgConnection::connect(url.expose_secret()).await.unwrap();
    let mut sweeping = other.begin().await.unwrap();
    sweeping.execute("SELECT pg_advisory_xact_lock(3412481422475032740)").await.unwrap();
    assert_eq!(store.sweep(days(1), &retention()).await, Ok(Swept::default()));
    sweeping.rollback().await.unwrap();
    assert_eq!(store.sweep(days(1), &retention()).await.unwrap().challenges, 1);
}
