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
    pub(crate) script: Option<&'static str>,
    /// Whether the script may ask for the page again.
    pub(crate) renewed: bool,
    /// Whether its forms may be sent, to the site it comes from.
    pub(crate) forms: bool,
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
        let mut html = self.head(title, "hasjoined");
        html.markup(head);
        self.body(&mut html);
        html
    }

    /// The page up to the end of its head, which may still be added to. `site` is the name it goes by.
    pub(crate) fn head(&self, title: &str, site: &str) -> Html {
        let mut html = Html::default();
        html.markup(HEAD).text(title).markup(" · ").text(site).markup("</title>\n<style>").markup(self.style);
        html.markup("</style>\n");
        html
    }

    /// From its head to its body.
    pub(crate) fn body(&self, html: &mut Html) {
        html.markup("</head>\n<body>\n");
    }

    /// What follows its body.
    pub(crate) fn end(&self, mut html: Html) -> String {
        if let Some(script) = self.script {
            html.markup("<script>").markup(script).markup("</script>\n");
        }
        html.markup("</body>\n</html>\n");
        html.done()
    }

    /// The value of `Content-Security-Policy`. Style and script are known by their hashes, so that nothing else that got into the
    /// page would run.
    pub(crate) fn policy(&self) -> HeaderValue {
        let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
        let script = self.script.map(|script| format!("script-src 'sha256-{}'; ", hash(script))).unwrap_or_default();
        let connect = if self.renewed { "connect-src 'self'; " } else { "" };
        let forms = if self.forms { "'self'" } else { "'none'" };
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; {script}img-src data:; {connect}\
             base-uri 'none'; form-action {forms}; frame-ancestors 'none'",
            hash(self.style),
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    }
}
