//! The keys of one upstream, and the document made of several.
//!
//! Decides which entries are fit to be passed on, and that no use is ever served without Mojang's keys: a set that lacks them gets
//! Mojang's players kicked, while an absent one merely leaves signatures unchecked.

use super::spki;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// What keys are believed for, in the order of the document: textures, chat keys of players, tokens.
pub(super) const USES: [&str; 3] = ["profilePropertyKeys", "playerCertificateKeys", "authenticationKeys"];

/// Those that Mojang's own document always has.
const ESSENTIAL: usize = 2;

/// The keys of one upstream by use, each the base64 of a key that has been looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct KeySet {
    uses: [Vec<String>; 3],
    /// Entries that were no RSA key.
    pub(super) dropped: usize,
}

/// The keys of one upstream and what it may publish here.
pub(super) struct Share<'a> {
    pub(super) keys: &'a KeySet,
    pub(super) publishes: [bool; 3],
    pub(super) is_mojang: bool,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(rename = "publicKey")]
    public_key: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    profile_property_keys: Vec<Entry<'a>>,
    player_certificate_keys: Vec<Entry<'a>>,
    authentication_keys: Vec<Entry<'a>>,
}

impl KeySet {
    /// Reads a document of keys; `None` when it is none.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let document: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let mut set = Self::default();
        for (at, name) in USES.iter().enumerate() {
            let entries = match document.get(*name) {
                None | Some(Value::Null) => &[],
                Some(Value::Array(entries)) => entries.as_slice(),
                Some(other) => std::slice::from_ref(other),
            };
            for entry in entries {
                match key(entry) {
                    Some(key) => set.uses[at].push(key.to_owned()),
                    None => set.dropped += 1,
                }
            }
        }
        Some(set)
    }

    /// Whether it has what Mojang's own always has.
    pub(super) fn is_complete(&self) -> bool {
        self.uses[..ESSENTIAL].iter().all(|keys| !keys.is_empty())
    }
}

fn key(entry: &Value) -> Option<&str> {
    let base64 = entry.get("publicKey")?.as_str()?;
    STANDARD.decode(base64).is_ok_and(|der| spki::is_rsa(&der)).then_some(base64)
}

/// The document of all shares; `None` when none of Mojang's keys would be in it.
pub(super) fn merged(shares: &[Share<'_>]) -> Option<Bytes> {
    let [profile, certificate, authentication] = [0, 1, 2].map(|at| of_use(shares, at));
    if profile.is_empty() && certificate.is_empty() && authentication.is_empty() {
        return None;
    }
    let document = Document {
        profile_property_keys: profile,
        player_certificate_keys: certificate,
        authentication_keys: authentication,
    };
    serde_json::to_vec(&document).ok().map(Bytes::from)
}

/// Mojang's first, since Java tries them in turn and complains aloud about a foreign key of another length; then the others' in
/// their order; each once. Nobody's, where Mojang has none.
fn of_use<'a>(shares: &[Share<'a>], at: usize) -> Vec<Entry<'a>> {
    let of = |is_mojang: bool| {
        let publishing = shares.iter().filter(move |share| share.is_mojang == is_mojang && share.publishes[at]);
        publishing.flat_map(move |share| &share.keys.uses[at])
    };
    if of(true).next().is_none() {
        return Vec::new();
    }
    let mut keys: Vec<Entry<'a>> = Vec::new();
    for key in of(true).chain(of(false)) {
        if !keys.iter().any(|known| known.public_key == key) {
            keys.push(Entry { public_key: key });
        }
    }
    keys
}
