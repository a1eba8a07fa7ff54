//! What stands between this machine and a peer: a proxy to go through, and addresses to come from.
//!
//! Values only. How a proxy is spoken to is decided by `tunnel`, and which address is whose turn by `sources`.

use http::uri::Authority;
use std::{fmt, net::IpAddr};

/// How connections leave this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Egress {
    /// Every connection goes through it.
    pub proxy: Option<Proxy>,
    /// Every connection comes from one of these, in turn; from whichever the kernel chooses when there is none.
    pub bind: Vec<IpAddr>,
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// What it speaks.
    pub speech: ProxySpeech,
    /// Its host and port.
    pub address: Authority,
    /// Who we are to it.
    pub credentials: Option<Credentials>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxySpeech {
    /// HTTP `CONNECT`. It resolves the peer's name.
    Http,
    /// SOCKS5. It is given an address, resolved here.
    Socks5,
    /// SOCKS5. It resolves the peer's name.
    Socks5h,
}

/// A user of a proxy and their password. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who.
    pub user: String,
    /// How they prove it.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}
