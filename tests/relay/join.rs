//! Joins beyond rows 43 and 44, and the list of blocked servers.

use super::*;
use crate::support::{
    client::{self, Request},
    upstream::Reply,
};

const JOIN: &str = "/session/minecraft/join";
const HASH: &str = "6f2520d8fb0d01b31af1ae7a6dbe8f1e2e3a5b4c";

#[tokio::test]
async fn only_a_post_of_sane_size_is_a_join() {
    let (proxy, m) = before_mojang(false).await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = Request::new(method, JOIN).send(&proxy).await;
        answer.assert_status_empty(405);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    Request::post(JOIN, &" ".repeat(8 * 1024 + 1)).send(&proxy).await.assert_status_empty(413);
    assert_eq!(m.requests().len(), 0);
    Request::post(JOIN, &" ".repeat(8 * 1024)).send(&proxy).await.assert_no();
}

#[tokio::test]
async fn a_join_that_breaks_off_reaches_nobody() {
    let (proxy, m) = before_mojang(false).await;
    let mut client = client::Connection::open(&proxy).await.unwrap();
    client
        .write(b"POST /session/minecraft/join HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"acc")
        .await
        .unwrap();
    client.finish_writing().await.unwrap();
    client.closed().await;
    assert_eq!(m.requests().len(), 0);
}

#[tokio::test]
async fn a_join_goes_to_the_primary_and_nowhere_without_one() {
    let (m, own) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .server("primary = \"drasl\"")
        .upstream("mojang", &m, &mojang(&m))
        .upstream("drasl", &own, &format!("attests = \"own\"\n{}", hosts(&own)))
        .start()
        .await;
    Request::post(JOIN, "{}").send(&proxy).await.assert_no();
    assert_eq!((m.requests().len(), own.requests().len()), (0, 1));
    // Whose tokens it gets to see are those of its own joins.
    for path in ["/player/certificates", "/user/security/location"] {
        Request::post(path, "{}").header("Authorization", "Bearer x").send(&proxy).await.assert_no();
    }
    client::get(&proxy, "/blockedservers").await;
    assert_eq!((m.requests().len(), own.requests().len()), (3, 1));
    own.stop().await;
    Request::post(JOIN, "{}").send(&proxy).await.assert_down();
    assert_eq!(m.requests().len(), 3);
    let alone = Proxy::builder().upstream("drasl", &own, &hosts(&own)).start().await;
    for path in [JOIN, "/player/certificates", "/blockedservers"] {
        let answer = if path == "/blockedservers" { Request::get(path) } else { Request::post(path, "{}") };
        answer.send(&alone).await.assert_status_empty(404);
    }
}

#[tokio::test]
async fn blocked_servers_are_asked_for_once() {
    let (proxy, m) = before_mojang(false).await;
    m.answers(Reply::status(200).text(format!("{HASH}\n{HASH}\n")));
    for _ in 0..2 {
        let answer = client::get(&proxy, "/blockedservers").await;
        assert_eq!((answer.status, answer.text()), (200, format!("{HASH}\n{HASH}\n")));
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        m.answers(Reply::status(500));
    }
    assert_eq!(m.requests().len(), 1);
}

#[tokio::test]
async fn a_list_that_is_none_is_not_served() {
    for bad in [Reply::status(500), Reply::status(200).html("<html></html>"), Reply::no().hang()] {
        let (proxy, m) = before_mojang(false).await;
        m.answers(bad);
        client::get(&proxy, "/blockedservers").await.assert_down();
        client::get(&proxy, "/blockedservers").await.assert_down();
        assert_eq!(m.requests().len(), 1, "a server in trouble is not asked again at once");
    }
}
