//! What became of recent logins: how many there were, and of each player the last one.
//!
//! Decides how far back it remembers. It holds what the log line of a login holds, and never a serverId or an address. It outlives
//! the configuration it was written under.

use super::policy::Heard;
use crate::{
    model::{PlayerName, ProfileId, UpstreamId},
    telemetry::{Distribution, Histogram},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

/// Logins that are remembered, each under its player's name until the player's next.
const MOST: usize = 1_000;
/// Those that are shown in their order.
const MOST_RECENT: usize = 50;

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody vouched for the player.
    Joined,
    /// All said no.
    NotJoined,
    /// Neither.
    Undecided,
}

impl Outcome {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Joined, Self::NotJoined, Self::Undecided];

    /// As it stands in JSON and in metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::NotJoined => "not_joined",
            Self::Undecided => "undecided",
        }
    }
}

/// What one upstream said in a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who.
    pub upstream: UpstreamId,
    /// What.
    pub heard: Heard,
    /// From the question of the game server on.
    pub took: Duration,
}

/// One login.
#[derive(Debug)]
pub struct Login {
    /// As the game server wrote it.
    pub name: PlayerName,
    /// When it was decided.
    pub at: SystemTime,
    /// How it ended.
    pub outcome: Outcome,
    /// Whose word that was, and which player it is, where somebody vouched.
    pub winner: Option<(UpstreamId, ProfileId)>,
    /// From the question to the answer.
    pub took: Duration,
    pub(super) heard: Vec<Call>,
    /// What was said later. Empty while there may be more.
    pub(super) late: OnceLock<Vec<Call>>,
}

impl Login {
    /// What was said, in the order it came: by whom the login was decided, and then by those who were slower.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.heard.iter().chain(self.late.get().into_iter().flatten())
    }
}

/// Recent logins.
#[derive(Debug)]
pub struct Journal {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    shared: AtomicU64,
    durations: Histogram,
    remembered: Mutex<Remembered>,
}

#[derive(Debug, Default)]
struct Remembered {
    /// With their names in lower case, the newest last.
    logins: VecDeque<(Arc<str>, Arc<Login>)>,
    /// The last of each player among them.
    players: HashMap<Arc<str>, Arc<Login>>,
}

impl Remembered {
    fn add(&mut self, login: Arc<Login>) {
        if self.logins.len() == MOST
            && let Some((name, oldest)) = self.logins.pop_front()
            && self.players.get(&name).is_some_and(|last| Arc::ptr_eq(last, &oldest))
        {
            self.players.remove(&name);
        }
        let name: Arc<str> = login.name.folded().into();
        self.players.insert(name.clone(), login.clone());
        self.logins.push_back((name, login));
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            outcomes: Default::default(),
            shared: AtomicU64::new(0),
            durations: Histogram::default(),
            remembered: Mutex::default(),
        }
    }
}

impl Journal {
    /// Takes note of a login that has been decided.
    pub(super) fn write(&self, login: Arc<Login>) {
        self.outcomes[login.outcome as usize].fetch_add(1, Ordering::Relaxed);
        self.durations.observe(login.took);
        self.remembered().add(login);
    }

    /// A question waits for the answer to an equal one.
    pub(super) fn share(&self) {
        self.shared.fetch_add(1, Ordering::Relaxed);
    }

    /// How many logins ended like this.
    #[must_use]
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize].load(Ordering::Relaxed)
    }

    /// How many questions were answered with the answer to an equal one.
    #[must_use]
    pub fn shared(&self) -> u64 {
        self.shared.load(Ordering::Relaxed)
    }

    /// How long logins took.
    #[must_use]
    pub fn durations(&self) -> Distribution {
        self.durations.read()
    }

    /// The last login of this name, in any spelling, if it is remembered.
    #[must_use]
    pub fn last_of(&self, name: &PlayerName) -> Option<Arc<Login>> {
        self.remembered().players.get(&*name.folded()).cloned()
    }

    /// The last logins, the newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Arc<Login>> {
        self.remembered().logins.iter().rev().take(MOST_RECENT).map(|(_, login)| login.clone()).collect()
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(name: &str, outcome: Outcome) -> Arc<Login> {
        Arc::new(Login {
            name: PlayerName::new(name).unwrap(),
            at: SystemTime::now(),
            outcome,
            winner: None,
            took: Duration::from_millis(3),
            heard: Vec::new(),
            late: OnceLock::new(),
        })
    }

    #[test]
    fn the_last_login_of_a_player_is_found_in_any_spelling() {
        let journal = Journal::default();
        journal.write(login("Notch", Outcome::Undecided));
        journal.write(login("nOTCH", Outcome::NotJoined));
        let last = journal.last_of(&PlayerName::new("NOTCH").unwrap()).unwrap();
        assert_eq!((last.name.as_str(), last.outcome), ("nOTCH", Outcome::NotJoined));
        assert!(journal.last_of(&PlayerName::new("jeb_").unwrap()).is_none());
        let recent: Vec<_> = journal.recent().iter().map(|login| login.outcome).collect();
        assert_eq!(recent, [Outcome::NotJoined, Outcome::Undecided], "the newest first");
        assert_eq!(Outcome::ALL.map(|outcome| journal.ended(outcome)), [0, 1, 1]);
    }

    #[test]
    fn it_is_bounded() {
        let journal = Journal::default();
        for at in 0..5_000 {
            journal.write(login(&format!("player_{at}"), Outcome::Joined));
        }
        for _ in 0..MOST {
            journal.write(login("player_4999", Outcome::Joined));
        }
        let remembered = journal.remembered();
        assert_eq!(
            (remembered.logins.len(), remembered.players.len()),
            (MOST, 1),
            "a player who comes often fills no place twice"
        );
        drop(remembered);
        assert_eq!(journal.recent().len(), MOST_RECENT);
        assert_eq!(journal.recent()[0].name.as_str(), "player_4999");
        assert_eq!(journal.ended(Outcome::Joined), 6_000);
    }
}
