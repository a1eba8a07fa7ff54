//! `[login.feather]`: the flow of Feather's launcher, for clients that were written for it.

use super::secrets::Sources;
use crate::config::{secret::Secret, section::Section};
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

/// What the seed's sample says of a player.
const PERMISSIONS: [(&str, i64); 1] = [("playerServerLimit", 3)];
const USUAL_TTL: Duration = Duration::from_secs(64 * 60 * 60);
const TTL: RangeInclusive<Duration> = Duration::from_secs(60)..=Duration::from_secs(90 * 24 * 60 * 60);
const LONGEST_KEY: usize = 64;

/// `[login.feather]`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatherSettings {
    /// Whether there are its routes.
    pub enabled: bool,
    /// Tokens have the seed's claims and header, and nothing else.
    pub strict: bool,
    /// The secret its tokens are signed with by HS256. `None`: by ES256.
    pub secret: Option<Secret>,
    /// How long its tokens are good for.
    pub ttl: Duration,
    /// The header in which a trusted proxy tells the client's country.
    pub country_header: Option<String>,
    /// What the second token says is allowed.
    pub permissions: BTreeMap<String, i64>,
}

/// Reads the section.
pub(super) fn feather(section: &Section<'_>, sources: &Sources<'_>) -> FeatherSettings {
    let enabled = section.flag("enabled").unwrap_or(true);
    let strict = section.flag("strict").unwrap_or(false);
    let used = sources.used && enabled;
    let secret = sources.feather_secret(section, used);
    let missing = secret.is_none() && section.span_of("secret_file").is_none();
    if used && strict && missing {
        let span = section.span_of("strict").unwrap_or_default();
        section.note("strict", span, "needs a secret to sign with HS256", super::secrets::FEATHER_REMEDY);
    }
    let settings = FeatherSettings {
        enabled,
        strict,
        secret,
        ttl: section.span_of_time("ttl", TTL).unwrap_or(USUAL_TTL),
        country_header: country_header(section),
        permissions: permissions(&section.section("permissions")),
    };
    section.finish();
    settings
}

fn country_header(section: &Section<'_>) -> Option<String> {
    let text = section.text("country_header")?;
    if http::HeaderName::try_from(text.value).is_err() {
        let remedy = "name the header of your proxy, as in \"CF-IPCountry\"";
        section.note("country_header", text.span, "is no name of a header", remedy);
        return None;
    }
    Some(text.value.to_owned())
}

fn permissions(section: &Section<'_>) -> BTreeMap<String, i64> {
    let mut permissions: BTreeMap<_, _> = PERMISSIONS.map(|(key, value)| (key.to_owned(), value)).into();
    for (key, value) in section.entries() {
        let number =
            value.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        match number {
            Some(number) if (1..=LONGEST_KEY).contains(&key.value.len()) => {
                permissions.insert(key.value.to_owned(), number);
            }
            _ => section.note(key.value, value.span(), "is no whole number", "write one, as in playerServerLimit = 3"),
        }
    }
    permissions
}
