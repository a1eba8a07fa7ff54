//! The two databases behind one face: where a statement runs, how long it may take, and what is one transaction.
//!
//! All that is different between them is here, in [`sqlite`](super::sqlite) and in [`postgres`](super::postgres).

use super::{
    StoreError,
    postgres::Held,
    statement::{Row, Statement, sql},
};
use sqlx::{PgPool, Sqlite, SqlitePool};
use std::{future::Future, time::Duration};
use tokio::time::timeout;

/// Longer than the databases' own limits: the last resort when one does not answer at all.
const PATIENCE: Duration = Duration::from_secs(6);

/// The lock of a sweep, which one process of many takes. A random number, so that no other program means the same lock.
const SWEEP_LOCK: i64 = 0x2f5b_91c6_0d3e_78a4;

/// A database that is open.
#[derive(Clone)]
pub(super) enum Database {
    /// One connection writes, so that no two ever wait for each other inside the file; the others read beside it.
    /// A database in memory lives as long as it has any, which is what `keeper` is for.
    Sqlite { writer: SqlitePool, readers: SqlitePool, keeper: Option<SqlitePool> },
    /// A pool that replaces lost connections by itself.
    Postgres(PgPool),
}

/// What is written together or not at all. Dropped without `commit`, nothing of it is.
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(Held),
}

/// A statement that failed, before anybody decided what that means.
#[derive(Debug)]
pub(super) enum Failed {
    /// By the database's own words.
    Told(sqlx::Error),
    /// Without any.
    Silent,
}

impl Failed {
    /// Another row has what must be unique.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Told(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Told(error) => error.into(),
            Failed::Silent => Self::Late,
        }
    }
}

/// Work that is dropped when the database does not answer.
async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, Failed> {
    match timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(Failed::Told),
        Err(_) => Err(Failed::Silent),
    }
}

/// Work on a connection of PostgreSQL, which is given back when the database has answered.
async fn once<T>(pool: &PgPool, work: impl AsyncFnOnce(&mut Held) -> Result<T, sqlx::Error>) -> Result<T, Failed> {
    let mut held = Held::acquire(pool).await.map_err(Failed::Told)?;
    let done = in_time(work(&mut held)).await;
    if !matches!(done, Err(Failed::Silent)) {
        held.give_back();
    }
    done
}

impl Database {
    /// Reads, without waiting for any writer.
    pub(super) async fn rows(&self, statement: Statement) -> Result<Vec<Row>, Failed> {
        match self {
            Self::Sqlite { readers, .. } => statement.rows(readers).await.map_err(Failed::Told),
            Self::Postgres(pool) => once(pool, async |held| statement.rows(held.connection()?).await).await,
        }
    }

    /// The first row, if there is any.
    pub(super) async fn row(&self, statement: Statement) -> Result<Option<Row>, Failed> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Writes with one statement, and gives the row it returns.
    pub(super) async fn change(&self, statement: Statement) -> Result<Option<Row>, Failed> {
        match self {
            Self::Sqlite { writer, .. } => Ok(statement.rows(writer).await.map_err(Failed::Told)?.into_iter().next()),
            Self::Postgres(_) => self.row(statement).await,
        }
    }

    /// Writes with one statement. How many rows it changed.
    pub(super) async fn run(&self, statement: Statement) -> Result<u64, Failed> {
        match self {
            Self::Sqlite { writer, .. } => Ok(statement.run(writer).await.map_err(Failed::Told)?.rows_affected()),
            Self::Postgres(pool) => {
                let run = async |held: &mut Held| statement.run(held.connection()?).await;
                Ok(once(pool, run).await?.rows_affected())
            }
        }
    }

    /// Begins to write with several statements.
    pub(super) async fn begin(&self) -> Result<Transaction, Failed> {
        match self {
            Self::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Transaction::Sqlite).map_err(Failed::Told)
            }
            Self::Postgres(pool) => {
                let mut held = Held::acquire(pool).await.map_err(Failed::Told)?;
                in_time(held.script("BEGIN")).await?;
                Ok(Transaction::Postgres(held))
            }
        }
    }

    /// Ends all connections once their work is done.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, keeper } => {
                // The last connection folds the journal into the file; it has to be one that may write.
                readers.close().await;
                writer.close().await;
                if let Some(keeper) = keeper {
                    keeper.close().await;
                }
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Reads or writes, for all rows.
    pub(super) async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, Failed> {
        match self {
            Self::Sqlite(within) => statement.rows(&mut **within).await.map_err(Failed::Told),
            Self::Postgres(held) => in_time(async { statement.rows(held.connection()?).await }).await,
        }
    }

    /// Reads or writes, for the first row.
    pub(super) async fn row(&mut self, statement: Statement) -> Result<Option<Row>, Failed> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// Writes. How many rows that changed.
    pub(super) async fn run(&mut self, statement: Statement) -> Result<u64, Failed> {
        Ok(match self {
            Self::Sqlite(within) => statement.run(&mut **within).await.map_err(Failed::Told)?.rows_affected(),
            Self::Postgres(held) => in_time(async { statement.run(held.connection()?).await }).await?.rows_affected(),
        })
    }

    /// Runs several statements of a text of this program, however long they take.
    pub(super) async fn script(&mut self, text: &'static str) -> Result<(), Failed> {
        match self {
            Self::Sqlite(within) => sqlx::raw_sql(text).execute(&mut **within).await.map(drop),
            Self::Postgres(held) => held.script(text).await,
        }
        .map_err(Failed::Told)
    }

    /// Whether this process may sweep until the transaction ends, and no other. A SQLite file has one writer anyway.
    pub(super) async fn sweeps_alone(&mut self) -> Result<bool, Failed> {
        let Self::Postgres(_) = self else { return Ok(true) };
        let lock = sql("SELECT 1 WHERE pg_try_advisory_xact_lock($1)").with(SWEEP_LOCK);
        Ok(self.row(lock).await?.is_some())
    }

    /// Makes it so.
    pub(super) async fn commit(self) -> Result<(), Failed> {
        match self {
            Self::Sqlite(within) => within.commit().await.map_err(Failed::Told),
            Self::Postgres(held) => end(held, "COMMIT").await,
        }
    }

    /// Leaves everything as it was. Dropping does the same, at the price of the connection.
    pub(super) async fn roll_back(self) -> Result<(), Failed> {
        match self {
            Self::Sqlite(within) => within.rollback().await.map_err(Failed::Told),
            Self::Postgres(held) => end(held, "ROLLBACK").await,
        }
    }
}

async fn end(mut held: Held, how: &'static str) -> Result<(), Failed> {
    in_time(held.script(how)).await?;
    held.give_back();
    Ok(())
}
