//! A session server that does as little as one can: the same bytes to every question.
//!
//! Decides how it is reached and whether it keeps connections; a thread each, so that its speed does not depend on a runtime.

use crate::{client::Stream, profile, tls::Ca};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// How the upstreams of a case speak.
#[derive(Clone)]
pub(crate) struct Manner {
    /// Speaks TLS if there is an authority.
    pub(crate) ca: Option<Ca>,
    /// Closes after every answer, so that every question needs a new connection.
    pub(crate) cold: bool,
}

/// Whether the player is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knows {
    Notch,
    Nobody,
}

/// One fake. It serves until the bench ends.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    pub(crate) knows: Knows,
    accepted: Arc<AtomicU32>,
}

impl Upstream {
    pub(crate) fn start(knows: Knows, manner: &Manner) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicU32::new(0));
        let tls = manner.ca.as_ref().map(|ca| ca.server(crate::tls::HERE, &["http/1.1"]));
        let answer: Arc<[u8]> = answer(knows, manner.cold).into();
        let (count, cold) = (accepted.clone(), manner.cold);
        thread::spawn(move || {
            for tcp in listener.incoming() {
                count.fetch_add(1, Ordering::Relaxed);
                let (tls, answer) = (tls.clone(), answer.clone());
                // A connection that breaks is its client's to notice.
                thread::spawn(move || tcp.and_then(|tcp| serve(wired(tcp, tls)?, &answer, cold)));
            }
        });
        Self { address, knows, accepted }
    }

    /// Connections so far.
    pub(crate) fn accepted(&self) -> u32 {
        self.accepted.load(Ordering::Relaxed)
    }
}

fn answer(knows: Knows, cold: bool) -> Vec<u8> {
    let close = if cold { "Connection: close\r\n" } else { "" };
    let (head, body) = match knows {
        Knows::Nobody => ("204 No Content\r\n".to_owned(), Vec::new()),
        Knows::Notch => {
            let body = profile::notch();
            (format!("200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len()), body)
        }
    };
    [format!("HTTP/1.1 {head}{close}\r\n").into_bytes(), body].concat()
}

fn wired(tcp: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Box<dyn Stream>> {
    tcp.set_nodelay(true)?;
    Ok(match tls {
        None => Box::new(tcp),
        Some(tls) => Box::new(StreamOwned::new(ServerConnection::new(tls).map_err(io::Error::other)?, tcp)),
    })
}

/// No question comes before the last was answered, so what has been read up to an empty line is one question.
fn serve(mut stream: Box<dyn Stream>, answer: &[u8], cold: bool) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut read = 0;
    loop {
        match stream.read(&mut buffer[read..])? {
            0 => return Ok(()),
            more => read += more,
        }
        if buffer[..read].ends_with(b"\r\n\r\n") {
            stream.write_all(answer)?;
            stream.flush()?;
            read = 0;
            if cold {
                return Ok(());
            }
        }
    }
}
