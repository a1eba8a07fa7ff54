//! The login API as the program puts it together, over real sockets and a real store, with a clock that the test moves.

use super::{database::Database, session_server::SessionServer};
use crate::support::{
    client::{Answer, Request, Target},
    profile, spawn,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hasjoined::{
    app::Builder,
    config,
    lifecycle::{CancellationToken, Clock, Tasks},
    login::Logins,
    model::{ProfileId, ServiceSlug, Timestamp, UpstreamId},
    server::{Listener, Server},
    store::{Grant, Registration, Service, Store},
    tokens::{AccessClaims, BY_JOIN, ServiceClaims, fresh_id},
    web::Web,
};
use hyper::service::service_fn;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

pub(crate) const JOIN: &str = "/v1/auth/session/minecraft/join";
pub(crate) const VERIFY: &str = "/v1/auth/session/minecraft/verify";
pub(crate) const SESSIONS: &str = "/v1/profile/auth/sessions";
pub(crate) const AUTH_VERIFY: &str = "/auth/verify";

/// As often as a test likes.
pub(crate) const NO_LIMITS: &str = "[login.limits]\nenabled = false\n";

/// 2026-01-18T12:34:56Z: what the clock shows at first.
pub(crate) const START: i64 = 1_768_739_696_000;

/// A running program; it ends with the test.
pub(crate) struct Stage {
    address: SocketAddr,
    hand: Arc<AtomicI64>,
    /// Its only login upstream, `mojang`, unless the test says otherwise.
    pub(crate) session: SessionServer,
    /// A second look at its store.
    pub(crate) store: Store,
    web: Arc<Web>,
    stop: CancellationToken,
    /// Gone with the stage.
    _database: Database,
}

impl Target for Stage {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What `join` has answered.
#[derive(Clone)]
pub(crate) struct Joining {
    pub(crate) server_id: String,
    pub(crate) join_token: String,
}

impl Joining {
    /// The id of its token, unread by the program under test.
    pub(crate) fn jti(&self) -> String {
        claims(&self.join_token)["jti"].as_str().unwrap().to_owned()
    }

    /// What `verify` is sent.
    pub(crate) fn proof(&self, name: &str) -> Value {
        json!({ "serverId": self.server_id, "joinToken": self.join_token, "name": name })
    }
}

/// What stands in the configuration besides the login's own upstream.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lines<'a> {
    pub(crate) server: &'a str,
    pub(crate) upstreams: &'a str,
    pub(crate) login: &'a str,
}

impl Stage {
    /// Without limits, over SQLite.
    pub(crate) async fn start() -> Self {
        Self::over(Database::sqlite()).await
    }

    /// Over SQLite, with these lines in `[server]`, and these after `[login]`.
    pub(crate) async fn with(server: &str, login: &str) -> Self {
        Self::of(Database::sqlite(), Lines { server, login, ..Lines::default() }).await
    }

    /// Without limits.
    pub(crate) async fn over(database: Database) -> Self {
        Self::of(database, Lines { login: NO_LIMITS, ..Lines::default() }).await
    }

    /// With these lines.
    pub(crate) async fn of(database: Database, lines: Lines<'_>) -> Self {
        let session = SessionServer::start().await;
        let hand = Arc::new(AtomicI64::new(START));
        let clock = Clock::of({
            let hand = hand.clone();
            move || Timestamp::from_millis(hand.load(Ordering::Relaxed))
        });
        let (store, stop) = (database.open().await, CancellationToken::new());
        let text = config_text(&session, &database, lines);
        let (address, web) = program(&text, &database, clock, stop.clone()).await;
        Self { address, hand, session, store, web, stop, _database: database }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Moves the clock on.
    pub(crate) fn wait(&self, span: Duration) {
        self.hand.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.hand.load(Ordering::Relaxed))
    }

    /// What the program does every minute, now.
    pub(crate) async fn swept(&self) {
        self.web.site().login.as_ref().unwrap().logins.sweep().await;
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        request.send(&self.address).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Request::post(path, &body.to_string())).await
    }

    /// A GET with a token.
    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Request::get(path).bearer(token)).await
    }

    /// A challenge, on these terms.
    pub(crate) async fn challenge(&self, wish: Value) -> Joining {
        let answer = self.post(JOIN, &wish).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = json_of(&answer);
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        Joining { server_id: text("serverId"), join_token: text("joinToken") }
    }

    /// A challenge that this player has joined.
    pub(crate) async fn joined(&self, name: &str) -> Joining {
        let joining = self.challenge(json!({})).await;
        self.session.join(name, &joining.server_id);
        joining
    }

    pub(crate) async fn verify(&self, proof: &Value) -> Answer {
        self.post(VERIFY, proof).await
    }

    /// An access token of this player.
    pub(crate) async fn log_in(&self, name: &str) -> String {
        let joining = self.joined(name).await;
        let answer = self.verify(&joining.proof(name)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        json_of(&answer)["accessToken"].as_str().unwrap().to_owned()
    }

    /// A token that Notch, who has logged in, has given to a service.
    pub(crate) async fn service_token(&self, slug: &str, scope: &str) -> String {
        let (mojang, notch) = (UpstreamId::new("mojang").unwrap(), ProfileId::parse(&dashed("Notch")).unwrap());
        let user = self.store.user_by(&mojang, notch).await.unwrap().unwrap();
        let access = AccessClaims {
            jti: fresh_id(self.now()),
            user: user.id,
            subject: notch,
            idp: mojang,
            name: user.name,
            scopes: vec![scope.to_owned()],
            client: slug.to_owned(),
            methods: vec![BY_JOIN.to_owned()],
            authenticated_at: self.now(),
        };
        let service = self.service(slug).await;
        let permissions = &access.scopes;
        let grant = Grant { user: &access.user, service: &service.id, permissions, request: None, code: None };
        assert!(self.store.grant(grant, self.now()).await.unwrap());
        let claims = ServiceClaims { access, service: service.id };
        let site = self.web.site();
        let tokens = site.login.as_ref().unwrap().logins.tokens();
        tokens.issue_service(&claims, None, self.now()).unwrap().token
    }

    /// The service of that slug, which an operator has added if nobody else did.
    pub(crate) async fn service(&self, slug: &str) -> Service {
        let new = Registration {
            slug: ServiceSlug::new(slug).unwrap(),
            name: slug.to_owned(),
            redirects: vec![format!("https://{slug}.example/cb")],
            permissions: vec!["profile:read".to_owned()],
            verification_level: String::new(),
            verified: false,
            native: false,
            secret_hash: None,
            disabled: false,
        };
        self.store.add_service(&new, self.now()).await.unwrap();
        self.store.service(&new.slug).await.unwrap().unwrap()
    }

    /// The login API of the program under test, for what has no route of its own.
    pub(crate) fn logins(&self) -> Logins {
        self.web.site().login.as_ref().unwrap().logins.clone()
    }

    /// An access token of anybody.
    pub(crate) async fn token(&self) -> String {
        self.log_in("Notch").await
    }
}

/// The body of an answer.
#[track_caller]
pub(crate) fn json_of(answer: &Answer) -> Value {
    let text = answer.text();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {answer:?}"))
}

/// Refused in these words, with the headers that belong to them.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, json_of(answer)["error"].as_str()), (status, Some(error)), "{answer:?}");
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{answer:?}");
    assert_eq!(answer.header("retry-after").is_some(), matches!(status, 429 | 503), "{answer:?}");
}

/// Refused for what this field holds.
#[track_caller]
pub(crate) fn wrong_field(answer: &Answer, field: &str) {
    refused(answer, 400, "invalid_request");
    assert_eq!(json_of(answer)["field"].as_str(), Some(field), "{answer:?}");
}

/// A part of a token: its header is the first, its claims are the second.
pub(crate) fn part(token: &str, at: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap()
}

/// What a token says, unread by the program under test.
pub(crate) fn claims(token: &str) -> Value {
    serde_json::from_slice(&part(token, 1)).unwrap()
}

/// A player's UUID with dashes.
pub(crate) fn dashed(name: &str) -> String {
    uuid::Uuid::parse_str(&profile::id_of(name)).unwrap().to_string()
}

fn config_text(session: &SessionServer, database: &Database, lines: Lines<'_>) -> String {
    let Lines { server, upstreams, login } = lines;
    format!(
        "[server]\n{server}\n[upstreams.mojang]\npreset = \"mojang\"\nurl = \"{}\"\n{upstreams}\n[login]\nenabled = true\n{}\n{login}",
        session.upstream.url(),
        database.lines()
    )
}

/// All of the program but its command line and its signals.
async fn program(text: &str, database: &Database, clock: Clock, stop: CancellationToken) -> (SocketAddr, Arc<Web>) {
    let loaded = config::parse(text, &database.folder().join("upstreams.toml"));
    let settings = loaded.unwrap_or_else(|error| panic!("{error}")).settings;
    let listener = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = listener.address().unwrap();
    let mut builder = Builder::new(Tasks::default());
    let prepared = builder.prepare(&settings).unwrap();
    builder.open(&settings, clock).await.unwrap();
    let web = Arc::new(Web::new(builder.site(prepared, &settings, address)));
    let served = web.clone();
    let service = move |peer: SocketAddr| {
        let web = served.clone();
        service_fn(move |request| {
            let web = web.clone();
            async move { Ok::<_, Infallible>(web.answer(request, peer.ip()).await) }
        })
    };
    spawn(Server::new(1_000, Tasks::default(), stop).serve(listener, service));
    (address, web)
}
