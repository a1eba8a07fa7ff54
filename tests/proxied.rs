//! Behind a load balancer that speaks the PROXY protocol: who is believed, who is served, and for which address.

use crate::support::{
    HAS_JOINED,
    client::{self, Answer, Connection, Request},
    profile,
    proxy::Proxy,
    spawn,
    upstream::{Reply, Upstream},
    within,
};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

async fn knowing() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.answers(Reply::profile("Notch"));
    upstream
}

/// Trusts a balancer on this machine and one in 10.0.0.0/8, and lets each client ask once a minute.
async fn behind(upstream: &Upstream, trusted: &str) -> Proxy {
    let lines = format!("proxy_protocol = true\ntrusted_proxies = {trusted}\nclient_limit = \"1/1m\"");
    Proxy::builder().admin().server(&lines).upstream("mojang", upstream, "").start().await
}

const BOTH: &str = "[\"127.0.0.1\", \"10.0.0.0/8\"]";

fn first(client: &str) -> Vec<u8> {
    let family = if client.contains(':') { "TCP6" } else { "TCP4" };
    let here = if client.contains(':') { "::1" } else { "127.0.0.1" };
    format!("PROXY {family} {client} {here} 50000 8080\r\n").into_bytes()
}

/// Of version 2: command, family, and what follows.
fn second(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, block].concat()
}

fn four(client: [u8; 4]) -> Vec<u8> {
    [&client[..], &[127, 0, 0, 1], &[0xc3, 0x50, 0x1f, 0x90]].concat()
}

/// A login behind this header, with these headers of HTTP.
async fn login(proxy: &Proxy, header: &[u8], lines: &[(&str, &str)]) -> Answer {
    let mut connection = Connection::open(proxy).await.unwrap();
    let request = lines.iter().fold(Request::get(HAS_JOINED), |request, (name, value)| request.header(name, value));
    connection.write(&[header, &request.bytes(proxy.address())].concat()).await.unwrap();
    connection.answer("GET").await.unwrap()
}

async fn unannounced(proxy: &Proxy) -> f64 {
    let text = client::get(&proxy.admin().await, "/metrics").await.text();
    let line = text.lines().find_map(|line| line.strip_prefix("hasjoined_connections_unannounced_total "));
    line.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_login_is_for_the_address_in_the_header() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    let with_more = [&four([203, 0, 113, 3])[..], &[0x02, 0, 3, b'a', b'.', b'b', 0x04, 0, 1, 0]].concat();
    let six = [&[0x20, 1, 0xd, 0xb8][..], &[0; 11], &[9], &[0; 15], &[1], &[0xc3, 0x50, 0x1f, 0x90]].concat();
    for header in [
        first("203.0.113.1"),
        second(0x21, 0x11, &four([203, 0, 113, 2])),
        second(0x21, 0x11, &with_more),
        first("2001:db8:1::1"),
        second(0x21, 0x21, &six),
    ] {
        login(&proxy, &header, &[]).await.assert_profile(&profile::notch());
        // Each may ask once, and no other is meant by it.
        login(&proxy, &header, &[]).await.assert_down();
    }
    // The neighbour within the same /64 is the same subscriber; the one beside it is not.
    login(&proxy, &first("2001:db8:1::2"), &[]).await.assert_down();
    login(&proxy, &first("2001:db8:1:1::1"), &[]).await.assert_profile(&profile::notch());
    let text = client::get(&proxy.admin().await, "/metrics").await.text();
    assert!(text.contains("\nhasjoined_requests_limited_total 6.0\n"), "{text}");
}

#[tokio::test]
async fn a_balancer_that_speaks_for_itself_is_served() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    for header in [
        second(0x20, 0x00, &[]),
        second(0x20, 0x11, &four([203, 0, 113, 1])),
        second(0x21, 0x00, b"whatever"),
        second(0x21, 0x31, &[0; 216]),
        b"PROXY UNKNOWN\r\n".to_vec(),
    ] {
        for _ in 0..2 {
            login(&proxy, &header, &[]).await.assert_profile(&profile::notch());
        }
    }
}

#[tokio::test]
async fn what_http_says_of_the_client_counts_only_from_whom_the_header_names() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    let forwarded = |client: &'static str| [("X-Forwarded-For", client)];
    // A stranger behind the balancer is itself, whatever it says.
    login(&proxy, &first("203.0.113.1"), &forwarded("198.51.100.1")).await.assert_profile(&profile::notch());
    login(&proxy, &first("203.0.113.1"), &forwarded("198.51.100.2")).await.assert_down();
    // Another proxy of ours behind it is believed.
    login(&proxy, &first("10.0.0.1"), &forwarded("198.51.100.1")).await.assert_profile(&profile::notch());
    login(&proxy, &first("10.0.0.1"), &forwarded("198.51.100.2")).await.assert_profile(&profile::notch());
    login(&proxy, &first("10.0.0.2"), &forwarded("198.51.100.2")).await.assert_down();
}

#[tokio::test]
async fn a_header_may_come_in_pieces_and_with_whatever_follows() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    for header in [first("203.0.113.1"), second(0x21, 0x11, &four([203, 0, 113, 2]))] {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        for byte in header {
            stream.write_all(&[byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        stream.write_all(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
        let mut answer = [0; 512];
        let length = within("an answer", stream.read(&mut answer)).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{}", answer[..length].escape_ascii());
    }
    // As much as a header may hold, of which nothing is of interest; and HTTP/2 behind it.
    let long = [&four([203, 0, 113, 3])[..], &[0xee, 0x3f, 0xf1], &[0; 0x3ff1 - 12]].concat();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(&second(0x21, 0x11, &long)).await.unwrap();
    let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = within("a handshake", shaken).await.unwrap();
    spawn(connection);
    let request = http::Request::get(format!("{}{HAS_JOINED}", proxy.origin())).body(Empty::<bytes::Bytes>::new());
    let answer = within("an answer", sender.send_request(request.unwrap())).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(within("a body", answer.into_body().collect()).await.unwrap().to_bytes(), profile::notch());
}

#[tokio::test]
async fn a_trusted_proxy_without_a_header_is_closed() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    let request = Request::get(HAS_JOINED).bytes(proxy.address());
    let wrong = [
        request.clone(),
        b"\x16\x03\x01\x02\x00\x01".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"PROXY TCP4 203.0.113.1 127.0.0.1 50000\r\n".to_vec(),
        second(0x21, 0x11, &[0; 3]),
        second(0x11, 0x11, &four([203, 0, 113, 1])),
        format!("PROXY UNKNOWN {}", "x".repeat(100)).into_bytes(),
    ];
    for bytes in &wrong {
        assert_eq!(client::raw(&proxy, bytes).await, b"", "{}", bytes.escape_ascii());
    }
    assert_eq!(m.requests().len(), 0);
    assert_eq!(unannounced(&proxy).await, wrong.len() as f64);
    // One that only looks whether somebody listens does no wrong.
    drop(TcpStream::connect(proxy.address()).await.unwrap());
    login(&proxy, &first("203.0.113.1"), &[]).await.assert_profile(&profile::notch());
    assert_eq!(unannounced(&proxy).await, wrong.len() as f64);
    // The operator's own listener is not behind it.
    assert_eq!(client::get(&proxy.admin().await, "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_header_that_does_not_end_is_not_waited_for() {
    let m = knowing().await;
    let proxy = behind(&m, BOTH).await;
    let began = std::time::Instant::now();
    let waits = [&b"PROXY TCP4 203."[..], SIGNATURE, b""].map(|bytes| client::raw(&proxy, bytes));
    for said in futures::future::join_all(waits).await {
        assert_eq!(said, b"");
    }
    let took = began.elapsed();
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(8), "{took:?}");
    assert_eq!(unannounced(&proxy).await, 3.0);
}

#[tokio::test]
async fn nobody_else_may_have_one() {
    let m = knowing().await;
    let proxy = behind(&m, "[\"10.0.0.0/8\"]").await;
    for _ in 0..2 {
        // On this machine: not counted.
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
    }
    let request = Request::get(HAS_JOINED).bytes(proxy.address());
    for header in [first("203.0.113.1"), second(0x21, 0x11, &four([203, 0, 113, 1])), b"PROXY UNKNOWN\r\n".to_vec()] {
        let said = client::raw(&proxy, &[&header[..], &request].concat()).await;
        assert!(said.starts_with(b"HTTP/1.1 400"), "{}", said.escape_ascii());
        assert_eq!(String::from_utf8_lossy(&said).matches("HTTP/1.1").count(), 1, "{}", said.escape_ascii());
    }
    assert_eq!(m.requests().len(), 2);
    assert_eq!(unannounced(&proxy).await, 0.0);
}

#[tokio::test]
async fn one_too_many_is_told_so_behind_its_header() {
    let m = knowing().await;
    let lines = "proxy_protocol = true\ntrusted_proxies = \"127.0.0.1\"\nmax_connections = 1";
    let proxy = Proxy::builder().server(lines).upstream("mojang", &m, "").start().await;
    let mut held = Connection::open(&proxy).await.unwrap();
    let request = Request::get(HAS_JOINED).bytes(proxy.address());
    held.write(&[&first("203.0.113.1")[..], &request].concat()).await.unwrap();
    held.answer("GET").await.unwrap().assert_profile(&profile::notch());
    login(&proxy, &first("203.0.113.2"), &[]).await.assert_down();
    login(&proxy, &second(0x21, 0x11, &four([203, 0, 113, 2])), &[]).await.assert_down();
}

#[tokio::test]
async fn it_is_switched_while_running() {
    let m = knowing().await;
    let proxy = Proxy::with([("mojang", &m)]).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    let config = fs::read_to_string(proxy.config_path()).unwrap();
    let lines = "[server]\nproxy_protocol = true\ntrusted_proxies = \"127.0.0.0/8\"\n";
    fs::write(proxy.config_path(), config.replace("[server]\n", lines)).unwrap();
    proxy.logged("configuration reloaded").await;
    login(&proxy, &first("203.0.113.1"), &[]).await.assert_profile(&profile::notch());
    assert_eq!(client::raw(&proxy, &Request::get(HAS_JOINED).bytes(proxy.address())).await, b"");
}

#[tokio::test]
async fn check_says_from_whom_it_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[server]\nproxy_protocol = true\ntrusted_proxies = \"10.0.0.0/8\"\nclient_limit = \"600/1m burst 60\"\n[upstreams.mojang]\npreset = \"mojang\"\n";
    fs::write(folder.path().join("upstreams.toml"), text).unwrap();
    let checked = crate::support::proxy::run(folder.path(), ["check"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    for says in [
        "expects a PROXY header from 10.0.0.0/8, and from nobody else",
        "at most 600 logins in 1m for one client, 60 at once",
    ] {
        assert!(checked.output.contains(says), "{says}: {}", checked.output);
    }
}
