//! How game servers connect: anew for each login, on a connection that is kept, by HTTP/2; and what some clients do besides.
//!
//! Decides which connection may be used again, as their libraries do.

use std::{collections::VecDeque, io, net::SocketAddr, sync::Mutex, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use super::client::Http2;

/// The ways to one address.
pub(crate) struct Doors {
    address: SocketAddr,
    /// The one that was used longest ago is the next.
    kept: Mutex<VecDeque<TcpStream>>,
    multiplexed: tokio::sync::Mutex<Option<Http2>>,
}

/// How a game server connects.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// For each login.
    Anew,
    /// Once for many.
    Kept,
    /// Once for all, by HTTP/2.
    Multiplexed,
}

impl Doors {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self { address, kept: Mutex::default(), multiplexed: tokio::sync::Mutex::default() }
    }

    /// Asks; no error is the doing of this side.
    pub(crate) async fn ask(&self, manner: Manner, path: &str) -> io::Result<(u16, Vec<u8>)> {
        match manner {
            Manner::Anew => self.anew(path).await,
            Manner::Kept => self.kept(path).await,
            Manner::Multiplexed => self.multiplexed(path).await,
        }
    }

    /// Asks for both in one go.
    pub(crate) async fn pipelined(&self, paths: [&str; 2]) -> io::Result<[(u16, Vec<u8>); 2]> {
        let mut stream = TcpStream::connect(self.address).await?;
        let [first, second] = paths;
        let both = [self.request(first, "keep-alive"), self.request(second, "close")].concat();
        stream.write_all(&both).await?;
        let mut read = Vec::new();
        let (status, body, keeps) = answer(&mut stream, &mut read).await?;
        // "close" says that the rest is not heard (RFC 9112 §9.6).
        let other = match keeps {
            true => answer(&mut stream, &mut read).await.map(|(status, body, _)| (status, body))?,
            false => self.anew(second).await?,
        };
        Ok([(status, body), other])
    }

    /// Asks and leaves after so long, whether it was answered or not.
    pub(crate) async fn hang_up(&self, path: &str, after: Duration) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(&self.request(path, "keep-alive")).await?;
        sleep(after).await;
        Ok(())
    }

    async fn anew(&self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (status, body, _) = exchange(&mut stream, &self.request(path, "close")).await?;
        Ok((status, body))
    }

    async fn kept(&self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let mut stream = match self.open_one() {
            Some(stream) => stream,
            None => TcpStream::connect(self.address).await?,
        };
        let (status, body, keeps) = exchange(&mut stream, &self.request(path, "keep-alive")).await?;
        if keeps {
            self.kept.lock().unwrap().push_back(stream);
        }
        Ok((status, body))
    }

    /// As every client with a pool does, it takes none that was closed meanwhile.
    fn open_one(&self) -> Option<TcpStream> {
        let mut kept = self.kept.lock().unwrap();
        loop {
            let stream = kept.pop_front()?;
            if stream.try_read(&mut [0; 1]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                return Some(stream);
            }
        }
    }

    async fn multiplexed(&self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        loop {
            let connection = {
                let mut kept = self.multiplexed.lock().await;
                if kept.as_ref().is_none_or(Http2::is_closed) {
                    *kept = Some(Http2::open(&self.address).await?);
                }
                kept.clone().unwrap()
            };
            match connection.get(path).await {
                Ok(answer) => return Ok((answer.status, answer.body)),
                // The server has said goodbye.
                Err(error) if was_not_begun(&error) => {
                    self.multiplexed.lock().await.take_if(|kept| kept.is(&connection));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn request(&self, path: &str, connection: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: {connection}\r\n\r\n", self.address).into_bytes()
    }
}

/// Above the last stream of a GOAWAY, refused as a stream, or never sent at all: either way the server has not begun with it, so it is asked elsewhere. Were
/// that a lie, the session server would be asked twice: see `assert_all`.
fn was_not_begun(error: &io::Error) -> bool {
    let told = error.get_ref().and_then(|told| told.downcast_ref::<hyper::Error>());
    told.is_some_and(|told| {
        let why = format!("{told:?}");
        told.is_canceled() || why.contains("GoAway(b\"\", NO_ERROR, Remote)") || why.contains("REFUSED_STREAM, Remote")
    })
}

/// One request and its answer: status, body, and whether the connection may be used again.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> io::Result<(u16, Vec<u8>, bool)> {
    stream.write_all(request).await?;
    answer(stream, &mut Vec::with_capacity(4096)).await
}

/// The next answer, of which some may have been read.
async fn answer(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<(u16, Vec<u8>, bool)> {
    loop {
        if let Some((status, body, keeps, length)) = parsed(read)? {
            read.drain(..length);
            return Ok((status, body, keeps));
        }
        if stream.read_buf(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// What `exchange` returns, and its length; nothing, when it has not ended.
type Parsed = Option<(u16, Vec<u8>, bool, usize)>;

fn parsed(bytes: &[u8]) -> io::Result<Parsed> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(end) = head.parse(bytes).map_err(io::Error::other)? else { return Ok(None) };
    let value = |name: &str| {
        let header = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let length = value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let keeps = value("connection").is_none_or(|word| !word.eq_ignore_ascii_case("close"));
    let body = bytes.get(end..end + length).map(<[u8]>::to_vec);
    Ok(body.map(|body| (head.code.unwrap_or_default(), body, keeps, end + length)))
}
