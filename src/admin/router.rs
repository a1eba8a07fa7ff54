//! The routes of the admin listener, matched exactly: nobody hands these to a game server.
//!
//! To add one: its variant, its path, what it answers to if that is more than reading, and its line in [`super::Admin::answer`].

use crate::model::PlayerName;
use percent_encoding::percent_decode_str;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Links to the others.
    Index,
    /// Figures for Prometheus.
    Metrics,
    /// How everything stands.
    Status,
    /// The same for machines.
    StatusJson,
    /// The process runs.
    Healthz,
    /// Logins can be answered.
    Readyz,
    /// Names and whose they are.
    Bindings,
    /// One of them.
    Binding(PlayerName),
    /// What would become of a player's login.
    Explain(PlayerName),
}

/// The route of a path.
pub(super) fn route(path: &str) -> Option<Route> {
    let segments: Vec<_> = path.strip_prefix('/')?.split('/').collect();
    Some(match segments.as_slice() {
        [""] => Route::Index,
        ["metrics"] => Route::Metrics,
        ["status"] => Route::Status,
        ["status.json"] => Route::StatusJson,
        ["healthz"] => Route::Healthz,
        ["readyz"] => Route::Readyz,
        ["bindings"] => Route::Bindings,
        ["bindings", name] => Route::Binding(decoded(name)?),
        ["explain", name] => Route::Explain(decoded(name)?),
        _ => return None,
    })
}

fn decoded(name: &str) -> Option<PlayerName> {
    let name = percent_decode_str(name).decode_utf8().ok()?;
    PlayerName::new(&name).ok()
}

impl Route {
    /// What it answers to, as `Allow` lists it. Whatever changes something must not be among what a link can do.
    pub(super) const fn methods(&self) -> &'static str {
        match self {
            Self::Binding(_) => "DELETE",
            Self::Index | Self::Metrics | Self::Status | Self::StatusJson | Self::Healthz | Self::Readyz => "GET, HEAD",
            Self::Bindings | Self::Explain(_) => "GET, HEAD",
        }
    }

    /// Whether it answers to this method.
    pub(super) fn answers_to(&self, method: &str) -> bool {
        self.methods().split(", ").any(|known| known == method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_and_checked() {
        let name = |text: &str| PlayerName::new(text).unwrap();
        assert_eq!(route("/explain/No%20tch"), Some(Route::Explain(name("No tch"))));
        assert_eq!(route("/bindings/a%2Fb"), Some(Route::Binding(name("a/b"))));
        for wrong in ["/explain", "/explain/", "/explain/%00", "/explain/%ff", "/bindings/", "/other/Notch"] {
            assert_eq!(route(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn paths_are_matched_exactly() {
        assert_eq!(route("/"), Some(Route::Index));
        assert_eq!(route("/metrics"), Some(Route::Metrics));
        for path in ["", "//", "/metrics/", "//metrics", "/Metrics", "/status.json/x", "metrics", "*"] {
            assert_eq!(route(path), None, "{path}");
        }
    }

    #[test]
    fn what_only_shows_answers_to_reading_only() {
        for method in ["GET", "HEAD"] {
            assert!(Route::Metrics.answers_to(method));
        }
        for method in ["", "get", "GET,", "POST", "DELETE"] {
            assert!(!Route::Metrics.answers_to(method), "{method}");
        }
    }
}
