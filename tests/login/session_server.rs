//! A fake session server with joins: who joined what, and what becomes of a join that was told.

use crate::support::{
    profile,
    upstream::{Recorded, Reply, Upstream},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Who joined.
#[derive(Clone)]
struct Joined {
    name: String,
    server_id: String,
    ip: Option<String>,
}

#[derive(Default)]
struct State {
    joins: Vec<Joined>,
    /// A join is forgotten when it was told.
    consumes: bool,
    /// Instead of what it knows.
    instead: Option<Reply>,
    /// What it knows is told as this name.
    renamed: Option<String>,
    delay: Duration,
}

/// Answers hasJoined for those who joined.
pub(crate) struct SessionServer {
    pub(crate) upstream: Upstream,
    state: Arc<Mutex<State>>,
}

impl SessionServer {
    pub(crate) async fn start() -> Self {
        let (upstream, state) = (Upstream::start().await, Arc::<Mutex<State>>::default());
        let told = state.clone();
        upstream.answers_by(move |request| told.lock().unwrap().answer(request));
        Self { upstream, state }
    }

    /// This player has joined.
    pub(crate) fn join(&self, name: &str, server_id: &str) {
        self.joined(name, server_id, None);
    }

    /// This player has joined from this address, which is compared if it is told.
    pub(crate) fn join_from(&self, name: &str, server_id: &str, ip: &str) {
        self.joined(name, server_id, Some(ip.to_owned()));
    }

    fn joined(&self, name: &str, server_id: &str, ip: Option<String>) {
        let (name, server_id) = (name.to_owned(), server_id.to_owned());
        self.state.lock().unwrap().joins.push(Joined { name, server_id, ip });
    }

    /// From now on a join is forgotten once it was told.
    pub(crate) fn consumes(&self) {
        self.state.lock().unwrap().consumes = true;
    }

    /// From now on this, whatever it knows; `None`: what it knows.
    pub(crate) fn instead(&self, reply: Option<Reply>) {
        self.state.lock().unwrap().instead = reply;
    }

    /// From now on whoever joined is called this, as after a rename.
    pub(crate) fn calls_them(&self, name: &str) {
        self.state.lock().unwrap().renamed = Some(name.to_owned());
    }

    /// From now on it takes its time.
    pub(crate) fn delays(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.upstream.requests().len()
    }
}

impl State {
    fn answer(&mut self, request: &Recorded) -> Reply {
        if let Some(reply) = &self.instead {
            return reply.clone();
        }
        let (name, server_id) = (request.query("username").unwrap(), request.query("serverId").unwrap());
        let same_address = |joined: &Joined| match (&joined.ip, request.query("ip")) {
            (Some(from), Some(told)) => *from == told,
            _ => true,
        };
        let found = self.joins.iter().position(|joined| {
            let called = self.renamed.as_ref().unwrap_or(&joined.name);
            called.eq_ignore_ascii_case(&name) && joined.server_id == server_id && same_address(joined)
        });
        let Some(at) = found else { return Reply::no() };
        let joined = self.joins[at].clone();
        if self.consumes {
            self.joins.remove(at);
        }
        let name = self.renamed.as_ref().unwrap_or(&joined.name);
        Reply::status(200).json(profile::with_id(name, &profile::id_of(&joined.name))).after(self.delay)
    }
}
