//! A fake session server: real sockets, any answer, any fault, and a record of all that was asked.
//!
//! Decides what the test controls and sees. `Reply` is one answer, `Recorded` one request, `Tally` the counts.

use std::{
    fmt::Display,
    future::Future,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use tokio::sync::Mutex;

mod board;
mod door;
mod http1;
mod http2;
mod recorded;
mod reply;
mod written;

pub(crate) use self::{board::Tally, recorded::Recorded, reply::Reply};

use self::{
    board::Board,
    door::{Door, Port, Speech},
};
use crate::support::{
    tls::{Ca, HERE},
    within,
};

/// How a fake upstream speaks.
#[derive(Default)]
pub(crate) struct Builder {
    ca: Option<Ca>,
    names: Option<String>,
    http2: bool,
    streams: Option<u32>,
    address: Option<IpAddr>,
}

impl Builder {
    /// Over TLS, with a certificate of this authority.
    pub(crate) fn tls(mut self, ca: &Ca) -> Self {
        self.ca = Some(ca.clone());
        self
    }

    /// The certificate is for this name instead of `localhost` and `127.0.0.1`.
    pub(crate) fn certified_as(mut self, name: &str) -> Self {
        self.names = Some(name.to_owned());
        self
    }

    /// HTTP/2 too: offered by ALPN under TLS, told by the client's preface without.
    pub(crate) fn http2(mut self, http2: bool) -> Self {
        self.http2 = http2;
        self
    }

    /// So many HTTP/2 streams at once on a connection.
    pub(crate) fn max_streams(mut self, streams: u32) -> Self {
        self.streams = Some(streams);
        self
    }

    /// On this address of the machine instead of 127.0.0.1.
    pub(crate) fn at(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Listens on a free port of 127.0.0.1 and answers 204 to all until told otherwise.
    pub(crate) async fn start(self) -> Upstream {
        let upstream = self.silent();
        upstream.restart().await;
        upstream
    }

    fn silent(self) -> Upstream {
        let names = self.names.as_deref();
        let names = names.as_slice();
        let alpn: &[&str] = if self.http2 { &["h2", "http/1.1"] } else { &["http/1.1"] };
        let tls = self.ca.as_ref().map(|ca| ca.server(if names.is_empty() { HERE } else { names }, alpn));
        let speech = Speech { tls, http2: self.http2, streams: self.streams };
        Upstream {
            board: Board::new(),
            port: Port::take(self.address.unwrap_or(Ipv4Addr::LOCALHOST.into())),
            door: Mutex::new(None),
            speech,
            ca: self.ca,
        }
    }
}

/// One fake upstream; gone, with its connections, when dropped.
pub(crate) struct Upstream {
    board: Arc<Board>,
    port: Port,
    door: Mutex<Option<Door>>,
    speech: Speech,
    ca: Option<Ca>,
}

impl Upstream {
    /// HTTP/1.1 without TLS, answering 204 to all.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// With TLS or HTTP/2.
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    /// Nobody listens: every connection is refused, until `restart`.
    pub(crate) fn refused() -> Self {
        Self::builder().silent()
    }

    /// Nobody picks up: connecting neither succeeds nor is refused. It cannot be restarted.
    pub(crate) fn deaf() -> Self {
        let mut upstream = Self::refused();
        upstream.port = upstream.port.clogged();
        upstream
    }

    /// From now on the same answer to all.
    pub(crate) fn answers(&self, reply: Reply) {
        self.answers_by(move |_| reply.clone());
    }

    /// From now on the answer depends on the request.
    pub(crate) fn answers_by(&self, script: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) {
        self.board.script(Arc::new(script));
    }

    /// From now on a profile for these names, in their casing, and 204 for all others.
    pub(crate) fn knows(&self, names: &[&str]) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        self.answers_by(move |request| {
            let asked = request.query("username").unwrap_or_default();
            let known = names.iter().find(|name| name.eq_ignore_ascii_case(&asked));
            known.map_or_else(Reply::no, |name| Reply::profile(name))
        });
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// `http://127.0.0.1:PORT`, or `https://localhost:PORT`.
    pub(crate) fn origin(&self) -> String {
        match self.ca {
            None => format!("http://{}", self.address()),
            Some(_) => format!("https://localhost:{}", self.address().port()),
        }
    }

    /// Its hasJoined URL.
    pub(crate) fn url(&self) -> String {
        format!("{}/session/minecraft/hasJoined", self.origin())
    }

    /// Lines of an upstream table that make it Mojang, with all of Mojang's hosts.
    pub(crate) fn as_mojang(&self) -> String {
        let hosts =
            ["session_url", "services_url", "account_url"].map(|key| format!("{key} = \"{}\"\n", self.origin()));
        let document = format!("discovery_url = \"{}/minecraft/client\"\n", self.origin());
        format!("preset = \"mojang\"\n{}{document}", hosts.concat())
    }

    /// Who signed its certificate.
    pub(crate) fn ca(&self) -> Option<&Ca> {
        self.ca.as_ref()
    }

    /// All counts at this moment.
    pub(crate) fn tally(&self) -> Tally {
        self.board.tally().clone()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.tally().requests
    }

    /// Forgets the requests so far: a long run has many.
    pub(crate) fn forget(&self) {
        self.board.forget();
    }

    /// Connections opened so far.
    pub(crate) fn connections(&self) -> usize {
        self.board.tally().connections
    }

    /// Connections open now. A closed one counts until the close has arrived here: see `until`.
    pub(crate) fn open_connections(&self) -> usize {
        self.board.tally().open
    }

    /// The most connections ever open at once.
    pub(crate) fn peak_connections(&self) -> usize {
        self.board.tally().peak
    }

    /// TLS handshakes that succeeded.
    pub(crate) fn handshakes(&self) -> usize {
        self.board.tally().handshakes
    }

    /// Requests whose asker left before the answer was out.
    pub(crate) fn abandoned(&self) -> usize {
        self.board.tally().abandoned
    }

    /// Waits until `requests` have arrived.
    #[track_caller]
    pub(crate) fn seen(&self, requests: usize) -> impl Future<Output = ()> {
        self.until(format!("{requests} requests"), move |tally| tally.requests.len() >= requests)
    }

    /// Waits until no request is being answered.
    #[track_caller]
    pub(crate) fn idle(&self) -> impl Future<Output = ()> {
        self.until("all answers to be out", |tally| tally.answering == 0)
    }

    /// Waits until the counts are as told; `what` is for the message when they never are.
    #[track_caller]
    pub(crate) fn until(&self, what: impl Display, counts: impl Fn(&Tally) -> bool) -> impl Future<Output = ()> {
        within(format!("{what} at the upstream {}", self.address()), self.board.until(counts))
    }

    /// Cuts all open connections; new ones are let in.
    pub(crate) async fn cut_connections(&self) {
        if let Some(door) = &*self.door.lock().await {
            door.cut();
        }
        self.until("its connections to be cut", |tally| tally.open == 0).await;
    }

    /// Goes down: all connections are cut and new ones refused. The port stays its own.
    pub(crate) async fn stop(&self) {
        if let Some(door) = self.door.lock().await.take() {
            door.close().await;
        }
        self.until("its connections to be cut", |tally| tally.open == 0).await;
    }

    /// Comes up again on the same port.
    pub(crate) async fn restart(&self) {
        self.stop().await;
        let door = Door::open(&self.port, &self.board, self.speech.clone());
        *self.door.lock().await = Some(door);
    }
}
