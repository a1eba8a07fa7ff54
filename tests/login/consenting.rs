//! A player is asked whether a service may use their account: the page here, its answers, and their end (case 110).

use super::{
    browser::{ACCOUNT, Browser, Site, TOKEN, assert_page, hidden, leads_to, location, parameters},
    database::Database,
    on_both,
    stage::{AUTH_VERIFY, json_of},
};
use crate::support::client::{Answer, Request};
use std::time::Duration;

const SERVICE: &str = "\n[[login.services]]\nslug = \"build-moe\"\nname = \"Build.moe\"\n\
    redirects = [\"https://build.moe/auth/callback\"]\npermissions = [\"profile:read\", \"totem:read\"]\n\
    verification_level = \"original\"\nverified = true\n";
const BUILTIN: &str = "consent = \"builtin\"\n";
const EXCHANGE: &str =
    "/v1/auth/service/exchange?service=build-moe&redirect=https://build.moe/auth/callback&state=s%26t";
const CONSENT: &str = "/v1/auth/service/consent";

on_both! {
    a_player_says_yes_and_the_service_gets_its_token,
    case_110_only_this_site_answers_and_a_no_is_told,
    a_service_loses_its_access_and_its_tokens,
}

/// A site with a service, and the page that asks.
async fn site(database: Database) -> Site {
    Site::with(database, BUILTIN, SERVICE).await
}

/// Up to the page that asks, signing in on the way.
async fn asked(site: &Site, browser: &mut Browser) -> Answer {
    let exchange = browser.get(&site.stage, EXCHANGE).await;
    let consent = location(&exchange).to_owned();
    let page = browser.get(&site.stage, &consent).await;
    if page.status == 200 {
        return page;
    }
    let login = location(&page).to_owned();
    assert!(login.starts_with("/v1/auth/microsoft/login?resume=consent:"), "{login}");
    let ended = site.sign_in(browser, login.strip_prefix("/v1/auth/microsoft/login").unwrap()).await;
    assert_eq!((ended.status, location(&ended)), (302, consent.as_str()));
    browser.get(&site.stage, &consent).await
}

async fn answer(site: &Site, browser: &mut Browser, page: &Answer, decision: &str) -> Answer {
    let (request, csrf) = (hidden(page, "request"), hidden(page, "csrf"));
    let fields = [("request", request.as_str()), ("csrf", &csrf), ("decision", decision)];
    browser.submit(&site.stage, CONSENT, &fields).await
}

async fn a_player_says_yes_and_the_service_gets_its_token(database: Database) {
    let site = site(database).await;
    let mut browser = Browser::default();
    let page = asked(&site, &mut browser).await;
    assert_page(&page, 200);
    for shown in ["Build.moe", "build.moe", "Notch", "profile:read", "totem:read"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    let gone = answer(&site, &mut browser, &page, "approve").await;
    assert_page(&gone, 200);
    let target = leads_to(&gone);
    assert!(target.starts_with("https://build.moe/auth/callback#"), "{target}");
    let fragment = parameters(&target, '#');
    assert_eq!((fragment["service"].as_str(), fragment["state"].as_str()), ("build-moe", "s&t"));
    let verified = site.stage.get(&format!("{AUTH_VERIFY}?service=build-moe"), &fragment["authToken"]).await;
    assert_eq!(verified.status, 200, "{verified:?}");
    assert_eq!(site.stage.get(AUTH_VERIFY, &fragment["authToken"]).await.status, 401, "it is the service's alone");
    let again = answer(&site, &mut browser, &page, "approve").await;
    assert_page(&again, 409);
    // Who is signed in is asked at once.
    assert_page(&asked(&site, &mut browser).await, 200);
    assert_eq!(site.codes_tried(), 1);
}

async fn case_110_only_this_site_answers_and_a_no_is_told(database: Database) {
    let site = site(database).await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    let page = asked(&site, &mut browser).await;
    let anothers = hidden(&asked(&site, &mut other).await, "csrf");
    let request = hidden(&page, "request");
    for fields in [
        vec![("request", request.as_str()), ("decision", "approve")],
        vec![("request", &request), ("decision", "approve"), ("csrf", "x")],
        vec![("request", &request), ("decision", "approve"), ("csrf", &anothers)],
    ] {
        assert_page(&browser.submit(&site.stage, CONSENT, &fields).await, 403);
    }
    let own = hidden(&page, "csrf");
    let body = format!("request={request}&decision=approve&csrf={own}");
    let forged = Request::form(CONSENT, &body).header("Sec-Fetch-Site", "cross-site");
    assert_page(&browser.send(&site.stage, forged).await, 403);
    assert_page(&answer(&site, &mut browser, &page, "perhaps").await, 400);
    let denied = answer(&site, &mut browser, &page, "deny").await;
    assert_page(&denied, 200);
    assert_eq!(leads_to(&denied), "https://build.moe/auth/callback#error=access_denied&state=s%26t");
    assert_page(&answer(&site, &mut browser, &page, "approve").await, 409);
    let account = browser.get(&site.stage, ACCOUNT).await.text();
    assert!(!account.contains("Build.moe"), "nothing was given: {account}");
}

async fn a_service_loses_its_access_and_its_tokens(database: Database) {
    let site = site(database).await;
    let mut browser = Browser::default();
    let page = asked(&site, &mut browser).await;
    let target = leads_to(&answer(&site, &mut browser, &page, "approve").await);
    let token = parameters(&target, '#')["authToken"].clone();
    let account = browser.get(&site.stage, ACCOUNT).await;
    assert!(account.text().contains("Build.moe"), "{}", account.text());
    let csrf = hidden(&account, "csrf");
    let revoke = [("csrf", csrf.as_str()), ("service", "build-moe")];
    let wrong = browser.submit(&site.stage, "/v1/account/revoke", &[("service", "build-moe")]).await;
    assert_page(&wrong, 403);
    let revoked = browser.submit(&site.stage, "/v1/account/revoke", &revoke).await;
    assert_page(&revoked, 200);
    assert!(revoked.text().contains("has lost its access") && !revoked.text().contains("Build.moe"));
    let verify = format!("{AUTH_VERIFY}?service=build-moe");
    assert_eq!(site.stage.get(&verify, &token).await.status, 401);
    // A yes after that is a new one.
    site.stage.wait(Duration::from_secs(1));
    let page = asked(&site, &mut browser).await;
    let target = leads_to(&answer(&site, &mut browser, &page, "approve").await);
    assert_eq!(site.stage.get(&verify, &parameters(&target, '#')["authToken"]).await.status, 200);
    assert_eq!(site.stage.get(&verify, &token).await.status, 401, "the old one stays void");
}

#[tokio::test]
async fn who_is_somebody_else_signs_out_and_is_asked_again() {
    let site = site(Database::sqlite()).await;
    let mut browser = Browser::default();
    let page = asked(&site, &mut browser).await;
    let (request, csrf) = (hidden(&page, "request"), hidden(&page, "csrf"));
    let out = browser.submit(&site.stage, "/v1/account/sign-out", &[("request", &request), ("csrf", &csrf)]).await;
    assert_page(&out, 200);
    assert!(!browser.0.contains_key(TOKEN));
    assert!(out.text().contains(&format!("/v1/auth/microsoft/login?resume=consent:{request}")), "{}", out.text());
    let late = answer(&site, &mut browser, &page, "approve").await;
    assert!(late.text().contains("Please sign in"), "{}", late.text());
    let back = site.sign_in(&mut browser, &format!("?resume=consent:{request}")).await;
    let page = browser.get(&site.stage, location(&back)).await;
    assert!(leads_to(&answer(&site, &mut browser, &page, "approve").await).contains("#authToken="));
}

#[tokio::test]
async fn a_request_that_is_over_or_none_is_said_to_be() {
    let site = site(Database::sqlite()).await;
    let mut browser = Browser::default();
    asked(&site, &mut browser).await;
    for none in ["", "?request=", "?request=%2F", "?request=a&request=b"] {
        assert_page(&browser.get(&site.stage, &format!("{CONSENT}{none}")).await, 400);
    }
    assert_page(&browser.get(&site.stage, &format!("{CONSENT}?request={}", "A".repeat(43))).await, 409);
    let exchange = browser.get(&site.stage, EXCHANGE).await;
    site.stage.wait(Duration::from_secs(600));
    assert_page(&browser.get(&site.stage, location(&exchange)).await, 409);
    let as_json = Request::get(&format!("{CONSENT}?request=x")).header("Accept", "application/json");
    assert_eq!(json_of(&site.stage.send(as_json).await)["error"], "consent_expired");
}
