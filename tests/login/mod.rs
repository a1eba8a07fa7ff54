//! The login API, over both stores: the numbered cases of its contract. What the edge refuses before any of this is in `tests/edge`,
//! what tokens are made of in `src/tokens`.

mod concurrency;
mod database;
mod history;
mod joining;
mod session_server;
pub(crate) mod stage;
mod tokens;
mod verifying;

use database::Database;

/// Each of these tests, over SQLite and over PostgreSQL.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(super::Database::sqlite()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                super::$case(super::Database::postgres().await).await;
            })*
        }
    };
}
use on_both;
