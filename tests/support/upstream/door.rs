//! Where a fake upstream listens: the port, which stays taken while nobody listens, and the accept loop.
//!
//! Decides when connections are let in and cut; `http1` and `http2` answer them.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use socket2::{Domain, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{
    board::{Board, Connected},
    http1, http2,
};
use crate::support::spawn;

/// What a connection is spoken to in.
#[derive(Clone, Default)]
pub(super) struct Speech {
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) http2: bool,
    pub(super) streams: Option<u32>,
}

/// A port of our own. Bound and never listening itself, so it is refused but cannot go to anyone else.
pub(super) struct Port {
    holder: Socket,
    pub(super) address: SocketAddr,
    /// Takes the only place in the queue of a port that nobody serves.
    clog: Option<std::net::TcpStream>,
}

impl Port {
    pub(super) fn take(address: IpAddr) -> Self {
        let holder = bound(SocketAddr::from((address, 0))).unwrap();
        let address = holder.local_addr().unwrap().as_socket().unwrap();
        Self { holder, address, clog: None }
    }

    /// Who connects from now on gets neither a yes nor a refusal.
    pub(super) fn clogged(mut self) -> Self {
        self.holder.listen(0).unwrap();
        self.clog = Some(std::net::TcpStream::connect(self.address).unwrap());
        self
    }
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// A listening port; closed, with all its connections, when it goes.
pub(super) struct Door {
    listening: CancellationToken,
    connections: Arc<Mutex<CancellationToken>>,
    accepting: JoinHandle<()>,
}

impl Door {
    pub(super) fn open(port: &Port, board: &Arc<Board>, speech: Speech) -> Self {
        let socket = bound(port.address).unwrap();
        socket.listen(1024).unwrap();
        socket.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(socket.into()).unwrap();
        let listening = CancellationToken::new();
        let connections = Arc::new(Mutex::new(CancellationToken::new()));
        let accept = accept(listener, Arc::clone(board), speech, Arc::clone(&connections));
        let accepting = listening.clone().run_until_cancelled_owned(accept);
        let accepting = spawn(async move { _ = accepting.await });
        Self { listening, connections, accepting }
    }

    /// Cuts all open connections, and lets new ones in.
    pub(super) fn cut(&self) {
        let cut = std::mem::take(&mut *self.connections.lock().unwrap());
        cut.cancel();
    }

    /// From now on connecting is refused.
    pub(super) async fn close(mut self) {
        self.listening.cancel();
        (&mut self.accepting).await.unwrap();
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.listening.cancel();
        self.cut();
    }
}

async fn accept(listener: TcpListener, board: Arc<Board>, speech: Speech, connections: Arc<Mutex<CancellationToken>>) {
    loop {
        let (tcp, peer) = listener.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let token = connections.lock().unwrap().clone();
        let connection = converse(board.connected(peer.ip()), tcp, speech.clone());
        // How a conversation failed is the asker's doing, and shows in the tally.
        spawn(async move { _ = token.run_until_cancelled(connection).await });
    }
}

async fn converse(connected: Connected, tcp: TcpStream, speech: Speech) -> io::Result<()> {
    let Some(tls) = speech.tls else {
        return match speech.http2 && starts_like_http2(&tcp).await? {
            true => http2::serve(&connected, tcp, speech.streams).await,
            false => http1::serve(&connected, tcp).await,
        };
    };
    let wire = TlsAcceptor::from(tls).accept(tcp).await?;
    connected.board.handshake();
    match wire.get_ref().1.alpn_protocol() {
        Some(b"h2") => http2::serve(&connected, wire, speech.streams).await,
        _ => http1::serve(&connected, wire).await,
    }
}

/// Without TLS the client's preface tells: no HTTP/1 method starts with `PRI`.
async fn starts_like_http2(tcp: &TcpStream) -> io::Result<bool> {
    let mut start = [0; 3];
    while let 1..3 = tcp.peek(&mut start).await? {}
    Ok(&start == b"PRI")
}
