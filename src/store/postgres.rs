//! A store that several processes share: how it is reached, and which connections are used again.

use super::{StoreError, database::Database};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long a caller waits for a connection, be it for one that others use or for a server that is away.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long the first connection may take.
const FIRST: Duration = Duration::from_secs(5);
const CONNECTIONS: u32 = 10;

/// What every connection begins with. Set by statements, since poolers in between refuse it as a parameter of the connection.
const HABITS: &str = "SET statement_timeout = 5000; SET idle_in_transaction_session_timeout = 10000; \
    SET default_transaction_isolation = 'read committed'";

/// The database that a URL means, and what to call it in messages.
pub(super) fn target(url: &SecretString) -> Result<(PgConnectOptions, String), StoreError> {
    let unopened = |why: &str| StoreError::Unopened { place: "in PostgreSQL".into(), why: why.into() };
    let url = url.expose_secret();
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(unopened("its URL does not begin with postgres://"));
    }
    // What the parser says could quote a part of the URL.
    let options: PgConnectOptions = url.parse().map_err(|_| unopened("its URL cannot be read"))?;
    let options = options.application_name("hasjoined").disable_statement_logging();
    let server = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    Ok((options, format!("in PostgreSQL at {server}, database {database}")))
}

/// Opens it. Connects once to learn at the start what is wrong.
pub(super) async fn pool(options: PgConnectOptions, place: &str) -> Result<Database, StoreError> {
    let unopened = |why: String| StoreError::Unopened { place: place.to_owned(), why };
    match timeout(FIRST, options.connect()).await {
        Ok(Ok(connection)) => _ = connection.close().await,
        Ok(Err(sqlx::Error::Database(told))) => return Err(unopened(told.message().to_owned())),
        Ok(Err(error)) => return Err(unopened(error.to_string())),
        Err(_) => return Err(unopened(format!("no answer within {} s", FIRST.as_secs()))),
    }
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(HABITS).await.map(drop) }))
        .connect_lazy_with(options);
    Ok(Database::Postgres(pool))
}

/// A connection that is used again only when it was given back. Dropped in the middle of something, it is closed: the pool would wait
/// for the rest of the answer, without limit and with the connection's place, and a network that swallows packets takes all places.
pub(super) struct Held(Option<PoolConnection<Postgres>>);

impl Held {
    pub(super) async fn acquire(pool: &PgPool) -> Result<Self, sqlx::Error> {
        pool.acquire().await.map(|connection| Self(Some(connection)))
    }

    /// To run a statement on.
    pub(super) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Runs a text of this program.
    pub(super) async fn script(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(text).execute(self.connection()?).await.map(drop)
    }

    /// Lets others use it.
    pub(super) fn give_back(mut self) {
        self.0.take();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take() {
            connection.close_on_drop();
        }
    }
}
