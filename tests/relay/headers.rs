//! Paths, methods and headers of relayed requests and answers.

use super::*;
use crate::support::{
    client::{self, Request},
    upstream::Reply,
};

#[tokio::test]
async fn a_request_arrives_as_it_was_meant() {
    for http2 in [false, true] {
        let (proxy, m) = before_mojang(http2).await;
        m.answers(Reply::status(200).json(r#"{"ok":true}"#).gzip().header("X-Trace", "7").header("Alt-Svc", "h3"));
        let answer = Request::post("/authlib-injector/minecraftservices//player/report/?a=%2e%2e&b", r#"{"id":1}"#)
            .header("Authorization", "Bearer secret-token")
            .header("Accept-Encoding", "br, gzip")
            .header("X-Forwarded-For", "192.0.2.1")
            .header("Cookie", "a=b")
            .header("Via", "1.1 elsewhere")
            .header("Connection", "keep-alive, X-Hop")
            .header("X-Hop", "1")
            .header("TE", "trailers")
            .send(&proxy)
            .await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")));
        assert_eq!((answer.header("x-trace"), answer.header("alt-svc")), (Some("7"), None));
        assert_eq!(&answer.body[..2], [0x1f, 0x8b], "still compressed");
        let asked = &m.requests()[0];
        assert_eq!((&*asked.method, &*asked.target), ("POST", "/player/report?a=%2e%2e&b"));
        assert_eq!(asked.body, r#"{"id":1}"#);
        assert_eq!(asked.header("authorization"), Some("Bearer secret-token"));
        assert_eq!(asked.header("accept-encoding"), Some("br, gzip"));
        assert_eq!(asked.header("content-type"), Some("application/json"));
        assert_eq!(asked.header("content-length"), Some("8"));
        assert!(asked.header("via").unwrap().starts_with("1.1 hasjoined-"), "{asked:?}");
        for name in ["x-forwarded-for", "cookie", "x-hop", "te", "connection"] {
            assert_eq!(asked.header(name), None, "{name}");
        }
        if !http2 {
            assert_eq!(asked.header("host"), Some(&*m.address().to_string()));
        }
    }
}

#[tokio::test]
async fn each_host_gets_its_own_routes() {
    let (proxy, m) = before_mojang(false).await;
    for (method, path, target) in [
        ("GET", "/player/attributes", "/player/attributes"),
        ("PUT", "/friends", "/friends"),
        ("DELETE", "/privacy/blocklist/x", "/privacy/blocklist/x"),
        ("PATCH", "/minecraft/profile", "/minecraft/profile"),
        ("POST", "/events", "/events"),
        ("GET", "/user/security/location", "/api/user/security/location"),
    ] {
        Request::new(method, path).send(&proxy).await.assert_no();
        let last = m.requests().pop().unwrap();
        assert_eq!((&*last.method, &*last.target), (method, target));
        assert_eq!(last.header("content-length"), (method != "GET").then_some("0"));
    }
    let answer = Request::new("OPTIONS", "/player/attributes").send(&proxy).await;
    answer.assert_status_empty(405);
    assert_eq!(answer.header("allow"), Some("GET, POST, PUT, DELETE, PATCH"));
}

#[tokio::test]
async fn a_path_cannot_climb() {
    let (proxy, m) = before_mojang(false).await;
    for path in
        ["/player/../session/minecraft/join", "/player/%2e%2e/x", "/player/..;/x", "/user/%2e%2e%2fx", "/player/."]
    {
        client::get(&proxy, path).await.assert_status_empty(404);
    }
    assert_eq!(m.requests().len(), 0);
}

#[tokio::test]
async fn refusals_and_redirects_are_the_clients_business() {
    let (proxy, m) = before_mojang(false).await;
    let elsewhere = Upstream::start().await;
    m.answers(Reply::status(307).header("Location", &elsewhere.url()));
    let answer = client::get(&proxy, "/player/attributes").await;
    assert_eq!((answer.status, answer.header("location")), (307, Some(&*elsewhere.url())));
    assert_eq!(elsewhere.connections(), 0);
    m.answers(Reply::status(401).json("{}"));
    let answer = client::get(&proxy, "/player/attributes").await;
    assert_eq!((answer.status, &*answer.text()), (401, "{}"));
}

#[tokio::test]
async fn an_upstream_that_leads_back_here_is_no_loop() {
    let m = Upstream::start().await;
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
    let via = {
        client::get(&proxy, "/player/attributes").await.assert_no();
        m.requests()[0].header("via").unwrap().to_owned()
    };
    Request::get("/player/attributes").header("Via", &via).send(&proxy).await.assert_down();
    assert_eq!(m.requests().len(), 1);
}
