//! Clients that leave without a word, at every moment there is.

use super::*;
use crate::support::client::Request;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const MANY: usize = 200;

async fn open(siege: &Siege, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(siege.proxy.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_vanishes_leaves_nothing_behind() {
    let siege = Siege::start().await;
    siege.m.answers(Reply::profile("Notch").after(Duration::from_millis(500)));
    let whole = Request::get(HAS_JOINED).bytes(siege.proxy.address());
    let posted = b"POST /session/minecraft/join HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{";
    for bytes in [&b""[..], b"GET / HT", &whole[..whole.len() / 2], posted, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &whole]
    {
        for reset in [false, true] {
            let mut gone = Vec::new();
            for _ in 0..MANY {
                let stream = open(&siege, bytes).await;
                if reset {
                    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                }
                gone.push(stream);
            }
            drop(gone);
        }
    }
    siege.m.answers(Reply::profile("Notch"));
    siege.is_over().await;
}

#[tokio::test]
async fn who_has_nothing_more_to_say_is_answered_all_the_same() {
    let siege = Siege::start().await;
    siege.m.answers(Reply::profile("Notch").after(Duration::from_millis(300)));
    let mut stream = open(&siege, &Request::get(HAS_JOINED).bytes(siege.proxy.address())).await;
    stream.shutdown().await.unwrap();
    let mut said = Vec::new();
    within("an answer", stream.read_to_end(&mut said)).await.unwrap();
    assert_eq!(statuses(&said), [200]);
    assert!(said.ends_with(&profile::notch()), "{}", said.escape_ascii());
    siege.is_over().await;
}
