//! Servers that verify players themselves, with Mojang's authlib: it takes one host for each service.
//!
//! Each generation of authlib wants another set of hosts, and ignores all of them, nearly in silence, when one is missing. It
//! does not mind others, so one line serves them all.

use super::{
    guide::{Guide, Note, OTHER_ADDRESS, UNSIGNED, java_flags},
    spelling::Base,
};

/// Every host that any generation up to Minecraft 26.2 wants.
const HOSTS: [&str; 5] = ["auth", "account", "session", "services", "profiles"];

pub(super) fn paper(base: &Base) -> Guide {
    guide("flags of the java command, before -jar, on one line. Spigot and Purpur read them too.", base)
}

pub(super) fn fabric(base: &Base) -> Guide {
    guide("flags of the java command, before -jar, on one line. Quilt, Forge and NeoForge read them too.", base)
}

fn guide(what: &str, base: &Base) -> Guide {
    // Any environment but Mojang's own two: those would win over the hosts.
    let mut flags = vec!["-Dminecraft.api.env=custom".to_owned()];
    flags.extend(HOSTS.map(|service| format!("-Dminecraft.api.{service}.host={}", base.host())));
    // Minecraft 26.3 reads this one alone, and wants a whole address.
    flags.push(format!("-Dminecraft.api.discovery.host={}", base.discovery()));
    Guide {
        snippets: java_flags(what, &flags),
        notes: vec![
            Note::Remark(
                "This is for a server that players join directly. Behind Velocity or another proxy, set up that proxy instead",
            ),
            Note::setting("server.properties", "online-mode=true"),
            Note::setting_or("server.properties", "enforce-secure-profile=false", UNSIGNED),
            Note::setting_or("server.properties", "prevent-proxy-connections=false", OTHER_ADDRESS),
            Note::Remark(
                "One line for Minecraft 1.16 and newer: each version takes the flags it knows, and leaves the others alone. Older ones have Mojang's address built in: take authlib-injector there, without these flags",
            ),
            Note::Remark(
                "`Ignoring hosts properties` in the server's log means that a flag is missing or misspelled, and that Mojang alone is asked",
            ),
            Note::Remark("Start hasjoined before the server: since 1.20, servers fetch keys when they start"),
        ],
    }
}
