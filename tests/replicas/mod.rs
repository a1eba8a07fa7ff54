//! Two programs on one PostgreSQL behind a HAProxy, set up by the files of `packaging/examples/replicas`: either may die at any moment, and
//! so may the database.
//!
//! Where there is no HAProxy, these tests say so and nothing else; tests/run installs it.

mod deaths;
mod haproxy;
mod one;
mod outages;
mod pair;

/// The pair, or the end of a test that cannot be.
macro_rules! started {
    () => {
        match super::pair::Pair::start().await {
            Some(pair) => pair,
            None => return eprintln!("there is no haproxy here"),
        }
    };
}
use started;
