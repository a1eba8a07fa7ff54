//! The way that goes well, and codes that open nothing.

use hasjoined::{
    microsoft::{Microsoft, Player, SignInError, Verifier},
    model::ProfileId,
    net::Roots,
};

use super::stage::{CLIENT_SECRET, REDIRECT_URI, Returned, Stage, setup};
use crate::support::{
    client,
    microsoft::{self as fake, Knob, Registration, Step},
};

fn notch() -> Player {
    Player { id: ProfileId::parse("069a79f444e94726a5befca90e38aaf5").unwrap(), name: "Notch".to_owned() }
}

#[tokio::test]
async fn a_code_becomes_a_player() {
    let stage = Stage::configured().await;
    assert_eq!(stage.sign_in().await, Ok(notch()));
    stage.fake.plays("853c80ef3c3749fdaa49938b674adae6", "jeb_");
    assert_eq!(stage.sign_in().await.unwrap().name, "jeb_");
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
    for step in Step::CHAIN {
        assert_eq!(stage.fake.seen(step).len(), 2, "{step:?}");
    }
    assert!(stage.fake.seen(Step::Entitlements).is_empty(), "who plays by a subscription has none");
    // One of the two browsers each, and one for all ten requests.
    assert_eq!(stage.fake.connections(), 3);
    assert_eq!(stage.microsoft.clients().count(), 1);
}

#[tokio::test]
async fn case_68_the_browser_is_sent_with_exactly_this() {
    let stage = Stage::start().await;
    let state = "s".repeat(43);
    let url = stage.microsoft.authorize_url(&state, &"c".repeat(43));
    let (endpoint, query) = url.split_once('?').unwrap();
    assert_eq!(endpoint, stage.fake.url(Step::Authorize));
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let expected = [
        ("client_id", super::stage::CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT_URI),
        ("response_mode", "query"),
        ("scope", "XboxLive.signin offline_access"),
        ("state", &state),
        ("code_challenge", &"c".repeat(43)),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
    ];
    assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert!(!url.contains(CLIENT_SECRET));
    let own_query =
        Stage::with(|setup| setup.endpoints.authorize = "https://a.example/x?tenant=1".parse().unwrap()).await;
    assert!(own_query.microsoft.authorize_url("s", "c").starts_with("https://a.example/x?tenant=1&client_id="));
}

#[tokio::test]
async fn case_82_a_code_opens_once_and_for_its_verifier_alone() {
    let stage = Stage::start().await;
    let Returned { code, verifier } = stage.returned().await;
    assert_eq!(stage.microsoft.sign_in(&code, verifier.reveal()).await, Ok(notch()));
    let invalid = Err(SignInError::MicrosoftCodeInvalid);
    assert_eq!(stage.microsoft.sign_in(&code, verifier.reveal()).await, invalid, "used");
    let Returned { code, .. } = stage.returned().await;
    let another = Verifier::generate().unwrap();
    assert_eq!(stage.microsoft.sign_in(&code, another.reveal()).await, invalid, "of another browser");
    assert_eq!(stage.microsoft.sign_in("made up & = #", another.reveal()).await, invalid);
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
    assert_eq!(stage.fake.seen(Step::Xbl).len(), 1, "nobody else was asked");
}

#[tokio::test]
async fn a_public_application_sends_no_secret() {
    let registered = Registration { client_secret: None, ..super::stage::registration() };
    let fake = fake::Microsoft::start(registered).await;
    let chain = |secret: Option<&str>| {
        let mut setup = setup(&fake);
        setup.client_secret = secret.map(Into::into);
        let microsoft = Microsoft::new(setup, &Roots::default(), &Default::default()).unwrap();
        Stage { fake: fake.clone(), microsoft }
    };
    assert_eq!(chain(None).sign_in().await, Ok(notch()));
    assert_eq!(chain(Some("x")).sign_in().await, Err(SignInError::MicrosoftMisconfigured));
    let secret = Stage::with(|setup| setup.client_secret = Some("another".into())).await;
    assert_eq!(secret.sign_in().await, Err(SignInError::MicrosoftMisconfigured));
}

#[tokio::test]
async fn another_redirect_uri_than_the_registered_one_gets_no_code() {
    let stage = Stage::with(|setup| setup.redirect_uri = format!("{REDIRECT_URI}/")).await;
    let url = stage.microsoft.authorize_url(&"s".repeat(43), &"c".repeat(43));
    let answer = client::get(&stage.fake.address(), url.strip_prefix(&stage.fake.origin()).unwrap()).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(stage.fake.faults().len(), 1);
}

#[tokio::test]
async fn an_id_token_has_to_be_of_this_sign_in() {
    let stage = Stage::with(|setup| setup.scopes = vec!["XboxLive.signin".to_owned(), "openid".to_owned()]).await;
    assert!(stage.microsoft.authorize_url("s", "c").contains("&nonce="));
    assert_eq!(stage.sign_in().await, Ok(notch()));
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
    for id_token in
        ["", r#","id_token":"x""#, r#","id_token":"e30.eyJub25jZSI6IngifQ.c2ln""#, r#","id_token":"e30.e30.c2ln""#]
    {
        let body = format!(r#"{{"token_type":"Bearer","access_token":"x"{id_token}}}"#);
        assert_eq!(stage.when(Step::Token, Knob::json(200, &body)).await, "microsoft_code_invalid", "{id_token}");
    }
}

#[tokio::test]
async fn case_72_what_a_browser_brings_in_place_of_a_code() {
    let stage = Stage::start().await;
    for (error, code) in [
        ("access_denied", "access_denied"),
        ("consent_required", "consent_required"),
        ("interaction_required", "consent_required"),
        ("server_error", "server_error"),
        ("temporarily_unavailable", "temporarily_unavailable"),
        ("unauthorized_client", "microsoft_misconfigured"),
        ("invalid_request", "microsoft_misconfigured"),
        ("<script>alert(1)</script>", "microsoft_error"),
        ("", "microsoft_error"),
    ] {
        stage.fake.turn(Step::Authorize, Knob::declines_with(error));
        let query = stage.browse(&"s".repeat(43), &"c".repeat(43)).await;
        assert!(!query.contains_key("code") && query["state"] == "s".repeat(43));
        let declined = stage.microsoft.declined(&query["error"]);
        assert_eq!(declined.code(), code, "{error}");
        assert!(!declined.sentence().contains("script") && !declined.sentence().contains("AADSTS"));
    }
}
