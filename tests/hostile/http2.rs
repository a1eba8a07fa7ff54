//! HTTP/2 as an attacker speaks it.

use super::{
    frames::{CONTINUATION, END_HEADERS, END_STREAM, HEADERS, PREFACE, filler, frame, get, reset, settings},
    *,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Ids of streams, in the order a client takes them.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|n| 2 * n + 1)
}

/// Writes as much of this as is taken, and returns all that is said until the connection is ended.
async fn against(siege: &Siege, said: &[(u16, u32)], attack: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(siege.proxy.address()).await.unwrap();
    let (mut read, mut write) = stream.split();
    let begin = [PREFACE, &settings(said)].concat();
    let mut heard = Vec::new();
    let writing = async {
        let _ = write.write_all(&begin).await;
        let _ = write.write_all(attack).await;
    };
    let reading = async {
        let _ = read.read_to_end(&mut heard).await;
    };
    within("the connection to be ended", async { tokio::join!(writing, reading) }).await;
    heard
}

/// The reason in a GOAWAY, if there is one.
fn goaway(heard: &[u8]) -> Option<u32> {
    let mut rest = heard;
    while rest.len() >= 9 {
        let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
        let payload = rest.get(9..9 + length)?;
        if rest[3] == 7 {
            return Some(u32::from_be_bytes(payload[4..8].try_into().unwrap()));
        }
        rest = &rest[9 + length..];
    }
    None
}

const ENHANCE_YOUR_CALM: u32 = 11;

#[tokio::test(flavor = "multi_thread")]
async fn a_rapid_reset_ends_the_connection() {
    let siege = Siege::start().await;
    let asked = siege.m.requests().len();
    let attack: Vec<u8> = streams(10_000)
        .flat_map(|stream| {
            let path = format!("/session/minecraft/hasJoined?username=bot{stream}&serverId=-{stream}");
            [frame(HEADERS, END_STREAM | END_HEADERS, stream, &get(&path)), reset(stream)].concat()
        })
        .collect();
    let heard = against(&siege, &[], &attack).await;
    assert_eq!(goaway(&heard), Some(ENHANCE_YOUR_CALM), "{}", heard.escape_ascii());
    let questions = siege.m.requests().len() - asked;
    assert!(questions < 300, "{questions} questions");
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_have_to_be_reset_end_the_connection() {
    let siege = Siege::start().await;
    // A window that may not grow beyond its bounds, and does: the fault of one stream, each time.
    let attack: Vec<u8> = streams(2_000)
        .flat_map(|stream| {
            let open = frame(HEADERS, END_HEADERS, stream, &get("/session/minecraft/hasJoined?username=a&serverId=-1"));
            [open, frame(8, 0, stream, &0x7fff_ffff_u32.to_be_bytes())].concat()
        })
        .collect();
    let heard = against(&siege, &[], &attack).await;
    assert!(goaway(&heard).is_some(), "{}", heard.escape_ascii());
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_list_without_end_ends_the_connection() {
    let siege = Siege::start().await;
    let open = frame(HEADERS, END_STREAM, 1, &get(HAS_JOINED));
    let empty = [open.clone(), frame(CONTINUATION, 0, 1, &[]).repeat(100_000)].concat();
    let full = [open.clone(), frame(CONTINUATION, 0, 1, &filler(16_000)).repeat(1_000)].concat();
    // Every byte of it a header of 4000, by the table of both sides.
    let indexed = vec![0x80 | 62; 16_000];
    let bomb =
        [open, frame(CONTINUATION, 0, 1, &filler(4_000)), frame(CONTINUATION, 0, 1, &indexed).repeat(100)].concat();
    for (what, attack) in [("empty", empty), ("full", full), ("bomb", bomb)] {
        let heard = against(&siege, &[], &attack).await;
        assert!(goaway(&heard).is_some(), "{what}: {}", heard.escape_ascii());
        assert!(siege.grown() < 64 * MIB, "{what}: grew by {} MiB", siege.grown() / MIB);
        siege.is_over().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_header_list_is_refused_on_its_stream() {
    let siege = Siege::start().await;
    let asked = siege.m.requests().len();
    let list = [get(HAS_JOINED), filler(15_000), filler(4_000)].concat();
    let (head, rest) = list.split_at(10_000);
    let attack =
        [frame(HEADERS, END_STREAM, 1, head), frame(CONTINUATION, END_HEADERS, 1, rest), frame(7, 0, 0, &[0; 8])];
    let heard = against(&siege, &[], &attack.concat()).await;
    // `:status 431`: its digits, as they are or in Huffman's code.
    let refused =
        [&b"431"[..], &[0x82, 0x68, 0x0f]].iter().any(|status| heard.windows(status.len()).any(|part| part == *status));
    assert!(refused || goaway(&heard).is_some(), "{}", heard.escape_ascii());
    assert_eq!(siege.m.requests().len(), asked, "it was never asked");
    siege.is_over().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_no_room_for_answers_gets_none_and_holds_little() {
    let siege = Siege::start().await;
    let open: Vec<u8> =
        streams(200).flat_map(|stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/?tiny"))).collect();
    let begin = [PREFACE, &settings(&[(4, 0)]), &open].concat();
    let mut held = Vec::new();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(siege.proxy.address()).await.unwrap();
        stream.write_all(&begin).await.unwrap();
        // The heads of all answers, but no body.
        let mut heard = [0; 4096];
        assert!(within("heads", stream.read(&mut heard)).await.unwrap() > 0);
        held.push(stream);
    }
    siege.stands().await;
    assert!(siege.grown() < 200 * MIB, "grew by {} MiB", siege.grown() / MIB);
    assert!(siege.figure("hasjoined_connections_open ").await >= 50.0);
    // They are given up at last, though they answer whatever they are asked.
    for mut stream in held {
        let ended = async {
            let mut heard = vec![0; 65_536];
            while stream.read(&mut heard).await.is_ok_and(|read| read > 0) {
                let _ = stream.write_all(&frame(6, 1, 0, &[0; 8])).await;
            }
        };
        within("the connection to be ended", ended).await;
    }
    siege.is_over().await;
}
