//! A service that asks for access, and whether it is known who is behind it.

use super::{super::Html, avatar::avatar, frame};

/// A service as it is registered.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Service<'a> {
    /// What people call it.
    pub(in crate::web) name: &'a str,
    /// What programs call it.
    pub(in crate::web) slug: &'a str,
    /// Whether it is known who runs it.
    pub(in crate::web) verified: bool,
}

impl Service<'_> {
    /// Its sign, its name with a badge, and what is said below it.
    pub(super) fn show(self, html: &mut Html, heading: bool, below: impl FnOnce(&mut Html)) {
        avatar(html, self.name, "<span class=\"avatar\" aria-hidden=\"true\">");
        html.markup(if heading {
            "<div class=\"who\"><h3 class=\"name\">"
        } else {
            "<div class=\"who\"><p class=\"name\">"
        });
        frame::name(html, self.name);
        html.markup(" ");
        self.badge(html);
        html.markup(if heading { "</h3><p class=\"soft\"><code>" } else { "</p><p class=\"soft\"><code>" });
        html.text(self.slug).markup("</code>");
        below(html);
        html.markup("</p></div>\n");
    }

    fn badge(self, html: &mut Html) {
        html.markup(match self.verified {
            true => "<span class=\"badge good\"><svg class=\"sign\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M3 8.6 6.4 12 13 4.4\"/></svg>Verified</span>",
            false => "<span class=\"badge warn\"><svg class=\"sign\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"M8 2.2 14.6 13.6H1.4ZM8 6.4V9.6M8 11.4V11.9\"/></svg>Not verified</span>",
        });
    }

    /// What the badge means.
    pub(super) fn verdict(self, html: &mut Html, site: &str) {
        html.markup(if self.verified { "<p class=\"verdict\">" } else { "<p class=\"verdict warning\">" });
        match self.verified {
            true => html.text(site).markup(" knows who runs this service"),
            false => html.markup("Nobody here has checked who runs this service"),
        };
        html.markup(if self.verified { ".</p>\n" } else { ". Approve only if you trust it.</p>\n" });
    }
}
