//! Logins: how many ended how, and the last of them one by one.

use super::{
    super::status::{Answer, Login, Outcome, Status},
    state::Mood,
    words,
};
use crate::{upstream::Said, web::pages::Html};

/// More who said the same are not named one by one.
const MOST_NAMES: usize = 3;

/// How many ended how since the start, and how many requests are under way.
pub(super) fn totals(html: &mut Html, status: &Status) {
    let logins = status.logins;
    html.markup("<dl class=\"totals\">\n");
    let always = [
        (logins.joined, "Joined", "somebody vouched for them"),
        (logins.not_joined, "Not joined", "every upstream said no"),
        (logins.undecided, "Undecided", "told that servers are down"),
        (status.in_flight as u64, "In flight", "requests being answered now"),
    ];
    let alarming = [
        (logins.disputed, "Disputed", "two upstreams named different players"),
        (logins.bound_elsewhere, "Claimed", "names that belong to other upstreams"),
    ];
    for (count, title, meaning) in always.into_iter().chain(alarming.into_iter().filter(|(count, ..)| *count > 0)) {
        html.markup("<div><dt>").text(title).markup("</dt><dd><span class=\"figure\">").text(&words::count(count));
        html.markup("</span> <span class=\"soft\">").text(meaning).markup("</span></dd></div>\n");
    }
    html.markup("</dl>\n");
}

/// The last ones, the newest first.
pub(super) fn recent(html: &mut Html, status: &Status) {
    html.markup("<section aria-labelledby=\"logins\">\n<h2 id=\"logins\">Last logins</h2>\n");
    if status.recent.is_empty() {
        html.markup("<p class=\"empty\">None yet.</p>\n</section>\n");
        return;
    }
    // The roles are written out: some browsers forget them where a narrow page lays a table out as lines.
    html.markup("<table role=\"table\" aria-labelledby=\"logins\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
    for title in ["Player", "Outcome", "What the upstreams said", "Took", "When"] {
        html.markup("<th role=\"columnheader\" scope=\"col\">").text(title).markup("</th>");
    }
    html.markup("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for login in &status.recent {
        row(html, login);
    }
    html.markup("</tbody>\n</table>\n</section>\n");
}

fn row(html: &mut Html, login: &Login) {
    let (mood, outcome) = match login.outcome {
        Outcome::Joined => (Mood::Good, "Joined"),
        Outcome::NotJoined => (Mood::Quiet, "Not joined"),
        Outcome::Undecided => (Mood::Bad, "Undecided"),
    };
    html.markup("<tr role=\"row\"><th role=\"rowheader\" scope=\"row\">").text(&login.player);
    html.markup("</th><td role=\"cell\" class=\"outcome\">");
    super::badge(html, mood, outcome);
    if let Some(winner) = &login.winner {
        html.markup(" <span class=\"soft\">by <span class=\"id\">").text(winner).markup("</span></span>");
    }
    html.markup("</td><td role=\"cell\" class=\"said\">");
    said(html, login);
    html.markup("</td><td role=\"cell\" class=\"took\">").text(&words::latency(login.took));
    html.markup("</td><td role=\"cell\" class=\"when\">").text(&words::ago(login.ago)).markup("</td></tr>\n");
}

/// Those who said the same are told together, and many of them only counted.
fn said(html: &mut Html, login: &Login) {
    let mut groups: Vec<(&str, Vec<&Answer>)> = Vec::new();
    for answer in &login.answers {
        let said = words::answer(answer);
        match groups.iter_mut().find(|(known, _)| *known == said) {
            Some((_, group)) => group.push(answer),
            None => groups.push((said, vec![answer])),
        }
    }
    groups.sort_by_key(|(_, group)| group.first().map(|answer| rank(answer)));
    let last = groups.len().saturating_sub(1);
    for (at, (said, group)) in groups.into_iter().enumerate() {
        html.markup("<span>").text(said).markup(": ");
        match group.len() {
            ..=MOST_NAMES => names(html, &group),
            many => html.text(&words::several(many as u64, "upstream", "upstreams")),
        };
        html.markup(if at < last { ";</span> " } else { "</span>" });
    }
}

/// What matters most comes first.
fn rank(answer: &Answer) -> u8 {
    match words::said(answer.said) {
        Some(Said::Positive) => 0,
        Some(Said::Negative) => 2,
        Some(said) if !said.was_asked() => 3,
        _ => 1,
    }
}

fn names<'h>(html: &'h mut Html, group: &[&Answer]) -> &'h mut Html {
    for (at, answer) in group.iter().enumerate() {
        html.markup(if at > 0 { ", <span class=\"id\">" } else { "<span class=\"id\">" });
        html.text(&answer.upstream).markup("</span>");
        // How long it took to leave somebody out is of no interest.
        if words::said(answer.said).is_none_or(Said::was_asked) {
            html.markup(" <span class=\"soft\">").text(&words::latency(answer.took)).markup("</span>");
        }
    }
    html
}
