//! What a running program takes over from a changed configuration.

use super::{Failed, site::Builder};
use crate::{config::Settings, web::Web};
use std::net::SocketAddr;

/// Takes over what can be. What was opened at the start needs a restart, and stays as it is until then: addresses, the number of
/// connections, the login API's store and keys.
pub(super) fn apply(
    (web, builder, address): (&Web, &mut Builder, SocketAddr),
    running: &Settings,
    wanted: &Settings,
) -> Result<(), Failed> {
    let prepared = builder.prepare(wanted)?;
    web.replace(builder.site(prepared, wanted, address));
    let names: Vec<_> = wanted.upstreams.iter().map(|upstream| upstream.id.as_str()).collect();
    if builder.needs_restart(wanted) {
        tracing::warn!(
            "what [login] says of the store, of signing, of lifetimes or of Feather's tokens has changed: restart for it to hold"
        );
    }
    tracing::info!(upstreams = names.join(" "), "configuration reloaded");
    if running.server.listen != wanted.server.listen {
        tracing::warn!("server.listen has changed: restart to listen there");
    }
    if running.server.admin != wanted.server.admin {
        tracing::warn!("server.admin has changed: restart to listen there");
    }
    if running.server.max_connections != wanted.server.max_connections {
        tracing::warn!("server.max_connections has changed: restart for it to hold");
    }
    Ok(())
}
