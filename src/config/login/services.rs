//! `[[login.services]]`: programs of others that players may let use their account.

use crate::{
    config::{
        secret::Secret,
        section::{At, Section},
    },
    model::{Redirect, ServiceSlug},
};
use std::{ops::RangeInclusive, path::Path};

const LONGEST_NAME: usize = 64;
const LONGEST_LEVEL: usize = 32;
const REDIRECTS: RangeInclusive<usize> = 1..=32;
const MOST: usize = 1_000;
/// A secret that this program makes has 43.
const SHORTEST_SECRET: usize = 32;

const SLUG_REMEDY: &str = "write 1 to 63 of a-z, 0-9 and -, starting with a letter or a digit, as in \"build-moe\"";
const NAME_REMEDY: &str = "write 1 to 64 characters, as players know it, as in \"Build.moe\"";
const LEVEL_REMEDY: &str = "write up to 32 visible characters, as in \"original\", or remove it";
const REDIRECTS_REMEDY: &str = "list 1 to 32 whole addresses, as in [\"https://build.moe/auth/callback\"]";
const HASH_REMEDY: &str =
    "write the SHA-256 of the secret in hexadecimal, as this prints it: printf %s SECRET | sha256sum";
const SECRET_REMEDY: &str = "make one with: openssl rand -hex 32 > service.secret";

/// One of `[[login.services]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSettings {
    /// What programs call it.
    pub slug: ServiceSlug,
    /// What people call it.
    pub name: String,
    /// Where browsers may be sent with its token: these, sign by sign.
    pub redirects: Vec<String>,
    /// What it may ask for; all of it is allowed.
    pub permissions: Vec<String>,
    /// How far the operator has looked into it; may be empty.
    pub verification_level: String,
    /// Whether the operator knows who runs it.
    pub verified: bool,
    /// It runs on players' own machines, where the port of a redirect is not known before.
    pub native: bool,
    /// Whether it may ask at all.
    pub enabled: bool,
    /// How it proves itself. `None`: it cannot.
    pub secret: Option<ServiceSecret>,
}

/// How a service proves itself.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceSecret {
    /// The SHA-256 of its secret, in hexadecimal.
    Hash(String),
    /// The secret.
    Text(Secret),
}

/// Whether players can read it as a name.
#[must_use]
pub fn is_service_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.contains(char::is_control)
}

/// Whether it fits beside a name.
#[must_use]
pub fn is_verification_level(text: &str) -> bool {
    text.len() <= LONGEST_LEVEL && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads the tables. Files that nobody will use need not be there yet.
pub(super) fn services(
    tables: &[Section<'_>],
    allowed: &[String],
    (folder, used): (&Path, bool),
) -> Vec<ServiceSettings> {
    let mut services: Vec<ServiceSettings> = Vec::new();
    for table in tables {
        let read = service(table, allowed, (folder, used));
        table.finish();
        let Some(service) = read else { continue };
        if services.iter().any(|known| known.slug == service.slug) {
            let span = table.span_of("slug").unwrap_or_default();
            table.note("slug", span, "names a service that stands here already", "give each a slug of its own");
        }
        services.push(service);
    }
    if let Some(table) = tables.get(MOST) {
        let remedy = format!("keep no more than {MOST} here; hasjoined services add takes more");
        table.faults().note(table.span.clone(), "login.services", "are too many", remedy);
    }
    services
}

fn service(table: &Section<'_>, allowed: &[String], place: (&Path, bool)) -> Option<ServiceSettings> {
    let slug = needed(table, "slug", SLUG_REMEDY).and_then(|text| {
        ServiceSlug::new(text.value).map_err(|invalid| table.note("slug", text.span, invalid.fault, SLUG_REMEDY)).ok()
    });
    let name = needed(table, "name", NAME_REMEDY).filter(|text| {
        let good = is_service_name(text.value);
        if !good {
            table.note("name", text.span.clone(), "is empty, too long, or has a control character", NAME_REMEDY);
        }
        good
    });
    let settings = ServiceSettings {
        redirects: redirects(table),
        permissions: permissions(table, allowed),
        verification_level: level(table),
        verified: table.flag("verified").unwrap_or(false),
        native: table.flag("native").unwrap_or(false),
        enabled: table.flag("enabled").unwrap_or(true),
        secret: secret(table, place),
        slug: slug?,
        name: name?.value.to_owned(),
    };
    Some(settings)
}

fn needed<'a>(table: &Section<'a>, key: &'static str, remedy: &str) -> Option<At<&'a str>> {
    if table.span_of(key).is_none() {
        table.note(key, table.span.clone(), "is missing", remedy);
    }
    table.text(key)
}

fn redirects(table: &Section<'_>) -> Vec<String> {
    let key = "redirects";
    let span = || table.span_of(key).unwrap_or(table.span.clone());
    let written: Option<Vec<String>> = table.list(key, REDIRECTS_REMEDY);
    if written.is_none() && table.span_of(key).is_some() {
        return Vec::new();
    }
    let written = written.unwrap_or_default();
    if !REDIRECTS.contains(&written.len()) {
        table.note(key, span(), if written.is_empty() { "names none" } else { "names too many" }, REDIRECTS_REMEDY);
    }
    // By its number: it may hold a password.
    for (number, redirect) in (1..).zip(&written) {
        if let Err(denied) = redirect.parse::<Redirect>() {
            table.note(key, span(), format!("number {number} {denied}"), REDIRECTS_REMEDY);
        }
    }
    written
}

/// At least one, each once, in the order they are written.
fn permissions(table: &Section<'_>, allowed: &[String]) -> Vec<String> {
    let key = "permissions";
    let remedy = format!("list some of login.scopes.allowed: {}", allowed.join(", "));
    let span = || table.span_of(key).unwrap_or(table.span.clone());
    let written: Option<Vec<String>> = table.list(key, &remedy);
    if written.is_none() && table.span_of(key).is_some() {
        return Vec::new();
    }
    let mut permissions: Vec<String> = Vec::new();
    for permission in written.unwrap_or_default() {
        if !allowed.contains(&permission) {
            table.note(key, span(), format!("{permission:?} is not allowed"), &remedy);
        }
        if !permissions.contains(&permission) {
            permissions.push(permission);
        }
    }
    if permissions.is_empty() {
        table.note(key, span(), "names none", remedy);
    }
    permissions
}

fn level(table: &Section<'_>) -> String {
    let Some(text) = table.text("verification_level") else { return String::new() };
    if !is_verification_level(text.value) {
        table.note(
            "verification_level",
            text.span,
            "is too long, or has characters that are not visible",
            LEVEL_REMEDY,
        );
    }
    text.value.to_owned()
}

fn secret(table: &Section<'_>, (folder, used): (&Path, bool)) -> Option<ServiceSecret> {
    let (hash, file) = (table.text("secret_hash"), table.text("secret_file"));
    if let (Some(hash), Some(_)) = (&hash, &file) {
        table.note("secret_hash", hash.span.clone(), "stands beside secret_file", "keep one of the two");
    }
    if let Some(hash) = hash {
        let whole = hash.value.len() == 64 && hash.value.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !whole {
            table.note("secret_hash", hash.span, "is no SHA-256 in hexadecimal", HASH_REMEDY);
        }
        return Some(ServiceSecret::Hash(hash.value.to_ascii_lowercase()));
    }
    let written = file.filter(|_| used)?;
    let path = folder.join(written.value);
    let noted = |what: String| table.note("secret_file", written.span.clone(), what, SECRET_REMEDY);
    match std::fs::read_to_string(&path) {
        Ok(content) if content.trim_end().len() >= SHORTEST_SECRET && content.trim_end().is_ascii() => {
            return Some(ServiceSecret::Text(Secret::new(content.trim_end().to_owned())));
        }
        Ok(_) => noted(format!("what {} holds is shorter than 32 characters, or not ASCII", path.display())),
        Err(error) => noted(format!("{} cannot be read: {error}", path.display())),
    }
    None
}
