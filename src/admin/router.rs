//! The routes of the admin listener, matched exactly: nobody hands these to a game server.

use crate::model::PlayerName;
use percent_encoding::percent_decode_str;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Links to the others.
    Index,
    /// Figures for Prometheus.
    Metrics,
    /// How everything stands, for machines.
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
    Some(match path {
        "/" => Route::Index,
        "/metrics" => Route::Metrics,
        "/status.json" => Route::StatusJson,
        "/healthz" => Route::Healthz,
        "/readyz" => Route::Readyz,
        "/bindings" => Route::Bindings,
        _ => return of_player(path),
    })
}

/// A route with the name of a player behind it.
fn of_player(path: &str) -> Option<Route> {
    let (route, name) = path.strip_prefix('/')?.split_once('/')?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let name = PlayerName::new(&name).ok()?;
    match route {
        "bindings" => Some(Route::Binding(name)),
        "explain" => Some(Route::Explain(name)),
        _ => None,
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
        for wrong in
            ["/explain", "/explain/", "/explain/%00", "/explain/%ff", "/bindings/", "/other/Notch", "//bindings"]
        {
            assert_eq!(route(wrong), None, "{wrong}");
        }
    }
}
