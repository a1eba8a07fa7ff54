//! A database that goes away under a living store.

use super::*;
use crate::support::{spawn, within};
use futures::future::join_all;
use hasjoined::store::StoreError;
use sqlx::{Connection, Executor, PgConnection};
use std::{path::PathBuf, time::Instant};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    select,
    sync::watch,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_away_is_used_again() {
    let postgres = Postgres::own().await;
    let place = Place { at: Location::Postgres(postgres.database().await.into()), _folder: None };
    let (store, user) = place.with_player().await;
    put(&store, "a").await;
    let held = lease(&store, "a", noon()).await;

    postgres.stop().await;
    let asked = Instant::now();
    for error in [
        store.ping().await.unwrap_err(),
        store.finish(&held, &login(1, "t2"), noon()).await.unwrap_err(),
        store.put_challenge(&challenge("b"), 100).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
    }
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let error = Store::open(&place.at).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot open the login store in PostgreSQL at "), "{error}");

    postgres.start().await;
    store.ping().await.unwrap();
    assert_eq!(finish(&store, &held, &login(1, "t2"), noon()).await.0.id, user.id);

    // Connections that died while nobody used them are not handed out.
    join_all((0..20).map(|_| store.ping())).await;
    postgres.restart().await;
    for answer in join_all((0..20).map(|_| store.ping())).await {
        answer.unwrap();
    }
    assert_eq!(history(&store, &user).await.len(), 2);
}

/// Passes bytes between a store and its database, until it swallows them.
struct Wire {
    silent: watch::Sender<bool>,
    address: std::net::SocketAddr,
}

impl Wire {
    async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (silent, heard) = watch::channel(false);
        spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (mut heard, socket) = (heard.clone(), socket.clone());
                spawn(async move {
                    let mut far = UnixStream::connect(socket).await.unwrap();
                    let silent = select! {
                        _ = copy_bidirectional(&mut near, &mut far) => false,
                        silent = heard.wait_for(|silent| *silent) => silent.is_ok(),
                    };
                    if silent {
                        // Both ends stay open, and nothing comes through any more, ever.
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { silent, address }
    }
}

/// All connections in the middle of something, and nobody ever to hear of the end of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_swallows_everything_is_given_up() {
    let postgres = Postgres::shared().await;
    let wire = Wire::to(postgres.socket()).await;
    let direct = postgres.database().await;
    let (url, _) = direct.split_once('?').unwrap();
    let url = url.replace("@localhost/", &format!("@{}/", wire.address));
    let store = Store::open(&Location::Postgres(url.into())).await.unwrap();
    put(&store, "a").await;

    let mut other = PgConnection::connect(&direct).await.unwrap();
    let mut locked = other.begin().await.unwrap();
    locked.execute("LOCK TABLE join_challenges IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let stuck: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            spawn(async move { store.lease("a", Kind::Join, noon()).await })
        })
        .collect();
    let waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'join_challenges'::regclass";
    within("ten that wait", async { while locked.fetch_all(waiting).await.unwrap().len() < 10 {} }).await;
    wire.silent.send(true).unwrap();
    // Four of the callers hang up, the others wait for their answer.
    for impatient in &stuck[..4] {
        impatient.abort();
    }
    for answer in within("an error", join_all(stuck)).await.into_iter().flatten() {
        assert_eq!(answer, Err(StoreError::Late));
    }
    locked.rollback().await.unwrap();

    // New connections get through again; the old ones never do.
    wire.silent.send(false).unwrap();
    for answer in join_all((0..30).map(|_| store.ping())).await {
        answer.unwrap();
    }
}
