//! The page that says what went wrong, and what to do next.

use super::{
    Problem,
    frame::{self, Width},
    problem::Remedy,
    response,
};
use crate::web::answer::Body;
use http::{
    Response,
    header::{HeaderValue, RETRY_AFTER},
};
use std::time::Duration;

/// What went wrong for whom.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Failure<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// What went wrong.
    pub(in crate::web) problem: Problem,
    /// Where they begin anew, if that can be done from here.
    pub(in crate::web) again: Option<&'a str>,
    /// When it may work again, if that is known.
    pub(in crate::web) retry_after: Option<Duration>,
    /// The request in the log.
    pub(in crate::web) request_id: &'a str,
}

impl Failure<'_> {
    /// The whole answer.
    pub(in crate::web) fn response(&self) -> Response<Body> {
        let mut response = response(self.problem.status(), self.page());
        // With every 429 and 503: `0` would be an invitation to come back at once.
        if matches!(self.problem.status().as_u16(), 429 | 503) {
            let seconds = self.retry_after.unwrap_or(Duration::from_secs(2)).as_secs_f64().ceil().max(1.0);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        response
    }

    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let words = self.problem.words();
        let mut html = frame::open(self.site, words.title, Width::Narrow);
        html.markup("<p class=\"lead\">").text(words.text);
        if let (Remedy::Again(_), None) = (words.remedy, self.again) {
            html.markup(" Go back to where you came from, and start there again.");
        }
        html.markup("</p>\n<div class=\"actions\">");
        match (words.remedy, self.again) {
            (Remedy::Again(label), Some(again)) => frame::button_link(&mut html, again, label),
            (Remedy::Elsewhere(label, url), again) => {
                frame::button_link(&mut html, url, label);
                if let Some(again) = again {
                    html.markup("<a href=\"").text(again).markup("\">Sign in again</a>");
                }
            }
            _ => {}
        }
        html.markup("</div>\n<p class=\"fine\"><code>").text(words.name).markup("</code> · request <code>");
        html.text(self.request_id).markup("</code></p>\n");
        frame::close(html)
    }
}
