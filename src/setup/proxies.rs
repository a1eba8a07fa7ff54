//! Software that stands between players and servers: it takes the full hasJoined URL.

use super::{
    Guide,
    spelling::{Base, batch, shell, yaml},
};

/// Holds for every server behind a proxy.
const BEHIND: &str = "server.properties of every server behind it: enforce-secure-profile=false, or players who come through a \
                      network such as Minehut may be unable to join or to chat";

pub(super) fn velocity(base: &Base) -> Guide {
    Guide {
        place: "Velocity: a flag of the java command, before -jar. It is read at the start only.",
        lines: shell(&format!("-Dmojang.sessionserver={}", base.has_joined_format())).into_owned(),
        elsewhere: Vec::new(),
        notes: vec![
            "velocity.toml: online-mode = true",
            "velocity.toml: force-key-authentication = false, or players of 1.19 to 1.19.2 who come through a network are refused",
            "velocity.toml: prevent-client-proxy-connections = false, or players who come through a network may be refused: they joined from another address",
            BEHIND,
        ],
    }
}

pub(super) fn waterfall(base: &Base) -> Guide {
    // The third placeholder takes "&ip=…", or nothing.
    let flag = format!("-Dwaterfall.auth.url={}?username=%s&serverId=%s%s", base.has_joined_format());
    Guide {
        place: "Waterfall: a flag of the java command, before -jar. In a shell:",
        lines: shell(&flag).into_owned(),
        elsewhere: vec![("In a Windows .bat file:", batch(&flag)), ("In a panel that is no shell:", flag)],
        notes: vec![
            "config.yml: online_mode: true",
            "config.yml: enforce_secure_profile: false, or players of 1.19 to 1.19.2 who come through a network are refused",
            "config.yml: prevent_proxy_connections: false, or players who come through a network may be refused: they joined from another address",
            BEHIND,
            "BungeeCord itself has no such flag",
        ],
    }
}

pub(super) fn lilypad(base: &Base) -> Guide {
    Guide {
        place: "LilyPad: an environment variable of the proxy. In the shell that starts it:",
        lines: format!("export LILYPAD_MOJANG_SESSIONSERVER_URL={}", shell(&base.has_joined_format())),
        elsewhere: Vec::new(),
        notes: vec![
            "LilyPad refuses a player whose name the session server spells with other capitals than the player's client",
            BEHIND,
        ],
    }
}

pub(super) fn gate(base: &Base) -> Guide {
    Guide {
        place: "Gate: in config.yml. It is taken over while Gate runs.",
        lines: format!("config:\n  auth:\n    sessionServerUrl: {}", yaml(&base.has_joined())),
        elsewhere: Vec::new(),
        notes: vec![
            "If config.yml has config: or auth: already, add the line under it: YAML allows each only once",
            "config.yml: onlineMode: true",
            "config.yml: forceKeyAuthentication: false, or players of 1.19 to 1.19.2 who come through a network are refused",
            "config.yml: shouldPreventClientProxyConnections: false, or players who come through a network may be refused: they joined from another address",
            BEHIND,
        ],
    }
}
