//! The settings as everyone else sees them: complete, checked, immutable.
//!
//! What a key is called, what it defaults to and which combinations are refused is decided by the readers beside this file.

use super::{
    login::{LoginSettings, RateSettings},
    tls::TlsSettings,
};
use crate::model::{Listed, Network, UpstreamId};
use http::{Uri, uri::Authority};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// Everything one configuration says, defaults and presets filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `[server]`: the side that game servers see.
    pub server: ServerSettings,
    /// `[race]`: how answers are weighed.
    pub race: RaceSettings,
    /// `[upstreams.*]` that are enabled, in the order of the file.
    pub upstreams: Vec<UpstreamSettings>,
    /// Ids of the upstreams that the file has but does not enable.
    pub disabled: Vec<UpstreamId>,
    /// `[login]`: the API that logs players in elsewhere than on game servers.
    pub login: LoginSettings,
}

/// `[server]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerSettings {
    /// Addresses to listen on; port 0 asks the kernel for one.
    pub listen: Vec<SocketAddr>,
    /// Where the operator's own routes are found: metrics, health, status. `None`: nowhere.
    pub admin: Option<SocketAddr>,
    /// How game servers reach this proxy: scheme, authority and perhaps a base path. `None`: at the address listened on.
    pub public_url: Option<Uri>,
    /// What clients are shown at all these addresses. `None`: they speak plain HTTP there.
    pub tls: Option<TlsSettings>,
    /// Networks of reverse proxies: what they say of a client's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// Their connections begin with a PROXY header.
    pub proxy_protocol: bool,
    /// How often one client may ask whether a player has joined. `None`: as often as it likes.
    pub client_limit: Option<RateSettings>,
    /// Requests answered at one time; above it the answer is 503 at once.
    pub max_in_flight: usize,
    /// Client connections open at one time; above it a connection is answered 503 and closed.
    pub max_connections: usize,
    /// How long a drain waits for requests in flight before it gives up.
    pub drain: Duration,
    /// The one upstream that a client's `join` goes to, since its body holds an access token; `None` when it is not enabled.
    pub primary: Option<UpstreamId>,
    /// Domains that servers under authlib-injector take skins from, besides Mojang's.
    pub skin_domains: Vec<String>,
}

impl ServerSettings {
    /// How game servers reach a proxy that listens on `address`: the public URL, or that address itself.
    #[must_use]
    pub fn reached_at(&self, address: SocketAddr) -> Uri {
        let here = || {
            let ip = match (address.ip().is_unspecified(), address) {
                (false, _) => address.ip(),
                (true, SocketAddr::V4(_)) => Ipv4Addr::LOCALHOST.into(),
                (true, SocketAddr::V6(_)) => Ipv6Addr::LOCALHOST.into(),
            };
            let authority = SocketAddr::new(ip, address.port()).to_string();
            Uri::builder().scheme(self.scheme()).authority(authority).path_and_query("/").build().unwrap_or_default()
        };
        self.public_url.clone().unwrap_or_else(here)
    }

    /// How game servers reach it at the first address listened on.
    #[must_use]
    pub fn told(&self) -> Uri {
        self.listen.first().map(|first| self.reached_at(*first)).unwrap_or_default()
    }

    /// What is spoken at the addresses listened on.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The path of the public URL, under which every route is found as well.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.public_url.as_ref().map_or("/", Uri::path)
    }
}

/// `[race]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaceSettings {
    /// From the question to the answer, whatever the upstreams do.
    pub deadline: Duration,
    /// How long a less trusted "yes" waits for the more trusted upstreams. Shorter than the deadline.
    pub trust_grace: Duration,
    /// Who is asked first.
    pub strategy: Strategy,
    /// What holds when two upstreams vouch for different players.
    pub conflict: Conflict,
}

/// Who is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// `"race"`: all at once.
    Race,
    /// `"affinity"`: the upstream that knew the name last, the others later.
    Affinity,
}

/// What holds when two upstreams vouch for different players in one login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// `"trusted"`: the word of the one that is trusted more, or was quicker.
    Trusted,
    /// `"reject"`: nobody's, so every "yes" waits `trust_grace` for a second one.
    Reject,
}

/// `[upstreams.ID]`, its preset filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct UpstreamSettings {
    /// The ID of the table.
    pub id: UpstreamId,
    /// The full hasJoined URL (`url`, or what follows from `api_root`): http or https, with a host, perhaps with a query of its own.
    pub url: Uri,
    /// Whose players it may vouch for.
    pub attests: Attests,
    /// What becomes of the UUIDs it returns.
    pub ids: Ids,
    /// Status codes that mean "no" besides 204 and an empty 200, which always do.
    pub negative: Vec<u16>,
    /// Its hasJoined consumes the join, so a question that may have arrived is never sent again.
    pub single_use: bool,
    /// Whether `ip` is passed on.
    pub forward_ip: bool,
    /// From the question to the end of the answer, waiting for a connection included.
    pub timeout: Duration,
    /// For the TCP connection, and again for the TLS handshake.
    pub connect_timeout: Duration,
    /// Connections open at one time; with HTTP/2 it is still the bound for those made when it is not negotiated.
    pub max_connections: usize,
    /// Offer HTTP/2 (ALPN over https, prior knowledge over http).
    pub http2: bool,
    /// How often it may be asked for logins. `None`: as often as players come.
    pub budget: Option<BudgetSettings>,
    /// The only players it may vouch for; `None`: everybody.
    pub allow: Option<Vec<Listed>>,
    /// Players it may not vouch for.
    pub deny: Vec<Listed>,
    /// A PEM file whose certificates are trusted in place of the platform's.
    pub ca_file: Option<PathBuf>,
    /// What every connection to it goes through.
    pub proxy: Option<ProxySettings>,
    /// Addresses of this machine that connections to it come from, in turn. None: the kernel chooses.
    pub bind: Vec<IpAddr>,
    /// Its other routes.
    pub hosts: HostSettings,
    /// Uses for which its keys join `/publickeys`.
    pub publish_keys: Vec<KeyUse>,
    /// It is Mojang (`preset = "mojang"`): players' access tokens may go to its hosts, and to no other's.
    pub is_mojang: bool,
}

impl UpstreamSettings {
    /// Its URL as it may be shown: a query of its own may hold a key.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let url = self.url.to_string();
        url.split_once('?').map_or(url.clone(), |(shown, _)| format!("{shown}?…"))
    }
}

/// `proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySettings {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Its host and port.
    pub address: Authority,
    /// Who we are to it.
    pub login: Option<ProxyLogin>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// `http://`: CONNECT. It resolves names.
    Http,
    /// `socks5://`. Names are resolved here.
    Socks5,
    /// `socks5h://`. It resolves names.
    Socks5h,
}

/// A user of a proxy. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyLogin {
    /// Who.
    pub user: String,
    /// How they prove it.
    pub password: String,
}

impl fmt::Debug for ProxyLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyLogin(…)")
    }
}

/// At most so many requests in any stretch of time of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetSettings {
    /// How many.
    pub requests: u32,
    /// In how long a time.
    pub per: Duration,
}

/// Base URLs of what a session server offers besides hasJoined; a route is appended to each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostSettings {
    /// Profiles by UUID, `join`, blocked servers.
    pub session: Option<Uri>,
    /// Keys, look-ups by name, everything that takes a player's token.
    pub services: Option<Uri>,
    /// Look-ups of the older kind.
    pub account: Option<Uri>,
    /// The address of Mojang's discovery document itself.
    pub discovery: Option<Uri>,
}

/// What a public key is believed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// `profilePropertyKeys`: signatures of textures.
    Profile,
    /// `playerCertificateKeys`: signatures of players' chat keys.
    Certificate,
    /// `authenticationKeys`.
    Authentication,
}

/// Whose players an upstream may vouch for: its rank in the race.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attests {
    /// `"mojang"`: accounts of Mojang; its "yes" wins at once.
    Mojang,
    /// `"own"`: accounts of its own; its "yes" waits for those who attest Mojang accounts.
    Own,
}

/// What becomes of the UUIDs that an upstream returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// `"keep"`: passed on.
    Keep,
    /// `"namespace"`: replaced by a UUIDv5 of the upstream's id and the UUID.
    Namespace,
}
