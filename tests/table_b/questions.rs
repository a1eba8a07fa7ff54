//! Rows 28 to 37 and 58 to 60: what goes in, and what of it goes on.

use super::*;
use crate::support::HAS_JOINED;
use crate::support::client::{self, Request};

#[tokio::test]
async fn row_28_the_order_of_the_query_is_free() {
    let (proxy, m, _h) = mojang_and_minehut(yes(), no()).await;
    client::get(&proxy, "/session/minecraft/hasJoined?serverId=-1a&username=Notch")
        .await
        .assert_profile(&profile::notch());
    let asked = &m.requests()[0];
    assert_eq!(asked.query("username").as_deref(), Some("Notch"));
    assert_eq!(asked.query("serverId").as_deref(), Some("-1a"));
}

#[tokio::test]
async fn row_29_the_address_is_passed_on_as_it_was_spelled() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let proxy =
        Proxy::builder().upstream("mojang", &m, "").upstream("minehut", &h, "forward_ip = false\n").start().await;
    let asked = "/session/minecraft/hasJoined?ip=2001%3Adb8%3A0%3A0%3A0%3A0%3A0%3A1%25eth0&serverId=s&username=A_b";
    client::get(&proxy, asked).await.assert_no();
    assert_eq!(m.requests()[0].query("ip").as_deref(), Some("2001:db8:0:0:0:0:0:1%eth0"));
    assert_eq!(h.requests()[0].query("ip"), None);
    assert_eq!(h.requests()[0].query("username").as_deref(), Some("A_b"));
}

#[tokio::test]
async fn row_30_values_survive_their_encoding() {
    let (proxy, m, _h) = mojang_and_minehut(no(), no()).await;
    let asked = "/session/minecraft/hasJoined?username=No+tch%2B%C3%A9%26x&serverId=s";
    client::get(&proxy, asked).await.assert_no();
    assert_eq!(m.requests()[0].query("username").as_deref(), Some("No tch+é&x"));
    assert_eq!(m.requests()[0].queries("x").len(), 0);
}

#[tokio::test]
async fn row_31_half_a_question_is_refused() {
    let (proxy, m, h) = mojang_and_minehut(yes(), yes()).await;
    for query in ["?username=Notch", "?serverId=s", "?", "", "?username=&serverId=s"] {
        let request = Request::get(&format!("/session/minecraft/hasJoined{query}")).header("Accept", "text/html");
        request.send(&proxy).await.assert_status_empty(400);
    }
    assert_eq!((m.requests().len(), h.requests().len()), (0, 0));
}

#[tokio::test]
async fn row_32_a_question_that_can_be_read_two_ways_is_refused() {
    let (proxy, m, h) = mojang_and_minehut(yes(), yes()).await;
    for query in
        ["username=a&username=b&serverId=s", "username=a&serverId=s&serverId=t", "username=a&serverId=s&%75sername=b"]
    {
        client::get(&proxy, &format!("/session/minecraft/hasJoined?{query}")).await.assert_status_empty(400);
    }
    assert_eq!((m.requests().len(), h.requests().len()), (0, 0));
}

#[tokio::test]
async fn row_33_slashes_too_many_are_folded() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    for path in ["//session/minecraft/hasJoined", "/session/minecraft/hasJoined/", "/session//minecraft///hasJoined"] {
        client::get(&proxy, &format!("{path}?username=Notch&serverId=-1a2b3c")).await.assert_profile(&profile::notch());
    }
}

#[tokio::test]
async fn row_34_the_path_selects_upstreams() {
    let (m, h, c) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h), ("connect", &c)]).await;
    for path in ["/mojang/minehut/session/minecraft/hasJoined", "/session/minecraft/hasJoined/minehut/mojang"] {
        client::get(&proxy, &format!("{path}?username=Notch&serverId=-1a2b3c")).await.assert_no();
    }
    assert_eq!((m.requests().len(), h.requests().len(), c.requests().len()), (2, 2, 0));
    let unknown =
        client::get(&proxy, "/mojang/elyby/session/minecraft/hasJoined?username=Notch&serverId=-1a2b3c").await;
    unknown.assert_status_empty(404);
}

#[tokio::test]
async fn row_35_an_offer_of_h2c_is_ignored() {
    let (proxy, m, _h) = mojang_and_minehut(yes(), no()).await;
    let answer = Request::get(HAS_JOINED)
        .header("Connection", "Upgrade, HTTP2-Settings")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA")
        .header("Content-Length", "0")
        .header("User-Agent", "Velocity/3.4.0")
        .send(&proxy)
        .await;
    answer.assert_profile(&profile::notch());
    let asked = &m.requests()[0];
    for header in ["upgrade", "http2-settings", "connection", "content-length"] {
        assert_eq!(asked.header(header), None, "{header}");
    }
    assert!(!asked.header("user-agent").unwrap().contains("Velocity"));
}

#[tokio::test]
async fn row_36_bungeecords_bare_request() {
    let (proxy, _m, _h) = mojang_and_minehut(yes().after(ms(100)), no()).await;
    let bare = "GET /session/minecraft/hasJoined?username=Notch&serverId=-1a2b3c HTTP/1.1\r\nhost: proxy\r\n\r\n";
    let mut connection = client::Connection::open(&proxy).await.unwrap();
    connection.write(bare.as_bytes()).await.unwrap();
    // It has said all it will say; some clients close their half as soon as that.
    connection.finish_writing().await.unwrap();
    connection.answer("GET").await.unwrap().assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_37_nobody_gets_a_web_page_for_a_wrong_path() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    let accept = "text/html, image/gif, image/jpeg, */*; q=0.2";
    Request::get("/no/such/route").header("Accept", accept).send(&proxy).await.assert_status_empty(404);
    let post = Request::new("POST", "/session/minecraft/hasJoined?username=Notch&serverId=s").send(&proxy).await;
    post.assert_status_empty(405);
    assert_eq!(post.header("allow"), Some("GET"));
}

#[tokio::test]
async fn row_58_credentials_stay_here() {
    let (proxy, m, h) = mojang_and_minehut(yes(), no()).await;
    let answer = Request::get(HAS_JOINED)
        .header("Authorization", "Bearer x")
        .header("Cookie", "session=x")
        .header("X-Forwarded-For", "192.0.2.7")
        .send(&proxy)
        .await;
    answer.assert_profile(&profile::notch());
    h.seen(1).await;
    for asked in [&m.requests()[0], &h.requests()[0]] {
        let mut sent: Vec<_> = asked.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        sent.sort();
        assert_eq!(sent, ["accept", "host", "user-agent", "via"]);
    }
}

#[tokio::test]
async fn row_59_the_log_keeps_secrets() {
    let m = Upstream::start().await;
    m.answers(yes());
    let c = Upstream::start().await;
    c.answers(Reply::status(500).text("a8f5f167f44f4964e6c998dee827110c"));
    let proxy = Proxy::builder()
        .argument("--log=debug")
        .upstream("mojang", &m, "")
        .upstream("connect", &c, "timeout = \"1s\"\n")
        .start()
        .await;
    let secret = "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1";
    let path = format!("/session/minecraft/hasJoined?username=Notch&serverId={secret}&ip=198.51.100.23");
    assert_eq!(Request::get(&path).header("Authorization", "Bearer eyJhbGciOi").send(&proxy).await.status, 200);
    // One that goes wrong, too.
    client::get(&proxy, &format!("{path}&ip=198.51.100.24")).await.assert_status_empty(400);
    m.answers(no());
    client::get(&proxy, &path).await.assert_down();
    proxy.logged("undecided").await;
    let log = proxy.log().join("\n");
    assert!(log.contains("Notch"), "there is a line for the login: {log}");
    for word in [secret, "198.51.100", "eyJhbGciOi", "a8f5f167"] {
        assert!(!log.contains(word), "{word} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn row_60_a_loop_ends_at_once() {
    let m = Upstream::start().await;
    // The proxy's own address is known only once it listens: a second configuration closes the loop.
    let proxy = Proxy::with([("mojang", &m)]).await;
    let own =
        format!("\n[upstreams.loop]\nurl = \"{}/session/minecraft/hasJoined\"\nattests = \"mojang\"\n", proxy.origin());
    let config = std::fs::read_to_string(proxy.config_path()).unwrap() + &own;
    std::fs::write(proxy.config_path(), config).unwrap();
    proxy.logged("reloaded").await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_down();
    assert!(answer.took < ms(1000), "{:?}", answer.took);
    assert_eq!(m.requests().len(), 1, "no storm");
    m.answers(yes());
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}
