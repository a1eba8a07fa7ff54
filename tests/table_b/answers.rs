//! Rows 1 to 14: who wins, and what is a "no".

use super::*;
use crate::support::client;

#[tokio::test]
async fn row_01_mojang_knows() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_02_another_knows() {
    let (proxy, _m, _h) = mojang_and_minehut(no(), yes()).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_03_nobody_knows() {
    let (m, h, c) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h), ("connect", &c)]).await;
    client::has_joined(&proxy).await.assert_no();
    assert_eq!((m.requests().len(), h.requests().len(), c.requests().len()), (1, 1, 1));
}

#[tokio::test]
async fn row_04_a_late_yes_still_counts() {
    let m = Upstream::start().await;
    m.answers(yes().after(ms(3900)));
    let h = Upstream::start().await;
    // The table of a Mojang that is reached through its preset, which gives it this long.
    let proxy = Proxy::builder().upstream("mojang", &m, &m.as_mojang()).upstream("minehut", &h, "").start().await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_profile(&profile::notch());
    assert!(answer.took < ms(4500), "{:?}", answer.took);
}

#[tokio::test]
async fn row_05_a_hanging_upstream_delays_nobody() {
    let (proxy, m, h) = mojang_and_minehut(yes().after(ms(50)), Reply::profile("Notch").after(ms(1500))).await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_profile(&profile::notch());
    assert!(answer.took < ms(1000), "{:?}", answer.took);
    // The loser's call runs on to its end, and its connection serves the next login.
    h.idle().await;
    h.answers(no());
    m.answers(no());
    client::has_joined(&proxy).await.assert_no();
    assert_eq!((h.requests().len(), h.abandoned()), (2, 0));
    assert_eq!(h.open_connections(), h.connections(), "none was closed");
}

#[tokio::test]
async fn row_06_a_hanging_upstream_may_have_known() {
    let m = Upstream::start().await;
    let h = Upstream::start().await;
    h.answers(Reply::no().hang());
    let proxy = Proxy::builder()
        .race("deadline = \"700ms\"\ntrust_grace = \"100ms\"")
        .upstream("mojang", &m, "")
        .upstream("minehut", &h, "")
        .start()
        .await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_down();
    assert!(answer.took >= ms(650), "waits for the deadline: {:?}", answer.took);
    assert!(answer.took < ms(4500), "{:?}", answer.took);
}

#[tokio::test]
async fn row_07_a_refused_connection_is_known_at_once() {
    let h = Upstream::start().await;
    let proxy = Proxy::with([("mojang", &Upstream::refused()), ("minehut", &h)]).await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_down();
    assert!(answer.took < ms(1000), "no wait for the deadline: {:?}", answer.took);
}

#[tokio::test]
async fn row_08_everyone_is_down() {
    let proxy = Proxy::with([("mojang", &Upstream::refused()), ("minehut", &Upstream::refused())]).await;
    client::has_joined(&proxy).await.assert_down();
}

#[tokio::test]
async fn row_09_a_limit_is_not_a_no() {
    let limited =
        Reply::status(429).json(r#"{"path":"/session/minecraft/hasJoined","error":"TooManyRequestsException"}"#);
    let (proxy, _m, _h) = mojang_and_minehut(limited, no()).await;
    client::has_joined(&proxy).await.assert_down();
}

const GATEWAY_PAGE: &str =
    "<html><head><title>403 Forbidden</title></head><body>Microsoft-Azure-Application-Gateway/v2</body></html>";

#[tokio::test]
async fn row_10_a_web_page_is_not_a_no() {
    let (proxy, _m, _h) = mojang_and_minehut(Reply::status(403).html(GATEWAY_PAGE), no()).await;
    client::has_joined(&proxy).await.assert_down();
    // Not even where 403 means "no".
    let drasl = Upstream::start().await;
    drasl.answers(Reply::status(403).html(GATEWAY_PAGE));
    let proxy = Proxy::builder().upstream("drasl", &drasl, "negative = [403]\n").start().await;
    client::has_joined(&proxy).await.assert_down();
}

#[tokio::test]
async fn row_11_a_web_page_does_not_hide_a_yes() {
    let (proxy, _m, _h) = mojang_and_minehut(Reply::status(403).html(GATEWAY_PAGE), yes()).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_12_drasl_says_no_with_403() {
    let (m, drasl) = (Upstream::start().await, Upstream::start().await);
    let proxy =
        Proxy::builder().upstream("mojang", &m, "").upstream("drasl", &drasl, "preset = \"drasl\"\n").start().await;
    for refusal in [Reply::status(403), Reply::status(403).json(r#"{"error":"ForbiddenOperationException"}"#)] {
        drasl.answers(refusal);
        client::has_joined(&proxy).await.assert_no();
    }
    // Where nobody said that it means "no", it does not.
    m.answers(Reply::status(403));
    client::has_joined(&proxy).await.assert_down();
}

#[tokio::test]
async fn row_13_an_error_is_not_a_no_and_does_not_leak() {
    let (proxy, _m, _h) = mojang_and_minehut(Reply::status(500).text("oops"), no()).await;
    client::has_joined(&proxy).await.assert_down();
}

#[tokio::test]
async fn row_14_an_empty_200_is_a_no() {
    let (proxy, _m, _h) = mojang_and_minehut(Reply::status(200), no()).await;
    client::has_joined(&proxy).await.assert_no();
}
