//! A database that goes away under a living store.

use super::*;
use crate::support::{spawn, within};
use futures::future::join_all;
use hasjoined::store::StoreError;
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
    let store = place.open().await;
    let user = logged_in(&store, &login(1, "t1"), noon()).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_swallows_everything_is_given_up() {
    let postgres = Postgres::shared().await;
    let wire = Wire::to(postgres.socket()).await;
    let url = postgres.database().await;
    let (direct, _) = url.split_once('?').unwrap();
    let url = direct.replace("@localhost/", &format!("@{}/", wire.address));
    let store = Store::open(&Location::Postgres(url.into())).await.unwrap();
    let ask = || {
        let store = store.clone();
        spawn(async move { store.ping().await })
    };
    for answer in join_all((0..30).map(|_| ask())).await {
        answer.unwrap().unwrap();
    }

    wire.silent.send(true).unwrap();
    // Some callers have more patience than the store, some have less.
    let impatient = (0..10).map(|_| {
        let store = store.clone();
        spawn(async move { tokio::time::timeout(Duration::from_millis(100), store.ping()).await })
    });
    join_all(impatient).await;
    for answer in within("an error", join_all((0..30).map(|_| ask()))).await {
        let error = answer.unwrap().unwrap_err();
        assert!(matches!(error, StoreError::Unreachable(_) | StoreError::Late), "{error:?}");
    }

    // New connections get through again; the old ones never do.
    wire.silent.send(false).unwrap();
    within("an answer", async { while store.ping().await.is_err() {} }).await;
    for answer in join_all((0..30).map(|_| ask())).await {
        answer.unwrap().unwrap();
    }
}
