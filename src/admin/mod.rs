//! The operator's side: how the program and its upstreams are, for eyes, for Prometheus and for whoever routes traffic here.
//!
//! Decides what is shown and what each figure is called; counting is done where things happen. It reads the live program whenever
//! it is asked, and keeps nothing. Players and game servers never reach it: it has a listener of its own.

mod answer;
mod figures;
mod host;
mod moment;
mod page;
mod players;
mod process;
mod readiness;
mod router;
mod status;

use crate::{lifecycle::CancellationToken, server::Server, session::Memory, telemetry, web::Web};
use answer::{text, with_status};
use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{ACCEPT, ALLOW, HeaderValue},
};
use http_body_util::Full;
use router::Route;
pub use status::{
    Answer, Budget, Health, LastFailure, Latency, Login, Logins, NotReady, Outcome, Slot, Status, Total, Upstream,
};
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::SystemTime,
};

/// The program, as its operator sees it.
pub struct Admin {
    /// The public listener's side.
    pub web: Arc<Web>,
    /// Its connections.
    pub server: Server,
    /// What is remembered of players and logins.
    pub memory: Arc<Memory>,
    /// Cancelled when a drain begins.
    pub stop: CancellationToken,
    /// Changes of the configuration.
    pub reloads: Arc<Reloads>,
    /// When the program started.
    pub started: SystemTime,
}

/// What became of changes of the configuration.
#[derive(Debug, Default)]
pub struct Reloads {
    /// Taken over.
    pub done: AtomicU64,
    /// Refused: what was before them stays.
    pub refused: AtomicU64,
}

impl Admin {
    /// Answers a request, whatever it is.
    pub fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if !host::is_private(request.uri(), request.headers()) {
            return with_status(StatusCode::FORBIDDEN, text(host::REFUSAL));
        }
        let Some(route) = router::route(request.uri().path()) else {
            return with_status(StatusCode::NOT_FOUND, text("there is nothing here\n"));
        };
        if !route.answers_to(request.method().as_str()) {
            return not_allowed(route.methods());
        }
        // HTTP leaves the body of an answer to HEAD out by itself.
        match route {
            Route::Index => answer::html(INDEX.to_owned()),
            Route::Metrics => self.metrics(request),
            Route::Status => page::response(&self.status()),
            Route::StatusJson => answer::typed("application/json", self.status().json()),
            Route::Healthz => text("ok\n"),
            Route::Readyz => self.readyz(),
            Route::Bindings => self.bindings(request.uri().query()),
            Route::Binding(name) => self.release(&name),
            Route::Explain(name) => self.explain(&name),
        }
    }

    fn metrics<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let form = answer::form(request.headers().get_all(ACCEPT));
        answer::typed(form.content_type(), telemetry::written(self.figures(), form))
    }

    fn readyz(&self) -> Response<Full<Bytes>> {
        match self.unready() {
            None => text("ready\n"),
            Some((_, reason)) => with_status(StatusCode::SERVICE_UNAVAILABLE, text(format!("{reason}\n"))),
        }
    }
}

fn not_allowed(methods: &'static str) -> Response<Full<Bytes>> {
    let mut response = with_status(StatusCode::METHOD_NOT_ALLOWED, text(format!("only {methods}\n")));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

const INDEX: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>hasjoined</title><ul>\
    <li><a href=\"status\">status</a>: how the upstreams are\
    <li><a href=\"status.json\">status.json</a>: the same for machines\
    <li><a href=\"metrics\">metrics</a>: for Prometheus\
    <li><a href=\"readyz\">readyz</a>: whether logins can be answered\
    <li><a href=\"healthz\">healthz</a>: whether the program runs</ul>\n";
