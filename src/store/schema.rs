//! The tables, and how a store of an older version gets them: forward only, all of it or nothing, one process at a time.

use super::{
    StoreError,
    database::{Database, Transaction},
    statement::sql,
};

/// Each brings the schema of its number minus one to its number, counted from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_login.sql"),
    include_str!("migrations/0002_sign_in.sql"),
    include_str!("migrations/0003_services.sql"),
];

/// Brings the store to the schema of this program.
pub(super) async fn migrate(database: &Database, place: &str) -> Result<(), StoreError> {
    let mut within = database.begin().await?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = version(&mut within, place).await?;
    if found > known {
        return Err(StoreError::Newer { place: place.to_owned(), found, known });
    }
    for (migration, number) in MIGRATIONS.iter().copied().zip(1..).filter(|(_, number)| *number > found) {
        within.script(migration).await.map_err(|failed| unopened(place, &failed.into()))?;
        within.run(sql("INSERT INTO hasjoined_schema (version) VALUES ($1)").with(number)).await?;
    }
    within.commit().await?;
    if found < known {
        tracing::info!(store = place, from = found, to = known, "the login store has a new schema");
    }
    Ok(())
}

/// The schema that is there; 0 for an empty store.
async fn version(within: &mut Transaction, place: &str) -> Result<i64, StoreError> {
    if !is_ours(within, place).await? {
        within.script("CREATE TABLE hasjoined_schema (version BIGINT NOT NULL PRIMARY KEY)").await?;
    }
    let newest = within.row(sql("SELECT max(version) AS version FROM hasjoined_schema")).await?;
    Ok(newest.map(|row| row.get::<Option<i64>>("version")).transpose()?.flatten().unwrap_or(0))
}

/// Whether this program has been here. A file with tables of another is left alone; in PostgreSQL, programs share databases.
async fn is_ours(within: &mut Transaction, place: &str) -> Result<bool, StoreError> {
    match within {
        Transaction::Sqlite(_) => {
            let tables = "SELECT count(*) AS tables, count(*) FILTER (WHERE name = 'hasjoined_schema') AS ours \
                FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let row = within.row(sql(tables)).await.map_err(|failed| unopened(place, &failed.into()))?;
            let Some(row) = row else { return Ok(false) };
            let ours = row.get::<i64>("ours")? > 0;
            if !ours && row.get::<i64>("tables")? > 0 {
                let why = "it is the database of another program".into();
                return Err(StoreError::Unopened { place: place.to_owned(), why });
            }
            Ok(ours)
        }
        Transaction::Postgres(_) => {
            // Others that start now wait here, for longer than a statement may otherwise take.
            within.script("SET LOCAL statement_timeout = 0").await?;
            within.script("SELECT pg_advisory_xact_lock(6706388330494442600)").await?;
            Ok(within.row(sql("SELECT 1 WHERE to_regclass('hasjoined_schema') IS NOT NULL")).await?.is_some())
        }
    }
}

fn unopened(place: &str, error: &StoreError) -> StoreError {
    let why = match error {
        StoreError::Refused(why) => why.clone(),
        other => other.to_string(),
    };
    StoreError::Unopened { place: place.to_owned(), why }
}
