//! A token shown to its owner, who has no dashboard that would take it.

use super::{
    Player,
    frame::{self, Width},
    moment,
};
use crate::model::Timestamp;
use std::time::Duration;

/// Whose token it is, and for how long.
#[derive(Clone, Copy)]
pub(in crate::web) struct Token<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// Who signed in.
    pub(in crate::web) player: Player<'a>,
    /// The token.
    pub(in crate::web) token: &'a str,
    /// When it ends.
    pub(in crate::web) expires_at: Timestamp,
    /// How long that is from now.
    pub(in crate::web) lifetime: Duration,
    /// The account page.
    pub(in crate::web) account: &'a str,
}

impl Token<'_> {
    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let mut html = frame::open(self.site, "You are signed in", Width::Narrow);
        html.markup("<p class=\"lead\">As ");
        frame::name(&mut html, self.player.name);
        html.markup(". Copy the token into the program that asked you for it.</p>\n");
        html.markup("<div class=\"token\">\n<label for=\"token\">Your token</label>\n<textarea id=\"token\" rows=\"6\" readonly autocomplete=\"off\" spellcheck=\"false\" translate=\"no\" aria-describedby=\"until secret\">\n");
        html.text(self.token)
            .markup("</textarea>\n<p class=\"soft\" id=\"until\">Good for ")
            .text(&moment::span(self.lifetime));
        html.markup(", until ");
        moment::minute(&mut html, self.expires_at);
        html.markup(".</p>\n</div>\n<p class=\"note warn\" id=\"secret\"><b>Give it to nobody.</b> Whoever has this token can use your account here until it ends.</p>\n");
        html.markup("<p><a href=\"").text(self.account).markup("\">Your account</a></p>\n");
        frame::close(html)
    }
}
