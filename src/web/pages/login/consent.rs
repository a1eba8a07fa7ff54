//! The question whether a service may use a player's account.

use super::{
    Player, Service, Target,
    form::{self, field},
    frame::{self, Width},
    moment, permission,
};
use std::time::Duration;

/// Who asks whom for what.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Consent<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// Who asks.
    pub(in crate::web) service: Service<'a>,
    /// Where the player goes after the answer.
    pub(in crate::web) redirect: Target<'a>,
    /// Who is asked.
    pub(in crate::web) player: Player<'a>,
    /// The scopes that are asked for.
    pub(in crate::web) permissions: &'a [String],
    /// For how long the service's token is good.
    pub(in crate::web) lifetime: Duration,
    /// Where the answer is sent: [`field::REQUEST`], [`field::CSRF`] and [`field::DECISION`].
    pub(in crate::web) action: &'a str,
    /// Where who is somebody else signs out: [`field::REQUEST`] and [`field::CSRF`].
    pub(in crate::web) sign_out: &'a str,
    /// The id of the request.
    pub(in crate::web) request: &'a str,
    /// Shows that this site made the forms.
    pub(in crate::web) csrf: &'a str,
}

impl Consent<'_> {
    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let mut html = frame::open(self.site, "Allow access to your account?", Width::Narrow);
        html.markup("<p class=\"lead\">");
        frame::name(&mut html, self.service.name);
        html.markup(" wants to use your account here. Approve only if you meant to sign in there.</p>\n");
        html.markup("<section class=\"card\" aria-labelledby=\"asks\">\n<h2 class=\"unseen\" id=\"asks\">Who asks</h2>\n<div class=\"party\">");
        self.service.show(&mut html, false, |html| {
            html.markup("<br>Sends you back to <b>").text(self.redirect.host()).markup("</b>");
            if self.redirect.is_local() {
                html.markup(", a program on your computer");
            }
        });
        html.markup("</div>\n");
        self.service.verdict(&mut html, self.site);
        html.markup("</section>\n<section class=\"card\" aria-labelledby=\"account\">\n<h2 class=\"unseen\" id=\"account\">Your account</h2>\n<div class=\"party\">");
        self.player.show(&mut html, |html| {
            html.markup("Your account");
        });
        form::open(&mut html, self.sign_out, self.csrf);
        form::hidden(&mut html, field::REQUEST, self.request);
        html.markup(
            "<span class=\"soft\">Not you?</span> <button class=\"link\">Sign out</button></form></div>\n</section>\n",
        );
        self.request(html)
    }

    fn request(&self, mut html: super::super::Html) -> String {
        html.markup("<section aria-labelledby=\"permissions\">\n<h2 id=\"permissions\">It will be able to</h2>\n");
        permission::list(&mut html, self.permissions);
        html.markup("<p class=\"soft\">It gets a token that is good for ").text(&moment::span(self.lifetime));
        html.markup(". It does not get your password. You can take its access away on your account page at any time.</p>\n</section>\n");
        form::open(&mut html, self.action, self.csrf);
        form::hidden(&mut html, field::REQUEST, self.request);
        html.markup("<div class=\"actions\">");
        for (class, value, label) in [("primary", field::APPROVE, "Approve"), ("plain", field::DENY, "Deny")] {
            html.markup("<button class=\"").markup(class).markup("\" name=\"").markup(field::DECISION);
            html.markup("\" value=\"").markup(value).markup("\">").markup(label).markup("</button>");
        }
        html.markup("</div></form>\n");
        frame::close(html)
    }
}
