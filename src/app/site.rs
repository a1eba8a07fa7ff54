//! Settings to a site: upstreams that a reload leaves as they are keep their connections.

use super::Failed;
use crate::{
    config::{Attests, Ids, Settings, UpstreamSettings},
    lifecycle::Tasks,
    net::{Client, Peer, Roots},
    session::{Entrant, Policy, Sessions},
    upstream::{Dialect, Upstream},
    web::Site,
};
use std::sync::Arc;

/// Builds sites and remembers the upstreams of the last one.
pub(super) struct Builder {
    roots: Roots,
    /// Upstream connections and races: a drain does not wait for these, only for answers.
    tasks: Tasks,
    built: Vec<(UpstreamSettings, Arc<Upstream>)>,
}

impl Builder {
    pub(super) fn new(tasks: Tasks) -> Self {
        Self { roots: Roots::default(), tasks, built: Vec::new() }
    }

    /// A site by these settings. On an error the last one is left as it is.
    pub(super) fn build(&mut self, settings: &Settings) -> Result<Site, Failed> {
        let before: Vec<_> = self.built.iter().map(|(_, upstream)| upstream.clone()).collect();
        let site = self.build_cold(settings)?;
        for (_, upstream) in &self.built {
            if !before.iter().any(|known| Arc::ptr_eq(known, upstream)) {
                // Behind the scenes: an upstream that is down now is no reason not to start.
                upstream.client().warm();
                self.tasks.spawn(upstream.client().clone().sweep());
            }
        }
        Ok(site)
    }

    /// The same, without connecting to anybody.
    pub(super) fn build_cold(&mut self, settings: &Settings) -> Result<Site, Failed> {
        let mut built = Vec::with_capacity(settings.upstreams.len());
        for wanted in &settings.upstreams {
            let upstream = match self.kept(wanted) {
                Some(upstream) => upstream,
                None => Arc::new(self.upstream(wanted)?),
            };
            built.push((wanted.clone(), upstream));
        }
        let entrants = built.iter().map(|(settings, upstream)| Entrant {
            upstream: upstream.clone(),
            trusted: settings.attests == Attests::Mojang,
        });
        let policy = Policy { deadline: settings.race.deadline, trust_grace: settings.race.trust_grace };
        let sessions = Sessions::new(entrants.collect(), policy, self.tasks.clone());
        self.built = built;
        let base_path = settings.server.base_path().to_owned();
        Ok(Site { sessions, base_path, max_in_flight: settings.server.max_in_flight })
    }

    /// An upstream whose table has not changed. A certificate file may have, so its upstream is made anew.
    fn kept(&self, wanted: &UpstreamSettings) -> Option<Arc<Upstream>> {
        let same = self.built.iter().find(|(settings, _)| settings == wanted && settings.ca_file.is_none());
        same.map(|(_, upstream)| upstream.clone())
    }

    fn upstream(&self, settings: &UpstreamSettings) -> Result<Upstream, Failed> {
        let peer = Peer {
            origin: settings.url.clone(),
            ca_file: settings.ca_file.clone(),
            connect_timeout: settings.connect_timeout,
            max_connections: settings.max_connections,
            http2: settings.http2,
        };
        let client = Client::new(&peer, &self.roots, self.tasks.clone())
            .map_err(|error| Failed::Unusable(format!("upstreams.{}: {error}", settings.id)))?;
        let dialect = Dialect {
            url: settings.url.clone(),
            forward_ip: settings.forward_ip,
            negative: settings.negative.clone(),
            namespaced: settings.ids == Ids::Namespace,
            single_use: settings.single_use,
            timeout: settings.timeout,
        };
        Ok(Upstream::new(settings.id.clone(), dialect, client))
    }
}
