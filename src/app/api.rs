//! Settings to the login API: what is opened once, and what each configuration says.

use super::{
    Failed, edge,
    ledger::Ledger,
    login::{key_settings, open_store, token_settings},
    services,
};
use crate::{
    config::{
        ConsentPage, FeatherSettings, IpBinding, IpMode, LoginSettings, RedirectSettings, SessionSettings, Settings,
    },
    lifecycle::{CancellationToken, Clock, Tasks},
    login::{AddressKept, Destinations, Logins, Terms},
    microsoft::Microsoft,
    session::Memory,
    store::{Retention, Store, StoreError},
    tokens::{Keyring, Tokens},
    upstream::Upstream,
    web::{LoginApi, edge::Limiter},
};
use http::Uri;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// For what is to be written before the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The store and the keys, open for as long as the program runs.
pub(super) struct Opened {
    store: Store,
    keyring: Keyring,
    /// What they were opened with: another needs a restart.
    settings: LoginSettings,
    limiter: Arc<Limiter>,
    clock: Clock,
    tasks: Tasks,
    /// Ends the upkeep of the last configuration.
    upkeep: CancellationToken,
    /// Writes down whose names are.
    writing: Tasks,
    stop: CancellationToken,
}

impl Opened {
    /// Opens the store and makes the keys that are missing.
    pub(super) async fn open(settings: &LoginSettings, clock: Clock, tasks: Tasks) -> Result<Self, Failed> {
        let store = open_store(settings).await?;
        let keys = key_settings(settings)?;
        let opened = Keyring::open(store.clone(), keys, clock.now()).await;
        let keyring = opened.map_err(|error| Failed::Unusable(format!("login: {error}")))?;
        let limiter = Arc::new(Limiter::new(Instant::now()));
        let (upkeep, writing, stop) = (CancellationToken::new(), Tasks::default(), CancellationToken::new());
        Ok(Self { store, keyring, settings: settings.clone(), limiter, clock, tasks, upkeep, writing, stop })
    }

    /// From now on names are bound as the store has them, and it has them as they are bound.
    pub(super) async fn remember(&self, memory: &Arc<Memory>) -> Result<(), Failed> {
        let ledger = Ledger::open(self.store.clone(), memory.clone(), self.clock.clone()).await;
        let ledger = ledger.map_err(|error| Failed::Unusable(format!("login: bound names cannot be read: {error}")))?;
        self.writing.spawn(ledger.keep(self.stop.clone()));
        Ok(())
    }

    /// Waits until all is written, though not for long.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        if !self.writing.ended(LAST_WORDS).await {
            tracing::warn!("the login store takes too long: ending with names that are not written");
        }
    }

    /// Whether another configuration wants a store or keys that are not open.
    pub(super) fn needs_restart(&self, wanted: &LoginSettings) -> bool {
        self.in_force(wanted) != *wanted
    }

    /// These settings, but for what was opened otherwise: that stays as it is.
    fn in_force(&self, wanted: &LoginSettings) -> LoginSettings {
        let LoginSettings { database, signing, access_ttl, join_ttl, feather, .. } = self.settings.clone();
        let feather = match wanted.feather.clone() {
            // Feather's flow can be closed at any time. It opens again only if there are keys for it.
            off @ FeatherSettings { enabled: false, .. } => off,
            FeatherSettings { country_header, permissions, .. } => {
                FeatherSettings { country_header, permissions, ..feather }
            }
        };
        LoginSettings { database, signing, access_ttl, join_ttl, feather, ..wanted.clone() }
    }

    /// Makes the services of a configuration those that are known.
    pub(super) async fn register(&self, settings: &LoginSettings) -> Result<(), StoreError> {
        services::register(&self.store, settings, self.clock.now()).await
    }

    /// The login API of a configuration; `None` when it has none.
    pub(super) fn api(
        &mut self,
        settings: &Settings,
        public_url: &Uri,
        (upstreams, microsoft): (Vec<Arc<Upstream>>, Option<Microsoft>),
    ) -> Option<LoginApi> {
        std::mem::take(&mut self.upkeep).cancel();
        let settings = &Settings { login: self.in_force(&settings.login), ..settings.clone() };
        let edge = edge::login_edge(settings, public_url, &self.limiter)?;
        let tokens = Tokens::new(token_settings(settings, public_url), self.keyring.clone(), self.store.clone());
        let terms = terms(settings, tokens.parties().1);
        let logins = Logins::new(
            terms,
            (upstreams, microsoft),
            (self.store.clone(), tokens),
            (self.clock.clone(), self.tasks.clone()),
        );
        self.tasks.spawn(logins.clone().keep_up(self.upkeep.clone()));
        let secure_cookies = public_url.scheme_str() == Some("https");
        Some(LoginApi {
            edge,
            logins,
            destinations: destinations(&settings.login.redirects),
            consent: (settings.login.consent == ConsentPage::Dash).then(|| settings.login.redirects.consent.clone()),
            cookie_domain: settings.login.cookie_domain.clone(),
            secure_cookies,
            extended_responses: settings.login.extended_responses,
            country_header: settings.login.feather.country_header.clone(),
        })
    }
}

fn destinations(settings: &RedirectSettings) -> Destinations {
    let RedirectSettings { hosts, require_https, dash, build_moe, .. } = settings.clone();
    Destinations { hosts, require_https, dash, build_moe }
}

fn terms(settings: &Settings, audience: &str) -> Terms {
    let login = &settings.login;
    let SessionSettings { ip_retention, ip_mode } = login.sessions;
    Terms {
        allowed_scopes: login.scopes.allowed.clone(),
        default_scopes: login.scopes.default.clone(),
        audience: audience.to_owned(),
        access_ttl: login.access_ttl,
        max_session: login.max_session,
        require_consent_request: login.require_consent_request,
        join_ttl: login.join_ttl,
        feather_permissions: login.feather.permissions.clone(),
        max_pending: login.max_pending as u64,
        burn_on_failure: login.burn_on_failure,
        ip_binding: login.ip_binding == IpBinding::Enforce,
        address_kept: match ip_mode {
            _ if ip_retention.is_zero() => AddressKept::Nothing,
            IpMode::Full => AddressKept::Full,
            IpMode::Truncate => AddressKept::Network,
            IpMode::None => AddressKept::Nothing,
        },
        retention: Retention { challenges: 10 * MINUTE, addresses: ip_retention, sessions: 90 * DAY },
    }
}
