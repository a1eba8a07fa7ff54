//! Signing in with Microsoft, from a browser's first request to its last (cases 68 to 98). What is said to Microsoft and Xbox, and
//! what their failures are called, is in `tests/microsoft`.

use super::{
    browser::{
        Browser, CALLBACK, FLOW, LOGIN, REDIRECT_URI, Site, TOKEN, assert_page, leads_to, location, parameters,
        set_cookies,
    },
    database::Database,
    on_both,
    stage::{Stage, dashed, json_of},
};
use crate::support::{
    client::Request,
    microsoft::{Knob, Step},
};
use hasjoined::model::{ProfileId, UpstreamId};
use std::time::Duration;

on_both! {
    case_69_a_whole_sign_in_ends_at_the_dashboard,
    case_71_a_sign_in_ends_once_in_its_own_browser_and_in_time,
    case_79_without_a_profile_nobody_is_made_a_user,
    a_player_who_is_locked_out_is_told_so_where_they_came_from,
}

#[tokio::test]
async fn case_68_a_browser_is_sent_to_microsoft() {
    let site = Site::start(Database::sqlite()).await;
    let answer = Browser::default().get(&site.stage, &format!("{LOGIN}?platform=dash")).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let query = parameters(location(&answer), '?');
    assert_eq!(query["redirect_uri"], REDIRECT_URI);
    assert_eq!(query["scope"], "XboxLive.signin offline_access");
    assert_eq!((query["code_challenge_method"].as_str(), query["code_challenge"].len()), ("S256", 43));
    assert!(query["state"].len() >= 43);
    let [cookie] = set_cookies(&answer)[..] else { panic!("{answer:?}") };
    let (name_and_value, attributes) = cookie.split_once(';').unwrap();
    let (name, value) = name_and_value.split_once('=').unwrap();
    assert_eq!((name, value.len()), (FLOW, 43));
    assert_eq!(attributes, " Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
}

async fn case_69_a_whole_sign_in_ends_at_the_dashboard(database: Database) {
    let site = Site::start(database).await;
    let mut browser = Browser::default();
    let answer = site.sign_in(&mut browser, "?platform=dash").await;
    assert_page(&answer, 200);
    let target = leads_to(&answer);
    let fragment = parameters(&target, '#');
    assert!(target.starts_with("https://dash.uebliche.net/#authToken="), "{target}");
    assert_eq!(fragment["expiresAt"], "2026-02-17T12:34:56Z");
    assert_eq!(site.stage.get("/auth/verify", &fragment["authToken"]).await.status, 200);
    let cookies = set_cookies(&answer);
    let token = cookies.iter().find(|cookie| cookie.starts_with(TOKEN)).unwrap();
    assert!(token.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"), "{token}");
    assert_eq!(browser.0[TOKEN], fragment["authToken"]);
    assert!(!browser.0.contains_key(FLOW), "the sign-in is over: {cookies:?}");
    let mojang = UpstreamId::new("mojang").unwrap();
    let notch = ProfileId::parse(&dashed("Notch")).unwrap();
    assert_eq!(site.stage.store.user_by(&mojang, notch).await.unwrap().unwrap().name, "Notch");
    assert_eq!(site.microsoft.faults(), Vec::<String>::new());
    // The history of the seed is one of logins by joining.
    let history = json_of(&site.stage.get("/v1/profile/auth/sessions", &fragment["authToken"]).await);
    assert_eq!(history["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn case_70_every_platform_has_its_end() {
    let site = Site::start(Database::sqlite()).await;
    let build_moe = site.sign_in(&mut Browser::default(), "?platform=build-moe&redirect=https://evil.com").await;
    assert!(leads_to(&build_moe).starts_with("https://build.moe/signin#authToken="));
    for query in ["", "?platform=x"] {
        let mut browser = Browser::default();
        let shown = site.sign_in(&mut browser, query).await;
        assert_page(&shown, 200);
        assert!(shown.text().contains(&browser.0[TOKEN]) && shown.text().contains("readonly"), "{}", shown.text());
    }
    for malformed in ["../", "Dash", "", "a%20b", "dash&platform=dash"] {
        assert_page(&Browser::default().get(&site.stage, &format!("{LOGIN}?platform={malformed}")).await, 400);
    }
    let wanted = "?platform=dash&redirect=http://localhost:3000/cb?a=1";
    assert!(
        leads_to(&site.sign_in(&mut Browser::default(), wanted).await)
            .starts_with("http://localhost:3000/cb?a=1#authToken=")
    );
}

#[tokio::test]
async fn an_application_that_is_no_browser_gets_json() {
    let site = Site::start(Database::sqlite()).await;
    let mut browser = Browser::default();
    let begun = browser.get(&site.stage, LOGIN).await;
    let back = site.approved(location(&begun)).await;
    let answer = browser.send(&site.stage, Request::get(&back).header("Accept", "application/json")).await;
    let body = json_of(&answer);
    assert_eq!((body["expiresIn"].as_i64(), body["user"]["name"].as_str()), (Some(2_592_000), Some("Notch")));
    assert_eq!(body["user"]["id"], dashed("Notch"));
    assert_eq!(body["accessToken"], browser.0[TOKEN]);
    let refused = browser.send(&site.stage, Request::get(&back).header("Accept", "application/json")).await;
    assert_eq!((refused.status, json_of(&refused)["error"].as_str()), (400, Some("state_invalid")));
}

async fn case_71_a_sign_in_ends_once_in_its_own_browser_and_in_time(database: Database) {
    let site = Site::start(database).await;
    let begin = async || {
        let mut browser = Browser::default();
        let begun = browser.get(&site.stage, &format!("{LOGIN}?platform=dash")).await;
        (browser, site.approved(location(&begun)).await)
    };
    // Without the cookie.
    let (_, back) = begin().await;
    assert_page(&Browser::default().get(&site.stage, &back).await, 400);
    // In another browser, which has begun a sign-in of its own; both are as good as new after that.
    let (_, stolen) = begin().await;
    let (mut victim, _) = begin().await;
    assert_page(&victim.get(&site.stage, &stolen).await, 400);
    // Too late.
    let (mut late, back) = begin().await;
    site.stage.wait(Duration::from_secs(600));
    assert_page(&late.get(&site.stage, &back).await, 400);
    // Of a state that nobody began, or of none.
    let (mut browser, back) = begin().await;
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    for query in [
        format!("?code={code}&state={}", "A".repeat(43)),
        format!("?code={code}"),
        "?state=x".to_owned(),
        String::new(),
    ] {
        assert_page(&browser.get(&site.stage, &format!("{CALLBACK}{query}")).await, 400);
    }
    assert_eq!(site.codes_tried(), 0, "Microsoft was asked about none of them");
    // Twice.
    let again = browser.clone();
    assert_page(&browser.get(&site.stage, &back).await, 200);
    assert_page(&again.clone().get(&site.stage, &back).await, 400);
    assert_eq!(site.codes_tried(), 1);
}

#[tokio::test]
async fn cases_72_and_73_a_no_goes_back_in_our_words() {
    let site = Site::start(Database::sqlite()).await;
    site.microsoft.turn(Step::Authorize, Knob::declines_with("access_denied"));
    let mut browser = Browser::default();
    let answer = site.sign_in(&mut browser, "?platform=dash").await;
    assert_eq!(answer.status, 302, "{answer:?}");
    let query = parameters(location(&answer), '?');
    assert_eq!(query["loginError"], "Sign-in was cancelled.");
    assert_eq!(query["loginErrorCode"], "access_denied");
    assert!(location(&answer).starts_with("https://dash.uebliche.net/?loginError="));
    assert!(!answer.text().contains("script") && !format!("{:?}", answer.headers).contains("script"));
    assert!(browser.0.is_empty(), "nobody is signed in: {:?}", browser.0);
    // Who came from nowhere is told here, and not in Microsoft's words.
    let page = site.sign_in(&mut Browser::default(), "").await;
    assert_page(&page, 403);
    assert!(page.text().contains("Signing in was cancelled") && !page.text().contains("AADSTS"), "{}", page.text());
}

#[tokio::test]
async fn case_74_two_codes_are_none() {
    let site = Site::start(Database::sqlite()).await;
    let mut browser = Browser::default();
    let begun = browser.get(&site.stage, LOGIN).await;
    let back = site.approved(location(&begun)).await;
    for extra in ["&code=x", "&state=x", "&error=access_denied"] {
        assert_page(&browser.get(&site.stage, &format!("{back}{extra}")).await, 400);
    }
    assert_eq!(site.codes_tried(), 0);
    assert_page(&browser.get(&site.stage, &back).await, 200);
}

#[tokio::test]
async fn cases_75_to_78_failures_go_where_the_browser_came_from() {
    let site = Site::start(Database::sqlite()).await;
    for (step, knob, code, status) in [
        (Step::Token, Knob::json(400, r#"{"error":"invalid_grant"}"#), "microsoft_code_invalid", 400),
        (Step::Token, Knob::html(500, "down"), "microsoft_unavailable", 503),
        (Step::Token, Knob::drops(), "microsoft_unavailable", 503),
        (Step::Token, Knob::padded(64 * 1024), "microsoft_unavailable", 503),
        (Step::Xsts, Knob::json(401, r#"{"XErr":2148916233}"#), "xbox_no_account", 403),
        (Step::Xbl, Knob::empty(401).header("X-Err", "2148916238"), "xbox_child_account", 403),
        (Step::Xsts, Knob::json(401, r#"{"XErr":1}"#), "xbox_error", 502),
        (Step::LoginWithXbox, Knob::html(403, "CloudFront"), "minecraft_unavailable", 503),
        (Step::LoginWithXbox, Knob::json(429, "{}"), "minecraft_rate_limited", 503),
    ] {
        site.microsoft.mend();
        site.microsoft.turn(step, knob);
        let answer = site.sign_in(&mut Browser::default(), "?platform=build-moe").await;
        assert_eq!(answer.status, 302, "{code}: {answer:?}");
        let query = parameters(location(&answer), '?');
        assert_eq!(query["loginErrorCode"], code);
        assert!(location(&answer).starts_with("https://build.moe/signin?loginError="));
        assert!(!answer.text().contains("authToken") && !location(&answer).contains("authToken"));
        let page = site.sign_in(&mut Browser::default(), "").await;
        assert_page(&page, status);
        assert!(page.text().contains(code), "{}", page.text());
    }
}

async fn case_79_without_a_profile_nobody_is_made_a_user(database: Database) {
    let site = Site::start(database).await;
    site.microsoft.turn(Step::Profile, Knob::empty(404));
    let answer = site.sign_in(&mut Browser::default(), "?platform=dash").await;
    assert_eq!(parameters(location(&answer), '?')["loginErrorCode"], "no_minecraft_profile");
    let mojang = UpstreamId::new("mojang").unwrap();
    let notch = ProfileId::parse(&dashed("Notch")).unwrap();
    assert_eq!(site.stage.store.user_by(&mojang, notch).await.unwrap(), None);
}

#[tokio::test]
async fn case_80_what_an_address_has_stays() {
    let site = Site::start(Database::sqlite()).await;
    let wanted = "?platform=dash&redirect=https%3A%2F%2Fdash.uebliche.net%2Fcb%3Fa%3D1";
    let there = leads_to(&site.sign_in(&mut Browser::default(), wanted).await);
    assert!(there.starts_with("https://dash.uebliche.net/cb?a=1#authToken="), "{there}");
    site.microsoft.turn(Step::Profile, Knob::empty(404));
    let answer = site.sign_in(&mut Browser::default(), wanted).await;
    assert!(location(&answer).starts_with("https://dash.uebliche.net/cb?a=1&loginError="), "{}", location(&answer));
}

#[tokio::test]
async fn case_81_without_a_client_id_the_rest_works() {
    let stage = Stage::start().await;
    let answer = Browser::default().get(&stage, &format!("{LOGIN}?platform=dash")).await;
    assert_page(&answer, 503);
    assert!(answer.text().contains("microsoft_not_configured") && answer.header("retry-after").is_some());
    assert_page(&Browser::with("ms_flow", "x").get(&stage, &format!("{CALLBACK}?code=x&state=x")).await, 503);
    let as_json = Request::get(LOGIN).header("Accept", "application/json");
    assert_eq!(json_of(&stage.send(as_json).await)["error"], "microsoft_not_configured");
    stage.token().await;
}

#[tokio::test]
async fn case_82_a_code_opens_once() {
    let site = Site::start(Database::sqlite()).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    let begun = one.get(&site.stage, &format!("{LOGIN}?platform=dash")).await;
    let back = site.approved(location(&begun)).await;
    assert_page(&one.get(&site.stage, &back).await, 200);
    // The code of one sign-in, put into another: Microsoft compares the verifier, and that it is used.
    let begun = other.get(&site.stage, &format!("{LOGIN}?platform=dash")).await;
    let state = parameters(location(&begun), '?')["state"].clone();
    let code = parameters(&back, '?')["code"].clone();
    let answer = other.get(&site.stage, &format!("{CALLBACK}?code={code}&state={state}")).await;
    assert_eq!(parameters(location(&answer), '?')["loginErrorCode"], "microsoft_code_invalid");
}

#[tokio::test]
async fn case_83_no_header_changes_where_microsoft_sends_the_browser() {
    let site = Site::start(Database::sqlite()).await;
    let request = Request::get(LOGIN).header("Host", "evil.example");
    let request = request.header("X-Forwarded-Host", "evil.example").header("Forwarded", "host=evil.example");
    let answer = site.stage.send(request).await;
    assert_eq!(parameters(location(&answer), '?')["redirect_uri"], REDIRECT_URI);
}

#[tokio::test]
async fn cases_84_to_98_an_address_that_is_not_allowed_is_not_gone_to() {
    let site = Site::start(Database::sqlite()).await;
    let long = format!("https://localhost/{}", "a".repeat(2_032));
    for bad in [
        "https://localhost.evil.com",
        "https://uebliche.net",
        "https://evil.com\\@localhost",
        "//evil.com",
        "",
        "javascript:alert(1)",
        "https://dash.uebliche.net@evil.com/",
        "https://[::1]/",
        "http://127.1/",
        "https://d\u{430}sh.uebliche.net/",
        " https://localhost/",
        "https://evil.com\t",
        "https://evil.com#.uebliche.net",
        "https://evil.com/@localhost",
        "http://localhost%2eevil.com/",
        "https://*.uebliche.net/",
        "https://dash.uebliche.net:8443/",
        "https%3A%2F%2Flocalhost%2F",
        &long,
    ] {
        let encoded: String = form_urlencoded::byte_serialize(bad.as_bytes()).collect();
        let answer = Browser::default().get(&site.stage, &format!("{LOGIN}?platform=dash&redirect={encoded}")).await;
        assert_page(&answer, 400);
        assert!(answer.text().contains("invalid_redirect"), "{bad}: {}", answer.text());
        assert!(bad.len() < 3 || !answer.text().contains(bad), "{bad} is repeated");
    }
    let twice = format!("{LOGIN}?redirect=https://localhost/&redirect=https://localhost/");
    assert_page(&Browser::default().get(&site.stage, &twice).await, 400);
    assert_eq!(site.microsoft.connections(), 0);
}

async fn a_player_who_is_locked_out_is_told_so_where_they_came_from(database: Database) {
    let site = Site::start(database).await;
    site.sign_in(&mut Browser::default(), "?platform=dash").await;
    let mojang = UpstreamId::new("mojang").unwrap();
    let notch = ProfileId::parse(&dashed("Notch")).unwrap();
    let user = site.stage.store.user_by(&mojang, notch).await.unwrap().unwrap();
    site.stage.store.set_disabled(&user.id, true).await.unwrap();
    let mut browser = Browser::default();
    let answer = site.sign_in(&mut browser, "?platform=dash").await;
    assert_eq!(parameters(location(&answer), '?')["loginErrorCode"], "account_disabled");
    assert!(browser.0.is_empty());
    assert_page(&site.sign_in(&mut browser, "").await, 403);
}

#[tokio::test]
async fn what_a_browser_fetches_in_advance_uses_nothing_up() {
    let site = Site::start(Database::sqlite()).await;
    let mut browser = Browser::default();
    let begun = browser.get(&site.stage, LOGIN).await;
    let back = site.approved(location(&begun)).await;
    let early = browser.send(&site.stage, Request::get(&back).header("Sec-Purpose", "prefetch;prerender")).await;
    assert_page(&early, 403);
    assert_page(&browser.get(&site.stage, &back).await, 200);
}

#[tokio::test]
async fn over_plain_http_on_this_machine_cookies_have_no_prefix() {
    let site = Site::at("http://localhost:9", Database::sqlite()).await;
    let answer = Browser::default().get(&site.stage, LOGIN).await;
    let [cookie] = set_cookies(&answer)[..] else { panic!("{answer:?}") };
    assert!(
        cookie.starts_with("ms_flow=") && cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
}
