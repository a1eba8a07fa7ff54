//! The routes of the admin listener, matched exactly: nobody hands these to a game server.

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Links to the others.
    Index,
    /// Figures for Prometheus.
    Metrics,
    /// The process runs.
    Healthz,
    /// Logins can be answered.
    Readyz,
}

/// The route of a path.
pub(super) fn route(path: &str) -> Option<Route> {
    Some(match path {
        "/" => Route::Index,
        "/metrics" => Route::Metrics,
        "/healthz" => Route::Healthz,
        "/readyz" => Route::Readyz,
        _ => return None,
    })
}
