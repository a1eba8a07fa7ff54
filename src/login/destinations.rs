//! Where a sign-in ends: at a page that takes the token, or here.
//!
//! Decides which page a browser may be sent to. How it is sent there is decided by `web`.

use crate::model::{Denied as NotAllowed, Redirect, RedirectHosts, check_redirect};

const LONGEST_PLATFORM: usize = 32;
const LONGEST_REQUEST: usize = 64;

/// Where browsers may be sent.
#[derive(Clone, Debug)]
pub struct Destinations {
    /// Hosts of pages that a browser may ask for.
    pub hosts: RedirectHosts,
    /// Whether plain http is for this machine alone.
    pub require_https: bool,
    /// `platform=dash`.
    pub dash: Redirect,
    /// `platform=build-moe`.
    pub build_moe: Redirect,
}

/// For whom a player signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform<'a> {
    /// The dashboard.
    Dash,
    /// build.moe.
    BuildMoe,
    /// Any other, or nobody.
    Other(Option<&'a str>),
}

/// Where a sign-in ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// Here: the player is shown their token.
    Here,
    /// At a page of somebody else, which gets the token.
    Page(Redirect),
    /// Here, with what the player was about to do. Nobody else gets a token.
    Resumed(Resume),
}

/// What a player was about to do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resume {
    /// To look at their account.
    Account,
    /// To say whether a service may use it: the id of the request.
    Consent(String),
}

impl<'a> Platform<'a> {
    /// Reads the parameter; `None` when it is none.
    #[must_use]
    pub fn read(text: Option<&'a str>) -> Option<Self> {
        let whole = |text: &str| {
            let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=LONGEST_PLATFORM).contains(&text.len()) && text.bytes().all(sign)
        };
        match text {
            Some("dash") => Some(Self::Dash),
            Some("build-moe") => Some(Self::BuildMoe),
            Some(text) if !whole(text) => None,
            other => Some(Self::Other(other)),
        }
    }

    /// As it is written; `None` when there is none.
    #[must_use]
    pub const fn name(self) -> Option<&'a str> {
        match self {
            Self::Dash => Some("dash"),
            Self::BuildMoe => Some("build-moe"),
            Self::Other(name) => name,
        }
    }
}

impl Resume {
    const ACCOUNT: &'static str = "account";
    const CONSENT: &'static str = "consent:";

    /// Reads what [`written`](Self::written) wrote; `None` when it is nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_id = |id: &&str| {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=LONGEST_REQUEST).contains(&id.len()) && id.bytes().all(sign)
        };
        match text {
            Self::ACCOUNT => Some(Self::Account),
            _ => text.strip_prefix(Self::CONSENT).filter(is_id).map(|id| Self::Consent(id.to_owned())),
        }
    }

    /// As it travels in an address.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Account => Self::ACCOUNT.to_owned(),
            Self::Consent(id) => format!("{}{id}", Self::CONSENT),
        }
    }
}

impl Destinations {
    /// Where a sign-in of this platform ends.
    ///
    /// # Errors
    /// When the browser asks for a page that it may not be sent to.
    pub fn landing(&self, platform: Platform<'_>, wanted: Option<&str>) -> Result<Landing, NotAllowed> {
        let wanted = wanted.filter(|_| platform != Platform::BuildMoe);
        let wanted = wanted.map(|raw| check_redirect(raw, &self.hosts, self.require_https)).transpose()?;
        Ok(wanted.or_else(|| self.page(platform)).map_or(Landing::Here, Landing::Page))
    }

    /// The page of a platform that has one.
    #[must_use]
    pub fn page(&self, platform: Platform<'_>) -> Option<Redirect> {
        match platform {
            Platform::Dash => Some(self.dash.clone()),
            Platform::BuildMoe => Some(self.build_moe.clone()),
            Platform::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_a_short_word() {
        assert_eq!(Platform::read(None), Some(Platform::Other(None)));
        assert_eq!(Platform::read(Some("dash")), Some(Platform::Dash));
        assert_eq!(Platform::read(Some("x")), Some(Platform::Other(Some("x"))));
        for none in ["", "../", "Dash", "a b", "\u{e9}", &"a".repeat(33)] {
            assert_eq!(Platform::read(Some(none)), None, "{none}");
        }
    }

    #[test]
    fn what_goes_on_is_one_of_two_things() {
        for resume in [Resume::Account, Resume::Consent("aZ09-_".to_owned())] {
            assert_eq!(Resume::read(&resume.written()), Some(resume));
        }
        for none in ["", "accounts", "consent", "consent:", "consent:/", "consent:a b", "https://evil.example"] {
            assert_eq!(Resume::read(none), None, "{none}");
        }
        assert_eq!(Resume::read(&format!("consent:{}", "a".repeat(65))), None);
    }

    #[test]
    fn build_moe_has_one_page_and_others_have_their_choice() {
        let destinations = Destinations {
            hosts: RedirectHosts::new(["localhost"]).unwrap(),
            require_https: true,
            dash: Redirect::from_static("https://dash.example.net"),
            build_moe: Redirect::from_static("https://build.example.net/signin"),
        };
        let landing = |platform, wanted| destinations.landing(platform, wanted);
        let page = |text: &'static str| Ok(Landing::Page(Redirect::from_static(text)));
        let (own, evil) = (Some("http://localhost:3000/cb"), Some("https://evil.example"));
        assert_eq!(landing(Platform::Dash, None), page("https://dash.example.net"));
        assert_eq!(landing(Platform::Dash, own), page("http://localhost:3000/cb"));
        assert_eq!(landing(Platform::BuildMoe, evil), page("https://build.example.net/signin"));
        assert_eq!(landing(Platform::Other(None), None), Ok(Landing::Here));
        assert_eq!(landing(Platform::Other(None), own), page("http://localhost:3000/cb"));
        assert_eq!(landing(Platform::Other(None), evil), Err(NotAllowed::NotAllowed));
    }
}
