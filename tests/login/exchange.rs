//! A signed-in browser gets tokens for other sites, and signs in again where it has to (cases 99 to 104).

use super::{
    browser::{Browser, EXCHANGE, LOGIN, Site, TOKEN, assert_page, leads_to, location, parameters, set_cookies},
    database::Database,
    on_both,
    stage::{AUTH_VERIFY, Stage, json_of},
};
use crate::support::client::{Answer, Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::time::Duration;

on_both! {
    case_99_a_signed_in_browser_gets_a_fresh_token,
    case_104_nobody_stays_signed_in_for_ever,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A browser that is signed in, and its token.
async fn signed_in(site: &Site) -> (Browser, String) {
    let mut browser = Browser::default();
    site.sign_in(&mut browser, "?platform=dash").await;
    let token = browser.0[TOKEN].clone();
    (browser, token)
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

async fn as_json(browser: &mut Browser, stage: &Stage, query: &str) -> Answer {
    let request = Request::get(&format!("{EXCHANGE}{query}")).header("Accept", "application/json");
    browser.send(stage, request).await
}

async fn case_99_a_signed_in_browser_gets_a_fresh_token(database: Database) {
    let site = Site::start(database).await;
    let (mut browser, token) = signed_in(&site).await;
    site.stage.wait(DAY);
    for (platform, page) in [("dash", "https://dash.uebliche.net/#"), ("build-moe", "https://build.moe/signin#")] {
        let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform={platform}")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (302, Some("no-store")), "{answer:?}");
        assert!(location(&answer).starts_with(page), "{}", location(&answer));
        let fragment = parameters(location(&answer), '#');
        let (old, new) = (claims(&token), claims(&fragment["authToken"]));
        assert_ne!(old["jti"], new["jti"]);
        for same in ["sub", "uid", "idp", "name", "auth_time", "amr", "scope", "aud", "iss"] {
            assert_eq!(old[same], new[same], "{same}");
        }
        assert_eq!(new["client_id"], platform);
        assert_eq!(new["exp"].as_i64().unwrap() - new["iat"].as_i64().unwrap(), 2_592_000);
        assert_eq!(browser.0[TOKEN], fragment["authToken"], "the cookie is fresh too");
        for good in [&token, &fragment["authToken"]] {
            assert_eq!(
                site.stage.get(AUTH_VERIFY, good).await.status,
                200,
                "both are good: other tabs have the old one"
            );
        }
    }
    assert_eq!(site.codes_tried(), 1, "Microsoft was not asked again");
}

#[tokio::test]
async fn case_100_without_a_good_cookie_the_player_signs_in() {
    let site = Site::start(Database::sqlite()).await;
    let (_, token) = signed_in(&site).await;
    let service = site.stage.service_token("build-moe", "profile:read").await;
    let join = site.stage.challenge(serde_json::json!({})).await.join_token;
    site.stage.wait(31 * DAY);
    for mut browser in [
        Browser::default(),
        Browser::with(TOKEN, "x"),
        Browser::with(TOKEN, &token),
        Browser::with(TOKEN, &service),
        Browser::with(TOKEN, &join),
        Browser::with("other", &token),
    ] {
        let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
        assert_eq!((answer.status, location(&answer)), (302, "/v1/auth/microsoft/login?platform=dash"), "{answer:?}");
        let answer = browser.get(&site.stage, EXCHANGE).await;
        assert_eq!((answer.status, location(&answer)), (302, "/v1/auth/microsoft/login"));
    }
    let mut browser = Browser::default();
    let login = browser.get(&site.stage, &format!("{EXCHANGE}?platform=other")).await;
    assert_eq!(location(&login), format!("{LOGIN}?platform=other"));
}

#[tokio::test]
async fn case_101_the_second_cookie_counts_when_the_first_does_not() {
    let site = Site::start(Database::sqlite()).await;
    let (_, token) = signed_in(&site).await;
    for first in ["x", "a.b.c"] {
        let mut browser = Browser::with(TOKEN, first);
        browser.0.insert("auth_token".to_owned(), token.clone());
        let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
        assert!(location(&answer).starts_with("https://dash.uebliche.net/#authToken="), "{answer:?}");
    }
    // Two of one name: somebody else has set one of them.
    let cookies = format!("{TOKEN}={token}; {TOKEN}=x");
    let request = Request::get(&format!("{EXCHANGE}?platform=dash")).header("Cookie", &cookies);
    assert_eq!(location(&site.stage.send(request).await), "/v1/auth/microsoft/login?platform=dash");
}

#[tokio::test]
async fn case_102_the_request_cannot_say_where_the_token_goes() {
    let site = Site::start(Database::sqlite()).await;
    let (mut browser, _) = signed_in(&site).await;
    for redirect in ["https://evil.example", "http://localhost:1", "https://dash.uebliche.net/other"] {
        let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash&redirect={redirect}")).await;
        assert!(location(&answer).starts_with("https://dash.uebliche.net/#authToken="), "{answer:?}");
        let shown = browser.get(&site.stage, &format!("{EXCHANGE}?platform=x&redirect={redirect}")).await;
        assert_page(&shown, 200);
    }
}

#[tokio::test]
async fn case_103_scripts_of_this_site_get_json() {
    let site = Site::start(Database::sqlite()).await;
    let (mut browser, _) = signed_in(&site).await;
    for query in ["", "?platform=other"] {
        let answer = as_json(&mut browser, &site.stage, query).await;
        let body = json_of(&answer);
        assert_eq!((answer.status, body["expiresIn"].as_i64()), (200, Some(2_592_000)), "{answer:?}");
        assert_eq!(body["accessToken"], browser.0[TOKEN]);
        assert!(body["expiresAt"].as_str().unwrap().ends_with('Z'));
    }
    let nobody = as_json(&mut Browser::default(), &site.stage, "").await;
    assert_eq!((nobody.status, json_of(&nobody)["error"].as_str()), (401, Some("login_required")));
    assert!(nobody.header("www-authenticate").is_some());
    for (from, status) in [("cross-site", 403), ("same-origin", 200), ("same-site", 200), ("none", 200)] {
        let request = Request::get(EXCHANGE).header("Accept", "application/json").header("Sec-Fetch-Site", from);
        assert_eq!(browser.send(&site.stage, request).await.status, status, "{from}");
    }
    assert_page(&browser.get(&site.stage, &format!("{EXCHANGE}?platform=../")).await, 400);
}

async fn case_104_nobody_stays_signed_in_for_ever(database: Database) {
    let site = Site::start(database).await;
    let (mut browser, _) = signed_in(&site).await;
    let end = claims(&browser.0[TOKEN])["auth_time"].as_i64().unwrap() + 90 * 86_400;
    for day in 1..90 {
        site.stage.wait(DAY);
        let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
        let token = &parameters(location(&answer), '#')["authToken"];
        let (iat, exp) = (claims(token)["iat"].as_i64().unwrap(), claims(token)["exp"].as_i64().unwrap());
        assert_eq!(exp, end.min(iat + 2_592_000), "day {day}");
    }
    let set = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
    assert!(set_cookies(&set)[0].contains("; Max-Age=86400; "), "{set:?}");
    site.stage.wait(DAY);
    let answer = browser.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
    assert_eq!(location(&answer), "/v1/auth/microsoft/login?platform=dash");
    let again = site.sign_in(&mut browser, "?platform=dash").await;
    assert!(leads_to(&again).contains("#authToken="));
}
