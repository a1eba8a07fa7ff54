//! How the proxy and each upstream stand at one moment: plain data, and all that the status page and `/status.json` say.
//!
//! Decides what is said, and what follows from it for players. Whoever fills it reads the live counts; how it looks is decided by
//! `page`.

mod json;

pub use crate::session::Outcome;

use std::time::{Duration, SystemTime};

/// The proxy at one moment. All ages and remaining times are seen from then.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Which moment that is.
    pub at: SystemTime,
    /// The program's version.
    pub version: &'static str,
    /// When it was started.
    pub started: SystemTime,
    /// How long ago that is.
    pub uptime: Duration,
    /// What `/readyz` says: `None` when logins can be answered.
    pub not_ready: Option<NotReady>,
    /// Requests of game servers that are being answered.
    pub in_flight: usize,
    /// How many of them there may be.
    pub max_in_flight: usize,
    /// Logins since the start.
    pub logins: Logins,
    /// The last logins, the newest first; twenty are enough.
    pub recent: Vec<Login>,
    /// The length of each of the [`Upstream::slots`].
    pub slot: Duration,
    /// Those that are asked, in the order of the configuration file.
    pub upstreams: Vec<Upstream>,
}

/// Why `/readyz` says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// It is about to end and takes no new connections.
    Draining,
    /// Every upstream is left alone, or may not be asked now.
    NobodyToAsk,
}

/// How many logins ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// Somebody vouched for the player.
    pub joined: u64,
    /// All said no.
    pub not_joined: u64,
    /// Nobody said yes and somebody said nothing.
    pub undecided: u64,
    /// Two upstreams vouched for different players.
    pub disputed: u64,
    /// A less trusted upstream vouched for a name that is bound to another.
    pub bound_elsewhere: u64,
}

/// One login.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// The player's name, as the game server wrote it.
    pub player: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The upstream whose "yes" decided it.
    pub winner: Option<String>,
    /// From the question to the answer.
    pub took: Duration,
    /// How long ago it was answered.
    pub ago: Duration,
    /// What was said, in the order it came.
    pub answers: Vec<Answer>,
}

/// What one upstream said in a login.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its id.
    pub upstream: String,
    /// What it said, as it is labelled in metrics: `positive`, `negative`, `timeout`, `over_budget`, …
    pub said: &'static str,
    /// The same as the log has it: `yes`, `no`, `status 503`, …
    pub text: String,
    /// From the question of the game server on.
    pub took: Duration,
}

/// One upstream.
#[derive(Clone, Debug, PartialEq)]
pub struct Upstream {
    /// What the configuration calls it.
    pub id: String,
    /// Whether its "yes" wins at once, since it attests Mojang's accounts; otherwise its accounts are its own.
    pub trusted: bool,
    /// Whether it is asked.
    pub health: Health,
    /// For how much longer it is left in peace, because it said so by status 429.
    pub paused: Option<Duration>,
    /// How often it may be asked; `None`: as often as players come.
    pub budget: Option<Budget>,
    /// Questions that wait for its answer.
    pub in_flight: u64,
    /// Connections to it that are open now, those of all its hosts.
    pub connections: u64,
    /// What it has said since the start: one for each label there is, in a fixed order, also where the count is nought.
    pub totals: Vec<Total>,
    /// Logins since the start that its "yes" decided.
    pub wins: u64,
    /// How long its answers took in the time of all slots; `None` where there were none.
    pub latency: Option<Latency>,
    /// The last question that left for it and brought neither "yes" nor "no".
    pub last_failure: Option<LastFailure>,
    /// What happened in the last minutes, the oldest first, the one that is being filled last; the same number for all upstreams.
    pub slots: Vec<Slot>,
}

/// Whether an upstream is asked, by its breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is.
    Closed,
    /// It keeps failing and is left alone.
    Open {
        /// How long ago that began.
        since: Duration,
        /// Until it is tried again; none, when the next question will.
        next_try: Duration,
    },
    /// It kept failing, and one question is on its way to find out whether it still does.
    HalfOpen {
        /// How long ago that began.
        since: Duration,
    },
}

/// What is left of an allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Questions that may still leave now.
    pub left: u32,
    /// How many may leave in any stretch of time of the length `per`.
    pub of: u32,
    /// See `of`.
    pub per: Duration,
    /// The last of them, which are for players it has vouched for before.
    pub kept: u32,
}

/// How often something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// As in [`Answer::said`].
    pub said: &'static str,
    /// So often.
    pub count: u64,
}

/// How long answers took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Half of them came within this time.
    pub p50: Duration,
    /// Nineteen of twenty did.
    pub p95: Duration,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// As in [`Answer::said`].
    pub said: &'static str,
    /// As in [`Answer::text`].
    pub text: String,
    /// How long ago.
    pub ago: Duration,
}

/// What happened in a few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Questions that left.
    pub asked: u32,
    /// "Yes".
    pub positive: u32,
    /// Neither "yes" nor "no".
    pub failed: u32,
    /// Logins that its "yes" decided.
    pub wins: u32,
    /// Half of the answers came within this time; `None` where there were none.
    pub latency: Option<Duration>,
}
