//! The account page and its forms: what a player sees, and that nobody else presses the buttons.

use super::{
    browser::{ACCOUNT, Browser, EXCHANGE, Site, TOKEN, assert_page, hidden, location, set_cookies},
    database::Database,
    on_both,
    stage::AUTH_VERIFY,
};
use crate::support::client::Request;
use std::time::Duration;

const SIGN_OUT: &str = "/v1/account/sign-out";
const EVERYWHERE: &str = "/v1/account/sign-out-everywhere";

on_both! {
    a_player_sees_their_sessions_and_which_one_this_is,
    a_browser_signs_out_alone,
    a_player_signs_out_everywhere,
}

async fn a_player_sees_their_sessions_and_which_one_this_is(database: Database) {
    let site = Site::start(database).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    site.sign_in(&mut one, "?platform=dash").await;
    site.stage.wait(Duration::from_secs(60));
    site.sign_in(&mut other, "?platform=dash").await;
    // A token made of another belongs to the same session.
    site.stage.wait(Duration::from_secs(60));
    for _ in 0..2 {
        one.get(&site.stage, &format!("{EXCHANGE}?platform=dash")).await;
    }
    let page = one.get(&site.stage, ACCOUNT).await;
    assert_page(&page, 200);
    let text = page.text();
    assert_eq!(text.matches("<th scope=\"row\">").count(), 2, "{text}");
    assert_eq!(text.matches("This session").count(), 1);
    let (newest, oldest) = text.split_once("2026-01-18T12:34:56Z").unwrap_or_else(|| panic!("{text}"));
    assert!(!newest.contains("This session") && oldest.contains("This session"), "{text}");
    // A login by joining is one of them.
    site.stage.log_in("Notch").await;
    assert_eq!(one.get(&site.stage, ACCOUNT).await.text().matches("<th scope=\"row\">").count(), 3);
    let others = site.stage.log_in("jeb_").await;
    let page = Browser::with(TOKEN, &others).get(&site.stage, ACCOUNT).await.text();
    assert!(page.contains("jeb_") && !page.contains("Notch"), "everybody sees their own: {page}");
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_and_comes_back() {
    let site = Site::start(Database::sqlite()).await;
    let mut browser = Browser::default();
    let page = browser.get(&site.stage, ACCOUNT).await;
    assert_page(&page, 200);
    assert!(page.text().contains("href=\"/v1/auth/microsoft/login?resume=account\""), "{}", page.text());
    let answer = site.sign_in(&mut browser, "?resume=account").await;
    assert_eq!((answer.status, location(&answer)), (302, ACCOUNT));
    assert!(browser.get(&site.stage, ACCOUNT).await.text().contains("Notch"));
    for bad in ["x", "https://evil.example", "consent:", "consent:%2F"] {
        assert_page(&browser.get(&site.stage, &format!("/v1/auth/microsoft/login?resume={bad}")).await, 400);
    }
}

async fn a_browser_signs_out_alone(database: Database) {
    let site = Site::start(database).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    site.sign_in(&mut one, "?platform=dash").await;
    site.sign_in(&mut other, "?platform=dash").await;
    let token = one.0[TOKEN].clone();
    let csrf = hidden(&one.get(&site.stage, ACCOUNT).await, "csrf");
    let page = one.submit(&site.stage, SIGN_OUT, &[("csrf", &csrf)]).await;
    assert_page(&page, 200);
    assert!(page.text().contains("You are signed out"), "{}", page.text());
    assert_eq!(set_cookies(&page).len(), 2);
    assert!(one.0.is_empty());
    assert_eq!(site.stage.get(AUTH_VERIFY, &token).await.status, 401);
    assert_eq!(site.stage.get(AUTH_VERIFY, &other.0[TOKEN]).await.status, 200);
    // Pressed again, in a page that is still open.
    let again = one.submit(&site.stage, SIGN_OUT, &[("csrf", &csrf)]).await;
    assert!(again.text().contains("Please sign in"), "{}", again.text());
}

async fn a_player_signs_out_everywhere(database: Database) {
    let site = Site::start(database).await;
    let (mut one, mut other) = (Browser::default(), Browser::default());
    site.sign_in(&mut one, "?platform=dash").await;
    site.sign_in(&mut other, "?platform=dash").await;
    let strangers = site.stage.log_in("jeb_").await;
    let csrf = hidden(&one.get(&site.stage, ACCOUNT).await, "csrf");
    let token = one.0[TOKEN].clone();
    let page = one.submit(&site.stage, EVERYWHERE, &[("csrf", &csrf)]).await;
    assert!(page.text().contains("You are signed out everywhere"), "{}", page.text());
    for ended in [&token, &other.0[TOKEN]] {
        assert_eq!(site.stage.get(AUTH_VERIFY, ended).await.status, 401);
    }
    assert_eq!(site.stage.get(AUTH_VERIFY, &strangers).await.status, 200);
    // And in again, as quickly as nobody is.
    site.stage.wait(Duration::from_millis(1));
    site.sign_in(&mut one, "?platform=dash").await;
    assert_eq!(site.stage.get(AUTH_VERIFY, &one.0[TOKEN]).await.status, 200);
}

#[tokio::test]
async fn no_other_site_presses_a_button() {
    let site = Site::start(Database::sqlite()).await;
    let (mut browser, mut other) = (Browser::default(), Browser::default());
    site.sign_in(&mut browser, "?platform=dash").await;
    site.sign_in(&mut other, "?platform=dash").await;
    let own = hidden(&browser.get(&site.stage, ACCOUNT).await, "csrf");
    let anothers = hidden(&other.get(&site.stage, ACCOUNT).await, "csrf");
    assert_ne!(own, anothers);
    for path in [SIGN_OUT, EVERYWHERE] {
        for fields in [&[][..], &[("csrf", "")], &[("csrf", "x")], &[("csrf", anothers.as_str())]] {
            assert_page(&browser.submit(&site.stage, path, fields).await, 403);
        }
        for from in ["cross-site", "same-site"] {
            let request = Request::form(path, &format!("csrf={own}")).header("Sec-Fetch-Site", from);
            assert_page(&browser.send(&site.stage, request).await, 403);
        }
        assert_page(&browser.send(&site.stage, Request::get(path)).await, 405);
    }
    assert_eq!(site.stage.get(AUTH_VERIFY, &browser.0[TOKEN]).await.status, 200, "nothing was done");
}
