//! Who is believed, and when waiting ends: pure bookkeeping, driven by `race`.

use crate::{
    model::Profile,
    upstream::{Barred, Failure, Verdict},
};
use std::time::Duration;

/// How a race is run.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// From the question to the answer.
    pub deadline: Duration,
    /// How long a less trusted "yes" waits for the more trusted upstreams.
    pub trust_grace: Duration,
    /// Who is asked first.
    pub strategy: Strategy,
    /// What holds when two upstreams vouch for different players.
    pub conflict: Conflict,
}

/// Who is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// All at once.
    Race,
    /// The one that vouched for the name last; the others when it does not say yes, or takes longer than it mostly does.
    Affinity,
}

/// What holds when two upstreams vouch for different players in one login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The word of the one that is trusted more; between equals, of the first.
    Trusted,
    /// Nobody's. For that every "yes" waits for the others, no longer than the grace.
    Reject,
}

/// Whose "yes" wins at once, and whose waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    Trusted,
    Own,
}

/// What the race must do next.
#[derive(Debug)]
pub(super) enum Step {
    /// Listen on.
    Wait,
    /// Somebody said yes, but not for all: listen on, but no longer than the grace from now.
    StartGrace,
    /// It is decided.
    Decide(Decision),
}

/// How a race ends. The number is the entrant's place.
#[derive(Debug)]
pub(super) enum Decision {
    Joined(usize, Profile),
    NotJoined,
    Undecided,
}

/// What has been heard so far.
#[derive(Debug)]
pub(super) struct Tally {
    conflict: Conflict,
    ranks: Vec<Rank>,
    /// What each has said, once it has.
    heard: Vec<Option<Heard>>,
    /// The "yes" that holds unless a better or a different one comes.
    held: Option<(usize, Profile)>,
}

/// A verdict without its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// "Yes".
    Yes,
    /// "No".
    No,
    /// A "yes" that counts for nothing.
    Barred(Barred),
    /// Neither, and why.
    Nothing(Failure),
}

impl Heard {
    /// Whether it is as good as a "no".
    fn is_no(self) -> bool {
        matches!(self, Self::No | Self::Barred(_))
    }
}

impl Tally {
    pub(super) fn new(ranks: Vec<Rank>, conflict: Conflict) -> Self {
        let heard = vec![None; ranks.len()];
        Self { conflict, ranks, heard, held: None }
    }

    /// Takes note of a verdict. Once a step decides, the tally is spent.
    pub(super) fn hear(&mut self, place: usize, verdict: Verdict) -> Step {
        let first_held = self.held.is_none();
        self.heard[place] = Some(Heard::from(&verdict));
        if let Verdict::Joined(profile) = verdict {
            let trusted = self.ranks[place] == Rank::Trusted;
            match (&self.held, self.conflict) {
                (_, Conflict::Trusted) if trusted => return Step::Decide(Decision::Joined(place, profile)),
                (Some((_, held)), Conflict::Reject) if held.id != profile.id => {
                    return Step::Decide(Decision::NotJoined);
                }
                (Some(_), _) => {}
                (None, _) => self.held = Some((place, profile)),
            }
        }
        if !self.awaited() {
            return Step::Decide(self.conclude());
        }
        match self.held {
            Some(_) if first_held => Step::StartGrace,
            _ => Step::Wait,
        }
    }

    /// What holds if nobody says another word: at the deadline, or when the grace is over.
    pub(super) fn conclude(&mut self) -> Decision {
        match self.held.take() {
            Some((place, profile)) => Decision::Joined(place, profile),
            None if self.heard.iter().all(|heard| heard.is_some_and(Heard::is_no)) => Decision::NotJoined,
            None => Decision::Undecided,
        }
    }

    /// What holds when the one that won may not: its "yes" is a "no" after all.
    pub(super) fn bar(&mut self, place: usize) -> Decision {
        self.heard[place] = Some(Heard::Barred(Barred::BoundElsewhere));
        self.conclude()
    }

    /// Whether there is anybody whose word could still change what holds now.
    fn awaited(&self) -> bool {
        let anybody = self.held.is_none() || self.conflict == Conflict::Reject;
        let silent = self.ranks.iter().zip(&self.heard).filter(|(_, heard)| heard.is_none());
        silent.into_iter().any(|(rank, _)| anybody || *rank == Rank::Trusted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ProfileId, net};
    use Rank::{Own, Trusted};
    use proptest::prelude::*;

    const ID: &str = "069a79f444e94726a5befca90e38aaf5";

    const OTHER: &str = "98c6e619f9815182856733f17c4a5e07";

    fn yes() -> Verdict {
        yes_as(ID)
    }

    fn yes_as(id: &str) -> Verdict {
        Verdict::Joined(Profile { id: ProfileId::parse(id).unwrap(), body: bytes::Bytes::new() })
    }

    fn failed() -> Verdict {
        Verdict::Failed(Failure::Net(net::Failure::Timeout))
    }

    /// Says what each is heard saying, in this order, and what follows: `3` for "3 wins", and so on.
    fn run(ranks: &[Rank], said: Vec<(usize, Verdict)>) -> Vec<String> {
        run_with(Conflict::Trusted, ranks, said)
    }

    fn run_with(conflict: Conflict, ranks: &[Rank], said: Vec<(usize, Verdict)>) -> Vec<String> {
        let mut tally = Tally::new(ranks.to_vec(), conflict);
        let steps = said.into_iter().map(|(place, verdict)| match tally.hear(place, verdict) {
            Step::Wait => "wait".to_owned(),
            Step::StartGrace => "grace".to_owned(),
            Step::Decide(Decision::Joined(place, _)) => format!("{place} wins"),
            Step::Decide(Decision::NotJoined) => "no".to_owned(),
            Step::Decide(Decision::Undecided) => "undecided".to_owned(),
        });
        steps.collect()
    }

    #[test]
    fn the_first_trusted_yes_wins_at_once() {
        assert_eq!(run(&[Trusted, Trusted], vec![(1, yes())]), ["1 wins"]);
        assert_eq!(run(&[Trusted, Trusted], vec![(0, failed()), (1, yes())]), ["wait", "1 wins"]);
    }

    #[test]
    fn a_no_needs_everyone() {
        use Verdict::NotJoined;
        assert_eq!(run(&[Trusted, Own], vec![(0, NotJoined), (1, NotJoined)]), ["wait", "no"]);
        assert_eq!(run(&[Trusted, Own], vec![(0, NotJoined), (1, failed())]), ["wait", "undecided"]);
        assert_eq!(run(&[Trusted, Own], vec![(1, failed()), (0, NotJoined)]), ["wait", "undecided"]);
    }

    #[test]
    fn a_less_trusted_yes_waits_for_the_trusted() {
        use Verdict::NotJoined;
        assert_eq!(run(&[Trusted, Own], vec![(1, yes()), (0, NotJoined)]), ["grace", "1 wins"]);
        assert_eq!(run(&[Trusted, Own], vec![(1, yes()), (0, yes())]), ["grace", "0 wins"]);
        assert_eq!(run(&[Trusted, Own], vec![(0, failed()), (1, yes())]), ["wait", "1 wins"]);
        assert_eq!(
            run(&[Trusted, Own, Own], vec![(2, yes()), (1, yes()), (0, NotJoined)]),
            ["grace", "wait", "2 wins"]
        );
        assert_eq!(run(&[Own, Own], vec![(1, yes())]), ["1 wins"], "nobody more trusted is asked");
    }

    #[test]
    fn rejecting_conflicts_means_waiting_for_everyone() {
        use Verdict::NotJoined;
        let run = |said| run_with(Conflict::Reject, &[Trusted, Trusted, Own], said);
        assert_eq!(run(vec![(0, yes()), (1, NotJoined), (2, failed())]), ["grace", "wait", "0 wins"]);
        assert_eq!(run(vec![(0, yes()), (1, yes()), (2, NotJoined)]), ["grace", "wait", "0 wins"], "they agree");
        assert_eq!(run(vec![(0, yes()), (2, yes_as(OTHER))]), ["grace", "no"]);
        assert_eq!(run(vec![(2, yes_as(OTHER)), (1, NotJoined), (0, yes())]), ["grace", "wait", "no"]);
        assert_eq!(run(vec![(0, NotJoined), (1, NotJoined), (2, yes())]), ["wait", "wait", "2 wins"]);
    }

    #[test]
    fn a_winner_that_is_barred_said_no() {
        let decided = |others: Vec<(usize, Verdict)>| {
            let mut tally = Tally::new(vec![Trusted, Own], Conflict::Trusted);
            for (place, verdict) in others {
                tally.hear(place, verdict);
            }
            tally.bar(1)
        };
        assert!(matches!(decided(vec![(0, Verdict::NotJoined), (1, yes())]), Decision::NotJoined));
        assert!(matches!(decided(vec![(0, failed()), (1, yes())]), Decision::Undecided));
    }

    proptest! {
        /// Whatever is said in whatever order: a winner said yes, a "no" had no exception, and nothing is left open.
        #[test]
        fn every_race_ends_rightly(entrants in prop::collection::vec((any::<bool>(), 0..3u8), 1..6), seed in any::<u64>()) {
            let ranks: Vec<_> = entrants.iter().map(|(trusted, _)| if *trusted { Trusted } else { Own }).collect();
            let mut order: Vec<_> = (0..entrants.len()).collect();
            order.sort_by_key(|place| seed.rotate_left(*place as u32 * 11) ^ *place as u64);
            let mut tally = Tally::new(ranks.clone(), Conflict::Trusted);
            let mut decision = None;
            for place in order {
                let verdict = match entrants[place].1 { 0 => yes(), 1 => Verdict::NotJoined, _ => failed() };
                if let Step::Decide(decided) = tally.hear(place, verdict) {
                    decision = Some(decided);
                    break;
                }
            }
            let trusted_yes = entrants.iter().any(|(trusted, said)| *trusted && *said == 0);
            match decision.expect("when all have spoken it is decided") {
                Decision::Joined(place, _) => {
                    prop_assert_eq!(entrants[place].1, 0);
                    prop_assert!(!trusted_yes || ranks[place] == Trusted, "a trusted yes was passed over");
                }
                Decision::NotJoined => prop_assert!(entrants.iter().all(|(_, said)| *said == 1)),
                Decision::Undecided => {
                    prop_assert!(entrants.iter().all(|(_, said)| *said != 0));
                    prop_assert!(entrants.iter().any(|(_, said)| *said == 2));
                }
            }
        }
    }
}
