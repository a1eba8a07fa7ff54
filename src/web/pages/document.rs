//! What stands around every page: its head, and what a browser is allowed to do with it.
//!
//! Decides that a page shows nothing, runs nothing and asks nobody that is not in the page itself.

use super::html::Html;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::HeaderValue;

/// A kind of page.
pub(crate) struct Document {
    /// How it looks, word for word, as it stands between the tags.
    pub(crate) style: &'static str,
    /// What it runs, likewise.
    pub(crate) script: &'static str,
    /// Whether the script may ask for the page again.
    pub(crate) renewed: bool,
}

/// The icon stands in the page, so that no browser asks for one.
const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b6b50'/%3E%3Cpath d='M4 8.4 7 11.2 12 5' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E\">
<title>";

impl Document {
    /// The page up to its body; `head` stands at the end of its head.
    pub(crate) fn begin(&self, title: &str, head: &'static str) -> Html {
        let mut html = Html::default();
        html.markup(HEAD).text(title).markup(" · hasjoined</title>\n<style>").markup(self.style);
        html.markup("</style>\n").markup(head).markup("</head>\n<body>\n");
        html
    }

    /// What follows its body.
    pub(crate) fn end(&self, mut html: Html) -> String {
        html.markup("<script>").markup(self.script).markup("</script>\n</body>\n</html>\n");
        html.done()
    }

    /// The value of `Content-Security-Policy`. Style and script are known by their hashes, so that nothing else that got into the
    /// page would run.
    pub(crate) fn policy(&self) -> HeaderValue {
        let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
        let connect = if self.renewed { "connect-src 'self'; " } else { "" };
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; {connect}\
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(self.style),
            hash(self.script),
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}
