//! `login.database`, `login.data_dir`, `[login.signing]` and the keys of keys: what may hold a secret, or lie in a file of its own.
//!
//! A variable of the environment stands over the file. No fault repeats a value.

use super::{Algorithm, Database, SigningSettings};
use crate::config::{environment::Environment, secret::Secret, section::Section};
use std::path::Path;

const DATABASE: &str = "HASJOINED_LOGIN_DATABASE";
const DATA_DIR: &str = "HASJOINED_LOGIN_DATA_DIR";
const KEK: &str = "HASJOINED_LOGIN_KEK";
const HS256_SECRET: &str = "HASJOINED_LOGIN_HS256_SECRET";

const DATABASE_REMEDY: &str =
    "write \"postgres://user:password@host/database\", or \"memory\", or remove it to keep all in login.data_dir";
const KEK_REMEDY: &str = "make one with: openssl rand -base64 32 > login.kek; then write kek_file = \"login.kek\" under [login], or set HASJOINED_LOGIN_KEK_FILE";
const HS256_REMEDY: &str = "make one with: openssl rand -base64 48 > hs256.secret; then write hs256_secret_file = \"hs256.secret\" under [login]";

const FEATHER_SECRET: &str = "HASJOINED_LOGIN_FEATHER_SECRET";
pub(super) const FEATHER_REMEDY: &str = "make one with: openssl rand -base64 48 > feather.secret; then write secret_file = \"feather.secret\" under [login.feather]";

/// RFC 7518 §3.2: as long as the hash.
const SHORTEST_HS256: usize = 32;
/// 32 bytes in base64: 43 signs and one to fill.
const KEK_SIGNS: usize = 43;

/// Where these settings are written.
pub(super) struct Sources<'a> {
    /// `[login]`.
    pub(super) section: &'a Section<'a>,
    /// Where relative paths start from.
    pub(super) folder: &'a Path,
    pub(super) environment: &'a Environment<'a>,
    /// Whether login is enabled: files that nobody will use need not be there yet.
    pub(super) used: bool,
}

impl Sources<'_> {
    /// Where the store is.
    pub(super) fn database(&self) -> Database {
        let written = self.section.text("data_dir");
        let data_dir = match (self.variable(DATA_DIR, "name a folder"), written) {
            (Some(folder), _) => folder.into(),
            (None, Some(text)) if text.value.is_empty() => {
                self.section.note("data_dir", text.span, "is empty", "name a folder, as in \"data\"");
                self.folder.to_owned()
            }
            (None, Some(text)) => self.folder.join(text.value),
            (None, None) => self.folder.join("data"),
        };
        let written = self.section.text("database");
        if let Some(url) = self.variable(DATABASE, DATABASE_REMEDY) {
            return database(&url).unwrap_or_else(|what| {
                self.section.faults().note_variable(DATABASE, what, DATABASE_REMEDY);
                Database::Memory
            });
        }
        let Some(text) = written else { return Database::Embedded(data_dir) };
        database(text.value).unwrap_or_else(|what| {
            self.section.note("database", text.span, what, DATABASE_REMEDY);
            Database::Memory
        })
    }

    /// How tokens are signed.
    pub(super) fn signing(&self, database: &Database) -> SigningSettings {
        let (section, signing) = (self.section, self.section.section("signing"));
        let older = section.section("uebliche");
        let words = [
            ("ES256", Algorithm::Es256),
            ("EdDSA", Algorithm::EdDsa),
            ("RS256", Algorithm::Rs256),
            ("HS256", Algorithm::Hs256),
        ];
        let alg = signing.word("alg", &words);
        let kek = self.secret((section, "kek_file", self.used), KEK, (is_kek, "is not 32 bytes in base64", KEK_REMEDY));
        let rule = (is_long as fn(&str) -> bool, TOO_SHORT, HS256_REMEDY);
        let hs256_secret = self.secret((section, "hs256_secret_file", self.used), HS256_SECRET, rule);
        let legacy_tokens = older.flag("legacy_tokens").unwrap_or(false);
        let shared = matches!(database, Database::Postgres(_));
        if self.used && shared && kek.is_none() && section.span_of("kek_file").is_none() {
            let what = "is shared, so the private keys in it have to be sealed";
            let span = section.span_of("database").or(section.span_of("enabled")).unwrap_or_default();
            section.note("database", span, what, KEK_REMEDY);
        }
        let symmetric = alg.as_ref().is_some_and(|at| at.value == Algorithm::Hs256) || legacy_tokens;
        let missing = hs256_secret.is_none() && section.span_of("hs256_secret_file").is_none();
        if self.used && symmetric && missing {
            let (table, key) = if legacy_tokens { (&older, "legacy_tokens") } else { (&signing, "alg") };
            let span = table.span_of(key).unwrap_or_default();
            table.note(key, span, "needs a secret to sign with HS256", HS256_REMEDY);
        }
        signing.finish();
        older.finish();
        let alg = alg.map_or(Algorithm::Es256, |at| at.value);
        SigningSettings { alg, kek, hs256_secret, legacy_tokens }
    }

    /// What Feather's tokens are signed with.
    pub(super) fn feather_secret(&self, feather: &Section<'_>, used: bool) -> Option<Secret> {
        self.secret((feather, "secret_file", used), FEATHER_SECRET, (is_long, TOO_SHORT, FEATHER_REMEDY))
    }

    /// The content of the file that a key names, unless a variable stands over it.
    pub(super) fn secret(
        &self,
        (section, key, used): (&Section<'_>, &'static str, bool),
        variable: &str,
        (is_good, what, remedy): (fn(&str) -> bool, &str, &str),
    ) -> Option<Secret> {
        let written = section.text(key);
        if let Some(value) = self.variable(variable, remedy) {
            if !is_good(&value) {
                section.faults().note_variable(variable, what, remedy);
            }
            return Some(Secret::new(value));
        }
        let text = written.filter(|_| used)?;
        let file = self.folder.join(text.value);
        let noted = |what: String| section.note(key, text.span.clone(), what, remedy);
        match std::fs::read_to_string(&file) {
            Ok(content) if is_good(content.trim_end()) => return Some(Secret::new(content.trim_end().to_owned())),
            Ok(_) => noted(format!("what {} holds {what}", file.display())),
            Err(error) => noted(format!("{} cannot be read: {error}", file.display())),
        }
        None
    }

    fn variable(&self, name: &str, remedy: &str) -> Option<String> {
        let found = self.environment.find(name)?;
        let noted = |what| self.section.faults().note_variable(&found.name, what, remedy);
        found.value.map_err(noted).ok()
    }
}

fn database(text: &str) -> Result<Database, &'static str> {
    if text == "memory" {
        return Ok(Database::Memory);
    }
    let rest = text.strip_prefix("postgres://").or(text.strip_prefix("postgresql://"));
    match rest {
        Some("" | "/") => Err("names no host and no database"),
        Some(_) if text.contains(char::is_control) || text.contains(' ') => Err("has characters that no URL has"),
        Some(_) => Ok(Database::Postgres(Secret::new(text.to_owned()))),
        None if text.contains("://") => Err("is no database that this program speaks to"),
        None => Err("is not the URL of a database"),
    }
}

const TOO_SHORT: &str = "is shorter than 32 bytes: whoever guesses it can sign tokens";

fn is_long(text: &str) -> bool {
    text.len() >= SHORTEST_HS256
}

fn is_kek(text: &str) -> bool {
    let signs = text.strip_suffix('=').unwrap_or(text);
    signs.len() == KEK_SIGNS
        && signs.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'+' | b'/' | b'-' | b'_'))
}
