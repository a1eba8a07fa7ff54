//! `[upstreams.ID]`.

use super::{
    egress,
    preset::{self, Preset},
    section::{At, Section},
    settings::{Attests, HostSettings, Ids, KeyUse, UpstreamSettings},
    url,
};
use crate::model::{Listed, UpstreamId};
use http::Uri;
use std::{
    ops::Range,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

/// Where hasJoined lies under an authlib-injector API root.
const UNDER_API_ROOT: &str = "/sessionserver/session/minecraft/hasJoined";

const MOST_CONNECTIONS: usize = 4_096;

const PLAYERS_REMEDY: &str = "list names and UUIDs, as in [\"Notch\", \"069a79f4-44e9-4726-a5be-fca90e38aaf5\"]";

/// An upstream that is to be asked, and where its URL stands in the file.
pub(super) struct Read {
    pub(super) settings: UpstreamSettings,
    pub(super) url_span: Range<usize>,
}

/// Reads one table. `None` when it is not enabled, or has faults; these are noted either way.
pub(super) fn upstream(id: UpstreamId, section: &Section<'_>, folder: &Path, deadline: Duration) -> Option<Read> {
    let enabled = section.flag("enabled").unwrap_or(true);
    let named = section.word("preset", &preset::ALL);
    // An unknown preset has been noted; what it would have filled in is not missing as well.
    let complete = named.is_some() || section.span_of("preset").is_none();
    let preset = named.map_or(preset::NONE, |at| at.value);
    let url = address(section, &preset, enabled && complete);
    let attests = section.word("attests", &[("mojang", Attests::Mojang), ("own", Attests::Own)]);
    let attests = attests.map_or(preset.attests, |at| at.value);
    let ids = section.word("ids", &[("keep", Ids::Keep), ("namespace", Ids::Namespace)]);
    let settings = UpstreamSettings {
        id,
        attests,
        ids: ids.map_or_else(|| default_ids(attests), |at| at.value),
        negative: negative(section).unwrap_or_else(|| preset.negative.to_vec()),
        single_use: section.flag("single_use").unwrap_or(preset.single_use),
        forward_ip: section.flag("forward_ip").unwrap_or(true),
        // A short deadline shortens a timeout that nobody wrote.
        timeout: section.duration("timeout").map_or(preset.timeout.min(deadline), |at| at.value),
        connect_timeout: section.duration("connect_timeout").map_or(Duration::from_secs(1), |at| at.value),
        max_connections: section.count("max_connections", 1..=MOST_CONNECTIONS).unwrap_or(64),
        http2: section.flag("http2").unwrap_or(false),
        budget: section.budget("budget"),
        allow: allow(section),
        deny: section.list("deny", PLAYERS_REMEDY).unwrap_or_default(),
        ca_file: ca_file(section, folder, enabled),
        proxy: egress::proxy(section, folder, enabled),
        bind: egress::bind(section),
        hosts: hosts(section, &preset),
        publish_keys: publish_keys(section).unwrap_or_else(|| preset.publish_keys.to_vec()),
        is_mojang: preset.is_mojang,
        url: url.as_ref().map(|at| at.value.clone()).unwrap_or_default(),
    };
    section.finish();
    let url_span = url?.span;
    enabled.then_some(Read { settings, url_span })
}

fn default_ids(attests: Attests) -> Ids {
    match attests {
        Attests::Mojang => Ids::Keep,
        Attests::Own => Ids::Namespace,
    }
}

/// `url`, or what follows from `api_root`, or the preset's.
fn address(section: &Section<'_>, preset: &Preset, needed: bool) -> Option<At<Uri>> {
    let remedy = "write the whole address, as in \"https://example.net/session/minecraft/hasJoined\"";
    let read = |key: &'static str, text: At<&str>| match url::absolute(text.value) {
        Ok(value) => Some(At { value, span: text.span }),
        Err(what) => {
            section.note(key, text.span, what, remedy);
            None
        }
    };
    match (section.text("url"), section.text("api_root")) {
        (Some(_), Some(root)) => {
            section.note("api_root", root.span, "stands beside url", "keep one of the two: url follows from api_root");
            None
        }
        (Some(text), None) => read("url", text),
        (None, Some(root)) => {
            if root.value.contains("hasJoined") {
                section.note("api_root", root.span, "is a whole hasJoined address", "write it as url instead");
                return None;
            }
            let root = read("api_root", root)?;
            if root.value.query().is_some() {
                section.note(
                    "api_root",
                    root.span,
                    "has a query, which cannot stand in a root",
                    "remove it, or write url",
                );
                return None;
            }
            Some(At { value: url::under(&root.value, UNDER_API_ROOT)?, span: root.span })
        }
        (None, None) => match preset.url {
            Some(known) => known.parse().ok().map(|value| At { value, span: section.span.clone() }),
            None => {
                if needed {
                    let remedy = "add url = \"https://…/session/minecraft/hasJoined\", or enabled = false";
                    section.note("url", section.span.clone(), "is missing", remedy);
                }
                None
            }
        },
    }
}

/// The base URLs: as written, or under the API root, or the preset's.
fn hosts(section: &Section<'_>, preset: &Preset) -> HostSettings {
    let root = section.text("api_root").and_then(|text| url::absolute(text.value).ok());
    let [session, services, account] = preset.hosts;
    let base = |key: &'static str, under_root: &str, preset: Option<&str>| match section.text(key) {
        Some(text) => {
            let remedy = "write a base address, as in \"https://api.example.net\"";
            url::public(text.value).map_err(|what| section.note(key, text.span, what, remedy)).ok()
        }
        None => match &root {
            Some(root) => url::under(root, under_root),
            None => preset.and_then(|known| known.parse().ok()),
        },
    };
    HostSettings {
        session: base("session_url", "/sessionserver", session),
        services: base("services_url", "/minecraftservices", services),
        account: base("account_url", "/api", account),
        discovery: discovery(section, preset),
    }
}

/// The list of the only players; one that names nobody is not meant.
fn allow(section: &Section<'_>) -> Option<Vec<Listed>> {
    let allow = section.list("allow", PLAYERS_REMEDY)?;
    if allow.is_empty() {
        let span = section.span_of("allow").unwrap_or_default();
        section.note("allow", span, "names nobody", "remove it to let everybody in, or write enabled = false");
    }
    Some(allow)
}

/// Only Mojang's: its document says where access tokens go.
fn discovery(section: &Section<'_>, preset: &Preset) -> Option<Uri> {
    let Some(text) = section.text("discovery_url") else { return preset.discovery?.parse().ok() };
    if !preset.is_mojang {
        section.note("discovery_url", text.span, "is Mojang's alone", "remove it, or add preset = \"mojang\"");
        return None;
    }
    let remedy = "write the whole address, as in \"https://discovery.minecraftservices.com/minecraft/client\"";
    url::public(text.value).map_err(|what| section.note("discovery_url", text.span, what, remedy)).ok()
}

fn publish_keys(section: &Section<'_>) -> Option<Vec<KeyUse>> {
    let remedy =
        "list any of \"profile\", \"certificate\" and \"authentication\", as in [\"profile\"]; [] publishes none";
    section.list("publish_keys", remedy)
}

impl FromStr for KeyUse {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "profile" => Ok(Self::Profile),
            "certificate" => Ok(Self::Certificate),
            "authentication" => Ok(Self::Authentication),
            _ => Err(()),
        }
    }
}

/// Status codes that mean "no". Those that never can are refused, since each would turn an outage into refusals.
fn negative(section: &Section<'_>) -> Option<Vec<u16>> {
    let remedy =
        "list status codes from 400 to 499 but 408, 425 and 429, as in [403]; 204 and an empty 200 always mean \"no\"";
    let codes: Vec<u16> = section.list("negative", remedy)?;
    let meant = |code: &u16| *code == 204 || (matches!(code, 400..=499) && !matches!(code, 408 | 425 | 429));
    if let Some(code) = codes.iter().find(|code| !meant(code)) {
        let span = section.span_of("negative").unwrap_or_default();
        section.note("negative", span, format!("{code} can never mean \"no\""), remedy);
    }
    Some(codes.into_iter().filter(|code| *code != 204).collect())
}

/// Relative to the file that names it. One that nobody will use need not be there yet.
fn ca_file(section: &Section<'_>, folder: &Path, used: bool) -> Option<PathBuf> {
    let text = section.text("ca_file")?;
    let file = folder.join(text.value);
    if !used {
        return Some(file);
    }
    let remedy = "name a readable PEM file with the certificates to trust";
    match std::fs::read_to_string(&file) {
        Ok(pem) if pem.contains("-----BEGIN CERTIFICATE-----") => {}
        Ok(_) => section.note("ca_file", text.span, format!("{} holds no certificate", file.display()), remedy),
        Err(error) => {
            section.note("ca_file", text.span, format!("{} cannot be read: {error}", file.display()), remedy);
        }
    }
    Some(file)
}
