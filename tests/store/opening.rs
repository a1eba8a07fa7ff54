//! How a store is opened: made when missing, refused when it is another's, kept over restarts.

use super::*;
use crate::support::spawn;
use futures::future::join_all;
use hasjoined::store::StoreError;
use secrecy::ExposeSecret;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

on_every_database!(
    ;
    what_was_written_is_there_again
    several_that_start_at_once_make_one_store
    a_newer_schema_is_refused
    a_database_of_another_program_is_left_alone
    a_closed_store_says_so
);

async fn what_was_written_is_there_again(place: Place) {
    let (store, user) = place.with_player().await;
    put(&store, "a").await;
    lease(&store, "a", noon()).await;
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.user(&user.id).await, Ok(Some(user.clone())));
    assert_eq!(history(&store, &user).await.len(), 1);
    assert_eq!(store.lease("a", Kind::Join, after(1)).await, Ok(Leasing::InUse));
    lease(&store, "a", after(10_001)).await;
}

async fn several_that_start_at_once_make_one_store(place: Place) {
    let place = std::sync::Arc::new(place);
    let starts = (0..8).map(|number| {
        let place = place.clone();
        spawn(async move {
            let store = place.open().await;
            put(&store, &format!("j{number}")).await;
            store
        })
    });
    let stores: Vec<_> = join_all(starts).await.into_iter().map(Result::unwrap).collect();
    for number in 0..8 {
        assert!(stores[0].pending(&format!("serverId of j{number}")).await.unwrap());
    }
}

async fn a_newer_schema_is_refused(place: Place) {
    place.open().await.close().await;
    place.sql("INSERT INTO hasjoined_schema (version) VALUES (999)").await;
    let error = Store::open(&place.at).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 999, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("has schema 999, and this version of hasjoined knows none above"), "{text}");
}

async fn a_database_of_another_program_is_left_alone(place: Place) {
    if let Location::File(path) = &place.at {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    place.sql("CREATE TABLE users (id BIGINT)").await;
    let error = Store::open(&place.at).await.unwrap_err().to_string();
    let why = match &place.at {
        Location::File(_) => "it is the database of another program",
        _ => "relation \"users\" already exists",
    };
    assert!(error.starts_with("cannot open the login store ") && error.ends_with(why), "{error}");
    // Nothing of ours is left behind: it opens as soon as the other's table is gone.
    place.sql("DROP TABLE users").await;
    place.open().await.ping().await.unwrap();
}

async fn a_closed_store_says_so(place: Place) {
    let store = place.open().await;
    store.close().await;
    let error = store.ping().await.unwrap_err();
    assert_eq!(error.to_string(), "the database of the login store cannot be reached: it is closed");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/login.db");
    let store = Store::open(&Location::File(path.clone())).await.unwrap();
    put(&store, "a").await;
    assert_eq!((mode(&folder.path().join("a")), mode(path.parent().unwrap())), (0o700, 0o700));
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    store.close().await;
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["login.db"], "the journal is folded into the file");
}

#[tokio::test]
async fn a_file_that_cannot_be_one_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let refused = async |path: PathBuf| Store::open(&Location::File(path)).await.unwrap_err().to_string();
    let text = folder.path().join("text");
    fs::write(&text, "This is no database, but long enough to be one.\n".repeat(100)).unwrap();
    assert!(refused(text.clone()).await.ends_with("text: it is not a SQLite database"));
    assert!(refused(folder.path().to_owned()).await.contains("Is a directory"));
    assert!(refused(text.join("login.db")).await.contains("Not a directory"));
    assert!(
        refused("/proc/hasjoined/login.db".into()).await.starts_with("cannot open the login store /proc/hasjoined/")
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_of_without_its_password() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, why) in [
        (format!("postgres://me:hunter2@{free}/login"), format!("at {free}, database login: ")),
        ("postgres://me:hunter2@localhost/login?host=/nonexistent".into(), "/nonexistent".into()),
        ("postgres://me:hunter2@[::1/login".into(), "its URL cannot be read".into()),
        ("postgres://me@localhost:hunter2/login".into(), "its URL cannot be read".into()),
        ("mysql://me:hunter2@localhost/login".into(), "its URL does not begin with postgres://".into()),
        ("hunter2".into(), "its URL does not begin with postgres://".into()),
    ] {
        let error = Store::open(&Location::Postgres(url.clone().into())).await.unwrap_err();
        let (text, debug) = (error.to_string(), format!("{error:?}"));
        assert!(text.starts_with("cannot open the login store in PostgreSQL"), "{text}");
        assert!(text.contains(&why), "{text}");
        assert!(!text.contains("hunter2") && !debug.contains("hunter2"), "{text} {debug}");
    }
}

#[tokio::test]
async fn a_store_does_not_show_its_url() {
    let place = Place::postgres().await;
    let Location::Postgres(url) = &place.at else { unreachable!() };
    let with_password = url.expose_secret().replace("postgres@", "postgres:hunter2@");
    let at = Location::Postgres(with_password.into());
    let store = Store::open(&at).await.unwrap();
    let shown = format!("{store:?} {at:?}");
    assert!(shown.starts_with("Store(in PostgreSQL at /") && !shown.contains("hunter2"), "{shown}");
}
