//! What a store can fail with, in words that may be logged: no value that was stored, and no password.

use sqlx::error::DatabaseError;

/// Why the store did not do what it was asked. Whatever it was, nothing of it is half written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be opened.
    #[error("cannot open the login store {place}: {why}")]
    Unopened {
        /// Where it is, without a password.
        place: String,
        /// What stands in the way.
        why: String,
    },
    /// A newer version of this program has written it.
    #[error(
        "the login store {place} has schema {found}, and this version of hasjoined knows none above {known}: run the newer one \
         again, or restore a backup from before it"
    )]
    Newer {
        /// Where it is, without a password.
        place: String,
        /// The schema it has.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The database cannot be reached, or all connections to it are taken for too long.
    #[error("the database of the login store cannot be reached: {0}")]
    Unreachable(String),
    /// The database did not answer in time.
    #[error("the database of the login store takes too long")]
    Late,
    /// There is no room left to write.
    #[error("the disk of the login store is full")]
    Full,
    /// A stored value cannot be read.
    #[error("the login store has a value in column `{0}` that cannot be read")]
    Damaged(&'static str),
    /// The database says no.
    #[error("the database of the login store refuses: {0}")]
    Refused(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => told(&*error),
            sqlx::Error::PoolTimedOut => Self::Unreachable("no connection in time".into()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unreachable("it is closed".into()),
            sqlx::Error::Io(error) => Self::Unreachable(error.to_string()),
            sqlx::Error::Tls(error) => Self::Unreachable(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// By PostgreSQL's SQLSTATE of five characters, or the number of SQLite whose last byte is the kind.
fn told(error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    let message = || error.message().to_owned();
    match code.as_ref() {
        "57014" | "55P03" => StoreError::Late,
        "53100" => StoreError::Full,
        "53300" | "57P01" | "57P02" | "57P03" => StoreError::Unreachable(message()),
        state if state.len() == 5 && state.starts_with("08") => StoreError::Unreachable(message()),
        number => match number.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) if number.len() < 5 => StoreError::Late,
            Ok(13) if number.len() < 5 => StoreError::Full,
            _ => StoreError::Refused(message()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pool_says_is_told_in_words_of_the_store() {
        let gone = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert!(matches!(sqlx::Error::Io(gone).into(), StoreError::Unreachable(_)));
        assert!(matches!(sqlx::Error::PoolTimedOut.into(), StoreError::Unreachable(_)));
        assert!(matches!(sqlx::Error::RowNotFound.into(), StoreError::Refused(_)));
    }
}
