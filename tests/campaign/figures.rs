//! The campaign in one table.

use super::{
    house::{CAP, House},
    verdict::{Case, Login},
    watch::Seen,
    weather::FAULTS,
};
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
    io::Write,
    time::Duration,
};

/// Answers to one kind of login.
#[derive(Default)]
struct Row {
    joined: usize,
    refused: usize,
    down: usize,
    took: Vec<Duration>,
}

impl Row {
    fn count(&mut self, login: &Login) {
        let Ok(answer) = &login.answer else { return };
        match answer.status {
            200 => self.joined += 1,
            204 => self.refused += 1,
            _ => self.down += 1,
        }
        self.took.push(answer.took);
    }

    fn percentile(&self, share: usize) -> f64 {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).map_or(0.0, Duration::as_secs_f64)
            * 1000.0
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { joined, refused, down, took } = self;
        let [p50, p99, most] = [50, 99, 100].map(|share| self.percentile(share));
        write!(f, "{:>7} {joined:>7} {refused:>8} {down:>6} {p50:>8.1} {p99:>8.1} {most:>8.1}", took.len())
    }
}

fn label(case: Case) -> String {
    match case {
        Case::Well => "players, upstream well".to_owned(),
        Case::WellAgain => "players, upstream well again".to_owned(),
        Case::LeftAlone => "players, upstream left alone".to_owned(),
        Case::Faulty(fault) => format!("players, upstream {fault}"),
        Case::Stranger => "strangers".to_owned(),
    }
}

/// Writes the table past the test's captured output: it is wanted when all went well, too.
pub(super) fn print(seed: u64, logins: &[Login], houses: &[House], seen: &Seen, (before, after): (u64, u64)) {
    let mut text = String::new();
    let mut rows = BTreeMap::<Case, Row>::new();
    let mut all = Row::default();
    for login in logins {
        rows.entry(login.case(houses)).or_default().count(login);
        all.count(login);
    }
    let head = format!("fault campaign, seed {seed}");
    text += &format!(
        "\n{head:<36} {:>7} {:>7} {:>8} {:>6} {:>8} {:>8} {:>8}\n",
        "logins", "joined", "refused", "down", "p50 ms", "p99 ms", "max ms"
    );
    text += &format!("{:<36} {all}\n", "all");
    for (case, row) in &rows {
        text += &format!("  {:<34} {row}\n", label(*case));
    }
    for (house, peak) in houses.iter().zip(&seen.peaks) {
        let windows: Vec<_> = house.windows.iter().map(|window| window.fault.to_string()).collect();
        let tally = house.upstream.tally();
        text += &format!(
            "{:<8} {:>5} questions, {:>4} connections, at most {peak:>2} of {CAP} at once; faults: {}\n",
            house.kind.id,
            tally.requests.len(),
            tally.connections,
            windows.join(", ")
        );
    }
    let kib = |bytes: u64| bytes / 1024;
    text +=
        &format!("memory {} KiB, at the end {} KiB; at most {} files open\n", kib(before), kib(after), seen.most_files);
    let unused = FAULTS.into_iter().filter(|fault| !houses.iter().any(|h| h.windows.iter().any(|w| w.fault == *fault)));
    let unused: Vec<_> = unused.map(|fault| fault.to_string()).collect();
    if !unused.is_empty() {
        text += &format!("not drawn: {}\n", unused.join(", "));
    }
    std::io::stderr().lock().write_all(text.as_bytes()).unwrap();
}
