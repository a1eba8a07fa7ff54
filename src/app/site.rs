//! Settings to a site: what goes on from one configuration to the next, and what begins anew.

use super::{
    Failed,
    api::Opened,
    upstreams::{Built, Maker, vouching},
};
use crate::{
    config::{self, Attests, KeyUse, RaceSettings, Settings, UpstreamSettings},
    discovery::{self, Discovery},
    keys::{Keys, Publisher},
    lifecycle::{Clock, Tasks},
    lookup::{Lookups, Terms},
    microsoft::Microsoft,
    net::Roots,
    relay::Relay,
    session::{Conflict, Entrant, Memory, Policy, Sessions, Strategy},
    upstream::Upstream,
    web::{Injector, Site},
};
use http::Uri;
use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

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
        let maker = Maker { roots: &self.roots, tasks: &self.tasks };
        let racing = maker.made(&settings.upstreams, &self.built)?;
        let vouching = maker.made(&vouching(settings), &self.vouching)?;
        let microsoft = super::sign_in_with_microsoft(&settings.login, &self.roots, &self.tasks);
        let microsoft = microsoft.map_err(|error| Failed::Unusable(format!("login.microsoft: {error}")))?;
        Ok(Prepared { racing, vouching, microsoft })
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
            index: OnceLock::new(),
            base_path: settings.server.base_path().to_owned(),
            max_in_flight: settings.server.max_in_flight,
            trusted_proxies: settings.server.trusted_proxies.clone(),
            proxy_protocol: settings.server.proxy_protocol,
            client_limit: settings.server.client_limit.map(super::edge::rate),
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
