//! Requests that are too large, or can be read in two ways, on the routes of game servers.

use super::*;
use crate::support::client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The first status for a request that may not be read to its end; nothing, if the connection is ended without one.
async fn first_status(siege: &Siege, request: &[u8]) -> Option<u16> {
    let (mut read, mut write) = TcpStream::connect(siege.proxy.address()).await.unwrap().into_split();
    let mut head = [0; 12];
    let sent = async {
        let _ = write.write_all(request).await;
    };
    let (_, got) = within("a status", async { tokio::join!(sent, read.read_exact(&mut head)) }).await;
    got.ok()?;
    std::str::from_utf8(&head[9..]).unwrap().parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_early() {
    let siege = Siege::start().await;
    let asked = siege.m.requests().len();
    let much = "x".repeat(10 * 1024 * 1024);
    let posted = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{much}",
            much.len()
        )
    };
    let chunked = format!(
        "POST /session/minecraft/join HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{much}",
        much.len()
    );
    let extended =
        format!("POST /session/minecraft/join HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;{much}");
    let trailed =
        format!("POST /session/minecraft/join HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {much}");
    for (what, request) in [
        ("a path", format!("GET /{much} HTTP/1.1\r\nHost: a\r\n\r\n")),
        ("a query", format!("GET {HAS_JOINED}{much} HTTP/1.1\r\nHost: a\r\n\r\n")),
        ("a header", format!("GET {HAS_JOINED} HTTP/1.1\r\nHost: a\r\nX: {much}\r\n\r\n")),
        ("headers", format!("GET {HAS_JOINED} HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(100_000))),
        ("a method", format!("{much} {HAS_JOINED} HTTP/1.1\r\nHost: a\r\n\r\n")),
        ("no head at all", "\r\n".repeat(1_000_000)),
        ("a join", posted("/session/minecraft/join")),
        ("names", posted("/profiles/minecraft")),
        ("a chunk", chunked),
        ("a chunk's extension", extended),
        ("a trailer", trailed),
    ] {
        let status = first_status(&siege, request.as_bytes()).await;
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{what}: {status:?}");
        assert!(siege.grown() < 64 * MIB, "{what}: grew by {} MiB", siege.grown() / MIB);
        siege.stands().await;
    }
    assert_eq!(siege.m.requests().len() - asked, 11, "nothing of it went on");
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_behind_another_request() {
    let siege = Siege::start().await;
    let asked = siege.m.requests().len();
    let evil = "GET /session/minecraft/hasJoined?username=Notch&serverId=-evil HTTP/1.1\r\nHost: a\r\n\r\n";
    for lines in [
        "Content-Length: 7\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 7",
        "Content-Length: 0\r\nContent-Length: 7",
        "Content-Length: 7\r\nContent-Length: 7",
        "Content-Length: 7, 7",
        "Content-Length: +7",
        "Content-Length: 0x7",
        "Content-Length: -1",
        "Content-Length:",
        "Content-Length : 7",
        "Content-Length\t: 7",
        " Content-Length: 7",
        "X: y\r\n Content-Length: 7",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "X: \0",
        "X\0: y",
        "X: a\rTransfer-Encoding: chunked",
    ] {
        for path in [HAS_JOINED, "/session/minecraft/join"] {
            for method in ["GET", "POST"] {
                let request = format!("{method} {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n0\r\n\r\n{evil}");
                let said = client::raw(&siege.proxy, request.as_bytes()).await;
                assert_eq!(statuses(&said), [400], "{method} {path} {}: {}", lines.escape_debug(), said.escape_ascii());
            }
        }
    }
    let smuggled =
        siege.m.requests().into_iter().filter(|request| request.query("serverId").as_deref() == Some("-evil"));
    assert_eq!(smuggled.count(), 0);
    assert_eq!(siege.m.requests().len(), asked, "nobody was asked anything");
    siege.is_over().await;
}
