//! A chain in front of the fake, made of a configuration as an operator writes it, and a browser that says yes.

use std::{path::Path, time::Duration};

use hasjoined::{
    app, config,
    lifecycle::Tasks,
    microsoft::{Endpoints, FlowSecret, Limits, Microsoft, Player, Setup, SignInError, Verifier},
    net::Roots,
};
use http::Uri;

use crate::support::{
    client,
    microsoft::{self as fake, Knob, Registration, Step},
    within,
};

pub(super) const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
pub(super) const CLIENT_SECRET: &str = "Qx~8Q.client-secret_never-shown";
pub(super) const REDIRECT_URI: &str = "http://localhost:9/v1/auth/microsoft/callback";

/// Shorter than anybody's patience, longer than any answer of the fake.
pub(super) const QUICK: Limits = Limits { step: Duration::from_secs(5), chain: Duration::from_secs(15), at_once: 64 };

pub(super) struct Stage {
    pub(super) fake: fake::Microsoft,
    pub(super) microsoft: Microsoft,
}

/// What a browser brings back.
pub(super) struct Returned {
    pub(super) code: String,
    pub(super) verifier: Verifier,
}

pub(super) fn registration() -> Registration {
    Registration {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        redirect_uri: REDIRECT_URI.to_owned(),
    }
}

pub(super) fn setup(fake: &fake::Microsoft) -> Setup {
    let uri = |text: String| text.parse::<Uri>().unwrap();
    Setup {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.into()),
        redirect_uri: REDIRECT_URI.to_owned(),
        scopes: vec!["XboxLive.signin".to_owned(), "offline_access".to_owned()],
        endpoints: Endpoints {
            authorize: uri(fake.url(Step::Authorize)),
            token: uri(fake.url(Step::Token)),
            xbl: uri(fake.url(Step::Xbl)),
            xsts: uri(fake.url(Step::Xsts)),
            mc_services: uri(fake.services()),
        },
        limits: QUICK,
    }
}

impl Stage {
    /// As it is registered.
    pub(super) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Otherwise than it is registered.
    pub(super) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let fake = fake::Microsoft::start(registration()).await;
        let mut setup = setup(&fake);
        change(&mut setup);
        let microsoft = Microsoft::new(setup, &Roots::default(), &Tasks::default()).unwrap();
        Self { fake, microsoft }
    }

    /// As a configuration has it.
    pub(super) async fn configured() -> Self {
        let fake = fake::Microsoft::start(registration()).await;
        let text = format!(
            "[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\ndatabase = \"memory\"\n[login.microsoft]\n\
            client_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\nredirect_uri = \"{REDIRECT_URI}\"\n{}",
            fake.section()
        );
        let login = config::parse(&text, Path::new("upstreams.toml")).unwrap().settings.login;
        let microsoft = app::sign_in_with_microsoft(&login, &Roots::default(), &Tasks::default()).unwrap().unwrap();
        Self { fake, microsoft }
    }

    /// The player says yes.
    pub(super) async fn returned(&self) -> Returned {
        let (state, verifier) = (FlowSecret::generate().unwrap(), Verifier::generate().unwrap());
        let query = self.browse(state.reveal(), &verifier.challenge()).await;
        assert_eq!(query["state"], state.reveal());
        Returned { code: query["code"].clone(), verifier }
    }

    /// What the browser is sent back with.
    pub(super) async fn browse(&self, state: &str, challenge: &str) -> std::collections::HashMap<String, String> {
        let url: Uri = self.microsoft.authorize_url(state, challenge).parse().unwrap();
        let answer = client::get(&self.fake.address(), url.path_and_query().unwrap().as_str()).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let location = answer.header("location").unwrap().to_owned();
        let (uri, query) = location.split_once('?').unwrap();
        assert_eq!(uri, REDIRECT_URI);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The player says yes, and the chain runs.
    pub(super) async fn sign_in(&self) -> Result<Player, SignInError> {
        let Returned { code, verifier } = self.returned().await;
        within("the chain to end", self.microsoft.sign_in(&code, verifier.reveal())).await
    }

    /// How it ends when one step answers so; all else is well.
    pub(super) async fn when(&self, step: Step, knob: Knob) -> &'static str {
        self.fake.mend();
        self.fake.turn(step, knob);
        match self.sign_in().await {
            Ok(player) => panic!("{player:?} has signed in"),
            Err(error) => error.code(),
        }
    }
}
