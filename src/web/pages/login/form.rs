//! Forms: every one is sent by POST to this site, with the token that shows that this site made it.

use super::super::Html;

/// The names of what forms send, which routes read.
pub(in crate::web) mod field {
    /// Shows that this site made the form.
    pub(in crate::web) const CSRF: &str = "csrf";
    /// The request that is answered, by its id.
    pub(in crate::web) const REQUEST: &str = "request";
    /// Which button was pressed: [`APPROVE`] or [`DENY`].
    pub(in crate::web) const DECISION: &str = "decision";
    /// A value of [`DECISION`].
    pub(in crate::web) const APPROVE: &str = "approve";
    /// A value of [`DECISION`].
    pub(in crate::web) const DENY: &str = "deny";
    /// The service that loses its access, by its slug.
    pub(in crate::web) const SERVICE: &str = "service";
}

/// Opens a form that is sent to this path of this site.
pub(super) fn open(html: &mut Html, action: &str, csrf: &str) {
    html.markup("<form method=\"post\" action=\"").text(action).markup("\">");
    hidden(html, field::CSRF, csrf);
}

/// A field that nobody sees.
pub(super) fn hidden(html: &mut Html, name: &'static str, value: &str) {
    html.markup("<input type=\"hidden\" name=\"").markup(name).markup("\" value=\"").text(value).markup("\">");
}

/// A form of one button.
pub(super) fn button(html: &mut Html, (action, csrf): (&str, &str), class: &'static str, label: &'static str) {
    open(html, action, csrf);
    html.markup("<button class=\"").markup(class).markup("\">").markup(label).markup("</button></form>\n");
}
