//! The database of a stage: each test has its own.

use crate::support::postgres::Postgres;
use hasjoined::store::{Location, Store};
use std::{fs, path::Path};
use tempfile::TempDir;

/// SQLite or PostgreSQL, gone with the test.
pub(crate) struct Database {
    folder: TempDir,
    at: Location,
    lines: String,
}

/// 32 bytes in base64.
const KEK: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

impl Database {
    /// One file.
    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::with_prefix("hasjoined-").unwrap();
        let at = Location::File(folder.path().join("data/login.db"));
        Self { folder, at, lines: "data_dir = \"data\"".to_owned() }
    }

    /// A database of its own in the tests' PostgreSQL, with a key that seals keys.
    pub(crate) async fn postgres() -> Self {
        let url = Postgres::shared().await.database().await;
        let folder = TempDir::with_prefix("hasjoined-").unwrap();
        let kek = folder.path().join("login.kek");
        fs::write(&kek, KEK).unwrap();
        let lines = format!("database = \"{url}\"\nkek_file = \"{}\"", kek.display());
        Self { folder, at: Location::Postgres(url.into()), lines }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.at).await.unwrap()
    }

    /// Where relative paths begin.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Lines for `[login]`, in that folder.
    pub(crate) fn lines(&self) -> &str {
        &self.lines
    }

    /// Lines for `[login]`, in any folder.
    pub(crate) fn absolute_lines(&self) -> String {
        self.lines.replace("\"data\"", &format!("\"{}/data\"", self.folder.path().display()))
    }
}
