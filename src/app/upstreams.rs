//! Settings to upstreams: how each is asked, who of them vouches for logins of applications, and how it is reached.
//!
//! Upstreams that a reload leaves as they are keep their connections.

use super::Failed;
use crate::{
    config::{
        BudgetSettings, HostSettings, Ids, IpBinding, ProxyKind, ProxyLogin, ProxySettings, Settings, UpstreamSettings,
    },
    lifecycle::Tasks,
    net::{Client, Credentials, Egress, Peer, Proxy, ProxySpeech, Roots},
    upstream::{Allowance, Dialect, Guests, Host, Hosts, Upstream},
};
use http::Uri;
use std::{collections::HashMap, sync::Arc};

/// Connections to each origin of an upstream for everything but logins.
const LOOKUP_CONNECTIONS: usize = 16;

/// Upstreams, each with what it was made from.
pub(super) type Built = Vec<(UpstreamSettings, Arc<Upstream>)>;

/// Makes upstreams; connects to nobody.
#[derive(Clone, Copy)]
pub(super) struct Maker<'a> {
    /// Whom they trust.
    pub(super) roots: &'a Roots,
    /// What their connections run on.
    pub(super) tasks: &'a Tasks,
}

impl Maker<'_> {
    /// Upstreams of these settings: those that were `built` from the same, and new ones.
    pub(super) fn made(self, wanted: &[UpstreamSettings], built: &Built) -> Result<Built, Failed> {
        let upstream = |wanted: &UpstreamSettings| match kept(built, wanted) {
            Some(upstream) => Ok((wanted.clone(), upstream)),
            None => Ok((wanted.clone(), Arc::new(self.upstream(wanted, built)?))),
        };
        wanted.iter().map(upstream).collect()
    }

    fn upstream(self, settings: &UpstreamSettings, built: &Built) -> Result<Upstream, Failed> {
        let client = self.client(settings, &settings.url, settings.max_connections)?;
        let dialect = Dialect {
            url: settings.url.clone(),
            forward_ip: settings.forward_ip,
            negative: settings.negative.clone(),
            namespaced: settings.ids == Ids::Namespace,
            single_use: settings.single_use,
            timeout: settings.timeout,
            guests: Guests::new(settings.allow.clone(), settings.deny.clone()),
            budget: settings.budget.map(|BudgetSettings { requests, per }| Allowance { requests, per }),
        };
        let upstream = Upstream::new(settings.id.clone(), dialect, client, self.hosts(settings)?);
        let earlier = built.iter().find(|(_, known)| known.id() == upstream.id());
        Ok(match earlier {
            Some((_, earlier)) => upstream.continuing(earlier),
            None => upstream,
        })
    }

    /// Hosts of one origin share their connections.
    fn hosts(self, settings: &UpstreamSettings) -> Result<Hosts, Failed> {
        let mut clients: HashMap<String, Client> = HashMap::new();
        let mut host = |base: &Option<Uri>| {
            let Some(base) = base else { return Ok(None) };
            let origin = format!("{:?}{:?}", base.scheme(), base.authority());
            let client = match clients.get(&origin) {
                Some(client) => client.clone(),
                None => self.client(settings, base, LOOKUP_CONNECTIONS)?,
            };
            clients.insert(origin, client.clone());
            Ok::<_, Failed>(Some(Host::new(base, client, settings.timeout)))
        };
        let HostSettings { session, services, account, discovery } = &settings.hosts;
        Ok(Hosts {
            session: host(session)?,
            services: host(services)?,
            account: host(account)?,
            discovery: host(discovery)?,
        })
    }

    fn client(self, settings: &UpstreamSettings, origin: &Uri, max_connections: usize) -> Result<Client, Failed> {
        let peer = Peer {
            origin: origin.clone(),
            ca_file: settings.ca_file.clone(),
            connect_timeout: settings.connect_timeout,
            max_connections,
            http2: settings.http2,
            egress: egress(settings),
        };
        Client::new(&peer, self.roots, self.tasks.clone())
            .map_err(|error| Failed::Unusable(format!("upstreams.{}: {error}", settings.id)))
    }
}

/// An upstream whose table has not changed. A certificate file may have, so its upstream is made anew.
fn kept(built: &Built, wanted: &UpstreamSettings) -> Option<Arc<Upstream>> {
    let same = built.iter().find(|(settings, _)| settings == wanted && settings.ca_file.is_none());
    same.map(|(_, upstream)| upstream.clone())
}

/// Upstreams of logins, in the order they are asked: as the race's, but asked once per login, told an address only if logins are
/// bound to it, and with the UUIDs they give.
pub(super) fn vouching(settings: &Settings) -> Vec<UpstreamSettings> {
    let named =
        settings.login.upstreams.iter().filter_map(|id| settings.upstreams.iter().find(|known| known.id == *id));
    let asked = |upstream: &UpstreamSettings| UpstreamSettings {
        single_use: true,
        forward_ip: settings.login.ip_binding == IpBinding::Enforce,
        ids: Ids::Keep,
        hosts: HostSettings::default(),
        ..upstream.clone()
    };
    if settings.login.enabled { named.map(asked).collect() } else { Vec::new() }
}

/// How its connections leave this machine.
fn egress(settings: &UpstreamSettings) -> Egress {
    let proxy = settings.proxy.as_ref().map(|ProxySettings { kind, address, login }| Proxy {
        speech: match kind {
            ProxyKind::Http => ProxySpeech::Http,
            ProxyKind::Socks5 => ProxySpeech::Socks5,
            ProxyKind::Socks5h => ProxySpeech::Socks5h,
        },
        address: address.clone(),
        credentials: login
            .as_ref()
            .map(|ProxyLogin { user, password }| Credentials { user: user.clone(), password: password.clone() }),
    });
    Egress { proxy, bind: settings.bind.clone() }
}
