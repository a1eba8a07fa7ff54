//! The page of a player who is not signed in.

use super::frame::{self, Width};

/// Why they are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Why {
    /// They signed out in this browser.
    Here,
    /// They signed out everywhere.
    Everywhere,
    /// They have not signed in, or their session is over.
    NotSignedIn,
}

/// What they can do.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct SignedOut<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// Why they see this.
    pub(in crate::web) why: Why,
    /// Where they sign in, and come back to what they did.
    pub(in crate::web) sign_in: &'a str,
}

impl SignedOut<'_> {
    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let (title, lead) = match self.why {
            Why::Here => (
                "You are signed out",
                "This browser is no longer signed in. Services that you approved keep their access.",
            ),
            Why::Everywhere => ("You are signed out everywhere", "Every session and every token of yours has ended."),
            Why::NotSignedIn => ("Please sign in", "You are not signed in, or your session has ended."),
        };
        let mut html = frame::open(self.site, title, Width::Narrow);
        frame::lead(&mut html, lead);
        html.markup("<div class=\"actions\">");
        frame::button_link(&mut html, self.sign_in, "Sign in with Microsoft");
        html.markup("</div>\n");
        frame::close(html)
    }
}
