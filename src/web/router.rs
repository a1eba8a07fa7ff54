//! The route table.
//!
//! Doubled and trailing slashes are folded, since documented flags end in one and clients add another. The base path of the public
//! URL may or may not have been taken off by what stands in front. The prefixes that authlib-injector maps Mojang's hosts to lead
//! to the same routes.

use crate::session::Selection;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The race, among all upstreams or those that the path names.
    HasJoined(Selection),
    /// A client's own join: holds an access token.
    Join,
    /// A profile by UUID, as written in the path.
    Profile(&'a str),
    /// Hashes of servers that Mojang blocks.
    BlockedServers,
    /// The merged public keys.
    PublicKeys,
    /// UUIDs of several names, posted as a JSON array.
    IdsOfNames,
    /// The UUID of one name, as written in the path.
    IdOfName(&'a str),
    /// The name of a UUID, as written in the path.
    NameOfId(&'a str),
    /// The discovery document.
    Discovery,
    /// The metadata of the authlib-injector API.
    InjectorRoot,
    /// The page with lines to paste.
    Index,
    /// Something that takes a player's token, on Mojang's services host.
    Services,
    /// The same, on the older account host.
    Account,
}

const HAS_JOINED: [&str; 3] = ["session", "minecraft", "hasJoined"];

/// What authlib-injector puts in place of Mojang's hosts, under its API root.
const INJECTOR_ROOT: &str = "authlib-injector";
const INJECTOR_HOSTS: [&str; 4] = ["sessionserver", "api", "authserver", "minecraftservices"];

/// A longer path names nothing that exists.
const MOST_SEGMENTS: usize = 2 * Selection::MOST;

/// The route of a path; `place` knows the upstreams by id.
#[must_use]
pub fn route<'a>(path: &'a str, base_path: &str, place: impl Fn(&str) -> Option<usize>) -> Option<Route<'a>> {
    if path == "/session/minecraft/hasJoined" {
        return Some(Route::HasJoined(Selection::ALL));
    }
    let segments: Vec<_> = segments(path).take(MOST_SEGMENTS + 1).collect();
    if segments.len() > MOST_SEGMENTS {
        return None;
    }
    if without_base(&segments, base_path) == [INJECTOR_ROOT] {
        return Some(Route::InjectorRoot);
    }
    let segments = without_prefixes(&segments, base_path);
    fixed(segments).or_else(|| selected(segments, place))
}

/// The segments of a path below the base path and authlib-injector's prefixes: what Mojang's own host would have been asked.
pub(super) fn below<'a>(path: &'a str, base_path: &str) -> Vec<&'a str> {
    let segments: Vec<_> = segments(path).collect();
    without_prefixes(&segments, base_path).to_vec()
}

fn without_prefixes<'s, 'a>(segments: &'s [&'a str], base_path: &str) -> &'s [&'a str] {
    let segments = match without_base(segments, base_path) {
        [INJECTOR_ROOT, rest @ ..] => rest,
        whole => whole,
    };
    match segments {
        [host, rest @ ..] if INJECTOR_HOSTS.contains(host) => rest,
        whole => whole,
    }
}

fn without_base<'s, 'a>(segments: &'s [&'a str], base_path: &str) -> &'s [&'a str] {
    let base = self::segments(base_path);
    let length = base.clone().count();
    match segments.len() >= length && base.eq(segments[..length].iter().copied()) {
        true => &segments[length..],
        false => segments,
    }
}

fn fixed<'a>(segments: &[&'a str]) -> Option<Route<'a>> {
    Some(match segments {
        [] => Route::Index,
        ["session", "minecraft", "join"] => Route::Join,
        ["session", "minecraft", "profile", id] => Route::Profile(id),
        ["blockedservers"] => Route::BlockedServers,
        ["publickeys"] => Route::PublicKeys,
        ["minecraft", "client"] | ["discovery", "minecraft", "client"] => Route::Discovery,
        ["profiles", "minecraft"] | ["minecraft", "profile", "lookup", "bulk", "byname"] => Route::IdsOfNames,
        ["users", "profiles", "minecraft", name] | ["minecraft", "profile", "lookup", "name", name] => {
            Route::IdOfName(name)
        }
        ["minecraft", "profile", "lookup", id] => Route::NameOfId(id),
        ["player", ..] | ["privacy", ..] | ["privileges"] | ["events"] | ["friends", ..] | ["presence", ..] => {
            Route::Services
        }
        ["minecraft", "profile", ..] | ["entitlements", ..] => Route::Services,
        ["user", ..] => Route::Account,
        _ => return None,
    })
}

/// `/mojang/minehut/session/minecraft/hasJoined`, and the form of the draft that came before:
/// `/session/minecraft/hasJoined/mojang/minehut`.
fn selected<'a>(segments: &[&str], place: impl Fn(&str) -> Option<usize>) -> Option<Route<'a>> {
    let at = segments.windows(HAS_JOINED.len()).position(|window| *window == HAS_JOINED)?;
    let ids = segments[..at].iter().chain(&segments[at + HAS_JOINED.len()..]);
    let places: Option<Vec<_>> = ids.map(|id| place(id)).collect();
    match places?.as_slice() {
        [] => Some(Route::HasJoined(Selection::ALL)),
        places => Some(Route::HasJoined(Selection::of(places.iter().copied()))),
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> + Clone {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to<'a>(path: &'a str, base_path: &str) -> Option<Route<'a>> {
        route(path, base_path, |id| ["mojang", "minehut", "connect"].iter().position(|known| *known == id))
    }

    #[test]
    fn slashes_and_base_paths_lead_to_the_race() {
        for path in [
            "/session/minecraft/hasJoined",
            "//session/minecraft/hasJoined",
            "/session//minecraft/hasJoined/",
            "/auth/v2/session/minecraft/hasJoined",
            "/authlib-injector/sessionserver/session/minecraft/hasJoined",
            "/sessionserver/session/minecraft/hasJoined",
        ] {
            assert_eq!(to(path, "/auth/v2"), Some(Route::HasJoined(Selection::ALL)), "{path}");
        }
    }

    #[test]
    fn paths_select_upstreams_before_and_after() {
        let both = Some(Route::HasJoined(Selection::of([0, 1])));
        for path in [
            "/mojang/minehut/session/minecraft/hasJoined",
            "/session/minecraft/hasJoined/minehut/mojang",
            "/minehut/session/minecraft/hasJoined/mojang/mojang",
            "/base/mojang//minehut/session/minecraft/hasJoined",
        ] {
            assert_eq!(to(path, "/base"), both, "{path}");
        }
    }

    #[test]
    fn every_other_route_has_its_row() {
        for (path, route) in [
            ("/", Route::Index),
            ("/base/", Route::Index),
            ("/session/minecraft/join", Route::Join),
            ("/session/minecraft/profile/069a", Route::Profile("069a")),
            ("/blockedservers", Route::BlockedServers),
            ("//publickeys", Route::PublicKeys),
            ("/authlib-injector/minecraftservices/publickeys", Route::PublicKeys),
            ("/minecraft/client", Route::Discovery),
            ("/discovery/minecraft/client", Route::Discovery),
            ("/profiles/minecraft", Route::IdsOfNames),
            ("/api/profiles/minecraft", Route::IdsOfNames),
            ("/minecraft/profile/lookup/bulk/byname", Route::IdsOfNames),
            ("/users/profiles/minecraft/Notch", Route::IdOfName("Notch")),
            ("/minecraft/profile/lookup/name/notch", Route::IdOfName("notch")),
            ("/minecraft/profile/lookup/069a", Route::NameOfId("069a")),
            ("/authlib-injector", Route::InjectorRoot),
            ("/base/authlib-injector/", Route::InjectorRoot),
            ("/player/attributes", Route::Services),
            ("/privacy/blocklist", Route::Services),
            ("/minecraft/profile", Route::Services),
            ("/user/security/location", Route::Account),
        ] {
            assert_eq!(to(path, "/base"), Some(route), "{path}");
        }
    }

    #[test]
    fn prefixes_come_off_a_relayed_path() {
        for path in ["/player/x", "/base//player/x/", "/authlib-injector/minecraftservices/player/x", "/api/player/x"] {
            assert_eq!(below(path, "/base"), ["player", "x"], "{path}");
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        for path in [
            "/session/minecraft",
            "/session/minecraft/hasjoined",
            "/unknown/session/minecraft/hasJoined",
            "/session/minecraft/hasJoined/mojang/unknown",
            "/other/session/minecraft/hasJoined",
            "/authserver/authenticate",
            "/authenticate",
        ] {
            assert_eq!(to(path, "/base"), None, "{path}");
        }
        let long = format!("{}/session/minecraft/hasJoined", "/mojang".repeat(1000));
        assert_eq!(to(&long, ""), None);
    }
}
