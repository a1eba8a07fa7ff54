//! A fake egress proxy: real sockets, HTTP CONNECT or SOCKS5, with or without credentials, and every way to fail.
//!
//! Decides what the test controls and sees. `http` and `socks` speak, each its own language.

use std::{
    fmt::Display,
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use super::{spawn, within};

mod http;
mod socks;

/// What the proxy does when it is asked to lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It does.
    Leads,
    /// It refuses: an HTTP status, or a SOCKS reply.
    Refuses(u16),
    /// It never answers.
    Hangs,
    /// It answers without an end.
    Babbles,
    /// It ends the connection in the middle of its answer.
    Breaks,
}

/// The counts of one proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Connections accepted so far.
    pub(crate) connections: usize,
    /// Where it was asked to lead, as `host:port`.
    pub(crate) asked: Vec<String>,
    /// `user:password`, as they came.
    pub(crate) logins: Vec<String>,
    /// Ways opened so far.
    pub(crate) tunnels: usize,
    /// Ways open now.
    pub(crate) open: usize,
}

#[derive(Clone, Copy)]
enum Speech {
    Http,
    Socks,
}

/// How it is made.
#[derive(Clone)]
pub(crate) struct Builder {
    speech: Speech,
    login: Option<String>,
    manner: Manner,
    leads_to: Option<SocketAddr>,
}

impl Builder {
    /// Only for those who say so.
    pub(crate) fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some(format!("{user}:{password}"));
        self
    }

    /// Otherwise than it should.
    pub(crate) fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    /// Whatever name it is asked for is this address.
    pub(crate) fn leads_to(mut self, address: SocketAddr) -> Self {
        self.leads_to = Some(address);
        self
    }

    /// Listens on a free port of 127.0.0.1.
    pub(crate) async fn start(self) -> Gateway {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk { rules: self, tally: watch::Sender::default(), cut: Mutex::default() });
        let listening = CancellationToken::new();
        let accept = listening.clone().run_until_cancelled_owned(accept(listener, desk.clone()));
        spawn(async move { _ = accept.await });
        Gateway { address, desk, listening }
    }
}

/// Shared by all connections.
struct Desk {
    rules: Builder,
    tally: watch::Sender<Tally>,
    cut: Mutex<CancellationToken>,
}

/// One fake proxy; gone, with its connections, when dropped.
pub(crate) struct Gateway {
    address: SocketAddr,
    desk: Arc<Desk>,
    listening: CancellationToken,
}

impl Gateway {
    /// HTTP CONNECT.
    pub(crate) fn http() -> Builder {
        Builder { speech: Speech::Http, login: None, manner: Manner::Leads, leads_to: None }
    }

    /// SOCKS5.
    pub(crate) fn socks() -> Builder {
        Builder { speech: Speech::Socks, ..Self::http() }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// All counts at this moment.
    pub(crate) fn tally(&self) -> Tally {
        self.desk.tally.borrow().clone()
    }

    /// Waits until the counts are as told.
    #[track_caller]
    pub(crate) fn until(&self, what: impl Display, counts: impl Fn(&Tally) -> bool) -> impl Future<Output = ()> {
        let mut tally = self.desk.tally.subscribe();
        within(what.to_string(), async move { _ = tally.wait_for(counts).await.unwrap() })
    }

    /// Cuts all connections; new ones are let in.
    pub(crate) async fn cut(&self) {
        std::mem::take(&mut *self.desk.cut.lock().unwrap()).cancel();
        self.until("its ways to be cut", |tally| tally.open == 0).await;
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.listening.cancel();
        self.desk.cut.lock().unwrap().cancel();
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        desk.tally.send_modify(|tally| tally.connections += 1);
        let (token, desk) = (desk.cut.lock().unwrap().clone(), desk.clone());
        // How a conversation failed is the asker's doing, and shows in the tally.
        spawn(async move {
            _ = token
                .run_until_cancelled(async {
                    match desk.rules.speech {
                        Speech::Http => http::serve(&desk, tcp).await,
                        Speech::Socks => socks::serve(&desk, tcp).await,
                    }
                })
                .await;
        });
    }
}

impl Desk {
    /// Notes what was asked, and whether the asker may.
    fn asked(&self, target: &str) {
        self.tally.send_modify(|tally| tally.asked.push(target.to_owned()));
    }

    fn admits(&self, login: Option<String>) -> bool {
        let admitted = self.rules.login.is_none() || self.rules.login == login;
        self.tally.send_modify(|tally| tally.logins.extend(login));
        admitted
    }

    /// The other end, where it can be reached.
    async fn way(&self, target: &str) -> io::Result<TcpStream> {
        match self.rules.leads_to {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect(target).await,
        }
    }

    /// Carries bytes both ways until one side ends it.
    async fn carry(&self, mut near: TcpStream, mut far: TcpStream) -> io::Result<()> {
        self.tally.send_modify(|tally| {
            tally.tunnels += 1;
            tally.open += 1;
        });
        let _open = Open(self);
        copy_bidirectional(&mut near, &mut far).await.map(|_| ())
    }
}

struct Open<'a>(&'a Desk);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.tally.send_modify(|tally| tally.open -= 1);
    }
}
