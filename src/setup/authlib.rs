//! Servers that verify players themselves, with Mojang's authlib: it takes one host for each service.
//!
//! Each generation of authlib wants another set of hosts, and ignores all of them, nearly in silence, when one is missing. It
//! does not mind others, so one line serves them all.

use super::{
    Guide,
    spelling::{Base, shell},
};

/// Everything but the session host stays with Mojang: whitelists, keys and skins are not served here.
const AT_MOJANG: [(&str, &str); 4] = [
    ("auth", "https://authserver.mojang.com"),
    ("account", "https://api.mojang.com"),
    ("services", "https://api.minecraftservices.com"),
    ("profiles", "https://api.mojang.com"),
];

pub(super) const PAPER: &str =
    "Paper: flags of the java command, before -jar, on one line. They are read at the start only.";
pub(super) const FABRIC: &str = "Fabric, and a vanilla server: flags of the java command, before -jar, on one line. They are read at the start only.";

pub(super) fn guide(base: &Base, place: &'static str) -> Guide {
    let host = |(service, url): (&str, &str)| shell(&format!("-Dminecraft.api.{service}.host={url}")).into_owned();
    // Any environment but Mojang's own two: those would win over the hosts.
    let mut flags = vec!["-Dminecraft.api.env=custom".to_owned()];
    flags.extend(AT_MOJANG.map(host));
    flags.push(host(("session", base.host())));
    Guide {
        place,
        lines: flags.join(" "),
        elsewhere: Vec::new(),
        notes: vec![
            "This is for a server that players join directly. Behind Velocity or another proxy, set up that proxy instead",
            "server.properties: online-mode=true",
            "server.properties: enforce-secure-profile=false, or players who come through a network such as Minehut may be unable to join or to chat",
            "server.properties: prevent-proxy-connections=false, or players who come through a network may be refused: they joined from another address",
            "For Minecraft 1.16 to 26.2. Older servers have Mojang's address built in; 26.3 and newer read -Dminecraft.api.discovery.host instead, whose document this version of hasjoined does not serve yet: they go on asking Mojang alone",
            "\"Ignoring hosts properties\" in the server's log means that a flag is missing or misspelled, and that Mojang alone is asked",
            "Profiles looked up by UUID, as for player heads, are asked of the session host too. This version does not serve them, so such heads can lack their skin",
        ],
    }
}
