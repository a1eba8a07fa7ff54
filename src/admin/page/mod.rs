//! The status page: what is wrong, what it means for players, and how each upstream is doing.
//!
//! Decides how a [`Status`] looks to people; it is drawn whole on every request. Without a script it loads itself again now and
//! then; the script renews it in place, and says when the proxy cannot be reached.

mod graph;
mod logins;
#[cfg(test)]
mod sample;
mod state;
#[cfg(test)]
mod tests;
mod upstream;
mod verdict;
mod words;

use super::{answer, status::Status};
use crate::web::pages::{Document, Html};
use bytes::Bytes;
use http::{
    Response,
    header::{CONTENT_SECURITY_POLICY, HeaderValue},
};
use http_body_util::Full;
use state::Mood;
use std::sync::LazyLock;
use verdict::Verdict;

const DOCUMENT: Document = Document {
    style: concat!(include_str!("../../web/pages/base.css"), "\n", include_str!("page.css")),
    script: Some(include_str!("page.js")),
    renewed: true,
    forms: false,
};

/// For browsers that run no script.
const RELOADS: &str = "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| DOCUMENT.policy());

/// The page as it is sent.
pub(super) fn response(status: &Status) -> Response<Full<Bytes>> {
    let mut response = answer::html(page(status));
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

fn page(status: &Status) -> String {
    let verdict = Verdict::of(status);
    let mut html = DOCUMENT.begin(verdict.title, RELOADS);
    html.markup(
        "<p id=\"notice\" role=\"alert\" hidden></p>\n<div id=\"live\">\n<header>\n<p class=\"mark\">hasjoined</p>\n",
    );
    html.markup("<div class=\"verdict ").markup(verdict.mood.class()).markup("\" role=\"status\">\n<h1>");
    sign(&mut html, verdict.mood);
    html.text(verdict.title)
        .markup("</h1>\n<p class=\"lead\">")
        .text(&verdict.meaning)
        .markup("</p>\n</div>\n</header>\n<main>\n");
    logins::totals(&mut html, status);
    upstream::all(&mut html, status);
    logins::recent(&mut html, status);
    html.markup("</main>\n<footer>\n<p>hasjoined ").text(status.version).markup(", running for ");
    html.text(&words::time(status.uptime)).markup(", since ").text(&words::clock(status.started, true));
    html.markup(".</p>\n<p>As of <span class=\"clock\">").text(&words::clock(status.at, false)).markup("</span>. ");
    html.markup("<noscript>This page loads itself again every 10 s. </noscript>The same for machines: <a href=\"status.json\">status.json</a>, <a href=\"metrics\">metrics</a>.</p>\n");
    html.markup("</footer>\n</div>\n");
    DOCUMENT.end(html)
}

fn sign(html: &mut Html, mood: Mood) {
    html.markup("<svg class=\"sign\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">").markup(mood.sign()).markup("</svg>");
}

/// A word with a sign.
fn badge(html: &mut Html, mood: Mood, word: &str) {
    html.markup("<span class=\"badge ").markup(mood.class()).markup("\">");
    sign(html, mood);
    html.text(word).markup("</span>");
}
