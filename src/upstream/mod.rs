//! One upstream: asks it the question and says what its answer means.
//!
//! Decides what counts as a "yes", a "no" and neither. Who is believed when upstreams differ, and for how long anyone is waited
//! for, is decided by `session`; connections and deadlines of a call are kept by `net`.

mod inspect;
mod profile;
mod target;
mod verdict;

pub use verdict::{Failure, Verdict};

use crate::lifecycle::CancellationToken;
use crate::{
    model::{Question, UpstreamId},
    net::{Client, Outgoing, Patience},
};
use http::{
    HeaderMap, Uri,
    header::{ACCEPT, HeaderValue, USER_AGENT, VIA},
};
use std::time::Duration;
use target::Target;
use tokio::time::Instant;

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
}

/// One upstream and the connections to it.
pub struct Upstream {
    id: UpstreamId,
    dialect: Dialect,
    target: Target,
    headers: HeaderMap,
    client: Client,
}

/// Sent to every upstream.
const PRODUCT: &str = concat!("hasjoined/", env!("CARGO_PKG_VERSION"));

impl Upstream {
    /// An upstream that is reached through `client`.
    #[must_use]
    pub fn new(id: UpstreamId, dialect: Dialect, client: Client) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let target = Target::new(&dialect.url, dialect.forward_ip);
        Self { id, dialect, target, headers, client }
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

    /// Asks who joined. `via` names the proxies the question has passed, this one last.
    ///
    /// Ends by the upstream's own timeout; or when `given_up` is cancelled, if by then the question has not been sent. Let it end:
    /// dropping it closes a connection.
    pub async fn ask(&self, question: &Question, via: &HeaderValue, given_up: &CancellationToken) -> Verdict {
        let patience = Patience { deadline: Instant::now() + self.dialect.timeout, given_up: given_up.clone() };
        let Ok(target) = self.target.of(question) else {
            return Verdict::Failed(Failure::Unaskable);
        };
        let mut headers = self.headers.clone();
        headers.insert(VIA, via.clone());
        let request = Outgoing { target, headers, repeatable: !self.dialect.single_use };
        match self.client.get(&request, &patience).await {
            Ok(reply) => self.judge(question, &reply),
            Err(failure) => Verdict::Failed(Failure::Net(failure)),
        }
    }
}
