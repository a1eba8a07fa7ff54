//! Rows 40 to 42: many at once, too many at once, and the end.

use super::*;
use crate::support::{
    HAS_JOINED,
    client::{self, Request},
    proxy::Signal,
};
use futures::future::join_all;

#[tokio::test(flavor = "multi_thread")]
async fn row_40_a_thousand_logins_at_once() {
    let m = Upstream::start().await;
    m.answers_by(|request| Reply::profile(&request.query("username").unwrap()).after(ms(100)));
    let h = Upstream::start().await;
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h)]).await;
    let logins = (0..1000).map(|n| {
        let name = format!("player{n}");
        let proxy = &proxy;
        async move {
            let answer =
                client::get(proxy, &format!("/session/minecraft/hasJoined?username={name}&serverId=-{n}")).await;
            answer.assert_profile(&profile::for_name(&name));
            answer.took
        }
    });
    let slowest = join_all(logins).await.into_iter().max().unwrap();
    assert!(slowest < ms(5000), "{slowest:?}");
    assert!(m.peak_connections() <= 64, "{} connections", m.peak_connections());
    assert_eq!(m.requests().len(), 1000);
}

#[tokio::test]
async fn row_41_a_drain_answers_who_is_waiting() {
    let (mut proxy, m, _h) = mojang_and_minehut(yes().after(ms(1500)), no()).await;
    let mut waiting = client::Connection::open(&proxy).await.unwrap();
    waiting.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(1).await;
    proxy.signal(Signal::TERM);
    proxy.logged("draining").await;
    waiting.answer("GET").await.unwrap().assert_profile(&profile::notch());
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn row_42_too_many_at_once_are_told_at_once() {
    let m = Upstream::start().await;
    m.answers(yes().after(ms(1500)));
    let proxy = Proxy::builder().server("max_in_flight = 1").upstream("mojang", &m, "").start().await;
    let mut first = client::Connection::open(&proxy).await.unwrap();
    first.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(1).await;
    let other = client::get(&proxy, "/session/minecraft/hasJoined?username=jeb_&serverId=-2").await;
    other.assert_down();
    assert!(other.took < ms(1000), "{:?}", other.took);
    first.answer("GET").await.unwrap().assert_profile(&profile::notch());
    assert_eq!(m.requests().len(), 1);
}

#[tokio::test]
async fn a_connection_too_many_is_told_too() {
    let m = Upstream::start().await;
    m.answers(yes());
    let proxy = Proxy::builder().server("max_connections = 1").upstream("mojang", &m, "").start().await;
    let mut first = client::Connection::open(&proxy).await.unwrap();
    first.send(&Request::get(HAS_JOINED)).await.unwrap().assert_profile(&profile::notch());
    let other = client::has_joined(&proxy).await;
    other.assert_down();
    assert_eq!(other.header("connection"), Some("close"));
}
