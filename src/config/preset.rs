//! What is known of session servers, so that an operator need not look it up. A key in the file wins over its preset.

use super::settings::{Attests, KeyUse};
use std::time::Duration;

/// What a preset fills in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Preset {
    pub(super) url: Option<&'static str>,
    pub(super) attests: Attests,
    pub(super) negative: &'static [u16],
    pub(super) single_use: bool,
    pub(super) timeout: Duration,
    /// Base URLs: session, services, account.
    pub(super) hosts: [Option<&'static str>; 3],
    pub(super) publish_keys: &'static [KeyUse],
    pub(super) is_mojang: bool,
    pub(super) discovery: Option<&'static str>,
}

pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

/// An upstream without a preset: it speaks for nobody but itself.
pub(super) const NONE: Preset = Preset {
    url: None,
    attests: Attests::Own,
    negative: &[],
    single_use: false,
    timeout: DEFAULT_TIMEOUT,
    hosts: [None; 3],
    publish_keys: &[],
    is_mojang: false,
    discovery: None,
};

/// One that vouches for accounts of Mojang.
const ATTESTING: Preset = Preset { attests: Attests::Mojang, ..NONE };

/// All of them, by name.
pub(super) const ALL: [(&str, Preset); 7] = [
    (
        "mojang",
        Preset {
            url: Some("https://sessionserver.mojang.com/session/minecraft/hasJoined"),
            // The one upstream that most players need: it may take nearly all the time there is.
            timeout: Duration::from_millis(4_400),
            hosts: [
                Some("https://sessionserver.mojang.com"),
                Some("https://api.minecraftservices.com"),
                Some("https://api.mojang.com"),
            ],
            publish_keys: &[KeyUse::Profile, KeyUse::Certificate, KeyUse::Authentication],
            is_mojang: true,
            discovery: Some("https://discovery.minecraftservices.com/minecraft/client"),
            ..ATTESTING
        },
    ),
    // How Minehut says "no" is not documented. What it says instead of 204 is left open: better "down" than wrongly refused.
    ("minehut", Preset { url: Some("https://api.minehut.com/mitm/proxy/session/minecraft/hasJoined"), ..ATTESTING }),
    // Minekube Connect has no public session server yet.
    ("connect", ATTESTING),
    ("minekeep", Preset { url: Some("https://sessionserver.minekeep.net/session/minecraft/hasJoined"), ..ATTESTING }),
    // Forgets a join when asked: https://github.com/elyby/accounts, JoinModel.
    (
        "elyby",
        Preset { url: Some("https://authserver.ely.by/session/hasJoined"), negative: &[403], single_use: true, ..NONE },
    ),
    ("drasl", Preset { negative: &[403], ..NONE }),
    ("yggdrasil", NONE),
];
