//! A server with the edge in front of as little as can stand behind it: fields are read as the routes read them, one token is good.

use crate::support::spawn;
use hasjoined::{
    app, config,
    lifecycle::{CancellationToken, Tasks},
    server::{Listener, Server},
    web::{
        Body,
        edge::{Admitted, Code, Edge, Endpoint, Limiter, Refusal},
    },
};
use http::{Request, Response, StatusCode};
use hyper::{body::Incoming, service::service_fn};
use serde_json::{Value, json};
use std::{convert::Infallible, net::SocketAddr, path::Path, sync::Arc, time::Instant};

/// The only token that is good here.
const TOKEN: &str = "a.good-token_";

/// A running server; it ends with the test.
pub(super) struct Stage(SocketAddr);

impl Stage {
    /// Without limits, at the root of its host.
    pub(super) fn start() -> Self {
        Self::with("", "[login.limits]\nenabled = false\n")
    }

    /// With these lines in `[server]`, and these after `[login]`.
    pub(super) fn with(server: &str, login: &str) -> Self {
        let text = format!(
            "[server]\n{server}\n[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\ndatabase = \"memory\"\n{login}"
        );
        let settings =
            config::parse(&text, Path::new("upstreams.toml")).unwrap_or_else(|error| panic!("{error}")).settings;
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let address = listener.address().unwrap();
        let limiter = Arc::new(Limiter::new(Instant::now()));
        let edge = app::login_edge(&settings, &settings.server.reached_at(address), &limiter).unwrap();
        let service = move |peer: SocketAddr| {
            let edge = edge.clone();
            service_fn(move |request| {
                let edge = edge.clone();
                async move { Ok::<_, Infallible>(answer(&edge, request, peer).await) }
            })
        };
        spawn(Server::new(1_000, Tasks::default(), CancellationToken::new()).serve(listener, service));
        Self(address)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0
    }

    /// A token that is good.
    pub(super) fn token(&self) -> String {
        TOKEN.to_owned()
    }
}

async fn answer(edge: &Edge, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
    let Some(endpoint) = edge.find(request.uri().path()) else {
        let nothing = || {
            let mut response = Response::new(Body::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        };
        return edge.nothing_here(&request).unwrap_or_else(nothing);
    };
    match edge.admit(endpoint, request, peer.ip()).await {
        Ok(admitted) => routed(&admitted)
            .map_or_else(|refusal| admitted.envelope.refuse(refusal), |value| admitted.envelope.json(&value)),
        Err(response) => response,
    }
}

fn routed(admitted: &Admitted) -> Result<Value, Refusal> {
    match admitted.endpoint {
        Endpoint::Join => {
            let object = admitted.object()?;
            Ok(
                json!({"userId": object.text("userId")?, "name": object.text("name")?, "scopes": object.texts("scopes")?}),
            )
        }
        Endpoint::Verify => Ok(json!({"serverId": admitted.object()?.needed_text("serverId")?})),
        Endpoint::AuthVerify => {
            let cookie = || ["uebliche_token", "auth_token"].into_iter().find_map(|name| admitted.cookie(name));
            match admitted.bearer()?.or_else(cookie) {
                Some(TOKEN) => Ok(json!({"claims": {}})),
                Some(_) => Err(Code::InvalidToken.into()),
                None => Err(Refusal::no_token()),
            }
        }
        Endpoint::Sessions => match admitted.bearer()?.ok_or(Refusal::no_token())? {
            TOKEN => Ok(json!({"limit": admitted.query.get("limit")?})),
            _ => Err(Code::InvalidToken.into()),
        },
        Endpoint::Revoke | Endpoint::Introspect | Endpoint::Logout => Ok(json!({"token": admitted.text("token")?})),
        Endpoint::Jwks | Endpoint::Metadata | Endpoint::OpenApi => Ok(json!({})),
    }
}
