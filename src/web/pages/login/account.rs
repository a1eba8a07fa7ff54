//! What a player can see and end: their sessions, and what services may do.

use super::{
    super::Html,
    Player, Service,
    form::{self, field},
    frame::{self, Width},
    moment, permission, program,
};
use crate::model::Timestamp;

/// A player's account.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Account<'a> {
    /// The name that players know this API by.
    pub(in crate::web) site: &'a str,
    /// Whose account it is.
    pub(in crate::web) player: Player<'a>,
    /// What they have just done here.
    pub(in crate::web) done: Option<Done>,
    /// Who may use the account.
    pub(in crate::web) services: &'a [Access<'a>],
    /// Their sessions, the newest first.
    pub(in crate::web) sessions: &'a [SignIn<'a>],
    /// Whether there are older ones.
    pub(in crate::web) older: bool,
    /// Where [`field::SERVICE`] loses its access.
    pub(in crate::web) revoke: &'a str,
    /// Where this browser signs out.
    pub(in crate::web) sign_out: &'a str,
    /// Where all sign out.
    pub(in crate::web) sign_out_everywhere: &'a str,
    /// Shows that this site made the forms; sent as [`field::CSRF`].
    pub(in crate::web) csrf: &'a str,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Done {
    /// A service lost its access.
    Revoked,
}

/// What a service may do.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Access<'a> {
    /// Which.
    pub(in crate::web) service: Service<'a>,
    /// The scopes it was given.
    pub(in crate::web) permissions: &'a [String],
    /// Since when.
    pub(in crate::web) granted_at: Timestamp,
}

/// One session.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct SignIn<'a> {
    /// When it began.
    pub(in crate::web) created_at: Timestamp,
    /// From where; `None` once that is forgotten.
    pub(in crate::web) ip: Option<&'a str>,
    /// With which program; likewise.
    pub(in crate::web) user_agent: Option<&'a str>,
    /// Whether it is the one that looks at the page.
    pub(in crate::web) current: bool,
}

impl Account<'_> {
    /// The page.
    pub(in crate::web) fn page(&self) -> String {
        let mut html = frame::open(self.site, "Your account", Width::Wide);
        if let Some(Done::Revoked) = self.done {
            html.markup("<p class=\"note good\" role=\"status\">The service has lost its access.</p>\n");
        }
        html.markup("<section class=\"card party\" aria-label=\"Player\">\n");
        self.player.show(&mut html, |html| {
            html.markup("<code>").text(self.player.uuid).markup("</code>");
        });
        form::button(&mut html, (self.sign_out, self.csrf), "plain", "Sign out");
        html.markup("</section>\n");
        self.services(&mut html);
        self.sessions(&mut html);
        frame::close(html)
    }

    fn services(&self, html: &mut Html) {
        html.markup("<section aria-labelledby=\"services\">\n<h2 id=\"services\">Services with access</h2>\n");
        if self.services.is_empty() {
            html.markup("<p class=\"soft\">None. Services that you approve show here.</p>\n");
        }
        for access in self.services {
            self.access(html, access);
        }
        html.markup("</section>\n");
    }

    fn access(&self, html: &mut Html, access: &Access<'_>) {
        html.markup("<article class=\"card\">\n<div class=\"party\">");
        access.service.show(html, true, |html| {
            html.markup(" · since ");
            moment::day(html, access.granted_at);
        });
        form::open(html, self.revoke, self.csrf);
        form::hidden(html, field::SERVICE, access.service.slug);
        html.markup("<button class=\"plain\">Revoke<span class=\"unseen\"> the access of ");
        frame::name(html, access.service.name);
        html.markup("</span></button></form></div>\n");
        permission::folded(html, access.permissions);
        html.markup("</article>\n");
    }

    fn sessions(&self, html: &mut Html) {
        html.markup("<section aria-labelledby=\"sessions\">\n<h2 id=\"sessions\">Recent sign-ins</h2>\n");
        if self.sessions.is_empty() {
            html.markup("<p class=\"soft\">None are kept.</p>\n");
        } else {
            html.markup("<table aria-labelledby=\"sessions\">\n<thead><tr><th scope=\"col\">Signed in</th><th scope=\"col\">Program</th><th scope=\"col\">Address</th></tr></thead>\n<tbody>\n");
            self.sessions.iter().for_each(|session| row(html, session));
            html.markup("</tbody>\n</table>\n");
        }
        if self.older {
            html.markup("<p class=\"soft\">Older ones are not shown.</p>\n");
        }
        html.markup("<div class=\"card party\">\n<p class=\"who\">Something you do not recognise? End every session and every token of yours.</p>\n");
        form::button(html, (self.sign_out_everywhere, self.csrf), "danger", "Sign out everywhere");
        html.markup("</div>\n</section>\n");
    }
}

fn row(html: &mut Html, session: &SignIn<'_>) {
    html.markup("<tr><th scope=\"row\">");
    moment::minute(html, session.created_at);
    html.markup(if session.current { " <span class=\"badge good\">This session</span></th><td>" } else { "</th><td>" });
    match session.user_agent {
        Some(user_agent) => html.text(&program::words(user_agent)),
        None => html.markup("<span class=\"soft\">Program not kept</span>"),
    };
    html.markup("</td><td>");
    match session.ip {
        Some(ip) => html.markup("<code>").text(ip).markup("</code>"),
        None => html.markup("<span class=\"soft\">Address not kept</span>"),
    };
    html.markup("</td></tr>\n");
}
