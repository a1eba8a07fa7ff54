//! Asks the running program, through its admin listener.

use super::Failed;
use crate::{
    cli::ProgramOptions,
    config,
    lifecycle::Tasks,
    net::{Client, Egress, Lines, Outgoing, Patience, Peer, Reply, Roots},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, uri::PathAndQuery};
use serde_json::Value;
use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// A whole page of bindings is well below it.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// It answers from memory.
const PATIENCE: Duration = Duration::from_secs(5);

/// Has something done with the running program that is meant.
pub(super) fn ask(
    program: &ProgramOptions,
    with: impl AsyncFnOnce(Running) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { with(Running::of(program)?).await })
}

/// The admin listener of a running program.
pub(super) struct Running {
    address: SocketAddr,
    client: Client,
}

impl Running {
    /// The one that is meant; nothing is asked of it yet.
    pub(super) fn of(program: &ProgramOptions) -> Result<Self, Failed> {
        let off = || Failed::Unusable("server.admin is false: there is nobody to ask".to_owned());
        let address = match program.admin {
            Some(address) => address,
            None => config::load(program.config.as_deref())?.settings.server.admin.ok_or_else(off)?,
        };
        let unusable = |error: &dyn std::fmt::Display| Failed::Unusable(format!("server.admin: {error}"));
        let origin: Uri =
            format!("http://{address}").parse().map_err(|error: http::uri::InvalidUri| unusable(&error))?;
        let peer = Peer {
            origin,
            ca_file: None,
            connect_timeout: PATIENCE,
            max_connections: 1,
            http2: false,
            egress: Egress::default(),
        };
        let client = Client::new(&peer, &Roots::default(), Tasks::default()).map_err(|error| unusable(&error))?;
        Ok(Self { address, client })
    }

    /// What it says when it is ready.
    pub(super) async fn ready(&self) -> Result<String, Failed> {
        let reply = self.reply(Method::GET, "/readyz").await?;
        let says = String::from_utf8_lossy(&reply.body).into_owned();
        match reply.status {
            StatusCode::OK => Ok(says),
            _ => Err(Failed::Unwell(format!("not ready: {}", says.trim_end()))),
        }
    }

    /// Its answer; `None` for 404.
    pub(super) async fn ask(&self, method: Method, path: &str) -> Result<Option<Value>, Failed> {
        let reply = self.reply(method, path).await?;
        match reply.status {
            StatusCode::OK => serde_json::from_slice(&reply.body)
                .map(Some)
                .map_err(|_| Failed::NotRunning(self.address, "something else answers there".to_owned())),
            StatusCode::NOT_FOUND => Ok(None),
            status => Err(Failed::NotRunning(self.address, format!("it answers {status}"))),
        }
    }

    async fn reply(&self, method: Method, path: &str) -> Result<Reply, Failed> {
        let target = PathAndQuery::from_maybe_shared(Bytes::from(path.to_owned()))
            .map_err(|_| Failed::NotRunning(self.address, "cannot be asked that".to_owned()))?;
        let request = Outgoing {
            method,
            target: target.into(),
            headers: Lines::of(HeaderMap::new()),
            own: None,
            body: Bytes::new(),
            largest_answer: LARGEST_ANSWER,
            repeatable: false,
        };
        let reply = self.client.send(&request, &Patience::until(Instant::now() + PATIENCE)).await;
        reply.map_err(|failure| Failed::NotRunning(self.address, failure.to_string()))
    }
}
