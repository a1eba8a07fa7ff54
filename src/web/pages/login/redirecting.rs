//! The page between a sign-in and the site it was for.
//!
//! It is there because the answer to a form must not redirect to another site, and because a token in the fragment of an address
//! should not stand in a header that everything on the way may log.

use super::{Target, frame};

/// Why the player leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Purpose {
    /// They signed in.
    SigningIn,
    /// They said no, or something went wrong: the other site is told.
    GoingBack,
}

/// Where the player goes.
#[derive(Clone, Copy)]
pub(in crate::web) struct Redirecting<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// Why.
    pub(in crate::web) purpose: Purpose,
    /// The other site, with all that it is told.
    pub(in crate::web) target: Target<'a>,
}

impl Redirecting<'_> {
    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let title = match self.purpose {
            Purpose::SigningIn => "Signing you in…",
            Purpose::GoingBack => "Going back…",
        };
        let mut html = frame::open_refreshing(self.site, title, self.target);
        html.markup("<p class=\"lead\"><a href=\"").text(self.target.as_str()).markup("\">Continue to ");
        html.text(self.target.host()).markup("</a></p>\n");
        frame::close(html)
    }
}
