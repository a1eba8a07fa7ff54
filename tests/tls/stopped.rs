//! The end of the program: what is under way is answered, and every connection ends in good order.

use super::*;
use crate::support::proxy::Signal;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Reads to the end, which has to be told (`close_notify`): without, reading fails.
async fn to_the_end(stream: &mut TlsStream<TcpStream>) -> Vec<u8> {
    let mut all = Vec::new();
    within("the end", stream.read_to_end(&mut all)).await.expect("a cut is not an end");
    all
}

#[tokio::test]
async fn what_is_under_way_is_answered_and_the_end_is_told() {
    let mut stage = Stage::start().await;
    let client = stage.ca.client(&["http/1.1"]);
    let (mut asking, mut idle) = (stage.dial(&client).await.unwrap(), stage.dial(&client).await.unwrap());
    let mut kept = stage.dial(&client).await.unwrap();
    kept.write_all(&Request::get("/nowhere").bytes(stage.address())).await.unwrap();
    assert!(within("an answer", kept.read(&mut [0; 4096])).await.unwrap() > 0);
    stage.m.answers(Reply::profile("Notch").after(Duration::from_millis(600)));
    asking.write_all(&Request::get(crate::support::HAS_JOINED).bytes(stage.address())).await.unwrap();
    stage.m.seen(1).await;
    stage.proxy.signal(Signal::TERM);
    let answer = String::from_utf8(to_the_end(&mut asking).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    for silent in [&mut idle, &mut kept] {
        assert_eq!(to_the_end(silent).await, b"");
    }
    assert_eq!(stage.proxy.exit().await, 0);
}

/// Frames of HTTP/2 by kind and stream: nothing else of them matters here.
fn frames(mut bytes: &[u8]) -> Vec<(u8, u32)> {
    let mut found = Vec::new();
    while let [a, b, c, kind, _, s1, s2, s3, s4, rest @ ..] = bytes {
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        found.push((*kind, u32::from_be_bytes([*s1, *s2, *s3, *s4])));
        bytes = &rest[length..];
    }
    found
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const GOAWAY: u8 = 7;

#[tokio::test]
async fn a_client_of_http_2_is_told_to_go_and_gets_its_answer() {
    let mut stage = Stage::start().await;
    stage.m.answers(Reply::profile("Notch").after(Duration::from_millis(600)));
    let mut stream = stage.dial(&stage.ca.client(&["h2"])).await.unwrap();
    let path = crate::support::HAS_JOINED.as_bytes();
    // GET, https, :path and :authority without Huffman, on stream 1, which ends with that.
    let mut block = vec![0x82, 0x87, 0x04, path.len() as u8];
    block.extend_from_slice(path);
    block.extend_from_slice(b"\x01\x09localhost");
    let mut said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    said.extend_from_slice(&[0, 0, block.len() as u8, HEADERS, 5, 0, 0, 0, 1]);
    said.extend_from_slice(&block);
    stream.write_all(&said).await.unwrap();
    stage.m.seen(1).await;
    stage.proxy.signal(Signal::TERM);
    // The ping between the two words to go is answered, as a client does: it says which streams were too late.
    let mut all = Vec::new();
    let read = async {
        loop {
            let mut piece = [0; 4096];
            let length = stream.read(&mut piece).await.expect("a cut is not an end");
            all.extend_from_slice(&piece[..length]);
            if length == 0 {
                return;
            }
            if let Some(at) = piece[..length].windows(9).position(|head| head == [0, 0, 8, 6, 0, 0, 0, 0, 0]) {
                let mut pong = piece[at..at + 17].to_vec();
                pong[4] = 1;
                stream.write_all(&pong).await.unwrap();
            }
        }
    };
    within("the end", read).await;
    let frames = frames(&all);
    let place = |wanted| frames.iter().position(|frame| *frame == wanted);
    let (goaway, answer) = (place((GOAWAY, 0)), place((HEADERS, 1)));
    assert!(goaway.is_some() && goaway < answer && answer < place((DATA, 1)), "{frames:?}");
    assert_eq!(stage.proxy.exit().await, 0);
}

#[tokio::test]
async fn who_has_connected_before_the_stop_is_served_also_at_a_socket_that_was_passed_on() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let mut stage = Stage::with(|program| program.passing(socket, "web")).await;
    assert_eq!(stage.address(), address);
    let early = TcpStream::connect(address).await.unwrap();
    stage.proxy.signal(Signal::TERM);
    stage.proxy.logged("draining").await;
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(stage.ca.client(&["http/1.1"])).connect(name, early).await.unwrap();
    joins(&mut Connection::on(stream, &stage.proxy)).await;
    assert_eq!(stage.proxy.exit().await, 0);
}
