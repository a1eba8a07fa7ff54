//! What all pages of the login API have around them.

use super::{super::Html, DOCUMENT, Target};

/// How much room a page wants.
pub(super) enum Width {
    /// As much as a sentence.
    Narrow,
    /// As much as a table.
    Wide,
}

/// The page up to its heading, which says the same as its title. `site` is the name that players know this API by.
pub(super) fn open(site: &str, title: &str, width: Width) -> Html {
    let mut html = DOCUMENT.head(title, site);
    body(&mut html, site, width);
    html.markup("<h1>").text(title).markup("</h1>\n");
    html
}

/// The same of a page that leads to another by itself.
pub(super) fn open_refreshing(site: &str, title: &str, to: Target<'_>) -> Html {
    let mut html = DOCUMENT.head(title, site);
    html.markup("<meta http-equiv=\"refresh\" content=\"0; url=").text(to.as_str()).markup("\">\n");
    body(&mut html, site, Width::Narrow);
    html.markup("<h1>").text(title).markup("</h1>\n");
    html
}

fn body(html: &mut Html, site: &str, width: Width) {
    DOCUMENT.body(html);
    html.markup("<header><p class=\"mark\">").text(site).markup("</p></header>\n");
    html.markup(match width {
        Width::Narrow => "<main>\n",
        Width::Wide => "<main class=\"wide\">\n",
    });
}

/// The end of the page.
pub(super) fn close(mut html: Html) -> String {
    html.markup("</main>\n");
    DOCUMENT.end(html)
}

/// The sentence below the heading.
pub(super) fn lead(html: &mut Html, text: &str) {
    html.markup("<p class=\"lead\">").text(text).markup("</p>\n");
}

/// A name as others chose it: signs in it that change the direction of writing end with it.
pub(super) fn name(html: &mut Html, name: &str) {
    html.markup("<bdi>").text(name).markup("</bdi>");
}

/// A link that looks like a button.
pub(super) fn button_link(html: &mut Html, href: &str, label: &str) {
    html.markup("<a class=\"button primary\" href=\"").text(href).markup("\">").text(label).markup("</a>\n");
}
