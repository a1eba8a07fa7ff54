//! Pumpkin: whole addresses with placeholders, one for each thing it asks.

use super::{
    guide::{Guide, Note, OTHER_ADDRESS, Snippet},
    spelling::{Base, quoted},
};

pub(super) fn guide(base: &Base) -> Guide {
    let has_joined = format!("{}?username={{username}}&serverId={{server_hash}}", base.has_joined());
    let host = base.host();
    let keys = [
        ("url", has_joined.clone()),
        // Asked instead of `url` as soon as prevent_proxy_connections is on.
        ("prevent_proxy_connection_auth_url", format!("{has_joined}&ip={{ip}}")),
        ("services_url", host.to_owned()),
        ("profile_by_name_url", format!("{host}/users/profiles/minecraft/{{username}}")),
        ("profile_by_uuid_url", format!("{host}/session/minecraft/profile/{{uuid}}")),
    ];
    let mut lines = "[networking.java.authentication]".to_owned();
    for (key, value) in keys {
        lines.push_str(&format!("\n{key} = {}", quoted(&value)));
    }
    Guide {
        snippets: vec![Snippet::new("in pumpkin.toml. It is read at the start only.", lines)],
        notes: vec![
            Note::Remark(
                "Pumpkin writes `[networking.java.authentication]` into its file by itself: put the lines under it, since a table that is there twice makes Pumpkin run on its defaults",
            ),
            Note::setting("pumpkin.toml", "online_mode = true"),
            Note::setting_or("pumpkin.toml", "prevent_proxy_connections = false", OTHER_ADDRESS),
            Note::Remark(
                "Both addresses of hasJoined are needed: with `prevent_proxy_connections = true` Pumpkin asks the second one only, which is Mojang's unless it is set",
            ),
            Note::Remark(
                "Take addresses out of `fallbacks`: whoever stands there is believed as this proxy is, when it could not tell or said no",
            ),
            Note::Remark(
                "Pumpkin refuses players whose skin is not on Mojang's hosts: add the others, such as your Drasl server's, to `allowed_url_domains` under `[networking.java.authentication.textures]`",
            ),
            Note::Remark(
                "With `allow_chat_reports = true` Pumpkin fetches keys when it starts: start hasjoined first. Players who come through a network may be unable to chat then",
            ),
        ],
    }
}
