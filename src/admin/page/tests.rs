//! What the page says in which case.

use super::{
    super::status::{Budget, Health, NotReady, Status},
    DOCUMENT, page, sample,
    state::{State, trouble},
    verdict::Verdict,
    words,
};
use crate::upstream::Said;
use std::time::Duration;

const TWO: [&str; 2] = ["mojang", "minehut"];

fn said(status: &Status) -> String {
    let verdict = Verdict::of(status);
    format!("{}: {}: {}", verdict.mood.class(), verdict.title, verdict.meaning)
}

#[test]
fn the_verdict_says_what_it_means_for_players() {
    let mut status = sample::fresh(&TWO);
    let ready = "quiet: Ready: No login yet: point a game server at this proxy, and its logins show here. It will ask 2 upstreams.";
    assert_eq!(said(&status), ready);
    status = sample::busy(&TWO);
    assert_eq!(said(&status), "good: Players can log in: All 2 upstreams answer.");
    assert_eq!(said(&sample::busy(&["mojang"])), "good: Players can log in: mojang answers.");
    status.upstreams.push(sample::upstream("friends"));
    assert_eq!(said(&status), "good: Players can log in: Nobody has asked friends yet; all others answer.");
    status.upstreams.pop();
    sample::down(&mut status, 1);
    let some = "bad: Some players cannot log in: minehut does not answer. Players whom nobody else knows read \
                “authentication servers are down”; all others log in as usual.";
    assert_eq!(said(&status), some);
    sample::down(&mut status, 0);
    let nobody =
        "bad: Nobody can log in: mojang and minehut do not answer. Players read “authentication servers are down”.";
    assert_eq!(said(&status), nobody);
    status.not_ready = Some(NotReady::Draining);
    assert!(said(&status).starts_with("warn: Stopping: "), "{}", said(&status));
}

#[test]
fn limits_and_rushes_are_told_apart_from_outages() {
    let mut status = sample::busy(&TWO);
    sample::limit(&mut status, 1, 120);
    assert!(said(&status).starts_with("warn: New players may have to wait: The budget of minehut is nearly spent."));
    sample::limit(&mut status, 1, 121);
    assert!(said(&status).starts_with("good: "));
    sample::limit(&mut status, 1, 0);
    assert!(said(&status).starts_with("warn: Some players cannot log in: minehut may not be asked now."));
    sample::down(&mut status, 0);
    assert!(said(&status).starts_with("bad: Nobody can log in: mojang and minehut cannot be asked or do not answer."));
    let mut status = sample::busy(&TWO);
    status.in_flight = status.max_in_flight;
    assert!(said(&status).starts_with("bad: Too many logins at once: 10,000 requests"));
}

#[test]
fn many_are_counted_and_not_named() {
    let ids: Vec<_> = (0..16).map(|n| format!("upstream-{n}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut status = sample::busy(&ids);
    (0..4).for_each(|place| sample::down(&mut status, place));
    let few = "bad: Some players cannot log in: 4 of 16 upstreams do not answer. Players whom nobody else knows read";
    assert!(said(&status).starts_with(few), "{}", said(&status));
    (4..16).for_each(|place| sample::down(&mut status, place));
    assert!(
        said(&status).starts_with("bad: Nobody can log in: None of the 16 upstreams answers."),
        "{}",
        said(&status)
    );
}

#[test]
fn an_upstream_says_what_is_wrong_with_it() {
    let mut status = sample::busy(&TWO);
    let says = |status: &Status| {
        let (upstream, state) = (&status.upstreams[1], State::of(&status.upstreams[1], status));
        format!("{}: {}", state.word(), trouble(upstream, state).unwrap_or_default()).replace('\u{a0}', " ")
    };
    assert_eq!(says(&status), "Answers: ");
    status.upstreams[1].paused = Some(sample::millis(29_001));
    assert_eq!(
        says(&status),
        "Not asked now: It asked for fewer questions (status 429). Logins leave it out for 30 s."
    );
    status.upstreams[1].paused = None;
    status.upstreams[1].budget = Some(Budget { left: 0, of: 1_000, per: sample::seconds(90), kept: 200 });
    assert_eq!(
        says(&status),
        "Not asked now: Its budget of 1,000 per 1 min 30 s is spent. Logins leave it out until there is some again."
    );
    sample::down(&mut status, 1);
    assert_eq!(
        says(&status),
        "Down: Failing for 2 min 14 s: no answer in time. Logins leave it out; it is tried again within 7 s."
    );
    status.upstreams[1].health = Health::Open { since: sample::seconds(3), next_try: Duration::ZERO };
    assert!(says(&status).ends_with("Logins leave it out; the next login tries it again."));
    status.upstreams[1].health = Health::HalfOpen { since: sample::seconds(9) };
    assert!(says(&status).starts_with("Being tried: Failing for 9 s: no answer in time. One login is trying it now"));
}

#[test]
fn five_useless_answers_in_a_row_are_told_and_one_good_one_ends_that() {
    let mut status = sample::busy(&TWO);
    for login in status.recent.iter_mut().take(5) {
        login.answers[1] = sample::answer("minehut", Said::Status, "status 403", sample::millis(9));
    }
    let verdict = "bad: Some players cannot log in: minehut gives no usable answer.";
    assert!(said(&status).starts_with(verdict), "{}", said(&status));
    // Those that were never put to it tell nothing.
    status.recent[0].answers[1] = sample::answer("minehut", Said::Open, "open", sample::millis(0));
    assert!(said(&status).starts_with("good: "), "four are left");
    status.recent[5].answers[1] = sample::answer("minehut", Said::Malformed, "malformed", sample::millis(0));
    assert!(said(&status).starts_with(verdict));
    status.recent[1].answers[1] = sample::answer("minehut", Said::Negative, "no", sample::millis(9));
    assert!(said(&status).starts_with("good: "));
}

#[test]
fn nothing_on_the_page_is_markup_by_itself() {
    let mut status = sample::busy(&["<i>", "\"'&"]);
    status.recent[0].player = "<script>".to_owned();
    status.recent[0].winner = Some("</style>".to_owned());
    status.recent[0].answers[0].text = "malformed (<b>)".to_owned();
    status.recent[0].answers[0].said = Said::Malformed.label();
    sample::down(&mut status, 1);
    let page = page(&status).replace(DOCUMENT.style, "").replace(DOCUMENT.script.unwrap_or_default(), "");
    for text in ["<i>", "<script>N", "\"'&", "</style></span></span>", "<b>)"] {
        assert!(!page.contains(text), "{text}");
    }
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;script&gt;") && page.contains("malformed (&lt;b&gt;)"));
}

#[test]
fn every_graph_is_told_in_words_and_every_outcome_has_some() {
    let page = page(&sample::busy(&TWO)).replace('\u{a0}', " ");
    for name in [
        "Median latency in the last 5 min: from 38 ms to 114 ms",
        "Share of the logins won in the last 5 min: 69 %, 198 of 288",
        "Questions in the last 5 min: 410, of them 198 answered yes, 212 no, 0 failed",
        "Last 20 answers: 14 yes, 6 no, 0 failed, 0 not asked. The newest: yes",
    ] {
        let names: Vec<_> = page.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert_eq!(page.matches("role=\"img\"").count(), page.matches("aria-label=\"").count());
    for said in Said::ALL {
        assert_eq!(words::said(said.label()), Some(said));
    }
    assert!(!page.contains("NaN") && !page.contains("inf"));
    let page = page.replace("http://www.w3.org/2000/svg", "the name of SVG, in the icon");
    let (page, _) = page.split_once("<script>").unwrap();
    assert!(!page.contains("//"), "nothing comes from elsewhere: {page}");
}
