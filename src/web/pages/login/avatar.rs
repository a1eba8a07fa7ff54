//! The player in front of the page, and signs that stand for names. Pictures of players are elsewhere, and nobody is asked for them.

use super::{super::Html, frame};

/// Who is signed in.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Player<'a> {
    /// The name of their profile.
    pub(in crate::web) name: &'a str,
    /// The UUID of their profile, with dashes.
    pub(in crate::web) uuid: &'a str,
}

impl Player<'_> {
    /// Their sign, their name, and what is said below it.
    pub(super) fn show(self, html: &mut Html, below: impl FnOnce(&mut Html)) {
        avatar(html, self.name, "<span class=\"avatar round\" aria-hidden=\"true\">");
        html.markup("<div class=\"who\"><p class=\"name\">");
        frame::name(html, self.name);
        html.markup("</p><p class=\"soft\">");
        below(html);
        html.markup("</p></div>\n");
    }
}

/// The first letter of a name, or a silhouette where there is none.
pub(super) fn avatar(html: &mut Html, name: &str, open: &'static str) {
    html.markup(open);
    match name.chars().find(|sign| sign.is_alphanumeric()) {
        Some(letter) => html.text(&letter.to_uppercase().to_string()),
        None => html.markup(
            "<svg viewBox=\"0 0 16 16\"><circle cx=\"8\" cy=\"5.5\" r=\"3\"/><path d=\"M2.5 14c0-6 11-6 11 0\"/></svg>",
        ),
    };
    html.markup("</span>");
}
