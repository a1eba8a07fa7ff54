//! `server.tls`: the files of the certificate and the key that clients are shown, and what they hold now.

use super::section::Section;
use crate::{
    certificate::{Fault, Identity},
    model::Timestamp,
};
use http::Uri;
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Certificates are renewed weeks before their end: one that is nearer to it has been forgotten.
const SOON: Duration = Duration::from_secs(14 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// Whoever is neither the key's owner nor of its group.
const OTHERS: u32 = 0o004;

const CERT_REMEDY: &str = "name a readable PEM file with your certificate and those between it and its authority, as in cert = \"fullchain.pem\"";
const KEY_REMEDY: &str =
    "name a readable PEM file with the private key to the certificate, without a password, as in key = \"privkey.pem\"";

/// `server.tls`, its files read.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsSettings {
    /// The file of the chain.
    pub cert: PathBuf,
    /// The file of the key.
    pub key: PathBuf,
    /// What they held when they were read.
    pub identity: Identity,
    /// Every user of this machine can read the key.
    pub key_is_open: bool,
}

impl TlsSettings {
    /// What these files hold at `now`.
    fn read(cert: PathBuf, key: PathBuf, now: Timestamp) -> Result<Self, Fault> {
        let chain = content(&cert).map_err(Fault::Certificate)?;
        let secret = content(&key).map_err(Fault::Key)?;
        let identity = Identity::read(&chain, &secret)?;
        if identity.ends() <= now {
            return Err(Fault::Certificate(format!("expired on {}", day(identity.ends()))));
        }
        let key_is_open = fs::metadata(&key).is_ok_and(|found| found.permissions().mode() & OTHERS != 0);
        Ok(Self { cert, key, identity, key_is_open })
    }

    /// What the same files hold now.
    ///
    /// # Errors
    /// When clients cannot be shown that: a sentence that names the file.
    pub fn again(&self) -> Result<Self, String> {
        Self::read(self.cert.clone(), self.key.clone(), now()).map_err(|fault| match fault {
            Fault::Certificate(what) => format!("{} {what}", self.cert.display()),
            Fault::Key(what) => format!("{} {what}", self.key.display()),
        })
    }

    /// The last day on which the certificate holds, as in `2026-01-18`.
    #[must_use]
    pub fn last_day(&self) -> String {
        day(self.identity.ends())
    }

    /// What may not be meant, a sentence each. `told` is where clients are told to go.
    #[must_use]
    pub fn warnings(&self, told: &Uri) -> Vec<String> {
        let mut found = Vec::new();
        let (now, ends) = (now(), self.identity.ends());
        let left = ends.since(now);
        if left < SOON {
            let days = left.as_secs() / DAY;
            let day = self.last_day();
            let plural = if days == 1 { "" } else { "s" };
            found.push(format!("server.tls.cert: the certificate expires on {day}, in {days} day{plural}"));
        }
        if self.identity.begins() > now {
            found.push(format!("server.tls.cert: nobody believes the certificate before {}", self.identity.begins()));
        }
        if let Some(host) = told.host().filter(|host| told.scheme_str() == Some("https") && !self.identity.is_for(host))
        {
            found.push(format!(
                "server.tls.cert: the certificate is not for {host}, where game servers are told to go, and they refuse it there: set server.public_url to a name it is for"
            ));
        }
        if self.key_is_open {
            let key = self.key.display();
            found.push(format!(
                "server.tls.key: every user of this machine can read {key}; chmod o= takes that from them"
            ));
        }
        found
    }
}

/// Reads the table, and the files it names, relative to `folder`.
pub(super) fn tls(server: &Section<'_>, folder: &Path) -> Option<TlsSettings> {
    let whole = server.span_of("tls")?;
    let section = server.section("tls");
    if section.is_missing() {
        return None;
    }
    let path = |key: &'static str, remedy: &str| {
        let text = section.text(key);
        if section.span_of(key).is_none() {
            section.note(key, whole.clone(), "is missing", remedy);
        }
        text.map(|text| (folder.join(text.value), text.span))
    };
    let (cert, key) = (path("cert", CERT_REMEDY), path("key", KEY_REMEDY));
    section.finish();
    let ((cert, cert_span), (key, key_span)) = (cert?, key?);
    match TlsSettings::read(cert.clone(), key.clone(), now()) {
        Ok(settings) => return Some(settings),
        Err(Fault::Certificate(what)) => {
            section.note("cert", cert_span, format!("{} {what}", cert.display()), CERT_REMEDY);
        }
        Err(Fault::Key(what)) => section.note("key", key_span, format!("{} {what}", key.display()), KEY_REMEDY),
    }
    None
}

fn content(file: &Path) -> Result<Vec<u8>, String> {
    let content = match fs::metadata(file) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => fs::read(file),
    };
    match content {
        Ok(content) if content.trim_ascii().is_empty() => Err("is empty".to_owned()),
        Ok(content) => Ok(content),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

fn now() -> Timestamp {
    Timestamp::default().plus(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn day(time: Timestamp) -> String {
    let mut text = time.to_string();
    text.truncate("2026-01-18".len());
    text
}
