//! The steps one after the other, each within its time, and what is written down when one fails.

use super::{
    Concern, Player, Setup, SignInError, minecraft, oauth,
    token::{LARGEST, Wiped},
    xbox,
};
use crate::{
    lifecycle::Tasks,
    net::{Client, Egress, Failure, Lines, Outgoing, Patience, Peer, PeerError, Reply, Roots},
};
use bytes::Bytes;
use http::{
    HeaderMap, Method, Uri,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT},
    uri::PathAndQuery,
};
use std::time::Duration;
use tokio::time::Instant;

const PRODUCT: &str = concat!("hasjoined/", env!("CARGO_PKG_VERSION"));

/// For the TCP connection, and again for the TLS handshake: two attempts fit into one step.
const CONNECT: Duration = Duration::from_millis(3_500);

/// A request of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Token,
    Xbl,
    Xsts,
    Minecraft,
    Profile,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Xbl => "xbl",
            Self::Xsts => "xsts",
            Self::Minecraft => "login_with_xbox",
            Self::Profile => "profile",
        }
    }

    /// What it means that there is no answer.
    const fn unavailable(self) -> SignInError {
        match self {
            Self::Token => SignInError::MicrosoftUnavailable,
            Self::Xbl | Self::Xsts => SignInError::XboxUnavailable,
            Self::Minecraft | Self::Profile => SignInError::MinecraftUnavailable,
        }
    }
}

/// Where a step is asked.
struct Place {
    client: Client,
    target: PathAndQuery,
}

/// Where all steps are asked; those of one origin share their connections.
pub(super) struct Places {
    token: Place,
    xbl: Place,
    xsts: Place,
    minecraft: Place,
    profile: Place,
}

impl Places {
    pub(super) fn new(setup: &Setup, roots: &Roots, tasks: &Tasks) -> Result<Self, PeerError> {
        let mut known: Vec<(Uri, Client)> = Vec::new();
        let mut place = |endpoint: &Uri, path: &str| {
            let origin = |uri: &Uri| (uri.scheme().cloned(), uri.authority().cloned());
            let client = match known.iter().find(|(uri, _)| origin(uri) == origin(endpoint)) {
                Some((_, client)) => client.clone(),
                None => {
                    let client = client(endpoint, setup.limits.at_once, roots, tasks)?;
                    known.push((endpoint.clone(), client.clone()));
                    client
                }
            };
            Ok::<_, PeerError>(Place { client, target: target(endpoint, path)? })
        };
        let endpoints = &setup.endpoints;
        Ok(Self {
            token: place(&endpoints.token, "")?,
            xbl: place(&endpoints.xbl, "")?,
            xsts: place(&endpoints.xsts, "")?,
            minecraft: place(&endpoints.mc_services, "/authentication/login_with_xbox")?,
            profile: place(&endpoints.mc_services, "/minecraft/profile")?,
        })
    }

    /// The connections: to each origin once.
    pub(super) fn clients(&self) -> impl Iterator<Item = &Client> {
        let all = [&self.token, &self.xbl, &self.xsts, &self.minecraft].map(|place| &place.client);
        let first = move |at: usize| !all[..at].iter().any(|earlier| earlier.is(all[at]));
        (0..all.len()).filter(move |at| first(*at)).map(move |at| all[at])
    }

    const fn of(&self, step: Step) -> &Place {
        match step {
            Step::Token => &self.token,
            Step::Xbl => &self.xbl,
            Step::Xsts => &self.xsts,
            Step::Minecraft => &self.minecraft,
            Step::Profile => &self.profile,
        }
    }
}

fn client(endpoint: &Uri, max_connections: usize, roots: &Roots, tasks: &Tasks) -> Result<Client, PeerError> {
    let peer = Peer {
        origin: endpoint.clone(),
        ca_file: None,
        connect_timeout: CONNECT,
        max_connections,
        http2: false,
        egress: Egress::default(),
    };
    Client::new(&peer, roots, tasks.clone())
}

/// The endpoint's own path, with `path` after it if there is one.
fn target(endpoint: &Uri, path: &str) -> Result<PathAndQuery, PeerError> {
    let text = match path {
        "" => endpoint.path_and_query().map_or("/", PathAndQuery::as_str).to_owned(),
        path => format!("{}{path}", endpoint.path().trim_end_matches('/')),
    };
    text.parse().map_err(|_| PeerError::Origin(endpoint.clone()))
}

/// A chain while it runs.
pub(super) struct Chain<'a> {
    pub(super) setup: &'a Setup,
    places: &'a Places,
    deadline: Instant,
}

/// All of it: the code goes in, a player comes out, and every token in between is gone.
pub(super) async fn run(
    setup: &Setup,
    places: &Places,
    (code, verifier): (&str, &str),
    deadline: Instant,
) -> Result<Player, Failed> {
    let chain = Chain { setup, places, deadline };
    let microsoft = oauth::redeem(&chain, code, verifier).await?;
    let live = xbox::live(&chain, &microsoft).await?;
    let xsts = xbox::for_minecraft(&chain, &live).await?;
    let minecraft = minecraft::login(&chain, &xsts).await?;
    minecraft::profile(&chain, &minecraft).await
}

impl Chain<'_> {
    /// Posts, and reads the whole answer.
    pub(super) async fn post(&self, step: Step, kind: &'static str, body: Wiped) -> Result<Answer, Failed> {
        let mut headers = headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if matches!(step, Step::Xbl | Step::Xsts) {
            headers.insert(HeaderName::from_static("x-xbl-contract-version"), HeaderValue::from_static("1"));
        }
        self.ask(step, Method::POST, headers, body.into_body()).await
    }

    /// Gets, with more headers.
    pub(super) async fn get(&self, step: Step, more: HeaderMap) -> Result<Answer, Failed> {
        let mut headers = headers();
        headers.extend(more);
        self.ask(step, Method::GET, headers, Bytes::new()).await
    }

    async fn ask(&self, step: Step, method: Method, headers: HeaderMap, body: Bytes) -> Result<Answer, Failed> {
        let Place { client, target } = self.places.of(step);
        let (target, headers) = (target.clone().into(), Lines::of(headers));
        let request = Outgoing { method, target, headers, own: None, body, largest_answer: LARGEST, repeatable: false };
        let deadline = self.deadline.min(Instant::now() + self.setup.limits.step);
        let patience = Patience::until(deadline);
        let sent = match client.send(&request, &patience).await {
            // Nothing was sent, so nothing can have been used up.
            Err(Failure::Refused) => client.send(&request, &patience).await,
            ended => ended,
        };
        match sent {
            Ok(reply) => {
                tracing::debug!(step = step.name(), status = reply.status.as_u16(), "a sign-in goes on");
                Ok(Answer { step, reply })
            }
            Err(failure) => Err(Failed { step: Some(step), failure: Some(failure), ..Failed::of(step.unavailable()) }),
        }
    }
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

/// What a step was answered.
pub(super) struct Answer {
    step: Step,
    pub(super) reply: Reply,
}

impl Answer {
    pub(super) fn is_ok(&self) -> bool {
        self.reply.status == 200
    }

    /// Somebody in front of the service, or the service without a mind of its own.
    pub(super) fn is_html(&self) -> bool {
        let said = self.reply.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        said || self.reply.body.trim_ascii_start().starts_with(b"<")
    }

    /// It can only be waited for.
    pub(super) fn is_outage(&self) -> bool {
        let status = self.reply.status;
        status.is_server_error() || status.is_redirection() || status == 429 || status == 408
    }

    pub(super) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_slice(&self.reply.body).ok()
    }

    /// The failure that this answer is.
    pub(super) fn failed(&self, error: SignInError) -> Failed {
        Failed { step: Some(self.step), status: Some(self.reply.status.as_u16()), ..Failed::of(error) }
    }

    /// The failure that nothing can be made of this answer.
    pub(super) fn unusable(&self) -> Failed {
        self.failed(self.step.unavailable())
    }
}

/// A failure, with what an operator may read of it: numbers, no text of anybody's.
#[derive(Debug)]
pub(super) struct Failed {
    error: SignInError,
    step: Option<Step>,
    status: Option<u16>,
    /// `AADSTS…` or `XErr`.
    number: Option<u64>,
    failure: Option<Failure>,
}

impl Failed {
    pub(super) fn of(error: SignInError) -> Self {
        Self { error, step: None, status: None, number: None, failure: None }
    }

    /// With the service's own number for it.
    pub(super) fn numbered(self, number: Option<u64>) -> Self {
        Self { number, ..self }
    }

    /// Written down, once.
    pub(super) fn logged(self) -> SignInError {
        let Self { error, step, status, number, failure } = self;
        let (code, step) = (error.code(), step.map(Step::name));
        let failure = failure.map(tracing::field::display);
        match error.concern() {
            Concern::Player => tracing::debug!(code, step, status, number, failure, "a sign-in was refused"),
            Concern::Outage => tracing::warn!(code, step, status, number, failure, "a sign-in failed"),
            Concern::Operator => {
                tracing::error!(
                    code,
                    step,
                    status,
                    number,
                    failure,
                    "nobody can sign in with Microsoft: {}",
                    remedy(error)
                );
            }
        }
        error
    }
}

fn remedy(error: SignInError) -> &'static str {
    match error {
        SignInError::AppNotApproved => {
            "Mojang has not approved this client id yet, ask for it at https://aka.ms/AppRegInfo"
        }
        _ => {
            "compare client_id, client_secret and redirect_uri under [login.microsoft] with the registration, whose platform is Web"
        }
    }
}
