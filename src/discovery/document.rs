//! The document itself: what makes one usable, and what is changed in it.
//!
//! Decides that game servers get no document that would take them offline or stop them with an error.

use bytes::Bytes;
use serde_json::{Value, json};

/// Mojang's, as it was when this program was written.
const EMBEDDED: &str = include_str!("mojang.json");

/// Without any one of these, game servers fail at a place where they do not expect it.
const GROUPS: [&str; 5] = ["authentication", "session", "player", "profiles", "telemetry"];

/// What leads to this proxy: group, endpoint, path under the public URL. All else stays at Mojang.
const OURS: [(&str, &str, &str); 3] = [
    ("session", "verify", "/session/minecraft/hasJoined"),
    ("session", "getProfileById", "/session/minecraft/profile/{profileId}"),
    ("authentication", "getPublicKeys", "/publickeys"),
];

/// Mojang's document, with everything in it that a game server cannot do without.
#[derive(Debug)]
pub struct Document(Value);

impl Document {
    /// Reads one.
    ///
    /// # Errors
    /// Why it is of no use.
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        let document: Value = serde_json::from_slice(body).map_err(|_| "not JSON")?;
        match document.get("environment").and_then(Value::as_str) {
            None => return Err("names no environment"),
            Some(environment) if environment.eq_ignore_ascii_case("offline") => return Err("says \"offline\""),
            Some(_) => {}
        }
        for group in GROUPS {
            let endpoints = document.pointer(&format!("/discovery/{group}/endpoints")).and_then(Value::as_object);
            let endpoints = endpoints.ok_or("lacks a group")?;
            if !endpoints.values().all(usable) {
                return Err("has an address that is none");
            }
        }
        Ok(Self(document))
    }

    /// The embedded one.
    pub(super) fn embedded() -> Self {
        // That it can be read is a test's business.
        Self(serde_json::from_str(EMBEDDED).unwrap_or_default())
    }

    /// As game servers are to read it that reach this proxy at `base`, which has no slash at its end.
    #[must_use]
    pub fn at(&self, base: &str) -> Bytes {
        let mut document = self.0.clone();
        for (group, endpoint, path) in OURS {
            let endpoints = document.pointer_mut(&format!("/discovery/{group}/endpoints"));
            if let Some(endpoints) = endpoints.and_then(Value::as_object_mut) {
                endpoints.insert(endpoint.to_owned(), json!({ "uri": format!("{base}{path}") }));
            }
        }
        Bytes::from(document.to_string())
    }
}

/// An endpoint without addresses is simply not available; one with a wrong address is a crash.
fn usable(endpoint: &Value) -> bool {
    let address = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.starts_with("https://") || text.starts_with("http://")
    };
    endpoint.is_object()
        && endpoint.get("uri").is_none_or(address)
        && endpoint.get("validUris").is_none_or(|uris| uris.as_array().is_some_and(|uris| uris.iter().all(address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(pointer: &str, key: &str) -> Result<Document, &'static str> {
        let mut document = Document::embedded().0;
        document.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        Document::read(document.to_string().as_bytes())
    }

    fn with(pointer: &str, value: Value) -> Result<Document, &'static str> {
        let mut document = Document::embedded().0;
        *document.pointer_mut(pointer).unwrap() = value;
        Document::read(document.to_string().as_bytes())
    }

    #[test]
    fn only_three_addresses_are_replaced() {
        let embedded = Document::read(EMBEDDED.as_bytes()).unwrap();
        let mut ours: Value = serde_json::from_slice(&embedded.at("https://login.example/base")).unwrap();
        for (group, endpoint, path) in OURS {
            let pointer = format!("/discovery/{group}/endpoints/{endpoint}/uri");
            let uri = ours.pointer_mut(&pointer).unwrap();
            assert_eq!(*uri, format!("https://login.example/base{path}"));
            *uri = embedded.0.pointer(&pointer).unwrap().clone();
        }
        assert_eq!(ours, embedded.0);
    }

    #[test]
    fn a_document_that_would_harm_is_refused() {
        for group in GROUPS {
            assert_eq!(without("/discovery", group).unwrap_err(), "lacks a group");
        }
        assert_eq!(without("", "environment").unwrap_err(), "names no environment");
        assert_eq!(with("/environment", json!("OFFLINE")).unwrap_err(), "says \"offline\"");
        for wrong in [json!("api.mojang.com"), json!(7), json!(null)] {
            let refused = with("/discovery/profiles/endpoints/getByName/uri", wrong);
            assert_eq!(refused.unwrap_err(), "has an address that is none");
        }
        assert_eq!(Document::read(b"<html>").unwrap_err(), "not JSON");
    }

    #[test]
    fn an_endpoint_of_tomorrow_is_kept() {
        let later = json!({ "uri": "https://api.minecraftservices.com/later", "since": 27 });
        let document = with("/discovery/telemetry/endpoints", json!({ "later": later })).unwrap();
        let text = String::from_utf8(document.at("http://h").to_vec()).unwrap();
        assert!(text.contains(&later.to_string()), "{text}");
    }
}
