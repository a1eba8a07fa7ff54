//! Outgoing HTTP: one [`Client`] per peer, with its connections, their cap and their deadlines.
//!
//! Decides how a request travels: over which connection, how long it may take, how large the answer may be, and whether it may be
//! sent again. Knows nothing of Minecraft; what an answer means is decided by `upstream`.

mod body;
mod chunks;
mod client;
mod connection;
mod counts;
mod dial;
mod dns;
mod download;
mod egress;
mod head;
mod headers;
mod http1;
mod http2;
mod metered;
mod obstacle;
mod outgoing;
mod pass;
mod patience;
mod peer;
mod pool;
mod probe;
mod reply;
mod route;
mod shared;
mod sources;
mod stream;
mod tls;
mod tunnel;
mod wire;

pub use chunks::Chunks;
pub use client::Client;
pub use counts::Counts;
pub use download::Download;
pub use egress::{Credentials, Egress, Proxy, ProxySpeech};
pub use head::{Framing, Head, LARGEST as LARGEST_HEAD, NotHttp};
pub use headers::Headers;
pub use obstacle::Obstacle;
pub use outgoing::{Lines, Outgoing, Target};
pub use pass::Passing;
pub use patience::Patience;
pub use peer::{Peer, PeerError};
pub use probe::Probe;
pub use reply::Reply;
pub use tls::Roots;

/// Why there is no answer. `Copy`, so that it can be a metric's label as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Failure {
    /// No connection: the name has no address, nobody listens, or the handshake was refused.
    #[error("refused")]
    Refused,
    /// The deadline passed before the answer was whole.
    #[error("timeout")]
    Timeout,
    /// Every connection was busy until the deadline, or this process may open no more.
    #[error("saturated")]
    Saturated,
    /// Nobody wanted the answer any more, and the request had not left yet.
    #[error("not asked")]
    NotAsked,
    /// The connection ended, or what came was not HTTP, before the answer was whole.
    #[error("reset")]
    Reset,
    /// The answer is larger than this program reads.
    #[error("too large")]
    TooLarge,
    /// The request is larger than may pass.
    #[error("request too large")]
    RequestTooLarge,
    /// The body is compressed in a way that was not asked for, or badly.
    #[error("encoding")]
    Encoding,
}
