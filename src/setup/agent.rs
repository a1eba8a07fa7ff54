//! Software that authlib-injector opens: a Java agent that puts this proxy in place of Mojang's addresses.

use super::{
    guide::{Guide, Note, OTHER_ADDRESS, OTHER_KEY, Snippet, UNSIGNED, java_flags},
    proxies::BEHIND,
    spelling::Base,
};

const JAR: Note = Note::Remark(
    "authlib-injector.jar is a program of its own: download it from its project, github.com/yushijinhun/authlib-injector, into the folder the server starts in",
);
const ALONE: Note = Note::Remark(
    "Never together with `-Dminecraft.api.…` flags: two ways of pointing at the same hosts get in each other's way",
);
const FIRST: Note = Note::Remark(
    "Start hasjoined first: the agent reads its address when the server starts, and without an answer the server does not start",
);

pub(super) fn any(base: &Base) -> Guide {
    Guide {
        snippets: flag("for any Java server or proxy: a flag of the java command, before -jar.", base),
        notes: vec![
            JAR,
            ALONE,
            FIRST,
            Note::setting_or("server.properties", "enforce-secure-profile=false", UNSIGNED),
            Note::Remark(
                "Only where nothing else opens the server: BungeeCord, and Minecraft older than 1.16. All others have a setting of their own, which is simpler",
            ),
        ],
    }
}

pub(super) fn bungeecord(base: &Base) -> Guide {
    Guide {
        snippets: flag(
            "no setting of its own. The authlib-injector agent opens it: a flag of the java command, before -jar.",
            base,
        ),
        notes: vec![
            JAR,
            ALONE,
            FIRST,
            Note::setting("config.yml", "online_mode: true"),
            Note::setting_or("config.yml", "enforce_secure_profile: false", OTHER_KEY),
            Note::setting_or("config.yml", "prevent_proxy_connections: false", OTHER_ADDRESS),
            BEHIND,
            Note::Remark("Without the agent BungeeCord asks Mojang alone. Velocity, Waterfall and Gate need no agent"),
        ],
    }
}

fn flag(what: &str, base: &Base) -> Vec<Snippet> {
    java_flags(what, &[format!("-javaagent:authlib-injector.jar={}", base.injector_root())])
}
