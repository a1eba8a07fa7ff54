//! Small graphs of the last minutes, drawn as SVG: one path for each kind of mark, so that a page of many stays small.
//!
//! Decides scales and shapes. A graph is an image with its content in words as its name; how its marks look is in the style.

use super::super::status::Slot;
use crate::web::pages::Html;
use std::{fmt::Write, time::Duration};

/// The width of a slot.
const STEP: usize = 8;
/// The height of a graph, with a unit above and below for the thickness of lines.
const HEIGHT: f64 = 46.0;
const TOP: f64 = 1.0;
/// Of the graph of answers the part above its line, where something hangs from it.
const ANSWERED: f64 = 32.0;

/// Half of the answers came faster than this line.
pub(super) fn latency(html: &mut Html, name: &str, slots: &[Slot]) {
    let most = slots.iter().filter_map(|slot| slot.latency).max().unwrap_or_default();
    let heights = slots.iter().map(|slot| slot.latency.map(|latency| height(part(latency, most))));
    let (mut line, mut area) = (String::new(), String::new());
    let mut previous: Option<f64> = None;
    for (at, height) in heights.enumerate() {
        let (left, right) = (at * STEP, (at + 1) * STEP);
        if let Some(height) = height {
            let begin = if previous.is_some() { "L" } else { "M" };
            // Writing to a String cannot fail.
            let _ = write!(line, "{begin}{left} {height:.1}H{right}");
            let _ = write!(area, "M{left} {bottom}V{height:.1}H{right}V{bottom}Z", bottom = HEIGHT + TOP);
        }
        previous = height;
    }
    image(html, name, slots.len(), &[("area", &area), ("line", &line)]);
}

/// Of the logins that were won at all in a slot, how large a part this upstream won.
pub(super) fn wins(html: &mut Html, name: &str, shares: &[Option<f64>]) {
    let (mut all, mut won) = (String::new(), String::new());
    for (at, share) in shares.iter().enumerate() {
        if let Some(share) = *share {
            bar(&mut all, at, TOP, HEIGHT + TOP);
            bar(&mut won, at, height(share), HEIGHT + TOP);
        }
    }
    image(html, name, shares.len(), &[("all", &all), ("area-strong", &won)]);
}

/// What was answered stands on the line, what was not hangs from it.
pub(super) fn answers(html: &mut Html, name: &str, slots: &[Slot]) {
    let answered = |slot: &Slot| f64::from(slot.asked.saturating_sub(slot.failed));
    let most_answered = slots.iter().map(answered).fold(1.0, f64::max);
    let most_failed = slots.iter().map(|slot| f64::from(slot.failed)).fold(0.0, f64::max);
    let (above, unit) = match most_failed > 0.0 {
        true => (ANSWERED, (ANSWERED / most_answered).min((HEIGHT - ANSWERED) / most_failed)),
        false => (HEIGHT, HEIGHT / most_answered),
    };
    let line = above + TOP;
    let (mut up, mut down) = (String::new(), String::new());
    for (at, slot) in slots.iter().enumerate() {
        if answered(slot) > 0.0 {
            bar(&mut up, at, line - (answered(slot) * unit).max(1.0), line);
        }
        if slot.failed > 0 {
            bar(&mut down, at, line, line + (f64::from(slot.failed) * unit).max(2.0));
        }
    }
    let axis = if most_failed > 0.0 { format!("M0 {line}H{}", slots.len() * STEP) } else { String::new() };
    image(html, name, slots.len(), &[("area-strong", &up), ("failed", &down), ("axis", &axis)]);
}

/// A bar, filled up to here.
pub(super) fn level(html: &mut Html, share: f64) {
    html.markup("<svg class=\"level\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"all\" d=\"M0 0H100V4H0Z\"/><path class=\"area-strong\" d=\"M0 0H");
    html.text(&format!("{:.1}", share.clamp(0.0, 1.0) * 100.0)).markup("V4H0Z\"/></svg>");
}

fn image(html: &mut Html, name: &str, slots: usize, paths: &[(&'static str, &str)]) {
    html.markup("<svg class=\"graph\" role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 ");
    html.text(&format!("{} {}", slots * STEP, HEIGHT + 2.0 * TOP))
        .markup("\" aria-label=\"")
        .text(name)
        .markup("\"><title>")
        .text(name);
    html.markup("</title>");
    for (class, path) in paths {
        html.markup("<path class=\"").markup(class).markup("\" d=\"").text(path).markup("\"/>");
    }
    html.markup("</svg>");
}

fn bar(path: &mut String, at: usize, top: f64, bottom: f64) {
    let (left, right) = (at * STEP + 1, (at + 1) * STEP - 1);
    // Writing to a String cannot fail.
    let _ = write!(path, "M{left} {bottom:.1}V{top:.1}H{right}V{bottom:.1}Z");
}

/// Where a mark of this share of the height begins; what is not nothing can be seen.
fn height(share: f64) -> f64 {
    let share = if share > 0.0 { share.max(0.03) } else { share };
    TOP + HEIGHT * (1.0 - share.clamp(0.0, 1.0))
}

fn part(time: Duration, most: Duration) -> f64 {
    if most.is_zero() { 0.0 } else { time.as_secs_f64() / most.as_secs_f64() }
}
