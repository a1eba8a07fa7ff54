//! The upstreams: one that is always well, and two whose weather a seed decides.
//!
//! Decides who is a true player where, and since when an upstream has been well: nothing but the truth is compared with answers.

use super::Order;
use crate::support::{
    dice::Dice,
    profile,
    upstream::{Recorded, Reply, Upstream},
};
use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

/// Of each upstream.
const PLAYERS: usize = 30;
/// After a fault an upstream may be left alone for so long: the breaker's longest wait, and the time of a login.
const LEFT_ALONE: Duration = Duration::from_secs(66);
/// The beginning of a serverId that its player has really joined.
pub(super) const TRUE: &str = "-1";

/// What may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Slow is well.
    Slow,
    Fails,
    Closes,
    Resets,
    Garbage,
    Hangs,
}

const FAULTS: [Fault; 6] = [Fault::Slow, Fault::Fails, Fault::Closes, Fault::Resets, Fault::Garbage, Fault::Hangs];

/// One upstream.
pub(super) struct House {
    pub(super) id: &'static str,
    pub(super) upstream: Upstream,
    windows: Vec<(Range<Duration>, Fault)>,
    players: Vec<(String, Reply, Vec<u8>)>,
    /// ServerIds of the login API, and who has joined them.
    joined: Mutex<HashSet<(String, String)>>,
    began: OnceLock<Instant>,
}

pub(super) async fn built(order: &Order) -> Vec<Arc<House>> {
    let mut dice = Dice::new(order.seed ^ 0x50a4);
    let mut houses = Vec::new();
    for id in ["steady", "mojang", "minehut"] {
        let windows = if id == "steady" { Vec::new() } else { weather(&mut dice, order.time) };
        houses.push(House::build(id, windows).await);
    }
    houses
}

/// A fault of some seconds every minute or three.
fn weather(dice: &mut Dice, time: Duration) -> Vec<(Range<Duration>, Fault)> {
    let (mut windows, mut at) = (Vec::new(), dice.ms(5_000..20_000));
    while at < time {
        let end = at + dice.ms(2_000..8_000);
        windows.push((at..end, *dice.of(&FAULTS)));
        at = end + dice.ms(10_000..150_000);
    }
    windows
}

impl House {
    async fn build(id: &'static str, windows: Vec<(Range<Duration>, Fault)>) -> Arc<Self> {
        let player = |number| {
            let name = format!("{id}_{number}");
            let body = profile::for_name(&name);
            (name, Reply::status(200).json(body.clone()), body)
        };
        let (upstream, players) = (Upstream::start().await, (0..PLAYERS).map(player).collect());
        let (joined, began) = (Mutex::default(), OnceLock::from(Instant::now()));
        let house = Arc::new(Self { id, upstream, windows, players, joined, began });
        let asked = Arc::downgrade(&house);
        house.upstream.answers_by(move |request| asked.upgrade().map_or_else(Reply::no, |house| house.answer(request)));
        house
    }

    /// One of its players: the name, and the profile.
    pub(super) fn player(&self, number: usize) -> (&str, &[u8]) {
        let (name, _, body) = &self.players[number % PLAYERS];
        (name, body)
    }

    /// This player joins at a serverId of the login API.
    pub(super) fn join(&self, name: &str, server_id: &str) {
        self.joined.lock().unwrap().insert((name.to_owned(), server_id.to_owned()));
    }

    /// It is over: nobody asks any more.
    pub(super) fn leave(&self, name: &str, server_id: &str) {
        self.joined.lock().unwrap().remove(&(name.to_owned(), server_id.to_owned()));
    }

    fn now(&self) -> Duration {
        self.began.get().map(Instant::elapsed).unwrap_or_default()
    }

    /// Whether its players have to be let in: it has been well for so long that nobody leaves it alone any more.
    pub(super) fn is_well(&self) -> bool {
        let now = self.now();
        let hurts = |(time, fault): &(Range<Duration>, Fault)| {
            *fault != Fault::Slow && time.start < now + Duration::from_secs(6) && now < time.end + LEFT_ALONE
        };
        !self.windows.iter().any(hurts)
    }

    fn answer(&self, asked: &Recorded) -> Reply {
        let now = self.now();
        let fault = self.windows.iter().find(|(time, _)| time.contains(&now)).map(|(_, fault)| *fault);
        let quick = Duration::from_millis(5 + asked.number as u64 * 7 % 46);
        match fault {
            None => self.truth(asked).after(quick),
            Some(Fault::Slow) => self.truth(asked).after(quick * 16),
            Some(Fault::Fails) => Reply::status(500).html("<h1>down</h1>").after(quick),
            Some(Fault::Closes) => Reply::no().close_without_answer(),
            Some(Fault::Resets) => Reply::status(200).json(self.players[0].2.clone()).reset_mid_body(),
            Some(Fault::Garbage) => Reply::no().garbage(),
            Some(Fault::Hangs) => Reply::no().hang(),
        }
    }

    fn truth(&self, asked: &Recorded) -> Reply {
        let (name, server_id) =
            (asked.query("username").unwrap_or_default(), asked.query("serverId").unwrap_or_default());
        let joined = || self.joined.lock().unwrap().contains(&(name.clone(), server_id.clone()));
        let player = self.players.iter().find(|(known, ..)| *known == name);
        let player = player.filter(|_| server_id.starts_with(TRUE) || joined());
        player.map_or_else(Reply::no, |(_, reply, _)| reply.clone())
    }
}
