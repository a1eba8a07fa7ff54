//! Software that stands between players and servers: it takes the full hasJoined URL.

use super::{
    guide::{Guide, Note, OTHER_ADDRESS, OTHER_KEY, Snippet, UNSIGNED, java_flags},
    spelling::{Base, quoted, shell},
};

const AS_THEY_ARE: Note = Note::Remark(
    "Servers behind it stay as they are: their player forwarding, `online-mode=false`, and no flag of hasjoined's",
);

/// Holds for every server behind a proxy.
pub(super) const BEHIND: Note =
    Note::setting_or("server.properties of every server behind it", "enforce-secure-profile=false", UNSIGNED);

pub(super) fn velocity(base: &Base) -> Guide {
    let flag = format!("-Dmojang.sessionserver={}", base.has_joined_format());
    Guide {
        snippets: java_flags("a flag of the java command, before -jar. It is read at the start only.", &[flag]),
        notes: vec![
            Note::setting("velocity.toml", "online-mode = true"),
            Note::setting_or("velocity.toml", "force-key-authentication = false", OTHER_KEY),
            Note::setting_or("velocity.toml", "prevent-client-proxy-connections = false", OTHER_ADDRESS),
            AS_THEY_ARE,
            BEHIND,
        ],
    }
}

pub(super) fn waterfall(base: &Base) -> Guide {
    // The third placeholder takes "&ip=…", or nothing.
    let flag = format!("-Dwaterfall.auth.url={}?username=%s&serverId=%s%s", base.has_joined_format());
    Guide {
        snippets: java_flags("a flag of the java command, before -jar.", &[flag]),
        notes: vec![
            Note::setting("config.yml", "online_mode: true"),
            Note::setting_or("config.yml", "enforce_secure_profile: false", OTHER_KEY),
            Note::setting_or("config.yml", "prevent_proxy_connections: false", OTHER_ADDRESS),
            AS_THEY_ARE,
            BEHIND,
            Note::Remark("BungeeCord itself has no such flag: it takes authlib-injector"),
        ],
    }
}

pub(super) fn lilypad(base: &Base) -> Guide {
    let line = format!("export LILYPAD_MOJANG_SESSIONSERVER_URL={}", shell(&base.has_joined_format()));
    Guide {
        snippets: vec![Snippet::new("an environment variable of the proxy. In the shell that starts it:", line)],
        notes: vec![
            Note::Remark(
                "LilyPad refuses a player whose name the session server spells with other capitals than the player's client",
            ),
            AS_THEY_ARE,
            BEHIND,
        ],
    }
}

pub(super) fn gate(base: &Base) -> Guide {
    let lines = format!("config:\n  auth:\n    sessionServerUrl: {}", quoted(&base.has_joined()));
    Guide {
        snippets: vec![Snippet::new("in config.yml. It is taken over while Gate runs.", lines)],
        notes: vec![
            Note::Remark(
                "If config.yml has `config:` or `auth:` already, add the line under it: YAML allows each only once",
            ),
            Note::setting("config.yml", "onlineMode: true"),
            Note::setting_or("config.yml", "forceKeyAuthentication: false", OTHER_KEY),
            Note::setting_or("config.yml", "shouldPreventClientProxyConnections: false", OTHER_ADDRESS),
            AS_THEY_ARE,
            BEHIND,
        ],
    }
}
