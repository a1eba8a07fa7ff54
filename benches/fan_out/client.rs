//! The game server's side: one question at a time on one connection, blocking, so that the clock sees no runtime but the proxy's.
//!
//! Decides when an answer is whole.

use crate::tls::Ca;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

/// Plain or encrypted.
pub(crate) trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A client of one address.
pub(crate) struct Client {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
    stream: Option<Box<dyn Stream>>,
    keeps: bool,
    pub(crate) opened: u32,
    buffer: Box<[u8]>,
}

impl Client {
    /// Encrypts if there is an authority to trust; `cold` opens a connection for every question.
    pub(crate) fn new(address: SocketAddr, ca: Option<&Ca>, cold: bool) -> Self {
        let tls = ca.map(|ca| ca.client(&["http/1.1"]));
        Self { address, tls, stream: None, keeps: !cold, opened: 0, buffer: vec![0; 16 * 1024].into() }
    }

    /// Asks for Notch; the login's number makes the question one that nobody else is asking. Returns the status.
    pub(crate) fn ask(&mut self, login: u64) -> u16 {
        let question = format!(
            "GET /session/minecraft/hasJoined?username=Notch&serverId=-{login:x} HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.address
        );
        let mut stream = self.stream.take().unwrap_or_else(|| self.open());
        stream.write_all(question.as_bytes()).unwrap();
        stream.flush().unwrap();
        let status = answer(&mut *stream, &mut self.buffer);
        self.stream = self.keeps.then_some(stream);
        status
    }

    fn open(&mut self) -> Box<dyn Stream> {
        self.opened += 1;
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_nodelay(true).unwrap();
        match &self.tls {
            None => Box::new(tcp),
            Some(tls) => {
                let name = ServerName::try_from("localhost").unwrap();
                Box::new(StreamOwned::new(ClientConnection::new(tls.clone(), name).unwrap(), tcp))
            }
        }
    }
}

/// Reads one answer and no more: nothing follows it unasked.
fn answer(stream: &mut dyn Stream, buffer: &mut [u8]) -> u16 {
    let mut read = 0;
    loop {
        let more = stream.read(&mut buffer[read..]).unwrap();
        assert_ne!(more, 0, "the connection ended within an answer");
        read += more;
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = response.parse(&buffer[..read]).unwrap() else { continue };
        let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let body: usize = length.map_or(0, |header| str::from_utf8(header.value).unwrap().parse().unwrap());
        if read >= head + body {
            assert_eq!(read, head + body, "more than an answer");
            return response.code.unwrap();
        }
    }
}
