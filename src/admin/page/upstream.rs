//! One upstream: its state, three graphs of the last minutes, its limits, what it said last and since the start.

use super::{
    super::status::{Slot, Status, Upstream},
    graph,
    state::{self, State},
    words,
};
use crate::{upstream::Said, web::pages::Html};
use std::{fmt::Write, time::Duration};

/// So many of its last answers are shown.
const LAST: usize = 20;

/// All upstreams, each under a heading of its own.
pub(super) fn all(html: &mut Html, status: &Status) {
    html.markup("<section aria-labelledby=\"upstreams\">\n<div class=\"bar\"><h2 id=\"upstreams\">Upstreams <span class=\"span\">in the last ");
    html.text(&span(status)).markup("</span></h2>");
    html.markup("<p class=\"legend soft\" aria-hidden=\"true\">Last answers: ");
    for (sign, title) in [(YES, "yes"), (NO, "no"), (FAILED, "failed"), (NOT_ASKED, "not asked")] {
        html.markup("<span><svg class=\"last\" viewBox=\"0 0 10 10\">").markup(sign).markup("</svg>");
        html.text(title).markup("</span> ");
    }
    html.markup("</p></div>\n");
    for upstream in &status.upstreams {
        one(html, upstream, status);
    }
    html.markup("</section>\n");
}

fn one(html: &mut Html, upstream: &Upstream, status: &Status) {
    let state = State::of(upstream, status);
    html.markup("<article class=\"upstream ")
        .markup(state.mood().class())
        .markup("\" id=\"upstream-")
        .text(&upstream.id);
    html.markup("\" aria-labelledby=\"name-").text(&upstream.id).markup("\">\n<header><h3 id=\"name-");
    html.text(&upstream.id).markup("\">").text(&upstream.id).markup("</h3> ");
    super::badge(html, state.mood(), state.word());
    html.markup(" <span class=\"soft kind\">");
    html.markup(if upstream.trusted { "attests Mojang’s accounts" } else { "has accounts of its own" })
        .markup("</span>\n");
    last_answers(html, upstream, status);
    html.markup("</header>\n");
    if let Some(trouble) = state::trouble(upstream, state) {
        html.markup("<p class=\"trouble\">").text(&trouble).markup("</p>\n");
    }
    html.markup("<dl class=\"measures\">\n");
    latency(html, upstream, status);
    wins(html, upstream, status);
    answers(html, upstream, status);
    load(html, upstream);
    html.markup("</dl>\n");
    totals(html, upstream);
    html.markup("</article>\n");
}

fn latency(html: &mut Html, upstream: &Upstream, status: &Status) {
    let span = span(status);
    html.markup("<div><dt>Latency</dt><dd>");
    let name = match upstream.latency {
        Some(latency) => {
            let (p50, p95) = (words::latency(latency.p50), words::latency(latency.p95));
            html.markup("<span class=\"figure\">").text(&p50).markup("</span> <span class=\"soft\">95 % within ");
            html.text(&p95).markup("</span>");
            let medians = upstream.slots.iter().filter_map(|slot| slot.latency);
            let range = medians.clone().min().zip(medians.max());
            let range =
                range.map(|(least, most)| format!(": from {} to {}", words::latency(least), words::latency(most)));
            format!("Median latency in the last {span}{}", range.unwrap_or_default())
        }
        None => {
            html.markup("<span class=\"figure none\">–</span> <span class=\"soft\">no answers in ").text(&span);
            html.markup("</span>");
            format!("Latency: no answers in the last {span}")
        }
    };
    graph::latency(html, &name, &upstream.slots);
    html.markup("</dd></div>\n");
}

fn wins(html: &mut Html, upstream: &Upstream, status: &Status) {
    let span = span(status);
    let all: Vec<u64> = (0..upstream.slots.len()).map(|at| wins_at(status, at)).collect();
    let won = sum(&upstream.slots, |slot| slot.wins);
    let share = words::share(won, all.iter().sum());
    html.markup("<div><dt>Share of wins</dt><dd>");
    html.markup(if share.is_some() { "<span class=\"figure\">" } else { "<span class=\"figure none\">" });
    html.text(share.as_deref().unwrap_or("–"));
    html.markup("</span> <span class=\"soft\">").text(&words::count(upstream.wins)).markup(" in all</span>");
    let shares: Vec<_> = upstream.slots.iter().zip(&all).map(|(slot, all)| part(slot.wins.into(), *all)).collect();
    let name = match share {
        Some(share) => {
            format!("Share of the logins won in the last {span}: {share}, {} of {}", won, all.iter().sum::<u64>())
        }
        None => format!("Share of wins: no login was won in the last {span}"),
    };
    graph::wins(html, &name, &shares);
    html.markup("</dd></div>\n");
}

fn answers(html: &mut Html, upstream: &Upstream, status: &Status) {
    let (asked, failed) = (sum(&upstream.slots, |slot| slot.asked), sum(&upstream.slots, |slot| slot.failed));
    let yes = sum(&upstream.slots, |slot| slot.positive);
    html.markup("<div><dt>Asked</dt><dd><span class=\"figure\">")
        .text(&words::count(asked))
        .markup("</span> <span class=\"");
    html.markup(if failed > 0 { "some-failed\">" } else { "soft\">" }).text(&words::count(failed));
    html.markup(" failed</span>");
    let name = format!(
        "Questions in the last {}: {asked}, of them {yes} answered yes, {} no, {failed} failed",
        span(status),
        asked.saturating_sub(yes + failed)
    );
    graph::answers(html, &name, &upstream.slots);
    html.markup("</dd></div>\n");
}

fn load(html: &mut Html, upstream: &Upstream) {
    html.markup("<div class=\"load\"><dt>Budget</dt><dd>");
    match upstream.budget {
        Some(budget) => {
            html.markup("<span class=\"figure\">").text(&words::count(budget.left.into()));
            html.markup("</span> <span class=\"soft\">left of ").text(&words::count(budget.of.into())).markup(" per ");
            html.text(&words::time(budget.per)).markup("</span>");
            graph::level(html, part(budget.left.into(), budget.of.into()).unwrap_or_default());
        }
        None => {
            html.markup("<span class=\"figure none\">–</span> <span class=\"soft\">no limit</span>");
        }
    }
    html.markup("</dd><dt>Connections</dt><dd class=\"soft\">").text(&words::count(upstream.connections));
    html.markup(" open, ").text(&words::several(upstream.in_flight, "login", "logins")).markup(" waiting</dd></div>\n");
}

const YES: &str = "<circle class=\"yes\" cx=\"5\" cy=\"5\" r=\"3.6\"/>";
const NO: &str = "<circle class=\"no\" cx=\"5\" cy=\"5\" r=\"3\"/>";
const FAILED: &str = "<path class=\"cross\" d=\"M2 2 8 8M8 2 2 8\"/>";
const NOT_ASKED: &str = "<path class=\"dash\" d=\"M2.5 5H7.5\"/>";

/// One sign for each, the newest on the right.
fn last_answers(html: &mut Html, upstream: &Upstream, status: &Status) {
    let last: Vec<_> = state::recent_answers(&upstream.id, status).take(LAST).collect();
    let Some((newest, ago)) = last.first() else {
        return;
    };
    let (mut yes, mut no, mut failed, mut not_asked) = (0, 0, 0, 0);
    let (mut dots, mut rings, mut crosses, mut dashes) = (String::new(), String::new(), String::new(), String::new());
    for (place, (answer, _)) in last.iter().rev().enumerate() {
        let x = place * 10;
        let (count, path, shape) = match words::said(answer.said) {
            Some(Said::Positive) => (&mut yes, &mut dots, circle(x, 3.6)),
            Some(Said::Negative) => (&mut no, &mut rings, circle(x, 3.0)),
            Some(said) if !said.was_asked() => (&mut not_asked, &mut dashes, format!("M{}.5 5H{}.5", x + 2, x + 7)),
            _ => (&mut failed, &mut crosses, format!("M{} 2 {} 8M{} 2 {} 8", x + 2, x + 8, x + 8, x + 2)),
        };
        *count += 1;
        path.push_str(&shape);
    }
    let newest = words::answer(newest);
    let name = match last.len() {
        1 => format!("Last answer: {newest}"),
        len => format!(
            "Last {len} answers: {yes} yes, {no} no, {failed} failed, {not_asked} not asked. The newest: {newest}"
        ),
    };
    html.markup("<span class=\"lasts\"><svg class=\"last\" role=\"img\" viewBox=\"0 0 ")
        .text(&(last.len() * 10).to_string());
    html.markup(" 10\" aria-label=\"").text(&name).markup("\"><path class=\"yes\" d=\"").text(&dots);
    html.markup("\"/><path class=\"no\" d=\"").text(&rings).markup("\"/><path class=\"cross\" d=\"").text(&crosses);
    html.markup("\"/><path class=\"dash\" d=\"").text(&dashes).markup("\"/></svg> <span class=\"soft\">");
    html.text(&words::ago(*ago)).markup("</span></span>");
}

/// Around the middle of the place that begins at `x`.
fn circle(x: usize, radius: f64) -> String {
    let mut path = String::new();
    let left = x as f64 + 5.0 - radius;
    // Writing to a String cannot fail.
    let _ =
        write!(path, "M{left:.1} 5a{radius} {radius} 0 1 0 {d} 0a{radius} {radius} 0 1 0 -{d} 0Z", d = radius * 2.0);
    path
}

/// All it has said, for whoever wants to know.
fn totals(html: &mut Html, upstream: &Upstream) {
    html.markup("<details id=\"totals-")
        .text(&upstream.id)
        .markup("\"><summary>Since the start<span class=\"unseen\">, ");
    html.text(&upstream.id).markup("</span></summary>\n");
    let said = upstream.totals.iter().filter(|total| total.count > 0);
    if said.clone().next().is_none() {
        html.markup("<p class=\"empty\">Nobody has asked it yet.</p>\n");
    }
    html.markup("<ul class=\"since\">");
    for total in said {
        html.markup("<li><b>").text(&words::count(total.count)).markup("</b> ");
        html.text(words::said(total.said).map_or(total.said, words::outcome)).markup("</li>");
    }
    html.markup("</ul>\n</details>\n");
}

/// How far back the slots go.
fn span(status: &Status) -> String {
    let slots = status.upstreams.iter().map(|upstream| upstream.slots.len()).max().unwrap_or_default();
    words::time(status.slot.saturating_mul(u32::try_from(slots).unwrap_or(u32::MAX)).max(Duration::from_secs(1)))
}

/// Logins that anybody won in this slot.
fn wins_at(status: &Status, at: usize) -> u64 {
    status.upstreams.iter().filter_map(|upstream| upstream.slots.get(at)).map(|slot| u64::from(slot.wins)).sum()
}

fn sum(slots: &[Slot], of: fn(&Slot) -> u32) -> u64 {
    slots.iter().map(|slot| u64::from(of(slot))).sum()
}

fn part(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
