//! What holds before any login route: which request is one, who sent it, and how an answer is dressed.
//!
//! Decides about the shape of requests (RFC 9110 and 9112, read strictly), rates, bodies and headers. What is asked, and who may log
//! in, is decided by the routes and by what they call. Game servers are not served here: their routes are lenient, these are not.

mod body;
pub(super) mod client;
mod credentials;
mod endpoint;
mod envelope;
mod hygiene;
mod limits;
mod object;
mod query;
mod refusal;

pub use endpoint::{Challenge, Endpoint, Takes};
pub use envelope::Envelope;
pub use limits::{Limit, Limiter, Limits, Rate, Who};
pub use object::Object;
pub use query::Parameters;
pub use refusal::{Code, Refusal};

use super::answer::Body;
use crate::model::Network;
use body::Form;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// What one configuration says of the edge.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The host of the public URL: the realm of challenges.
    pub host: String,
    /// The path of the public URL, under which every endpoint is found as well.
    pub base_path: String,
    /// Proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// Bytes of a body.
    pub max_body: usize,
    /// Origins whose scripts may ask.
    pub origins: Vec<String>,
    /// Rates. `None`: as often as they like.
    pub limits: Option<Limits>,
    /// Endpoints that are not there.
    pub closed: Vec<Endpoint>,
}

/// The edge of the login API.
#[derive(Clone, Debug)]
pub struct Edge {
    terms: Arc<Terms>,
    realm: Arc<str>,
    limiter: Arc<Limiter>,
}

/// A request that may be looked at.
#[derive(Debug)]
pub struct Admitted {
    /// What it asks.
    pub endpoint: Endpoint,
    /// How.
    pub method: Method,
    /// The last segment of its path where that is not fixed, as it was sent.
    pub segment: Option<String>,
    /// Its query.
    pub query: Parameters,
    /// Who sent it.
    pub client: IpAddr,
    /// Whether a trusted proxy has sent it on: then what that adds is believed.
    pub through_proxy: bool,
    /// How to answer.
    pub envelope: Envelope,
    headers: HeaderMap,
    form: Form,
    body: Bytes,
}

impl Edge {
    /// An edge on these terms. The limiter outlives them.
    #[must_use]
    pub fn new(terms: Terms, limiter: Arc<Limiter>) -> Self {
        // What no host has cannot end a quoted string early.
        let realm: String =
            terms.host.chars().filter(|sign| sign.is_ascii_graphic() && !matches!(sign, '"' | '\\')).collect();
        Self { terms: Arc::new(terms), realm: realm.into(), limiter }
    }

    /// The name that players know this API by: its host.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.terms.host
    }

    /// Where browsers find an endpoint.
    #[must_use]
    pub fn path(&self, endpoint: Endpoint) -> String {
        let path = endpoint.paths().first().copied().unwrap_or_default();
        format!("{}{path}", self.terms.base_path.trim_end_matches('/'))
    }

    /// The endpoint of a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Endpoint> {
        Endpoint::find(path, &self.terms.base_path).filter(|endpoint| !self.terms.closed.contains(endpoint))
    }

    /// Lets a request in, or answers it: a request that is malformed, of another method, too often, too large or of another type.
    ///
    /// # Errors
    /// The answer.
    pub async fn admit<B>(
        &self,
        endpoint: Endpoint,
        request: Request<B>,
        peer: IpAddr,
    ) -> Result<Admitted, Response<Body>>
    where
        B: hyper::body::Body<Data = Bytes>,
    {
        let (head, body) = request.into_parts();
        let envelope = self.envelope(Some(endpoint), (&head.method, head.version, &head.headers));
        hygiene::check(&head.uri, head.version, &head.headers).map_err(|refusal| envelope.refuse(refusal))?;
        if head.method == Method::OPTIONS {
            return Err(envelope.options());
        }
        if !endpoint.methods().contains(&head.method) {
            return Err(envelope.refuse(Code::MethodNotAllowed.into()));
        }
        let client = client::address(peer, &head.headers, &self.terms.trusted_proxies);
        let taken = async {
            if let Some(limit) = endpoint.limit() {
                self.take(limit, client.into())?;
            }
            let query = Parameters::read(head.uri.query().unwrap_or_default().as_bytes())?;
            let form = body::form(&head.headers, endpoint.takes())?;
            Ok((query, form, body::read(body, self.terms.max_body).await?))
        };
        match taken.await {
            Ok((query, form, body)) => {
                let through_proxy = self.terms.trusted_proxies.iter().any(|known| known.contains(peer.to_canonical()));
                let segment = endpoint.last_segment(head.uri.path()).map(str::to_owned);
                Ok(Admitted {
                    endpoint,
                    method: head.method,
                    segment,
                    query,
                    client,
                    through_proxy,
                    envelope,
                    headers: head.headers,
                    form,
                    body,
                })
            }
            Err(refusal) => Err(envelope.refuse(refusal)),
        }
    }

    /// The answer at a path that is nobody's but looks like one of these; `None` for one that does not.
    #[must_use]
    pub fn nothing_here<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        let path = request.uri().path();
        let below = path.strip_prefix(self.terms.base_path.trim_end_matches('/')).unwrap_or(path);
        if !Endpoint::is_near(path) && !Endpoint::is_near(below) {
            return None;
        }
        let envelope = self.envelope(None, (request.method(), request.version(), request.headers()));
        Some(envelope.refuse(Code::NotFound.into()))
    }

    /// Takes one from a bucket, for what only a route knows to be limited.
    ///
    /// # Errors
    /// `rate_limited`, when it is empty.
    pub fn take(&self, limit: Limit, who: Who) -> Result<(), Refusal> {
        let Some(limits) = &self.terms.limits else { return Ok(()) };
        self.limiter.take(limit, limits.of(limit), who, Instant::now()).map_err(Refusal::rate_limited)
    }

    /// The bucket of a player's name.
    #[must_use]
    pub fn named(&self, name: &str) -> Who {
        self.limiter.name(name)
    }

    fn envelope(&self, endpoint: Option<Endpoint>, head: (&Method, http::Version, &HeaderMap)) -> Envelope {
        Envelope::new(endpoint, self.realm.clone(), &self.terms.origins, head)
    }
}

impl Admitted {
    /// The body as a JSON object; an absent one is an empty object.
    ///
    /// # Errors
    /// `unsupported_media_type` when it does not say that it is JSON, `invalid_json` when it is not.
    pub fn object(&self) -> Result<Object, Refusal> {
        match self.form {
            _ if self.body.is_empty() && self.form == Form::Unsaid => Ok(Object::default()),
            Form::Json => Object::read(&self.body),
            Form::Unsaid | Form::Encoded => Err(Code::UnsupportedMediaType.into()),
        }
    }

    /// A text of the body, be it JSON or a form.
    ///
    /// # Errors
    /// As for either.
    pub fn text(&self, field: &'static str) -> Result<Option<String>, Refusal> {
        match self.form {
            Form::Encoded => Parameters::read(&self.body)?.get(field).map(|value| value.map(str::to_owned)),
            Form::Json | Form::Unsaid => self.object()?.text(field).map(|value| value.map(str::to_owned)),
        }
    }

    /// The token of `Authorization: Bearer`; `None` when there is no such header.
    ///
    /// # Errors
    /// `invalid_token`, when the header holds something else. No cookie stands in for it then.
    pub fn bearer(&self) -> Result<Option<&str>, Refusal> {
        credentials::bearer(&self.headers)
    }

    /// The value of a cookie, unless it is there with different values.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        credentials::cookie(&self.headers, name)
    }

    /// What the client calls itself, fit to be kept.
    #[must_use]
    pub fn user_agent(&self) -> Option<String> {
        client::user_agent(&self.headers)
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}
