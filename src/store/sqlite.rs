//! A store in one file, or in memory: made when missing, readable by its owner alone, and never locked against ourselves.

use super::{StoreError, database::Database};
use sqlx::{
    ConnectOptions, Connection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// How long SQLite itself waits for another process that writes to the file.
const BUSY: Duration = Duration::from_secs(5);
/// How long a caller waits for its turn to write.
const TURN: Duration = Duration::from_secs(5);
/// Between two tries to open a file that others open at this moment.
const MOMENT: Duration = Duration::from_millis(20);
const READERS: u32 = 4;

/// Opens the file, and makes it and its folder when they are missing.
pub(super) async fn file(path: &Path) -> Result<Database, StoreError> {
    let unopened = |why: String| StoreError::Unopened { place: path.display().to_string(), why };
    make(path).map_err(|error| unopened(error.to_string()))?;
    let options = options().filename(path);
    let writing = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal);
    let writer = writer(writing).await.map_err(|error| unopened(reason(&error)))?;
    let readers = pool(READERS).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Database::Sqlite { writer, readers, keeper: None })
}

/// Opens the one connection that writes. Of several processes that start at once, one turns a new file's log on at a time; SQLite lets
/// the others fail at that, where it otherwise lets them wait.
async fn writer(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let patience = Instant::now() + BUSY;
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < patience => sleep(MOMENT).await,
            done => return done,
        }
    }
}

/// Opens one that is gone when it is closed. The pool replaces a connection whose transaction SQLite has ended by itself, and one whose
/// caller went away while it was tested; with the only one, the database would go. So a second one, which nobody uses, keeps it.
pub(super) async fn memory() -> Result<Database, StoreError> {
    let unopened = |error: sqlx::Error| StoreError::Unopened { place: "in memory".into(), why: reason(&error) };
    let name = format!("file:hasjoined-{}", Uuid::new_v4().simple());
    let pool = || {
        pool(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options().filename(&name).in_memory(true).shared_cache(true))
    };
    let keeper = pool().await.map_err(unopened)?;
    let writer = pool().await.map_err(unopened)?;
    Ok(Database::Sqlite { readers: writer.clone(), writer, keeper: Some(keeper) })
}

fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new().busy_timeout(BUSY).foreign_keys(true).disable_statement_logging()
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN)
        // A full disk makes SQLite end a transaction by itself, and the driver counts on as if it were still open.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// The file holds what signs tokens, so it is its owner's alone from its first byte on. One that is there keeps its mode.
fn make(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    Ok(())
}

/// SQLITE_BUSY, in any of its extended forms (<https://www.sqlite.org/rescode.html#busy>).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|told| told.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

fn reason(error: &sqlx::Error) -> String {
    match error.as_database_error() {
        Some(told) if told.code().as_deref() == Some("26") => "it is not a SQLite database".into(),
        Some(told) => told.message().to_owned(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{database::Failed, statement::sql};
    use super::*;

    /// SQLite then ends a transaction by itself, which the driver has to learn of.
    #[tokio::test]
    async fn a_full_disk_is_an_error_that_passes() {
        let folder = tempfile::tempdir().unwrap();
        fills_up(file(&folder.path().join("login.db")).await.unwrap()).await;
        fills_up(memory().await.unwrap()).await;
    }

    async fn fills_up(database: Database) {
        database.run(sql("CREATE TABLE words (word TEXT)")).await.unwrap();
        for pages in [50, 20_000] {
            let Database::Sqlite { writer, .. } = &database else { unreachable!() };
            let full = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
            sqlx::raw_sql(full).execute(writer).await.unwrap();
            let mut within = database.begin().await.unwrap();
            let word = || sql("INSERT INTO words (word) VALUES ($1)").with("x".repeat(500_000));
            within.run(sql("INSERT INTO words (word) VALUES ('kept')")).await.unwrap();
            let done = match within.run(word()).await {
                Ok(_) => within.commit().await,
                Err(failed) => Err(failed),
            };
            match done.map_err(|failed: Failed| StoreError::from(failed)) {
                Ok(()) => assert_eq!(pages, 20_000),
                Err(error) => assert_eq!((pages, error), (50, StoreError::Full)),
            }
        }
        let kept = database.rows(sql("SELECT word FROM words WHERE word = 'kept'")).await.unwrap();
        assert_eq!(kept.len(), 1, "all of a transaction, or nothing");
    }
}
