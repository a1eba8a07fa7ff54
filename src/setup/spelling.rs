//! An address in the spellings that shells, formats and files need, so that what is pasted means what was meant.

use http::Uri;
use std::{borrow::Cow, net::IpAddr};

const HAS_JOINED: &str = "/session/minecraft/hasJoined";

/// How game servers reach this proxy, without a slash at the end.
pub(super) struct Base {
    url: String,
    local: bool,
}

impl Base {
    pub(super) fn new(url: &Uri) -> Self {
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        // The unspecified address is where one listens, not where one is reached.
        let local = |address: IpAddr| address.is_loopback() || address.is_unspecified();
        let local = host == "localhost" || host.parse().is_ok_and(local);
        Self { url: url.to_string().trim_end_matches('/').to_owned(), local }
    }

    /// As authlib takes it: it appends `/session/minecraft/…` itself.
    pub(super) fn host(&self) -> &str {
        &self.url
    }

    /// As all others take it.
    pub(super) fn has_joined(&self) -> String {
        format!("{}{HAS_JOINED}", self.url)
    }

    /// Where Minecraft 26.3 and newer read all other addresses from.
    pub(super) fn discovery(&self) -> String {
        format!("{}/minecraft/client", self.url)
    }

    /// The root that authlib-injector takes.
    pub(super) fn injector_root(&self) -> String {
        format!("{}/authlib-injector/", self.url)
    }

    /// For software that takes it for a format, in which a lone `%` begins a placeholder.
    pub(super) fn has_joined_format(&self) -> String {
        self.has_joined().replace('%', "%%")
    }

    /// Whether only this machine can reach it.
    pub(super) fn is_local(&self) -> bool {
        self.local
    }
}

/// One word for a POSIX shell. Quoted only where it must be: panels that are no shell keep the quotes.
pub(super) fn shell(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    match word.chars().all(plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', "'\\''"))),
    }
}

/// A word for a Windows batch file, where a `%` has to be written twice even in quotes. A `"` cannot stand within
/// them, and becomes its escape in a URL.
pub(super) fn batch(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "%%22").replace('%', "%%"))
}

/// A string for YAML and for TOML.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
