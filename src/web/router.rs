//! The route table.
//!
//! Doubled and trailing slashes are folded, since documented flags end in one and clients add another. The base path of the public
//! URL may or may not have been taken off by what stands in front.

use crate::session::Selection;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    /// The race, among all upstreams or those that the path names.
    HasJoined(Selection),
}

const HAS_JOINED: [&str; 3] = ["session", "minecraft", "hasJoined"];

/// A longer path names nothing that exists.
const MOST_SEGMENTS: usize = 2 * Selection::MOST;

/// The route of a path; `place` knows the upstreams by id.
#[must_use]
pub fn route(path: &str, base_path: &str, place: impl Fn(&str) -> Option<usize>) -> Option<Route> {
    if path == "/session/minecraft/hasJoined" {
        return Some(Route::HasJoined(Selection::ALL));
    }
    let segments: Vec<_> = segments(path).take(MOST_SEGMENTS + 1).collect();
    if segments.len() > MOST_SEGMENTS {
        return None;
    }
    let base: Vec<_> = self::segments(base_path).collect();
    let segments = segments.strip_prefix(&base[..]).unwrap_or(&segments);
    // `/mojang/minehut/session/minecraft/hasJoined`, and the form of the draft that came before:
    // `/session/minecraft/hasJoined/mojang/minehut`.
    let at = segments.windows(HAS_JOINED.len()).position(|window| *window == HAS_JOINED)?;
    let ids = segments[..at].iter().chain(&segments[at + HAS_JOINED.len()..]);
    let places: Option<Vec<_>> = ids.map(|id| place(id)).collect();
    match places?.as_slice() {
        [] => Some(Route::HasJoined(Selection::ALL)),
        places => Some(Route::HasJoined(Selection::of(places.iter().copied()))),
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(path: &str, base_path: &str) -> Option<Route> {
        route(path, base_path, |id| ["mojang", "minehut", "connect"].iter().position(|known| *known == id))
    }

    #[test]
    fn slashes_and_base_paths_lead_to_the_race() {
        for path in [
            "/session/minecraft/hasJoined",
            "//session/minecraft/hasJoined",
            "/session//minecraft/hasJoined/",
            "/auth/v2/session/minecraft/hasJoined",
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
    fn anything_else_is_nothing() {
        for path in [
            "/",
            "/session/minecraft",
            "/session/minecraft/hasjoined",
            "/unknown/session/minecraft/hasJoined",
            "/session/minecraft/hasJoined/mojang/unknown",
            "/other/session/minecraft/hasJoined",
        ] {
            assert_eq!(to(path, "/base"), None, "{path}");
        }
        let long = format!("{}/session/minecraft/hasJoined", "/mojang".repeat(1000));
        assert_eq!(to(&long, ""), None);
    }
}
