//! Signing in with Microsoft: from a browser that wants to, over Microsoft and back, to a token.
//!
//! Decides which browser may end a sign-in, and that it ends once. What is said to Microsoft is decided by `microsoft`; cookies and
//! pages, by `web`.

use super::{Denied, Landing, LoggedIn, Logins, Platform, Resume, challenge::NoRandomness};
use crate::{
    microsoft::{self, FlowSecret, Microsoft, Player, SignInError, Stored, Verifier},
    model::{Timestamp, UpstreamId},
    store::{Finish, Login, SignInFlow},
    tokens::{AccessClaims, fresh_id, subject},
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
/// The client of a sign-in that is for no platform.
const WEB_CLIENT: &str = "web";

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
    /// Where the browser goes now.
    pub landing: Landing,
    /// Who signed in, or why nobody did.
    pub outcome: Result<LoggedIn, Failed>,
}

/// Why nobody signed in.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// Microsoft, Xbox Live or Minecraft's services do not say who it is.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// They do, but nobody gets a token here.
    #[error(transparent)]
    Denied(#[from] Denied),
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
    pub async fn begin_sign_in(&self, platform: Platform<'_>, landing: &Landing) -> Result<Begun, Refused> {
        let microsoft = self.microsoft().ok_or(Refused::NotConfigured)?;
        let now = self.0.clock.now();
        let Secrets { state, browser, verifier } = Secrets::new().map_err(|_| Denied::Randomness(NoRandomness))?;
        let (redirect, resume) = match landing {
            Landing::Here => (None, None),
            Landing::Page(page) => (Some(page.as_str().to_owned()), None),
            Landing::Resumed(resume) => (None, Some(resume.written())),
        };
        let flow = SignInFlow {
            state_hash: state.stored().as_str().to_owned(),
            browser_hash: browser.stored().as_str().to_owned(),
            verifier: verifier.reveal().to_owned(),
            platform: platform.name().map(str::to_owned),
            redirect,
            resume,
            expires_at: now.plus(FLOW),
        };
        if !self.0.store.put_flow(&flow, MOST_FLOWS, now).await.map_err(Denied::Store)? {
            return Err(Denied::Full.into());
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
        let landing = landing(flow.redirect.as_deref(), flow.resume.as_deref()).ok_or(Refused::State)?;
        let player = match returned.code {
            Ok(code) => microsoft.sign_in(code, &flow.verifier).await,
            Err(error) => Err(microsoft.declined(error)),
        };
        let client = (returned.client, returned.user_agent);
        let outcome = match player {
            Ok(player) => self.signed_in(player, flow.platform.as_deref(), client).await.map_err(Failed::from),
            Err(error) => Err(error.into()),
        };
        Ok(Ended { landing, outcome })
    }

    fn microsoft(&self) -> Option<&Microsoft> {
        self.0.microsoft.as_ref()
    }

    async fn signed_in(
        &self,
        player: Player,
        platform: Option<&str>,
        client: (IpAddr, Option<String>),
    ) -> Result<LoggedIn, Denied> {
        let now = self.0.clock.now();
        let idp = UpstreamId::new(MOJANG).map_err(|_| Denied::Lost)?;
        let login = self.browser_login(&idp, player, self.0.terms.default_scopes.clone(), client, now);
        let user = match self.0.store.sign_in(&login, now).await? {
            Finish::Finished { user, created } => {
                tracing::info!(player = ?user.name, new = created, "signed in with Microsoft");
                user
            }
            Finish::LeaseLost | Finish::Disabled(_) => return Err(Denied::Disabled),
        };
        let claims = AccessClaims {
            jti: login.token_jti,
            user: user.id,
            subject: subject(&idp, login.player),
            idp,
            name: login.name,
            scopes: login.scopes,
            client: platform.unwrap_or(WEB_CLIENT).to_owned(),
            methods: vec![BY_MICROSOFT.to_owned()],
            authenticated_at: now,
        };
        self.issued(claims, None, now)
    }

    /// A login from a browser, as it is written down.
    pub(super) fn browser_login(
        &self,
        idp: &UpstreamId,
        player: Player,
        scopes: Vec<String>,
        (client, user_agent): (IpAddr, Option<String>),
        now: Timestamp,
    ) -> Login {
        let terms = &self.0.terms;
        Login {
            idp: idp.clone(),
            player: player.id,
            name: player.name,
            token_jti: fresh_id(now),
            token_expires_at: now.plus(terms.access_ttl),
            scopes,
            ip: terms.address_kept.of(client),
            user_agent: user_agent.filter(|_| terms.keeps_clients()),
        }
    }
}

/// What one sign-in is known by.
struct Secrets {
    state: FlowSecret,
    browser: FlowSecret,
    verifier: Verifier,
}

impl Secrets {
    fn new() -> Result<Self, microsoft::NoRandomness> {
        Ok(Self { state: FlowSecret::generate()?, browser: FlowSecret::generate()?, verifier: Verifier::generate()? })
    }
}

/// Where a stored sign-in ends; `None` when that cannot be read any more.
fn landing(redirect: Option<&str>, resume: Option<&str>) -> Option<Landing> {
    match (redirect, resume) {
        (Some(page), _) => page.parse().ok().map(Landing::Page),
        (None, Some(resume)) => Resume::read(resume).map(Landing::Resumed),
        (None, None) => Some(Landing::Here),
    }
}
