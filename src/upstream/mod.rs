//! One upstream: asks it the question and says what its answer means.
//!
//! Decides what counts as a "yes", a "no" and neither. Who is believed when upstreams differ, and for how long anyone is waited
//! for, is decided by `session`; connections and deadlines of a call are kept by `net`.

mod budget;
mod counts;
mod gate;
mod guests;
mod health;
mod host;
mod inspect;
mod kept;
mod pace;
mod plain;
mod profile;
mod target;
mod verdict;
mod vouched;

pub use budget::Allowance;
pub use counts::{Counts, Said};
pub use gate::Standing;
pub use guests::Guests;
pub use health::{Health, Urgency};
pub use host::{Ask, Host, Hosts};
pub use kept::{Document, Kept, Read};
pub use profile::{Presented, Properties, spelled_name};
pub use verdict::{Barred, Failure, Verdict};

use crate::lifecycle::CancellationToken;
use crate::{
    model::{PlayerName, Question, UpstreamId},
    net::{self, Client, Lines, Outgoing, Patience},
};
use bytes::Bytes;
use gate::Gate;
use http::{
    HeaderMap, Method, Uri,
    header::{ACCEPT, HeaderValue, USER_AGENT, VIA},
};
use pace::Pace;
use std::{sync::Arc, time::Duration};
use target::Target;
use tokio::time::Instant;
use vouched::Vouched;

/// How one upstream is asked and what its answers mean.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Its hasJoined URL.
    pub url: Uri,
    /// Whether it is told the player's address.
    pub forward_ip: bool,
    /// Status codes that mean "no" besides 204, when their body is empty or a JSON object.
    pub negative: Vec<u16>,
    /// Its UUIDs are replaced by ones that no other upstream can return.
    pub namespaced: bool,
    /// It forgets a join when it is asked, so a question that may have arrived is not repeated.
    pub single_use: bool,
    /// From the question to the end of the answer.
    pub timeout: Duration,
    /// How often it may be asked; `None`: as often as players come.
    pub budget: Option<Allowance>,
    /// Whom it may vouch for.
    pub guests: Guests,
}

/// One upstream and the connections to it.
pub struct Upstream {
    id: UpstreamId,
    dialect: Dialect,
    target: Target,
    headers: Arc<Lines>,
    client: Client,
    hosts: Hosts,
    gate: Gate,
    pace: Pace,
    counts: Arc<Counts>,
    /// Only of one whose ids are namespaced.
    vouched: Option<Vouched>,
}

/// Far more than a profile has: one to two KiB.
const LARGEST_PROFILE: usize = 64 * 1024;

/// Sent to every upstream.
const PRODUCT: &str = concat!("hasjoined/", env!("CARGO_PKG_VERSION"));

impl Upstream {
    /// An upstream whose hasJoined is reached through `client`, and everything else through `hosts`.
    #[must_use]
    pub fn new(id: UpstreamId, dialect: Dialect, client: Client, hosts: Hosts) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let headers = Lines::of(headers);
        let target = Target::new(&dialect.url, dialect.forward_ip);
        let vouched = dialect.namespaced.then(Vouched::nobody);
        let now = Instant::now();
        let gate = Gate::new(id.clone(), dialect.budget, now);
        let counts = Arc::new(Counts::new(now));
        Self { id, dialect, target, headers, client, hosts, gate, pace: Pace::unknown(), counts, vouched }
    }

    /// Counts on where `earlier` stopped: it had the same id, under another configuration.
    #[must_use]
    pub fn continuing(self, earlier: &Self) -> Self {
        Self { counts: earlier.counts.clone(), ..self }
    }

    /// What it has said so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// What the configuration calls it.
    #[must_use]
    pub fn id(&self) -> &UpstreamId {
        &self.id
    }

    /// The connections to it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The connections to it for everything but logins, those that several hosts share once.
    #[must_use]
    pub fn lookup_clients(&self) -> Vec<&Client> {
        let Hosts { session, services, account, discovery } = &self.hosts;
        let mut clients: Vec<&Client> = Vec::new();
        for client in [session, services, account, discovery].into_iter().flatten().map(Host::client) {
            if !clients.iter().any(|known| known.is(client)) {
                clients.push(client);
            }
        }
        clients
    }

    /// All connections to it.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        std::iter::once(&self.client).chain(self.lookup_clients())
    }

    /// What it offers besides hasJoined.
    #[must_use]
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// Whether its UUIDs are replaced by ones that no other upstream can return.
    #[must_use]
    pub fn namespaced(&self) -> bool {
        self.dialect.namespaced
    }

    /// How often it may be asked.
    #[must_use]
    pub fn allowance(&self) -> Option<Allowance> {
        self.dialect.budget
    }

    /// Whether it would be asked about this player now. It is not while it keeps failing, or when that would be too often.
    #[must_use]
    pub fn admits(&self, name: &PlayerName, now: Instant) -> bool {
        self.gate.admits(name, now).is_ok()
    }

    /// What it would say about this player now without being asked; `None` when it would be asked.
    #[must_use]
    pub fn unasked(&self, name: &PlayerName, now: Instant) -> Option<Verdict> {
        match self.dialect.guests.bars_name(name) {
            Some(barred) => Some(Verdict::Barred(barred)),
            None => self.gate.admits(name, now).err().map(Verdict::Failed),
        }
    }

    /// How long it mostly takes to answer; `None` when it has not answered yet.
    #[must_use]
    pub fn usual_pace(&self) -> Option<Duration> {
        self.pace.usual()
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self, now: Instant) -> Standing {
        self.gate.standing(now)
    }

    /// Path and query of the question, in this upstream's URL; `None` when it is longer than a URL may be.
    #[must_use]
    pub fn target(&self, question: &Question) -> Option<net::Target> {
        self.target.of(question)
    }

    /// Asks who joined. `via` names the proxies the question has passed, this one last.
    ///
    /// Ends by the upstream's own timeout; or when `given_up` is cancelled, if by then the question has not been sent. Let it end:
    /// dropping it closes a connection. Ends at once, with nothing asked, where
    /// [`Failure::Open`] or [`Failure::OverBudget`] says so, or where the name alone is barred.
    pub async fn ask(
        &self,
        question: &Question,
        via: &HeaderValue,
        given_up: &CancellationToken,
        urgency: Urgency,
    ) -> Verdict {
        if let Some(barred) = self.dialect.guests.bars_name(&question.name) {
            return Verdict::Barred(barred);
        }
        let asked = Instant::now();
        let patience = Patience { deadline: asked + self.dialect.timeout, given_up: given_up.clone() };
        let (verdict, now) = self.put(question, via, (&patience, asked), urgency).await;
        self.counts.hear(&verdict, asked, now);
        verdict
    }

    /// The verdict on a question asked at `asked`, and when it was there.
    async fn put(
        &self,
        question: &Question,
        via: &HeaderValue,
        (patience, asked): (&Patience, Instant),
        urgency: Urgency,
    ) -> (Verdict, Instant) {
        let Some(target) = self.target(question) else {
            return (Verdict::Failed(Failure::Unaskable), asked);
        };
        let request = Outgoing {
            method: Method::GET,
            target,
            headers: self.headers.clone(),
            own: Some((VIA, via.clone())),
            body: Bytes::new(),
            largest_answer: LARGEST_PROFILE,
            repeatable: !self.dialect.single_use,
        };
        let passage = match self.gate.enter(&question.name, urgency, asked) {
            Ok(passage) => passage,
            Err(failure) => return (Verdict::Failed(failure), asked),
        };
        let in_flight = self.counts.leave();
        let reply = self.client.send(&request, patience).await;
        drop(in_flight);
        let verdict = match &reply {
            Ok(reply) => self.judge(question, reply),
            Err(failure) => Verdict::Failed(Failure::Net(*failure)),
        };
        let now = Instant::now();
        passage.settle(&verdict, reply.as_ref().ok().map(|reply| &reply.headers), now);
        if verdict.failure().is_none() {
            self.pace.note(now - asked);
        }
        (verdict, now)
    }
}
