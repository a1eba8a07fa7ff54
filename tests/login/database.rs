//! The database of a stage: each test has its own.

use crate::support::postgres::Postgres;
use hasjoined::store::{Location, Store};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
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

    /// All that is kept, as text: of SQLite, the bytes of its files, with what was taken away and not yet written over.
    pub(crate) async fn contents(&self) -> String {
        let Location::Postgres(url) = &self.at else {
            let files = fs::read_dir(self.folder().join("data")).unwrap().map(|entry| entry.unwrap().path());
            let bytes: Vec<u8> = files.flat_map(|file| fs::read(file).unwrap()).collect();
            return String::from_utf8_lossy(&bytes).into_owned();
        };
        let mut database = PgConnection::connect(url.expose_secret()).await.unwrap();
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut database).await.unwrap();
        let mut all = String::new();
        for table in tables {
            let rows = AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
            all.extend(sqlx::query_scalar::<_, String>(rows).fetch_all(&mut database).await.unwrap());
        }
        all
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
