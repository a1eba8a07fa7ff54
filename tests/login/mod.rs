//! The login API, over both stores: the numbered cases of its contract. What the edge refuses before any of this is in `tests/edge`,
//! what tokens are made of in `src/tokens`.

mod account;
mod browser;
mod codes;
mod concurrency;
mod consenting;
mod consents;
mod database;
mod exchange;
mod feather;
mod history;
mod joining;
mod registered;
mod reloading;
mod secrets;
mod services;
pub(crate) mod session_server;
mod signing_in;
pub(crate) mod stage;
mod tokens;
mod verifying;

use database::Database;
use std::{collections::BTreeSet, fs, path::Path};

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

/// The numbers in the name of a test function: `case_7_…`, `cases_9_and_10_…`, `cases_63_to_65_…`.
fn numbers(line: &str) -> Vec<usize> {
    let Some(name) = line.trim().strip_prefix("async fn case").or(line.trim().strip_prefix("fn case")) else {
        return Vec::new();
    };
    let words: Vec<_> = name.trim_start_matches('s').trim_start_matches('_').split('_').collect();
    match words.as_slice() {
        [first, "to", last, ..] if last.parse::<usize>().is_ok() => {
            (first.parse().unwrap()..=last.parse().unwrap()).collect()
        }
        [first, "and", last, ..] if last.parse::<usize>().is_ok() => {
            vec![first.parse().unwrap(), last.parse().unwrap()]
        }
        [first, ..] => first.parse().into_iter().collect(),
        [] => Vec::new(),
    }
}

#[test]
fn every_case_of_the_contract_has_a_test_of_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/edge"), root.join("tests/login"), root.join("src")];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(fs::read_to_string(path).unwrap().lines().flat_map(numbers));
            }
        }
    }
    let missing: Vec<_> = (1..=140).filter(|number| !found.contains(number)).collect();
    assert_eq!(missing, [0; 0]);
}
