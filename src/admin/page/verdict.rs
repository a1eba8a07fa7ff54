//! What is wrong with the whole, and what it means for players: the first thing an operator reads.

use super::{
    super::status::{NotReady, Status},
    state::{Mood, State},
    words,
};

/// What players read when nobody could say who they are.
const SERVERS_ARE_DOWN: &str = "“authentication servers are down”";
/// More names than that are not told one by one.
const MOST_NAMES: usize = 3;

/// The whole in a title and a sentence or two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) mood: Mood,
    pub(super) title: &'static str,
    pub(super) meaning: String,
}

impl Verdict {
    pub(super) fn of(status: &Status) -> Self {
        let states: Vec<_> =
            status.upstreams.iter().map(|upstream| (upstream.id.as_str(), State::of(upstream, status))).collect();
        let silent: Vec<_> = states.iter().filter(|(_, state)| state.is_silent()).copied().collect();
        if status.not_ready == Some(NotReady::Draining) {
            let meaning = "It answers the logins under way, takes no new ones, and ends.";
            return Self { mood: Mood::Warn, title: "Stopping", meaning: meaning.to_owned() };
        }
        if silent.len() == states.len() {
            return nobody(&silent);
        }
        if status.in_flight >= status.max_in_flight {
            return full(status);
        }
        if !silent.is_empty() {
            return some(&silent, states.len());
        }
        if let Some(verdict) = nearly_spent(&states) {
            return verdict;
        }
        well(&states)
    }
}

fn nobody(silent: &[(&str, State)]) -> Verdict {
    let what = match silent {
        [] => "There is no upstream to ask".to_owned(),
        silent => faults(silent, silent.len()),
    };
    let meaning = format!("{what}. Players read {SERVERS_ARE_DOWN}.");
    Verdict { mood: Mood::Bad, title: "Nobody can log in", meaning }
}

fn full(status: &Status) -> Verdict {
    let most = words::count(status.max_in_flight as u64);
    let meaning = format!(
        "{most} requests are being answered, and no more may be (server.max_in_flight). Players beyond them read {SERVERS_ARE_DOWN}."
    );
    Verdict { mood: Mood::Bad, title: "Too many logins at once", meaning }
}

fn some(silent: &[(&str, State)], all: usize) -> Verdict {
    let what = faults(silent, all);
    let meaning =
        format!("{what}. Players whom nobody else knows read {SERVERS_ARE_DOWN}; all others log in as usual.");
    let is_down = silent.iter().any(|(_, state)| state.mood() == Mood::Bad);
    Verdict { mood: if is_down { Mood::Bad } else { Mood::Warn }, title: "Some players cannot log in", meaning }
}

fn nearly_spent(states: &[(&str, State)]) -> Option<Verdict> {
    let nearly: Vec<_> = states.iter().filter(|(_, state)| *state == State::NearlySpent).copied().collect();
    let (whose, whom) = match nearly.as_slice() {
        [] => return None,
        [(id, _)] => (format!("The budget of {id} is"), "it"),
        few if few.len() <= MOST_NAMES => (format!("The budgets of {} are", names(few)), "them"),
        many => (format!("The budgets of {} upstreams are", many.len()), "them"),
    };
    let meaning = format!(
        "{whose} nearly spent. Players who have never logged in through {whom} may read {SERVERS_ARE_DOWN}; all others log in as usual."
    );
    Some(Verdict { mood: Mood::Warn, title: "New players may have to wait", meaning })
}

fn well(states: &[(&str, State)]) -> Verdict {
    let new: Vec<_> = states.iter().filter(|(_, state)| *state == State::New).copied().collect();
    let meaning = match (states, new.len()) {
        ([(id, _)], 0) => format!("{id} answers."),
        (states, 0) => format!("All {} upstreams answer.", states.len()),
        (states, unasked) if unasked == states.len() => {
            let upstreams = words::several(states.len() as u64, "upstream", "upstreams");
            let message = "No login yet: point a game server at this proxy, and its logins show here.";
            return Verdict {
                mood: Mood::Quiet,
                title: "Ready",
                meaning: format!("{message} It will ask {upstreams}."),
            };
        }
        (_, unasked) if unasked <= MOST_NAMES => format!("Nobody has asked {} yet; all others answer.", names(&new)),
        (_, unasked) => format!("Nobody has asked {unasked} of the upstreams yet; all others answer."),
    };
    Verdict { mood: Mood::Good, title: "Players can log in", meaning }
}

/// Who is silent, and in which way.
fn faults(silent: &[(&str, State)], all: usize) -> String {
    let all_are = |wanted: fn(State) -> bool| silent.iter().all(|(_, state)| wanted(*state));
    let (one, many, none) = if all_are(|state| matches!(state, State::Down | State::Tried)) {
        ("does not answer", "do not answer", "answers")
    } else if all_are(|state| state == State::Limited) {
        ("may not be asked now", "may not be asked now", "may be asked now")
    } else if all_are(|state| state == State::Useless) {
        ("gives no usable answer", "give no usable answer", "gives a usable answer")
    } else {
        ("", "cannot be asked or do not answer", "can be asked and answers")
    };
    match silent.len() {
        1 => format!("{} {one}", names(silent)),
        len if len <= MOST_NAMES => format!("{} {many}", names(silent)),
        len if len == all => format!("None of the {all} upstreams {none}"),
        len => format!("{len} of {all} upstreams {many}"),
    }
}

fn names(states: &[(&str, State)]) -> String {
    words::list(&states.iter().map(|(id, _)| *id).collect::<Vec<_>>())
}
