//! Who is not let in: who is too slow, speaks something else, or comes when all places are taken; and heads that can be read in two ways.

use super::*;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

#[tokio::test]
async fn plain_http_is_told_so() {
    let stage = Stage::start().await;
    let answer = Request::get(crate::support::HAS_JOINED).send(&stage.proxy).await;
    assert_eq!((answer.status, answer.header("connection")), (400, Some("close")), "{answer:?}");
    assert_eq!(answer.text(), "this port speaks TLS: ask for https://, not http://\n");
    // Whatever else it is, the connection just ends.
    assert_eq!(client::raw(&stage.proxy, b"\x80\x2e\x01\x03\x01").await, b"");
    assert_eq!(stage.handshakes("not_tls").await, 2.0);
    assert!(stage.m.requests().is_empty());
}

#[tokio::test]
async fn what_only_looks_like_tls_is_counted_and_not_logged() {
    let stage = Stage::start().await;
    // A record of a version that never was; and a record that holds no ClientHello.
    for record in [&b"\x16\x09\x09\x00\x01\x00"[..], b"\x16\x03\x01\x00\x04\xff\x00\x00\x00"] {
        let said = client::raw(&stage.proxy, record).await;
        assert!(said.is_empty() || said.starts_with(b"\x15\x03"), "an alert: {}", said.escape_ascii());
    }
    assert_eq!(stage.handshakes("failed").await, 2.0);
    // Who believes another authority.
    assert!(stage.dial(&Ca::new().client(&[])).await.is_err());
    joins(&mut Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap()).await;
    assert!(!stage.proxy.log().join("\n").contains("handshake"), "{:?}", stage.proxy.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_to_begin_or_to_go_on_is_let_go() {
    let stage = Stage::start().await;
    // A record that would be long, byte by byte.
    let hello = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 64]].concat();
    let ended = async |bytes: &[u8]| {
        let began = Instant::now();
        let (mut read, mut write) = TcpStream::connect(stage.address()).await.unwrap().into_split();
        let dribble = async {
            for byte in bytes {
                let _ = write.write_all(std::slice::from_ref(byte)).await;
                sleep(Duration::from_millis(300)).await;
            }
            std::future::pending::<()>().await;
        };
        let mut said = [0; 64];
        tokio::select! {
            () = dribble => {}
            _ = within("the other side to close", read.read(&mut said)) => {}
        }
        began.elapsed()
    };
    let (silent, slow) = tokio::join!(ended(b""), ended(&hello));
    for took in [silent, slow] {
        assert!(took > Duration::from_secs(4) && took < Duration::from_secs(9), "{took:?}");
    }
    assert_eq!(stage.handshakes("timeout").await, 2.0);
}

#[tokio::test]
async fn handshakes_take_places_and_who_finds_none_is_told_503() {
    let stage = Stage::with(|program| program.server("max_connections = 2")).await;
    let mut first = Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap();
    joins(&mut first).await;
    // In the middle of a handshake, for as long as it likes to be.
    let half = TcpStream::connect(stage.address()).await.unwrap();
    let taken = async {
        while stage.figure("hasjoined_connections_open").await != Some(2.0) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    within("both places to be taken", taken).await;
    for client in [stage.ca.client(&[]), stage.ca.client(&["h2", "http/1.1"])] {
        let mut refused = Connection::on(stage.dial(&client).await.unwrap(), &stage.proxy);
        let answer = refused.send(&Request::get(crate::support::HAS_JOINED)).await.unwrap();
        answer.assert_down();
        assert!(refused.closed().await.is_empty());
    }
    assert!(stage.dial(&stage.ca.client(&["h2"])).await.is_err(), "a 503 cannot be said in HTTP/2 alone");
    assert_eq!(Request::get("/").send(&stage.proxy).await.status, 400);
    joins(&mut first).await;
    drop(half);
}

#[tokio::test]
async fn heads_are_read_as_strictly_as_without() {
    let stage = Stage::start().await;
    let next = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";
    for lines in [
        "Content-Length: 7\r\nTransfer-Encoding: chunked",
        "Content-Length: 2\r\nContent-Length: 2",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "X: a\r\n folded",
    ] {
        let mut connection = Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap();
        // The watch holds for a second request too.
        joins(&mut connection).await;
        let head = format!("POST /session/minecraft/join HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n");
        connection.write(format!("{head}2\r\n{{}}\r\n0\r\n\r\n{next}").as_bytes()).await.unwrap();
        let said = String::from_utf8_lossy(&connection.closed().await).into_owned();
        assert!(said.starts_with("HTTP/1.1 400 ") && said.matches("HTTP/1.1 ").count() == 1, "{lines}: {said}");
    }
    let mut connection = Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap();
    let many: String = (0..101).map(|n| format!("x-{n}: x\r\n")).collect();
    connection.write(format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes()).await.unwrap();
    assert_eq!(connection.answer("GET").await.unwrap().status, 431);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dawdles_over_a_head_is_cut_off() {
    let stage = Stage::start().await;
    let began = Instant::now();
    let mut connection = Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap();
    connection.write(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let said = connection.closed().await;
    let took = began.elapsed();
    assert!(took > Duration::from_secs(4) && took < Duration::from_secs(9), "{took:?}");
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 408"), "{}", said.escape_ascii());
}
