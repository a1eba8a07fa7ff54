//! Whether an answer was right, from what the upstreams have said of that very login.
//!
//! The contract: a "yes" that an upstream gave in time lets its player in, and nothing else does. A "no" needs all five. "Down" is
//! for players whose own upstream is broken, or was so lately that its breaker may still be open.

use super::{
    house::{House, Said, Word},
    weather::Fault,
};
use crate::support::client::Answer;
use std::{io, time::Duration};

/// As configured.
pub(super) const DEADLINE: Duration = Duration::from_millis(2_500);
/// The default.
const GRACE: Duration = Duration::from_millis(400);
/// For a machine that is busy with other tests.
const SLACK: Duration = Duration::from_millis(1_000);
/// How long a fault may be felt after its end: the last call that it hit times out, the breaker then stays open for 10 s and a
/// fifth, and a probe goes out and comes back.
const RECOVERY: Duration = Duration::from_millis(2_500 + 12_000 + 1_000);
/// Around the moment when a door closes, what was said and what arrived are two things.
const BLUR: Duration = Duration::from_millis(300);

/// One login as the game server saw it. Times are since the start.
pub(super) struct Login {
    pub(super) name: String,
    pub(super) server_id: String,
    /// The place of the only upstream that knows the player.
    pub(super) home: Option<usize>,
    pub(super) began: Duration,
    pub(super) ended: Duration,
    pub(super) answer: io::Result<Answer>,
}

/// The state of the one who should answer, in the eyes of the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Case {
    /// A player whose upstream is well, and has been for longer than a breaker stays open.
    Well,
    /// A player whose upstream was asked and had this fault.
    Faulty(Fault),
    /// A player whose upstream was not asked: its breaker is open, it asked for a pause, or it cannot be reached.
    LeftAlone,
    /// A player whose upstream was asked and was well, though it had a fault not long ago.
    WellAgain,
    /// Somebody whom no upstream knows.
    Stranger,
}

impl Login {
    /// What all said of it.
    fn said(&self, houses: &[House]) -> Vec<Vec<Word>> {
        houses.iter().map(|house| house.said(&self.server_id)).collect()
    }

    pub(super) fn case(&self, houses: &[House]) -> Case {
        let Some(home) = self.home else { return Case::Stranger };
        let said = houses[home].said(&self.server_id);
        let lately = houses[home].fault_within(self.began.saturating_sub(RECOVERY), self.ended);
        match (said.last().map(|word| word.said), lately) {
            (_, None) => Case::Well,
            (Some(Said::Nothing(fault)), _) => Case::Faulty(fault),
            (None, _) => Case::LeftAlone,
            (Some(_), _) => match houses[home].fault_within(self.began, self.ended) {
                Some(fault @ Fault::Slow) => Case::Faulty(fault),
                _ => Case::WellAgain,
            },
        }
    }

    /// Why the answer was wrong, if it was.
    pub(super) fn fault(&self, houses: &[House]) -> Option<String> {
        let said = self.said(houses);
        let wrong = match &self.answer {
            Err(error) => Some(format!("no whole answer: {error}")),
            Ok(answer) if answer.took > DEADLINE + SLACK => Some(format!("an answer after {:?}", answer.took)),
            Ok(answer) => match answer.status {
                200 => self.let_in_wrongly(&answer.body, houses, &said),
                204 | 503 if !answer.body.is_empty() || !answer.stray.is_empty() => Some("a body".to_owned()),
                204 => self.refused_wrongly(&said),
                503 => self.down_wrongly(houses, &said),
                status => Some(format!("status {status}")),
            },
        };
        wrong
            .map(|what| format!("{} at {:.1?} ({:?}), said {said:?}: {what}", self.name, self.began, self.case(houses)))
    }

    fn let_in_wrongly(&self, body: &[u8], houses: &[House], said: &[Vec<Word>]) -> Option<String> {
        let presents = |place: &usize| houses[*place].presents(&self.name) == body;
        let said_so = |place: usize, meaning| meant(&said[place], meaning);
        if self.home.filter(presents).is_some_and(|home| said_so(home, Said::Yes)) {
            return None;
        }
        let Some(liar) = (0..houses.len()).filter(presents).find(|liar| said_so(*liar, Said::Lie)) else {
            return Some(format!("let in as {}", String::from_utf8_lossy(body)));
        };
        // Under an id of its own, and only while the true one had not spoken in time.
        let in_time = self.home.is_some_and(|home| self.vouched_within(&said[home], GRACE / 2));
        in_time.then(|| format!("{} was believed, not their own upstream", houses[liar].kind.id))
    }

    fn refused_wrongly(&self, said: &[Vec<Word>]) -> Option<String> {
        let all_said_no = said.iter().all(|said| meant(said, Said::No));
        (!all_said_no || self.home.is_some()).then(|| "refused".to_owned())
    }

    fn down_wrongly(&self, houses: &[House], said: &[Vec<Word>]) -> Option<String> {
        let since = self.began.saturating_sub(RECOVERY);
        let down = |house: &House| house.fault_within(since, self.ended).is_some();
        let Some(home) = self.home else {
            return (!houses.iter().any(down)).then(|| "down though all upstreams are up".to_owned());
        };
        if !down(&houses[home]) {
            return Some("down though the player's own upstream is up".to_owned());
        }
        let near = (self.began.saturating_sub(BLUR), self.ended + BLUR);
        let blurred = houses[home].fault_within(near.0, near.1) == Some(Fault::Down);
        let lost = self.vouched_within(&said[home], DEADLINE - SLACK / 2) && !blurred;
        lost.then(|| "down though the player's own upstream said yes".to_owned())
    }

    /// Whether a "yes" came so soon after the question: it may have waited for a connection, while others hung on all of them.
    fn vouched_within(&self, said: &[Word], time: Duration) -> bool {
        said.iter().any(|word| word.said == Said::Yes && word.at <= self.began + time)
    }
}

fn meant(said: &[Word], meaning: Said) -> bool {
    said.iter().any(|word| word.said == meaning)
}
