//! Settings to a site: upstreams that a reload leaves as they are keep their connections.

use super::{Failed, api::Opened};
use crate::{
    config::{
        self, Attests, BudgetSettings, HostSettings, Ids, IpBinding, KeyUse, ProxyKind, ProxyLogin, ProxySettings,
        RaceSettings, Settings, UpstreamSettings,
    },
    discovery::{self, Discovery},
    keys::{Keys, Publisher},
    lifecycle::{Clock, Tasks},
    lookup::{Lookups, Terms},
    microsoft::Microsoft,
    net::{Client, Credentials, Egress, Peer, Proxy, ProxySpeech, Roots},
    relay::Relay,
    session::{Conflict, Entrant, Memory, Policy, Sessions, Strategy},
    upstream::{Allowance, Dialect, Guests, Host, Hosts, Upstream},
    web::{Injector, Site},
};
use http::Uri;
use std::{collections::HashMap, net::SocketAddr, sync::Arc};

/// Connections to each origin of an upstream for everything but logins.
const LOOKUP_CONNECTIONS: usize = 16;

/// Builds sites and remembers the upstreams of the last one.
pub struct Builder {
    roots: Roots,
    /// Upstream connections and races: a drain does not wait for these, only for answers.
    tasks: Tasks,
    built: Built,
    /// What is remembered of players, keys and the discovery document goes from each site to the next.
    memory: Arc<Memory>,
    keys: Keys,
    discovery: Option<Discovery>,
    lookups: Option<Lookups>,
    /// Upstreams that vouch for logins of applications.
    vouching: Built,
    login: Option<Opened>,
}

/// Upstreams, each with what it was made from.
type Built = Vec<(UpstreamSettings, Arc<Upstream>)>;

/// Upstreams that a site can be made of.
pub struct Prepared {
    pub(super) racing: Built,
    vouching: Built,
    microsoft: Option<Microsoft>,
}

impl Builder {
    /// A builder of sites whose upstream connections and races run on these tasks.
    #[must_use]
    pub fn new(tasks: Tasks) -> Self {
        Self {
            roots: Roots::default(),
            tasks,
            built: Vec::new(),
            memory: Arc::default(),
            keys: Keys::none(),
            discovery: None,
            lookups: None,
            vouching: Vec::new(),
            login: None,
        }
    }

    /// Opens what the login API needs to begin, if there is to be one. Before the first site.
    ///
    /// # Errors
    /// When the store or the keys in it cannot be used.
    pub async fn open(&mut self, settings: &Settings, clock: Clock) -> Result<(), Failed> {
        if settings.login.enabled {
            let opened = Opened::open(&settings.login, clock, self.tasks.clone()).await?;
            opened.remember(&self.memory).await?;
            self.login = Some(opened);
        }
        self.register(settings).await
    }

    /// Makes the services of a configuration those that players can be asked about.
    ///
    /// # Errors
    /// When the store cannot be written. Then they stay as they were.
    pub async fn register(&self, settings: &Settings) -> Result<(), Failed> {
        let Some(opened) = self.login.as_ref().filter(|_| settings.login.enabled) else { return Ok(()) };
        Ok(opened.register(&settings.login).await?)
    }

    /// Writes what is still to be written. After the last request.
    pub async fn close(&self) {
        if let Some(opened) = &self.login {
            opened.close().await;
        }
    }

    /// Whether another configuration wants a login API, or a store or keys of it, that are not open.
    pub(super) fn needs_restart(&self, wanted: &Settings) -> bool {
        wanted.login.enabled && self.login.as_ref().is_none_or(|opened| opened.needs_restart(&wanted.login))
    }

    /// What is remembered of players and logins, from one configuration to the next.
    pub(super) fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// Makes the upstreams of these settings, or takes over those that have not changed; connects to nobody. On an error all is as
    /// it was.
    pub fn prepare(&self, settings: &Settings) -> Result<Prepared, Failed> {
        let racing = self.made(&settings.upstreams, &self.built)?;
        let vouching = self.made(&vouching(settings), &self.vouching)?;
        let microsoft = super::sign_in_with_microsoft(&settings.login, &self.roots, &self.tasks);
        let microsoft = microsoft.map_err(|error| Failed::Unusable(format!("login.microsoft: {error}")))?;
        Ok(Prepared { racing, vouching, microsoft })
    }

    /// Upstreams of these settings: those that were `built` from the same, and new ones.
    fn made(&self, wanted: &[UpstreamSettings], built: &Built) -> Result<Built, Failed> {
        let upstream = |wanted: &UpstreamSettings| match kept(built, wanted) {
            Some(upstream) => Ok((wanted.clone(), upstream)),
            None => Ok((wanted.clone(), Arc::new(self.upstream(wanted, built)?))),
        };
        wanted.iter().map(upstream).collect()
    }

    /// A site with these upstreams, reached at `address` if the settings do not say where. Opens first connections to those that
    /// are new, behind the scenes: an upstream that is down now is no reason not to start.
    pub fn site(&mut self, prepared: Prepared, settings: &Settings, address: SocketAddr) -> Site {
        let Prepared { racing: built, vouching, microsoft: prepared_microsoft } = prepared;
        for client in prepared_microsoft.iter().flat_map(Microsoft::clients) {
            self.tasks.spawn(client.clone().sweep());
        }
        self.begin(&built, &self.built);
        self.begin(&vouching, &self.vouching);
        let entrants = built.iter().map(|(settings, upstream)| Entrant {
            upstream: upstream.clone(),
            trusted: settings.attests == Attests::Mojang,
        });
        let entrants: Vec<_> = entrants.collect();
        let of = |is: &dyn Fn(&UpstreamSettings) -> bool| {
            built.iter().find(|(settings, _)| is(settings)).map(|(_, upstream)| &**upstream)
        };
        let primary = of(&|upstream| Some(&upstream.id) == settings.server.primary.as_ref());
        let relay = Relay::new(primary, of(&|upstream| upstream.is_mojang));
        let policy = policy(settings.race);
        let public_url = settings.server.reached_at(address);
        self.keys = Keys::new(publishers(&built), &self.keys, &self.tasks);
        let discovery = Discovery::new(origin(&built), &public_url, self.discovery.as_ref(), &self.tasks);
        self.discovery = Some(discovery.clone());
        let lookups = self.lookups(&built, entrants.clone(), Terms::within(policy.deadline));
        let login = self.login.as_mut();
        let asked = vouching.iter().map(|(_, upstream)| upstream.clone()).collect();
        let login = login.and_then(|opened| opened.api(settings, &public_url, (asked, prepared_microsoft)));
        self.vouching = vouching;
        self.built = built;
        Site {
            lookups,
            keys: self.keys.clone(),
            discovery,
            injector: Injector {
                skin_domains: settings.server.skin_domains.clone(),
                has_mojang: settings.upstreams.iter().any(|upstream| upstream.is_mojang),
            },
            relay,
            sessions: Sessions::new(entrants, policy, self.memory.clone(), self.tasks.clone()),
            public_url,
            base_path: settings.server.base_path().to_owned(),
            max_in_flight: settings.server.max_in_flight,
            login,
        }
    }

    /// Opens first connections to upstreams that `known` has not.
    fn begin(&self, built: &Built, known: &Built) {
        let new = built.iter().filter(|(_, upstream)| !known.iter().any(|(_, known)| Arc::ptr_eq(known, upstream)));
        for (_, upstream) in new {
            upstream.client().warm();
            for client in upstream.clients() {
                self.tasks.spawn(client.clone().sweep());
            }
        }
    }

    /// What is known of players is known from these upstreams: it stays only if all of them do.
    fn lookups(
        &mut self,
        built: &[(UpstreamSettings, Arc<Upstream>)],
        entrants: Vec<Entrant>,
        terms: Terms,
    ) -> Lookups {
        let same = built.len() == self.built.len()
            && built.iter().zip(&self.built).all(|((_, new), (_, old))| Arc::ptr_eq(new, old));
        let lookups = match self.lookups.take().filter(|_| same) {
            Some(known) => known.with(terms),
            None => Lookups::new(entrants, terms, self.tasks.clone()),
        };
        self.lookups.insert(lookups).clone()
    }

    fn upstream(&self, settings: &UpstreamSettings, built: &Built) -> Result<Upstream, Failed> {
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
    fn hosts(&self, settings: &UpstreamSettings) -> Result<Hosts, Failed> {
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

    fn client(&self, settings: &UpstreamSettings, origin: &Uri, max_connections: usize) -> Result<Client, Failed> {
        let peer = Peer {
            origin: origin.clone(),
            ca_file: settings.ca_file.clone(),
            connect_timeout: settings.connect_timeout,
            max_connections,
            http2: settings.http2,
            egress: egress(settings),
        };
        Client::new(&peer, &self.roots, self.tasks.clone())
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
fn vouching(settings: &Settings) -> Vec<UpstreamSettings> {
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

fn policy(race: RaceSettings) -> Policy {
    Policy {
        deadline: race.deadline,
        trust_grace: race.trust_grace,
        strategy: match race.strategy {
            config::Strategy::Race => Strategy::Race,
            config::Strategy::Affinity => Strategy::Affinity,
        },
        conflict: match race.conflict {
            config::Conflict::Trusted => Conflict::Trusted,
            config::Conflict::Reject => Conflict::Reject,
        },
    }
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

/// Those whose keys join `/publickeys`.
fn publishers(built: &[(UpstreamSettings, Arc<Upstream>)]) -> Vec<Publisher> {
    let publishing = built.iter().filter(|(settings, _)| !settings.publish_keys.is_empty());
    let publisher = |(settings, upstream): &(UpstreamSettings, Arc<Upstream>)| {
        let uses = [KeyUse::Profile, KeyUse::Certificate, KeyUse::Authentication];
        Publisher {
            upstream: upstream.clone(),
            services: settings.hosts.services.as_ref().map(Uri::to_string).unwrap_or_default(),
            is_mojang: settings.is_mojang,
            publishes: uses.map(|wanted| settings.publish_keys.contains(&wanted)),
        }
    };
    publishing.map(publisher).collect()
}

/// Who is asked for the discovery document.
fn origin(built: &[(UpstreamSettings, Arc<Upstream>)]) -> Option<discovery::Origin> {
    built.iter().find_map(|(settings, upstream)| {
        let url = settings.hosts.discovery.as_ref()?.to_string();
        Some(discovery::Origin { upstream: upstream.clone(), url })
    })
}
