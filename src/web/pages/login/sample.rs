//! Pages with data as it comes, as it should not come, and as much of it as can come.

use super::{
    Access, Account, Consent, Done, Failure, Player, Problem, Purpose, Redirecting, Service, SignIn, SignedOut, Target,
    Token, Why,
};
use crate::model::Timestamp;
use http::StatusCode;
use std::time::Duration;

const NOW: i64 = 1_795_253_890;
const MONTH: Duration = Duration::from_secs(2_592_000);
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

/// Every text that comes from elsewhere.
pub(super) struct Texts {
    pub(super) site: String,
    pub(super) player: String,
    pub(super) uuid: String,
    pub(super) service: String,
    pub(super) slug: String,
    pub(super) verified: bool,
    pub(super) target: &'static str,
    pub(super) scopes: Vec<String>,
    pub(super) program: String,
    pub(super) address: String,
    pub(super) token: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) sessions: usize,
    pub(super) services: usize,
}

impl Texts {
    /// An ordinary day.
    pub(super) fn ordinary() -> Self {
        Self {
            site: "login.example.net".to_owned(),
            player: "Steve".to_owned(),
            uuid: "8667ba71-b85a-4004-af54-457a9734eed7".to_owned(),
            service: "Build.moe".to_owned(),
            slug: "build-moe".to_owned(),
            verified: true,
            target: "https://build.moe/auth/callback#authToken=eyJhbGciOiJFUzI1NiJ9.e30.c2ln&expiresAt=2026-12-21T09:38:10Z",
            scopes: ["profile:read", "totem:read", "totem:write"].map(str::to_owned).into(),
            program: CHROME.to_owned(),
            address: "203.0.113.7".to_owned(),
            token: format!(
                "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.{}.c2lnbmF0dXJl",
                "eyJpc3MiOiJodHRwczovL2xvZ2luIn0".repeat(14)
            ),
            path: "/v1/auth/somewhere".to_owned(),
            id: "0198f3a2-7c1e-7b3a-9f10-3c5d7e9a1b2c".to_owned(),
            sessions: 4,
            services: 2,
        }
    }

    /// The same text wherever one comes from elsewhere.
    pub(super) fn all(text: &str) -> Self {
        let own = || text.to_owned();
        Self {
            site: own(),
            player: own(),
            uuid: own(),
            service: own(),
            slug: own(),
            scopes: vec![own(), own(), own()],
            program: own(),
            address: own(),
            token: own(),
            path: own(),
            id: own(),
            ..Self::ordinary()
        }
    }

    /// Names that are long, or written from right to left, and as much of everything as there can be.
    pub(super) fn much() -> Self {
        Self {
            site: "a-rather-long-name.of-a-hosting-company.example.net".to_owned(),
            player: "\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f98a}\u{1f3f4} the_longest_name_of_all".to_owned(),
            service: "The Exceedingly Long Named Association of Builders ofUnbreakableWordsThatNeverEndAndGoOnAndOn \u{1f3f0}".to_owned(),
            slug: "a-slug-of-sixty-three-characters-which-is-the-most-there-can-be".to_owned(),
            verified: false,
            target: "http://localhost:3000/cb?a=1#authToken=eyJ",
            scopes: (0..30).map(|n| if n < 3 { Self::ordinary().scopes[n].clone() } else { format!("guild.{n}:members:write") }).collect(),
            program: format!("SomeMod/1.0 {}", "x".repeat(240)),
            address: "2001:db8:1234:5678:9abc:def0:1234:5678".to_owned(),
            sessions: 40,
            services: 12,
            ..Self::ordinary()
        }
    }

    /// Nothing has happened yet.
    pub(super) fn nothing() -> Self {
        Self {
            player: "_".to_owned(),
            scopes: vec!["profile:read".to_owned()],
            sessions: 0,
            services: 0,
            ..Self::ordinary()
        }
    }

    fn player(&self) -> Player<'_> {
        Player { name: &self.player, uuid: &self.uuid }
    }

    fn service(&self) -> Service<'_> {
        Service { name: &self.service, slug: &self.slug, verified: self.verified }
    }

    fn target(&self) -> Target<'_> {
        Target::new(self.target).unwrap()
    }

    pub(super) fn consent(&self) -> String {
        let (service, player, permissions) = (self.service(), self.player(), &self.scopes);
        let (action, sign_out, request, csrf) = (&self.path, &self.path, &self.id, &self.id);
        let redirect = self.target();
        Consent {
            site: &self.site,
            service,
            redirect,
            player,
            permissions,
            lifetime: MONTH,
            action,
            sign_out,
            request,
            csrf,
        }
        .page()
    }

    pub(super) fn account(&self, done: Option<Done>) -> String {
        let others = [Some(self.program.as_str()), Some(FIREFOX), Some("TotemMod/1.0"), None];
        let sessions: Vec<_> = (0..self.sessions)
            .map(|at| SignIn {
                created_at: Timestamp::from_seconds(NOW - 40_000 * at as i64),
                ip: Some(self.address.as_str()).filter(|_| at % 4 != 3),
                user_agent: others[at % 4],
                current: at == 1,
            })
            .collect();
        let granted_at = Timestamp::from_seconds(NOW - 3_000_000);
        let own = Access { service: self.service(), permissions: &self.scopes, granted_at };
        let dash = Service { name: "Dash", slug: "dash", verified: !self.verified };
        let other = Access { service: dash, permissions: &self.scopes[..1], granted_at };
        let services: Vec<_> = (0..self.services).map(|at| if at % 2 == 0 { own } else { other }).collect();
        let (site, player, csrf) = (&self.site, self.player(), &self.id);
        let [revoke, sign_out, sign_out_everywhere] = [&self.path; 3];
        let (services, sessions, older) = (&services, &sessions, self.sessions >= 40);
        Account { site, player, done, services, sessions, older, revoke, sign_out, sign_out_everywhere, csrf }.page()
    }

    pub(super) fn token(&self) -> String {
        let expires_at = Timestamp::from_seconds(NOW).plus(MONTH);
        let (site, player, token, account) = (&self.site, self.player(), &self.token, &self.path);
        Token { site, player, token, expires_at, lifetime: MONTH, account }.page()
    }

    pub(super) fn redirecting(&self, purpose: Purpose) -> String {
        Redirecting { site: &self.site, purpose, target: self.target() }.page()
    }

    pub(super) fn signed_out(&self, why: Why) -> String {
        SignedOut { site: &self.site, why, sign_in: &self.path }.page()
    }

    pub(super) fn failure(&self, problem: Problem) -> Failure<'_> {
        Failure { site: &self.site, problem, again: Some(&self.path), retry_after: None, request_id: &self.id }
    }

    /// One of each, with a name for it.
    pub(super) fn pages(&self) -> Vec<(&'static str, StatusCode, String)> {
        let failure = |problem: Problem| (problem.status(), self.failure(problem).page());
        let ok = |page| (StatusCode::OK, page);
        [
            ("consent", ok(self.consent())),
            ("account", ok(self.account(None))),
            ("revoked", ok(self.account(Some(Done::Revoked)))),
            ("token", ok(self.token())),
            ("redirecting", ok(self.redirecting(Purpose::SigningIn))),
            ("going-back", ok(self.redirecting(Purpose::GoingBack))),
            ("signed-out", ok(self.signed_out(Why::Here))),
            ("signed-out-everywhere", ok(self.signed_out(Why::Everywhere))),
            ("sign-in", ok(self.signed_out(Why::NotSignedIn))),
            ("state-invalid", failure(Problem::StateInvalid)),
            ("xbox-child-account", failure(Problem::XboxChildAccount)),
            ("invalid-redirect", failure(Problem::InvalidRedirect)),
        ]
        .map(|(name, (status, page))| (name, status, page))
        .into()
    }
}
