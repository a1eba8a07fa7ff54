//! The store of the login API, over every database it can be in.
//!
//! A test is a function of a place; `on_every_database!` makes it one test for each.

use crate::support::postgres::Postgres;
use hasjoined::{
    model::{ProfileId, Timestamp, UpstreamId},
    store::{Challenge, Finish, Kind, Lease, Leasing, Location, Login, Page, Put, Session, Store, User},
};
use std::time::Duration;
use tempfile::TempDir;

/// Where a test's store is: fresh, and gone after it.
struct Place {
    at: Location,
    _folder: Option<TempDir>,
}

impl Place {
    async fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { at: Location::File(folder.path().join("data/login.db")), _folder: Some(folder) }
    }

    async fn memory() -> Self {
        Self { at: Location::Memory, _folder: None }
    }

    async fn postgres() -> Self {
        let url = Postgres::shared().await.database().await;
        Self { at: Location::Postgres(url.into()), _folder: None }
    }

    async fn open(&self) -> Store {
        Store::open(&self.at).await.unwrap()
    }

    /// With the first player, who has logged in at noon for the token `t1`.
    async fn with_player(&self) -> (Store, User) {
        let store = self.open().await;
        let user = logged_in(&store, &login(1, "t1"), noon()).await;
        (store, user)
    }

    /// Does what no function of a store does, behind its back.
    async fn sql(&self, text: &'static str) {
        use sqlx::{Connection, PgConnection, SqliteConnection, raw_sql};
        match &self.at {
            Location::File(path) => {
                let mut connection = SqliteConnection::connect(path.to_str().unwrap()).await.unwrap();
                raw_sql(text).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Location::Postgres(url) => {
                use secrecy::ExposeSecret;
                let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
                raw_sql(text).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Location::Memory => panic!("nobody else reaches a store in memory"),
        }
    }
}

macro_rules! on {
    ($place:ident: $($test:ident)*) => {
        mod $place {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::store::Place::$place().await).await;
            })*
        }
    };
}

/// Tests that need nothing but a store, and those that reach it in another way as well, which nobody can in memory.
macro_rules! on_every_database {
    ($($test:ident)* $(; $($shared:ident)*)?) => {
        on!(file: $($test)* $($($shared)*)?);
        on!(memory: $($test)*);
        on!(postgres: $($test)* $($($shared)*)?);
    };
}

mod challenges;
mod consents;
mod history;
mod keys;
mod names;
mod opening;
mod outages;
mod services;
mod single_use;
mod sweep;
mod users;

/// The present of all these tests, which moves only when a test adds to it.
fn noon() -> Timestamp {
    Timestamp::from_seconds(1_800_000_000)
}

fn after(millis: u64) -> Timestamp {
    noon().plus(Duration::from_millis(millis))
}

fn mojang() -> UpstreamId {
    UpstreamId::new("mojang").unwrap()
}

/// Made at noon, good for a minute.
fn challenge(jti: &str) -> Challenge {
    Challenge {
        jti: jti.into(),
        kind: Kind::Join,
        server_id: format!("serverId of {jti}"),
        created_at: noon(),
        expires_at: after(60_000),
    }
}

/// A login of the player of that number, into a token of that id.
fn login(player: u128, jti: &str) -> Login {
    Login {
        idp: mojang(),
        player: ProfileId::parse(&format!("{player:032x}")).unwrap(),
        name: format!("Player{player}"),
        token_jti: jti.into(),
        token_expires_at: after(2_592_000_000),
        scopes: vec!["profile:read".into(), "totem:read".into()],
        ip: Some("192.0.2.7".into()),
        user_agent: Some("Totem/1.0".into()),
    }
}

async fn put(store: &Store, jti: &str) {
    assert_eq!(store.put_challenge(&challenge(jti), 100_000).await, Ok(Put::Stored));
}

async fn lease(store: &Store, jti: &str, now: Timestamp) -> Lease {
    match store.lease(jti, Kind::Join, now).await.unwrap() {
        Leasing::Granted(lease) => lease,
        refused => panic!("no lease of {jti}: {refused:?}"),
    }
}

async fn finish(store: &Store, lease: &Lease, login: &Login, now: Timestamp) -> (User, bool) {
    match store.finish(lease, login, now).await.unwrap() {
        Finish::Finished { user, created } => (user, created),
        failed => panic!("no login: {failed:?}"),
    }
}

/// A whole login: a challenge, its lease, and the end of it at `now`.
async fn logged_in(store: &Store, login: &Login, now: Timestamp) -> User {
    let jti = login.token_jti.clone();
    put(store, &jti).await;
    let lease = lease(store, &jti, noon()).await;
    finish(store, &lease, login, now).await.0
}

async fn history(store: &Store, user: &User) -> Vec<Session> {
    store.sessions(&user.id, &Page { limit: 100, before: None }).await.unwrap()
}
