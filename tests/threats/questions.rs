//! T12, T13, T14: what a client may put into a question, and what it may claim about where it comes from.

use super::*;
use crate::support::{
    client::{self, Connection, Request},
    proxy::Proxy,
    upstream::{Recorded, Reply, Upstream},
};
use futures::future::join;

const HAS_JOINED_PATH: &str = "/session/minecraft/hasJoined";

/// What the upstream reads: name, serverId, address.
type Read = (&'static str, &'static str, Option<&'static str>);

/// Written by an attacker, and what an upstream may make of it.
const INJECTIONS: &[(&str, Read)] = &[
    ("username=Notch%26ip%3D6.6.6.6&serverId=-1", ("Notch&ip=6.6.6.6", "-1", None)),
    ("username=Notch%26username%3DEvil&serverId=-1", ("Notch&username=Evil", "-1", None)),
    ("username=Notch&serverId=-1%26username%3DEvil", ("Notch", "-1&username=Evil", None)),
    ("username=Notch&serverId=-1&ip=::1%26serverId%3Devil", ("Notch", "-1", Some("::1&serverId=evil"))),
    ("username=Notch%3Fusername=Evil&serverId=-1", ("Notch?username=Evil", "-1", None)),
    ("username=Notch;serverId=evil&serverId=-1", ("Notch;serverId=evil", "-1", None)),
    ("username=Notch%3Bip%3D6.6.6.6&serverId=-1", ("Notch;ip=6.6.6.6", "-1", None)),
    ("username=Notch%23&serverId=-1%23", ("Notch#", "-1#", None)),
    ("username=No+tch&serverId=-1%2B1", ("No tch", "-1+1", None)),
    ("username=%2526&serverId=%253D", ("%26", "%3D", None)),
    ("username=..%2F..%2Fadmin&serverId=-1", ("../../admin", "-1", None)),
    ("username=Notch%20HTTP/1.1&serverId=-1", ("Notch HTTP/1.1", "-1", None)),
    // Keys that other software would take for one of the three.
    ("Username=Evil&username=Notch&serverId=-1", ("Notch", "-1", None)),
    ("username[]=Evil&username=Notch&serverId[0]=x&serverId=-1", ("Notch", "-1", None)),
    ("%20username=Evil&username=Notch&username%00=Evil&serverId=-1", ("Notch", "-1", None)),
    ("username=Notch&serverid=evil&serverId=-1&unsigned=true&callback=x", ("Notch", "-1", None)),
];

#[tokio::test]
async fn t12_a_question_carries_nothing_but_its_three_values() {
    let m = Upstream::start().await;
    let url = format!("url = \"{}?key=1\"\n", m.url());
    let proxy = Proxy::builder().upstream("mojang", &m, &url).start().await;
    for (query, (name, server_id, ip)) in INJECTIONS {
        client::get(&proxy, &format!("{HAS_JOINED_PATH}?{query}")).await.assert_no();
        let asked = m.requests().pop().unwrap();
        assert_eq!(asked.path(), HAS_JOINED_PATH, "{query}");
        let values = ["key", "username", "serverId", "ip"].map(|key| asked.queries(key).join(" and "));
        assert_eq!(values, ["1", name, server_id, ip.unwrap_or_default()], "{query}");
        assert_eq!(
            keys(&asked),
            if ip.is_some() { "key username serverId ip" } else { "key username serverId" },
            "{query}"
        );
        assert!(asked.target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'), "{query}: {}", asked.target);
    }
    assert_eq!(m.requests().len(), INJECTIONS.len());
}

fn keys(asked: &Recorded) -> String {
    let query = asked.target.split_once('?').unwrap().1;
    query.split('&').map(|pair| pair.split('=').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn t12_what_can_be_read_two_ways_is_refused_unasked() {
    let m = Upstream::start().await;
    m.answers(Reply::profile(ADMIN));
    let proxy = Proxy::with([("mojang", &m)]).await;
    let long = "a".repeat(129);
    for query in [
        "username=Notch&username=Evil&serverId=-1",
        "username=Notch&username=Notch&serverId=-1",
        "username=Notch&%75sername=Evil&serverId=-1",
        "username=Notch&serverId=-1&server%49d=-2",
        "username=Notch&serverId=-1&ip=::1&%69p=::2",
        "username=Notch&serverId=-1&username",
        "username=Notch%00&serverId=-1",
        "username=Notch%0d%0aHost:%20evil&serverId=-1",
        "username=Notch&serverId=-1%0a",
        "username=Notch&serverId=-1&ip=::1%00",
        "username=Notch%7f&serverId=-1",
        "username=Notch%c2%85&serverId=-1",
        "username=Notch%ff&serverId=-1",
        "username=Notch%ed%a0%80&serverId=-1",
        "username=Notch%c0%a6ip=1&serverId=-1",
        "username=&serverId=-1",
        "username=Notch?serverId=-1",
        "username=Notch;serverId=-1",
        "username=Notch%26serverId=-1",
        &format!("username={long}&serverId=-1"),
        &format!("username=Notch&serverId={long}"),
        &format!("username=Notch&serverId=-1&ip={long}"),
    ] {
        let answer = client::get(&proxy, &format!("{HAS_JOINED_PATH}?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        answer.assert_status_empty(400);
    }
    assert_eq!(m.requests().len(), 0, "{:?}", m.requests());
}

#[tokio::test]
async fn t12_no_request_hides_in_another() {
    let (m, elsewhere) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::with([("mojang", &m)]).await;
    let evil = "GET /session/minecraft/hasJoined?username=Evil&serverId=-6 HTTP/1.1\r\nHost: x\r\n\r\n";
    let ask = |more: &str| {
        format!("GET {HAS_JOINED_PATH}?username=Notch&serverId=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}")
    };
    for (what, bytes) in [
        ("a body", ask(&format!("Content-Length: {}\r\n\r\n{evil}", evil.len()))),
        ("after the close", ask(&format!("\r\n{evil}"))),
        ("two lengths", ask(&format!("Content-Length: 0\r\nContent-Length: {}\r\n\r\n{evil}", evil.len()))),
        (
            "a length and chunks",
            ask(&format!("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{evil}")),
        ),
        ("unknown coding", ask(&format!("Transfer-Encoding: xchunked\r\n\r\n{evil}"))),
        (
            "a line break in the target",
            format!("GET {HAS_JOINED_PATH}?username=Notch&serverId=-1\r\n HTTP/1.1\r\n\r\n{evil}"),
        ),
        (
            "a blank in the target",
            format!("GET {HAS_JOINED_PATH}?username=Not ch&serverId=-1 HTTP/1.1\r\nHost: x\r\n\r\n"),
        ),
        ("a bare line break", ask(&format!("X: a\n\n{evil}"))),
    ] {
        client::raw(&proxy, bytes.as_bytes()).await;
        let evils = m.requests().iter().filter(|asked| asked.query("username").as_deref() == Some("Evil")).count();
        assert_eq!(evils, 0, "{what}");
    }
    // Nor is this a proxy to anywhere.
    let origin = elsewhere.origin();
    for (target, asks) in [
        (format!("GET {origin}{HAS_JOINED_PATH}?username=Notch&serverId=-7"), 1),
        (format!("GET {origin}/anything"), 0),
        (format!("CONNECT {}", elsewhere.address()), 0),
        ("OPTIONS *".to_owned(), 0),
        (format!("GET //{}{HAS_JOINED_PATH}?username=Notch&serverId=-7", elsewhere.address()), 0),
        (format!("GET {HAS_JOINED_PATH}/../../../anything?username=Notch&serverId=-7"), 0),
        (format!("GET {HAS_JOINED_PATH}/%2e%2e/hasJoined?username=Notch&serverId=-7"), 0),
    ] {
        let before = m.requests().len();
        let host = format!("Host: {}\r\nConnection: close\r\n\r\n", elsewhere.address());
        let said = client::raw(&proxy, format!("{target} HTTP/1.1\r\n{host}").as_bytes()).await;
        let status = String::from_utf8_lossy(&said).split(' ').nth(1).unwrap_or("none").to_owned();
        assert_eq!(status == "204", asks == 1, "{target}: {status}");
        assert_eq!(m.requests().len(), before + asks, "{target}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn t13_the_address_goes_where_it_may_and_nowhere_else() {
    let (m, h, d) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .upstream("mojang", &m, "")
        .upstream("minehut", &h, "forward_ip = true\n")
        .upstream("drasl", &d, &format!("{OWN}forward_ip = false\n"))
        .start()
        .await;
    // Whether an address is private is for the upstream to weigh; one that would refuse such players is not told.
    for (number, ip) in
        ["198.51.100.23", "192.168.1.5", "10.0.0.1", "::1", "fe80::1%eth0", "100.64.0.9"].iter().enumerate()
    {
        let server_id = format!("-{number}");
        let encoded: String = form_urlencoded::byte_serialize(ip.as_bytes()).collect();
        client::get(&proxy, &format!("{}&ip={encoded}", question(ADMIN, &server_id))).await.assert_no();
        let told = |upstream: &Upstream| {
            let asked =
                upstream.requests().into_iter().find(|asked| asked.query("serverId").as_deref() == Some(&server_id));
            asked.unwrap()
        };
        assert_eq!(told(&m).query("ip").as_deref(), Some(*ip));
        assert_eq!(told(&h).query("ip").as_deref(), Some(*ip));
        let silent = told(&d);
        let head = format!("{:?}{}", silent.headers, silent.target);
        assert_eq!(silent.query("ip"), None);
        assert!(!head.contains(ip) && !head.contains(&encoded), "{head}");
    }
    // A server that says nothing has nothing said for it.
    let request = Request::get(&question(ADMIN, "-none")).header("X-Forwarded-For", "198.51.100.23");
    request.send(&proxy).await.assert_no();
    for upstream in [&m, &h, &d] {
        let asked = upstream.requests().pop().unwrap();
        assert!(asked.query("ip").is_none(), "{}", asked.target);
    }
}

/// Ways to claim another address than the one a connection comes from.
const CLAIMS: [(&str, &str); 9] = [
    ("X-Forwarded-For", "203.0.113.66"),
    ("Forwarded", "for=203.0.113.66;proto=https;host=evil.example"),
    ("X-Real-IP", "203.0.113.66"),
    ("True-Client-IP", "203.0.113.66"),
    ("CF-Connecting-IP", "203.0.113.66"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Prefix", "/evil"),
    ("X-Original-URL", "/session/minecraft/hasJoined?username=Evil&serverId=-6"),
    ("X-Rewrite-URL", "/session/minecraft/hasJoined?username=Evil&serverId=-6"),
];

#[tokio::test]
async fn t14_a_claimed_address_changes_nothing() {
    let m = Upstream::start().await;
    let proxy = Proxy::with([("mojang", &m)]).await;
    let path = format!("{}&ip=192.0.2.7", question(ADMIN, "-1"));
    Request::get(&path).send(&proxy).await.assert_no();
    let honest = m.requests().pop().unwrap();
    for (name, value) in CLAIMS {
        Request::get(&path).header(name, value).send(&proxy).await.assert_no();
        let asked = m.requests().pop().unwrap();
        assert_eq!((&asked.target, &asked.headers), (&honest.target, &honest.headers), "{name}");
    }
    // It does not even make another question of it.
    m.answers(Reply::no().after(ms(300)));
    let before = m.requests().len();
    let claiming = Request::get(&path).header("X-Forwarded-For", "203.0.113.66");
    let (plain, claimed) = join(client::get(&proxy, &path), claiming.send(&proxy)).await;
    plain.assert_no();
    claimed.assert_no();
    assert_eq!(m.requests().len(), before + 1);
}

#[tokio::test]
async fn t14_a_proxy_header_is_not_believed() {
    let m = Upstream::start().await;
    m.answers(Reply::profile(ADMIN));
    let proxy = Proxy::with([("mojang", &m)]).await;
    let request = Request::get(&question(ADMIN, "-1")).header("Connection", "close").bytes(proxy.address());
    let v2 = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x42\x7f\0\0\x01\xc3\x50\x1f\x90"[..], &request].concat();
    let v1 = [&b"PROXY TCP4 203.0.113.66 127.0.0.1 50000 8080\r\n"[..], &request].concat();
    for bytes in [v1, v2] {
        let said = client::raw(&proxy, &bytes).await;
        assert!(!String::from_utf8_lossy(&said).contains(" 200 "), "{}", String::from_utf8_lossy(&said));
    }
    assert_eq!(m.requests().len(), 0);
    // The same bytes without it are a login.
    let mut connection = Connection::open(&proxy).await.unwrap();
    connection.write(&request).await.unwrap();
    connection.answer("GET").await.unwrap().assert_profile(&profile::notch());
}
