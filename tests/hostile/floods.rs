//! More than anybody reads.

use super::{
    frames::{PREFACE, frame, ping, settings},
    *,
};
use crate::support::client::Connection;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// Connects with room for few answers, writes and never reads, until the connection is ended.
async fn never_read(siege: &Siege, begin: &[u8], flood: Vec<u8>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(siege.proxy.address()).await.unwrap();
    stream.write_all(begin).await.unwrap();
    let mut taken = 0;
    let writing = async {
        loop {
            match stream.write(&flood[taken % flood.len()..]).await {
                Ok(more) => taken += more,
                Err(_) => return,
            }
        }
    };
    within("the connection to be ended", writing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_reads_is_given_up() {
    let siege = Siege::start().await;
    let page = b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n".repeat(10_000);
    let bad = b"GET /session/minecraft/hasJoined HTTP/1.1\r\nHost: a\r\n\r\n".repeat(10_000);
    let (pings, said) = (ping(0).repeat(10_000), settings(&[]).repeat(10_000));
    let begin = [PREFACE, &settings(&[])].concat();
    let attacks = async {
        tokio::join!(
            never_read(&siege, b"", page),
            never_read(&siege, b"", bad),
            never_read(&siege, &begin, pings),
            never_read(&siege, &begin, said),
        )
    };
    let watch = async {
        for _ in 0..20 {
            siege.stands().await;
            assert!(siege.grown() < 64 * MIB, "grew by {} MiB", siege.grown() / MIB);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::join!(attacks, watch);
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_answered_in_order_to_whoever_reads() {
    let siege = Siege::start().await;
    let mut stream = TcpStream::connect(siege.proxy.address()).await.unwrap();
    let (mut read, mut write) = stream.split();
    let mut all: Vec<u8> = Vec::new();
    for n in 0..2_000 {
        let path = if n % 2 == 0 { "/session/minecraft/hasJoined" } else { "/nowhere" };
        all.extend(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").bytes());
    }
    all.extend(format!("GET {HAS_JOINED} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").bytes());
    let mut said = Vec::new();
    let (written, ended) =
        within("all answers", async { tokio::join!(write.write_all(&all), read.read_to_end(&mut said)) }).await;
    written.unwrap();
    ended.unwrap();
    let statuses = statuses(&said);
    assert_eq!(statuses.len(), 2_001);
    assert!(statuses.chunks(2).take(1_000).all(|pair| pair == [400, 404]), "in their order");
    assert_eq!(statuses[2_000], 200);
    drop(stream);
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pings_and_reads_is_answered() {
    let siege = Siege::start().await;
    let mut connection = Connection::open(&siege.proxy).await.unwrap();
    let flood = [ping(0).repeat(5_000), settings(&[]).repeat(5_000), frame(7, 0, 0, &[0; 8])].concat();
    connection.write(&[PREFACE, &settings(&[]), &flood].concat()).await.unwrap();
    // Each is answered, or the connection ended for them: nothing hangs.
    connection.closed().await;
    siege.is_over().await;
}
