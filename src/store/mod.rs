//! The store of the login API: challenges, sign-ins under way, users, their logins and consents, services, revoked tokens, signing
//! keys, and whose names are, in SQLite or PostgreSQL.
//!
//! Decides what is one transaction and what survives a crash. Knows nothing of HTTP, of tokens' contents, or of whom to believe.

mod browsers;
mod challenge;
mod challenges;
mod codes;
mod consents;
mod database;
mod error;
mod flows;
mod history;
mod keys;
mod logins;
mod names;
mod postgres;
mod records;
mod revocations;
mod schema;
mod services;
mod sqlite;
mod statement;
mod sweep;
mod tally;
mod users;

pub use browsers::SignIn;
pub use challenge::{Challenge, Finish, Kind, Lease, Leasing, Login, Put};
pub use codes::{CodeToken, CodeUse, ServiceCode};
pub use consents::{Consent, ConsentRequest, Grant};
pub use error::StoreError;
pub use flows::SignInFlow;
pub use records::{KeyState, Page, Retention, Session, SigningKey, Swept, TokenStanding, User};
pub use services::{Origin, Registration, Service};

use database::Database;
use names::Fresh;
use secrecy::SecretString;
use statement::sql;
use std::{fmt, path::PathBuf, sync::Arc};
use tally::Tally;

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Location {
    /// A SQLite file. It is made when it is missing (mode 0600), and its folder too (mode 0700).
    File(PathBuf),
    /// In memory, until it is closed.
    Memory,
    /// A database of PostgreSQL, as a URL.
    Postgres(SecretString),
}

/// A store that is open. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    database: Database,
    place: Arc<str>,
    pending: Arc<Tally>,
    fresh: Arc<Fresh>,
}

impl Store {
    /// Opens a store, and makes one when there is none. It gets the tables of this version.
    ///
    /// # Errors
    /// When it cannot be made or reached, belongs to another program, or was written by a newer version of this one.
    pub async fn open(at: &Location) -> Result<Self, StoreError> {
        let (database, place) = match at {
            Location::File(path) => (sqlite::file(path).await?, path.display().to_string()),
            Location::Memory => (sqlite::memory().await?, "in memory".to_owned()),
            Location::Postgres(url) => {
                let (options, place) = postgres::target(url)?;
                (postgres::pool(options, &place).await?, place)
            }
        };
        if let Err(error) = schema::migrate(&database, &place).await {
            database.close().await;
            return Err(error);
        }
        Ok(Self { database, place: place.into(), pending: Arc::default(), fresh: Arc::default() })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database.rows(sql("SELECT version FROM hasjoined_schema")).await?;
        Ok(())
    }

    /// Ends all work with the database, once what has begun is done. Whoever uses the store later gets an error.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.place)
    }
}
