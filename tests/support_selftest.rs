//! The test support tested: each misbehaviour of the fake upstream once, seen by the raw client.
//!
//! Decides whether a later test may trust what stands under it.

use std::{
    io,
    time::{Duration, Instant},
};

use http::Version;
use tempfile::TempDir;

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Framing, Http2, Request, Target},
    profile,
    proxy::{self, Proxy, Signal},
    spawn,
    tls::Ca,
    upstream::{Reply, Upstream},
};

const SOON: Duration = Duration::from_millis(50);

/// A fake that gives one answer to all.
async fn answering(reply: Reply) -> Upstream {
    let mojang = Upstream::start().await;
    mojang.answers(reply);
    mojang
}

fn notch() -> Reply {
    Reply::profile("Notch")
}

/// What a client makes of a broken answer.
async fn failure(reply: Reply) -> io::ErrorKind {
    let mojang = answering(reply).await;
    Request::get(HAS_JOINED).try_send(&mojang).await.unwrap_err().kind()
}

#[tokio::test]
async fn says_no_until_told_otherwise() {
    let mojang = Upstream::start().await;
    client::has_joined(&mojang).await.assert_no();
    mojang.answers(notch());
    client::has_joined(&mojang).await.assert_profile(&profile::notch());
    mojang.answers(Reply::status(503));
    client::has_joined(&mojang).await.assert_down();
    mojang.answers(Reply::status(404).header("X-Odd", "1"));
    let answer = client::get(&mojang, "/").await;
    answer.assert_status_empty(404);
    assert_eq!(answer.header("x-odd"), Some("1"));
}

#[test]
fn a_profile_has_the_size_of_a_real_one() {
    let (notch, dashed) = (profile::notch(), profile::with_id("Notch", "069a79f4-44e9-4726-a5be-fca90e38aaf5"));
    assert!((1_200..1_800).contains(&notch.len()), "{}", notch.len());
    assert!(dashed.len() > notch.len());
    assert_eq!(profile::id_of("jeb_").len(), 32);
    assert_ne!(profile::for_name("jeb_"), notch);
    assert!(serde_json::from_slice::<serde_json::Value>(&notch).unwrap()["properties"].is_array());
}

#[tokio::test]
async fn records_what_was_asked() {
    let mojang = Upstream::start().await;
    let target = "/a/session?username=No+tch%2B%C3%A9%26x&serverId=-1a&ip=1&ip=2";
    Request::post(target, "{}").header("X-Two", "b").send(&mojang).await.assert_no();
    let [request] = &mojang.requests()[..] else { panic!("{:?}", mojang.requests()) };
    assert_eq!((&*request.method, &*request.target, request.path()), ("POST", target, "/a/session"));
    assert_eq!(request.query("username").as_deref(), Some("No tch+é&x"));
    assert_eq!(request.query("serverId").as_deref(), Some("-1a"));
    assert_eq!((request.queries("ip").len(), request.query("nothing")), (2, None));
    assert_eq!((request.header("x-two"), &*request.body), (Some("b"), &b"{}"[..]));
    assert_eq!((request.version, request.connection, request.number), (Version::HTTP_11, 1, 1));
    assert!(request.at.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn answers_by_name_and_count() {
    let mojang = Upstream::start().await;
    mojang.knows(&["Notch"]);
    client::get(&mojang, "/?username=nOTCH").await.assert_profile(&profile::notch());
    client::get(&mojang, "/?username=Steve").await.assert_no();
    mojang.answers_by(|request| if request.number == 3 { Reply::status(503) } else { Reply::no() });
    client::has_joined(&mojang).await.assert_down();
    client::has_joined(&mojang).await.assert_no();
}

#[tokio::test]
async fn keeps_connections_alive_and_counts_them() {
    let mojang = answering(notch()).await;
    let mut one = Connection::open(&mojang).await.unwrap();
    let mut two = Connection::open(&mojang).await.unwrap();
    for connection in [&mut one, &mut two] {
        for _ in 0..3 {
            connection.send(&Request::get(HAS_JOINED)).await.unwrap().assert_profile(&profile::notch());
        }
    }
    assert_eq!((mojang.connections(), mojang.open_connections(), mojang.requests().len()), (2, 2, 6));
    drop(one);
    mojang.until("one connection", |tally| tally.open == 1).await;
    mojang.cut_connections().await;
    assert_eq!(two.closed().await.len(), 0);
    client::has_joined(&mojang).await.assert_profile(&profile::notch());
    assert_eq!((mojang.connections(), mojang.peak_connections(), mojang.abandoned()), (3, 2, 0));
}

#[tokio::test]
async fn closes_when_asked_to_or_when_told_to() {
    let mojang = answering(notch().then_close()).await;
    let mut connection = Connection::open(&mojang).await.unwrap();
    let answer = connection.send(&Request::get("/")).await.unwrap();
    assert_eq!((answer.header("connection"), connection.closed().await.len()), (Some("close"), 0));
    mojang.answers(notch().then_vanish());
    let mut connection = Connection::open(&mojang).await.unwrap();
    let answer = connection.send(&Request::get("/")).await.unwrap();
    assert_eq!((answer.header("connection"), connection.closed().await.len()), (None, 0));
    mojang.answers(Reply::no());
    for asks in ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"] {
        assert_eq!(client::raw(&mojang, asks.as_bytes()).await, b"HTTP/1.1 204 No Content\r\n\r\n");
    }
}

#[tokio::test]
async fn frames_the_body_as_told() {
    let mojang = answering(notch().chunked()).await;
    let answer = client::has_joined(&mojang).await;
    assert_eq!((answer.framing, &answer.body), (Framing::Chunked, &profile::notch()));
    mojang.answers(notch().close_delimited());
    let answer = client::has_joined(&mojang).await;
    assert_eq!((answer.framing, &answer.body), (Framing::UntilClose, &profile::notch()));
    mojang.answers(notch().http10());
    let answer = Request::get("/").http10().without_host().send(&mojang).await;
    assert_eq!((answer.version, &answer.body), (Version::HTTP_10, &profile::notch()));
    assert!(answer.head.starts_with(b"HTTP/1.0 200 OK\r\n"), "{answer:?}");
    let answer = Request::new("HEAD", "/").header("Host", "proxy").send(&mojang).await;
    assert_eq!((answer.framing, answer.body.len()), (Framing::None, 0));
    assert_eq!(mojang.requests()[3].header("host"), Some("proxy"));
    mojang.answers(Reply::no().text("a body where none may be"));
    let answer = client::has_joined(&mojang).await;
    assert_eq!((answer.body.len(), &*answer.stray), (0, &b"a body where none may be"[..]));
}

#[tokio::test]
async fn encodes_pads_and_drips_the_body() {
    let mojang = answering(notch().gzip()).await;
    let answer = client::has_joined(&mojang).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut plain = Vec::new();
    io::copy(&mut flate2::read::GzDecoder::new(&*answer.body), &mut plain).unwrap();
    assert_eq!(plain, profile::notch());
    mojang.answers(notch().padded_to(10 << 20));
    assert_eq!(client::has_joined(&mojang).await.body.len(), 10 << 20);
    mojang.answers(Reply::status(403).html("<html>").drip(Duration::from_millis(5)));
    let answer = client::has_joined(&mojang).await;
    assert_eq!((answer.status, &*answer.text(), answer.header("content-type")), (403, "<html>", Some("text/html")));
    assert!(answer.took >= Duration::from_millis(25), "{answer:?}");
    mojang.answers(Reply::status(500).text("oops"));
    assert_eq!(client::has_joined(&mojang).await.text(), "oops");
}

#[tokio::test]
async fn answers_late() {
    let mojang = answering(notch().after(SOON)).await;
    let answer = client::has_joined(&mojang).await;
    assert!(answer.took >= SOON, "{answer:?}");
    mojang.answers(notch().after(Duration::from_secs(3600)));
    let mut connection = Connection::open(&mojang).await.unwrap();
    connection.write(&Request::get("/").bytes(mojang.address())).await.unwrap();
    mojang.seen(2).await;
    assert_eq!(mojang.tally().answering, 1);
    drop(connection);
    mojang.idle().await;
    assert_eq!(mojang.abandoned(), 1);
}

#[tokio::test]
async fn hangs_and_stalls_until_the_asker_leaves() {
    let mojang = answering(notch().hang()).await;
    let mut connection = Connection::open(&mojang).await.unwrap();
    connection.write(&Request::get("/").bytes(mojang.address())).await.unwrap();
    mojang.seen(1).await;
    drop(connection);
    mojang.until("the asker to leave", |tally| tally.open == 0).await;
    mojang.answers(notch().stall_mid_body());
    let mut connection = Connection::open(&mojang).await.unwrap();
    connection.write(&Request::get("/").bytes(mojang.address())).await.unwrap();
    mojang.seen(2).await;
    assert!(tokio::time::timeout(SOON, connection.answer("GET")).await.is_err());
    drop(connection);
    mojang.idle().await;
    assert_eq!(mojang.abandoned(), 2);
}

#[tokio::test]
async fn breaks_off() {
    use io::ErrorKind::{ConnectionReset, InvalidData, UnexpectedEof};
    assert_eq!(failure(notch().close_without_answer()).await, UnexpectedEof);
    assert_eq!(failure(notch().reset_without_answer()).await, ConnectionReset);
    assert_eq!(failure(notch().reset_mid_body()).await, ConnectionReset);
    assert_eq!(failure(notch().chunked().reset_mid_body()).await, ConnectionReset);
    assert_eq!(failure(notch().half_close()).await, UnexpectedEof);
    assert_eq!(failure(notch().garbage()).await, InvalidData);
}

#[tokio::test]
async fn never_ends() {
    let mojang = answering(notch().endless()).await;
    let mut connection = Connection::open(&mojang).await.unwrap();
    connection.write(&Request::get("/").bytes(mojang.address())).await.unwrap();
    mojang.seen(1).await;
    assert!(tokio::time::timeout(SOON, connection.answer("GET")).await.is_err());
    drop(connection);
    mojang.idle().await;
    assert_eq!(mojang.abandoned(), 1);
}

#[tokio::test]
async fn goes_down_and_comes_up_on_the_same_port() {
    let mojang = Upstream::refused();
    let ask = Request::get(HAS_JOINED);
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    assert!(ask.try_send(&mojang).await.is_err_and(refused));
    for _ in 0..3 {
        mojang.restart().await;
        let mut open = Connection::open(&mojang).await.unwrap();
        open.send(&ask).await.unwrap().assert_no();
        mojang.stop().await;
        assert_eq!(open.closed().await.len(), 0);
        assert!(ask.try_send(&mojang).await.is_err_and(refused));
    }
    assert_eq!(mojang.url(), format!("http://127.0.0.1:{}/session/minecraft/hasJoined", mojang.address().port()));
}

#[tokio::test]
async fn a_deaf_one_never_picks_up() {
    let mojang = Upstream::deaf();
    let calling = client::get(&mojang, "/");
    assert!(tokio::time::timeout(4 * SOON, calling).await.is_err());
}

#[tokio::test]
async fn stop_abandons_what_is_being_answered() {
    let mojang = answering(notch().hang()).await;
    let address = Target::address(&mojang);
    let asking = spawn(async move { Request::get("/").try_send(&address).await.map(|_| ()) });
    mojang.seen(1).await;
    mojang.stop().await;
    assert!(asking.await.unwrap().is_err());
    assert_eq!((mojang.abandoned(), mojang.open_connections()), (1, 0));
}

#[tokio::test]
async fn speaks_tls() {
    let ca = Ca::new();
    let mojang = Upstream::builder().tls(&ca).start().await;
    mojang.answers(notch());
    let ask = Request::get(HAS_JOINED);
    ask.try_send_tls(&mojang, &ca).await.unwrap().assert_profile(&profile::notch());
    assert!(ask.try_send_tls(&mojang, &Ca::new()).await.is_err(), "another authority is trusted");
    assert!(mojang.origin().starts_with("https://localhost:") && mojang.ca().is_some());
    let other = Upstream::builder().tls(&ca).certified_as("elsewhere.test").start().await;
    assert!(ask.try_send_tls(&other, &ca).await.is_err(), "a wrong name is trusted");
    assert_eq!((mojang.handshakes(), mojang.connections(), other.handshakes()), (1, 2, 0));
    mojang.answers(notch().reset_mid_body());
    assert_eq!(ask.try_send_tls(&mojang, &ca).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    let folder = TempDir::new().unwrap();
    assert_eq!(std::fs::read_to_string(ca.pem_file(folder.path())).unwrap(), ca.pem());
}

#[tokio::test]
async fn speaks_http2() {
    let ca = Ca::new();
    let minehut = Upstream::builder().tls(&ca).http2(true).start().await;
    let drasl = Upstream::builder().http2(true).max_streams(10).start().await;
    let (tls, plain) = (Http2::open_tls(&minehut, &ca).await.unwrap(), Http2::open(&drasl).await.unwrap());
    for (upstream, client) in [(&minehut, &tls), (&drasl, &plain)] {
        client.get(HAS_JOINED).await.unwrap().assert_no();
        upstream.answers(notch().after(SOON));
        let since = Instant::now();
        let (one, two) = tokio::join!(client.get("/a?b"), client.get("/c"));
        assert_eq!((one.unwrap().body, two.unwrap().status), (profile::notch(), 200));
        assert!(since.elapsed() >= SOON);
        for broken in [notch().close_without_answer(), notch().reset_mid_body()] {
            upstream.answers(broken);
            assert!(client.get("/").await.is_err());
        }
        upstream.answers(Reply::no());
        client.get("/").await.unwrap().assert_no();
        assert_eq!((upstream.requests()[1].version, upstream.connections()), (Version::HTTP_2, 1));
    }
    client::has_joined(&drasl).await.assert_no();
    Request::get("/").try_send_tls(&minehut, &ca).await.unwrap().assert_no();
}

#[tokio::test]
async fn runs_the_program() {
    let (mojang, ca) = (Upstream::start().await, Ca::new());
    let drasl = Upstream::builder().tls(&ca).start().await;
    mojang.answers(notch());
    let proxy = Proxy::with([("mojang", &mojang), ("minehut", &drasl)]).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert!(proxy.memory() > 1 << 20 && proxy.open_files() > 3);
    assert!(proxy.output().iter().any(|line| line.contains(&proxy.origin())));
    let text = std::fs::read_to_string(proxy.config_path()).unwrap();
    assert!(proxy.folder().join("minehut.pem").exists() && text.contains("[upstreams.minehut]"));
    let plain = Proxy::builder().upstream("drasl", &mojang, "negative = [204, 403]").server("max_in_flight = 2");
    let builder = plain.race("deadline = \"1s\"").section("").variable("NO_COLOR", "1");
    let mut again = Proxy::from_config(&builder.text()).await;
    again.signal(Signal::TERM);
    assert!(!again.logged("").await.is_empty());
    assert_eq!(again.exit().await, 0, "{:?}", again.log());
}

#[tokio::test]
async fn runs_the_program_to_its_end() {
    let finished = Proxy::builder().config("nonsense").argument("--listen=127.0.0.1:0").fail().await;
    assert_eq!((finished.code, &*finished.output), (Some(78), ""), "{}", finished.log);
    let folder = TempDir::new().unwrap();
    assert_eq!(proxy::run(folder.path(), ["--no-such-option"]).await.code, Some(2));
}
