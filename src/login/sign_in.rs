//! Signing in with Microsoft: from a browser that wants to, over Microsoft and back, to a token.
//!
//! Decides which browser may end a sign-in, and that it ends once. What is said to Microsoft is decided by `microsoft`; cookies and
//! pages, by `web`.

use super::{Denied, LoggedIn, Logins};
use crate::{
    microsoft::{FlowSecret, Microsoft, Player, SignInError, Stored, Verifier},
    model::{Denied as NotAllowed, ProfileId, Redirect, RedirectHosts, Timestamp, UpstreamId, check_redirect},
    store::{Finish, Login, SignInFlow, User},
    tokens::{AccessClaims, Issued, fresh_id, subject},
};
use std::{net::IpAddr, time::Duration};

/// How a player signed in by Microsoft.
const BY_MICROSOFT: &str = "msa";
/// Whose players they are.
const MOJANG: &str = "mojang";
/// How long a player has at Microsoft.
const FLOW: Duration = Duration::from_secs(600);
/// Sign-ins that may be under way.
const MOST_FLOWS: u64 = 100_000;
const LONGEST_PLATFORM: usize = 32;

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

    fn name(self) -> Option<&'a str> {
        match self {
            Self::Dash => Some("dash"),
            Self::BuildMoe => Some("build-moe"),
            Self::Other(name) => name,
        }
    }
}

impl Destinations {
    /// Where a sign-in of this platform ends; nowhere else than here when there is none.
    ///
    /// # Errors
    /// When the browser asks for a page that it may not be sent to.
    pub fn landing(&self, platform: Platform<'_>, wanted: Option<&str>) -> Result<Option<Redirect>, NotAllowed> {
        if platform == Platform::BuildMoe {
            return Ok(Some(self.build_moe.clone()));
        }
        let wanted = wanted.map(|raw| check_redirect(raw, &self.hosts, self.require_https)).transpose()?;
        Ok(wanted.or_else(|| (platform == Platform::Dash).then(|| self.dash.clone())))
    }
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub location: String,
    /// What it has to bring back, besides what Microsoft does.
    pub browser: FlowSecret,
    /// For how long.
    pub lifetime: Duration,
}

/// A sign-in that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Where the browser goes now; nowhere else than here when there is none.
    pub landing: Option<Redirect>,
    /// Who signed in, or why nobody did.
    pub outcome: Result<LoggedIn, SignInError>,
}

/// Why a sign-in neither begins nor ends.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No application is registered with Microsoft.
    #[error("sign-in with Microsoft is not configured")]
    NotConfigured,
    /// The state is unknown, over, or of another browser.
    #[error("no such sign-in is under way in this browser")]
    State,
    /// As for any other login.
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// What came back with a browser.
pub struct Returned<'a> {
    /// `state`.
    pub state: &'a str,
    /// The cookie.
    pub browser: &'a str,
    /// The code, or Microsoft's word for why there is none.
    pub code: Result<&'a str, &'a str>,
    /// From where.
    pub client: IpAddr,
    /// With which program.
    pub user_agent: Option<String>,
}

impl Logins {
    /// Begins a sign-in that ends at `landing`.
    ///
    /// # Errors
    /// When none is possible.
    pub async fn begin_sign_in(
        &self,
        platform: Platform<'_>,
        landing: Option<&Redirect>,
        resume: Option<String>,
    ) -> Result<Begun, Refused> {
        let microsoft = self.microsoft().ok_or(Refused::NotConfigured)?;
        let now = self.0.clock.now();
        let machine = |_| Refused::Denied(Denied::Lost);
        let (state, browser) = (FlowSecret::generate().map_err(machine)?, FlowSecret::generate().map_err(machine)?);
        let verifier = Verifier::generate().map_err(machine)?;
        let flow = SignInFlow {
            state_hash: state.stored().as_str().to_owned(),
            browser_hash: browser.stored().as_str().to_owned(),
            verifier: verifier.reveal().to_owned(),
            platform: platform.name().map(str::to_owned),
            redirect: landing.map(|landing| landing.as_str().to_owned()),
            resume,
            expires_at: now.plus(FLOW),
        };
        match self.0.store.put_flow(&flow, MOST_FLOWS, now).await.map_err(Denied::Store)? {
            true => {}
            false => return Err(Denied::Full.into()),
        }
        let location = microsoft.authorize_url(state.reveal(), &verifier.challenge());
        Ok(Begun { location, browser, lifetime: FLOW })
    }

    /// Ends a sign-in, once, in the browser that began it.
    ///
    /// # Errors
    /// When there is none to end: then nobody knows where the browser is to go.
    pub async fn end_sign_in(&self, returned: Returned<'_>) -> Result<Ended, Refused> {
        let microsoft = self.microsoft().ok_or(Refused::NotConfigured)?;
        let state = Stored::of(returned.state);
        let flow = self.0.store.take_flow(state.as_str(), self.0.clock.now()).await.map_err(Denied::Store)?;
        let flow = flow.ok_or(Refused::State)?;
        if !Stored::from_store(flow.browser_hash).is_of(returned.browser) {
            return Err(Refused::State);
        }
        // What was checked when it was written may have been taken out of the configuration; it is ten minutes old at most.
        let landing = flow.redirect.as_deref().and_then(|redirect| redirect.parse().ok());
        let player = match returned.code {
            Ok(code) => microsoft.sign_in(code, &flow.verifier).await,
            Err(error) => Err(microsoft.declined(error)),
        };
        let outcome = match player {
            Ok(player) => Ok(self.signed_in(player, (returned.client, returned.user_agent)).await?),
            Err(error) => Err(error),
        };
        Ok(Ended { landing, outcome })
    }

    fn microsoft(&self) -> Option<&Microsoft> {
        self.0.microsoft.as_ref()
    }

    async fn signed_in(
        &self,
        player: Player,
        (client, user_agent): (IpAddr, Option<String>),
    ) -> Result<LoggedIn, Refused> {
        let (terms, now) = (&self.0.terms, self.0.clock.now());
        let idp = UpstreamId::new(MOJANG).map_err(|_| Denied::Lost)?;
        let login = Login {
            idp: idp.clone(),
            player: player.id,
            name: player.name,
            token_jti: fresh_id(now),
            token_expires_at: now.plus(terms.access_ttl),
            scopes: terms.default_scopes.clone(),
            ip: terms.address_kept.of(client),
            user_agent: user_agent.filter(|_| terms.keeps_clients()),
        };
        let user = match self.0.store.sign_in(&login, now).await.map_err(Denied::Store)? {
            Finish::Finished { user, created } => {
                tracing::info!(player = ?user.name, new = created, "signed in with Microsoft");
                user
            }
            Finish::LeaseLost | Finish::Disabled(_) => return Err(Denied::Disabled.into()),
        };
        Ok(self.issued(login, user, now)?)
    }

    fn issued(&self, login: Login, user: User, now: Timestamp) -> Result<LoggedIn, Denied> {
        let subject: ProfileId = subject(&login.idp, login.player);
        let claims = AccessClaims {
            jti: login.token_jti,
            user: user.id,
            subject,
            idp: login.idp,
            name: login.name.clone(),
            scopes: login.scopes.clone(),
            client: "microsoft".to_owned(),
            methods: vec![BY_MICROSOFT.to_owned()],
            authenticated_at: now,
        };
        let Issued { token, expires_at } = self.0.tokens.issue_access(&claims, now)?;
        let expires_in = expires_at.seconds() - now.seconds();
        Ok(LoggedIn { token, expires_in, expires_at, scopes: login.scopes, subject, name: login.name })
    }
}
