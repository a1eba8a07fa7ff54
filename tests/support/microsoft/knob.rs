//! The steps of a sign-in, and how the answer of one can be changed.

use std::time::Duration;

use tokio::time::sleep;

use super::Said;

/// Something that is asked on the way from a browser to a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Authorize,
    Token,
    Xbl,
    Xsts,
    LoginWithXbox,
    Entitlements,
    Profile,
}

impl Step {
    pub(crate) const ALL: [Self; 7] =
        [Self::Authorize, Self::Token, Self::Xbl, Self::Xsts, Self::LoginWithXbox, Self::Entitlements, Self::Profile];

    /// Those that the program asks by itself, in their order.
    pub(crate) const CHAIN: [Self; 5] = [Self::Token, Self::Xbl, Self::Xsts, Self::LoginWithXbox, Self::Profile];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Authorize => "/consumers/oauth2/v2.0/authorize",
            Self::Token => "/consumers/oauth2/v2.0/token",
            Self::Xbl => "/user/authenticate",
            Self::Xsts => "/xsts/authorize",
            Self::LoginWithXbox => "/mc/authentication/login_with_xbox",
            Self::Entitlements => "/mc/entitlements/mcstore",
            Self::Profile => "/mc/minecraft/profile",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.path() == path)
    }
}

/// What is different about an answer. Nothing, unless told otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Knob {
    instead: Option<Said>,
    headers: Vec<(String, String)>,
    pad: usize,
    delay: Duration,
    drops: bool,
    declines: Option<String>,
}

impl Knob {
    /// This JSON in place of the usual answer.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self { instead: Some(Said::json(status, body.to_owned())), ..Self::default() }
    }

    /// This page in place of the usual answer.
    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self { instead: Some(Said::page(status, body)), ..Self::default() }
    }

    /// No body and no type in place of the usual answer.
    pub(crate) fn empty(status: u16) -> Self {
        let said = Said { status, headers: Vec::new(), body: String::new() };
        Self { instead: Some(said), ..Self::default() }
    }

    /// The connection ends without an answer.
    pub(crate) fn drops() -> Self {
        Self { drops: true, ..Self::default() }
    }

    /// The player says no, or Microsoft does: the browser goes back with this error. For `Authorize`.
    pub(crate) fn declines_with(error: &str) -> Self {
        Self { declines: Some(error.to_owned()), ..Self::default() }
    }

    /// The answer takes so long.
    pub(crate) fn late(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }

    /// The usual answer with so many spaces after it.
    pub(crate) fn padded(pad: usize) -> Self {
        Self { pad, ..Self::default() }
    }

    /// One more header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn declines(&self) -> Option<&str> {
        self.declines.as_deref()
    }

    /// What is answered in the end; `None`: nothing.
    pub(super) async fn apply(self, usual: Said) -> Option<Said> {
        if !self.delay.is_zero() {
            sleep(self.delay).await;
        }
        if self.drops {
            return None;
        }
        let mut said = self.instead.unwrap_or(usual);
        said.headers.extend(self.headers);
        said.body.push_str(&" ".repeat(self.pad));
        Some(said)
    }
}
