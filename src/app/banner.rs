//! What the program says on screen when it starts: where it listens, whom it asks, how to point a server at it.

use crate::{
    config::{Loaded, Source},
    setup::{self, Software},
};
use std::{fmt::Write, net::SocketAddr};

/// The text, ready to print.
pub(super) fn text(loaded: &Loaded, addresses: &[SocketAddr], admin: Option<SocketAddr>) -> String {
    let Loaded { settings, source, .. } = loaded;
    let mut text = format!("hasjoined {}, configured by {source}\n", env!("CARGO_PKG_VERSION"));
    // Writing to a String cannot fail.
    for address in addresses {
        let _ = writeln!(text, "  listening on {}://{address}", settings.server.scheme());
    }
    if let Some(address) = admin {
        let _ = writeln!(text, "  status at http://{address}/status, metrics at http://{address}/metrics");
    }
    for upstream in &settings.upstreams {
        let _ = writeln!(text, "  asking {} at {}", upstream.id, upstream.shown_url());
    }
    if let Some(address) = addresses.first().filter(|_| settings.login.enabled) {
        let url = settings.server.reached_at(*address).to_string();
        let _ = writeln!(
            text,
            "  logging applications in at {0}/v1/auth, described by {0}/openapi.json",
            url.trim_end_matches('/')
        );
    }
    if let Some(first) = addresses.first() {
        let flag = setup::in_short(Software::Velocity, &settings.server.reached_at(*first));
        let _ = writeln!(text, "Point a server at it, for example Velocity:\n  java {flag} -jar velocity.jar");
    }
    let file = match source {
        Source::File(path) => format!(" --config {}", path.display()),
        Source::BuiltIn => String::new(),
    };
    let _ = writeln!(text, "For other software: hasjoined setup SOFTWARE{file}");
    text
}
