//! The five upstreams: whom each knows, what it says in which weather, and a record of what it has said of which login.
//!
//! Decides what is an honest answer; whether the program drew the right conclusion is checked in `verdict`.

use super::weather::{Dice, Fault, Window};
use crate::support::{
    profile,
    tls::Ca,
    upstream::{Recorded, Reply, Upstream},
};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Of each upstream.
pub(super) const PLAYERS: usize = 40;

/// An upstream's table in the configuration, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) id: &'static str,
    pub(super) own: bool,
    single_use: bool,
    tls: bool,
    http2: bool,
    lines: &'static str,
}

/// Most connections that each may have.
pub(super) const CAP: usize = 32;

const PLAIN: Kind = Kind { id: "", own: false, single_use: false, tls: false, http2: false, lines: "" };

pub(super) const KINDS: [Kind; 5] = [
    Kind { id: "mojang", ..PLAIN },
    Kind { id: "minehut", tls: true, ..PLAIN },
    Kind { id: "connect", http2: true, lines: "http2 = true\n", ..PLAIN },
    Kind { id: "drasl", own: true, lines: "attests = \"own\"\nnegative = [403]\n", ..PLAIN },
    Kind {
        id: "elyby",
        own: true,
        single_use: true,
        lines: "attests = \"own\"\nnegative = [403]\nsingle_use = true\n",
        ..PLAIN
    },
];

/// What was said about one login, and when, since the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) said: Said,
    pub(super) at: Duration,
}

/// The meaning of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    Nothing(Fault),
    /// A "yes" for somebody else's player.
    Lie,
}

/// One upstream with its weather.
pub(super) struct House {
    pub(super) kind: Kind,
    pub(super) upstream: Upstream,
    pub(super) windows: Vec<Window>,
    heard: Arc<Heard>,
}

/// What an upstream keeps of the questions.
#[derive(Default)]
struct Heard {
    began: OnceLock<Instant>,
    /// By serverId: every login has its own.
    said: Mutex<HashMap<String, Vec<Word>>>,
}

impl House {
    pub(super) async fn build(kind: Kind, windows: Vec<Window>) -> Self {
        let ca = Ca::new();
        let builder = Upstream::builder().http2(kind.http2);
        let upstream = if kind.tls { builder.tls(&ca) } else { builder }.start().await;
        let heard = Arc::<Heard>::default();
        let (weather, listener) = (windows.clone(), heard.clone());
        upstream.answers_by(move |asked| listener.answer(kind, &weather, asked));
        Self { kind, upstream, windows, heard }
    }

    pub(super) fn lines(&self) -> String {
        format!("max_connections = {CAP}\n{}", self.kind.lines)
    }

    /// From now on the weather changes.
    pub(super) fn begin(&self, now: Instant) {
        self.heard.began.set(now).unwrap();
    }

    /// Opens and closes its door as its windows say.
    pub(super) async fn keep_the_door(&self, began: Instant) {
        for Window { time, .. } in self.windows.iter().filter(|window| window.fault == Fault::Down) {
            tokio::time::sleep_until((began + time.start).into()).await;
            self.upstream.stop().await;
            tokio::time::sleep_until((began + time.end).into()).await;
            self.upstream.restart().await;
        }
    }

    pub(super) fn said(&self, server_id: &str) -> Vec<Word> {
        self.heard.said.lock().unwrap().get(server_id).cloned().unwrap_or_default()
    }

    /// Logins it was asked about more than once.
    pub(super) fn asked_again(&self) -> usize {
        self.heard.said.lock().unwrap().values().filter(|said| said.len() > 1).count()
    }

    /// The fault it had at any moment of this time.
    pub(super) fn fault_within(&self, from: Duration, to: Duration) -> Option<Fault> {
        let during = |window: &&Window| window.time.start < to && from < window.time.end;
        self.windows.iter().find(during).map(|window| window.fault)
    }

    /// The profile that the game server is to get for one of its players.
    pub(super) fn presents(&self, name: &str) -> Vec<u8> {
        presented(self.kind, name)
    }

    pub(super) fn single_use(&self) -> bool {
        self.kind.single_use
    }
}

/// The only answer that lets `name` in on the word of this upstream.
pub(super) fn presented(kind: Kind, name: &str) -> Vec<u8> {
    let (id, body) = (profile::id_of(name), String::from_utf8(profile::for_name(name)).unwrap());
    match kind.own {
        true => body.replacen(&format!("\"{id}\""), &format!("\"{}\"", namespaced(kind.id, &id)), 1).into_bytes(),
        false => body.into_bytes(),
    }
}

/// As the README promises it to whoever has players' data under such ids.
fn namespaced(upstream: &str, id: &str) -> String {
    let all = Uuid::from_u128(0x2b44_9af9_1046_430a_b490_2147_b435_4044);
    let id = Uuid::parse_str(id).unwrap();
    Uuid::new_v5(&Uuid::new_v5(&all, upstream.as_bytes()), id.as_bytes()).simple().to_string()
}

/// A player of this upstream.
pub(super) fn player(kind: Kind, number: usize) -> String {
    format!("{}_{number}", kind.id)
}

fn home(name: &str) -> Option<Kind> {
    KINDS.into_iter().find(|kind| name.split_once('_').is_some_and(|(id, _)| id == kind.id))
}

impl Heard {
    fn answer(&self, kind: Kind, windows: &[Window], asked: &Recorded) -> Reply {
        let (name, server_id) = (asked.query("username").unwrap(), asked.query("serverId").unwrap());
        let now = self.began.get().map(Instant::elapsed).unwrap_or_default();
        let window = windows.iter().find(|window| window.time.contains(&now));
        let mut hasher = DefaultHasher::new();
        (kind.id, &server_id).hash(&mut hasher);
        let mut dice = Dice::new(hasher.finish());
        let (said, reply) = match window.map(|window| window.fault) {
            None | Some(Fault::Down | Fault::Slow) => honest(kind, &name, &mut dice),
            Some(Fault::Impersonates) if home(&name).is_some_and(|home| !home.own) => {
                (Said::Lie, Reply::profile(&name))
            }
            Some(Fault::Impersonates) => honest(kind, &name, &mut dice),
            Some(fault) => (Said::Nothing(fault), broken(fault, &name, &mut dice)),
        };
        let delay = match window.map(|window| window.fault) {
            Some(Fault::Slow) => dice.ms(200..900),
            _ => dice.ms(1..40),
        };
        self.said.lock().unwrap().entry(server_id).or_default().push(Word { said, at: now + delay });
        reply.after(delay)
    }
}

fn honest(kind: Kind, name: &str, dice: &mut Dice) -> (Said, Reply) {
    let known = home(name).is_some_and(|home| home.id == kind.id);
    let (said, reply) = match known {
        true => (Said::Yes, Reply::profile(name)),
        false if kind.own && dice.below(2) == 0 => (Said::No, Reply::status(403).json("{\"error\":\"no\"}")),
        false => (Said::No, Reply::no()),
    };
    // Servers end connections as they like. One that vanishes unannounced may take the next question with it, which is not
    // repeated where that could do harm.
    let reply = match dice.below(20) {
        0 => reply.then_close(),
        1 if !kind.single_use => reply.then_vanish(),
        _ => reply,
    };
    (said, reply)
}

fn broken(fault: Fault, name: &str, dice: &mut Dice) -> Reply {
    let yes = Reply::profile(name);
    let variants = match fault {
        Fault::Hangs => vec![yes.clone().hang(), yes.stall_mid_body()],
        Fault::Limits => vec![Reply::status(429).json("{\"error\":\"TooManyRequestsException\"}")],
        Fault::LimitsFor => ["1", "2", "3"].map(|wait| Reply::status(429).header("Retry-After", wait)).into(),
        Fault::Fails => vec![Reply::status(500).text("oops"), Reply::status(502).html("<html>"), Reply::status(503)],
        Fault::Resets => vec![yes.clone().reset_without_answer(), yes.close_without_answer()],
        Fault::ResetsMidBody => vec![yes.clone().reset_mid_body(), yes.half_close()],
        Fault::Garbage => vec![yes.clone().garbage(), yes.header("Content-Encoding", "br")],
        Fault::Malformed => ["{}", "null", "<html>", "{\"id\":\"7\",\"name\":\"x\",\"properties\":[]}"]
            .map(|body| Reply::status(200).json(body))
            .into(),
        Fault::Mistakes => vec![Reply::profile("Notch"), Reply::profile(&format!("{name}_"))],
        Fault::Slow | Fault::Down | Fault::Impersonates => vec![yes],
    };
    dice.of(&variants).clone()
}
