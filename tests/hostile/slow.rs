//! Many who take their time.

use super::*;
use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MANY: usize = 100;

/// Sends `begin`, then a byte each half second, until the other side closes. What it said.
async fn drip(siege: &Siege, begin: &str) -> String {
    let (mut read, mut write) = TcpStream::connect(siege.proxy.address()).await.unwrap().into_split();
    write.write_all(begin.as_bytes()).await.unwrap();
    let dripping = async {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    tokio::select! {
        () = dripping => {}
        _ = within("the other side to close", read.read_to_end(&mut said)) => {}
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_bodies_that_do_not_end_are_cut_off() {
    let siege = Siege::start().await;
    let head = format!("GET {HAS_JOINED} HTTP/1.1\r\nHost: a\r\nX-Filler: ");
    let posted = |path: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[")
    };
    let (join, names) = (posted("/session/minecraft/join"), posted("/profiles/minecraft"));
    let chunked =
        join.replace("Content-Length: 1000", "Transfer-Encoding: chunked").replace("\r\n\r\n[", "\r\n\r\n3e8\r\n[");
    let preface = "PRI * HTTP/2.0\r\n";
    let slow = [&head, &join, &names, &chunked, preface].map(|begin| join_all((0..MANY).map(|_| drip(&siege, begin))));
    let began = Instant::now();
    let logins = async {
        for _ in 0..20 {
            siege.stands().await;
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        assert!(siege.figure("hasjoined_connections_open ").await >= 4.0 * MANY as f64, "all of them wait");
    };
    let (said, ()) = tokio::join!(join_all(slow), logins);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    for said in said.into_iter().flatten() {
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    siege.is_over().await;
}
