//! T15, T16, T22: what many questions, odd answers and slow upstreams may cost.

use super::*;
use crate::support::{
    client::{self, Connection, Request},
    proxy::Proxy,
    spawn,
    upstream::{Reply, Upstream},
};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use futures::future::join_all;
use std::io::Write;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[tokio::test]
async fn t15_one_question_is_never_more_than_one_call_to_each() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::no().after(ms(300)));
    h.answers(Reply::no().after(ms(300)));
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h)]).await;
    // However often it is asked at once, and in whatever words.
    let paths = [
        question(ADMIN, "-1"),
        format!("/{}", question(ADMIN, "-1")),
        "/session/minecraft/hasJoined?serverId=-1&username=Notch&x=y".to_owned(),
    ];
    for answer in join_all((0..60).map(|n| client::get(&proxy, &paths[n % paths.len()]))).await {
        answer.assert_no();
    }
    assert_eq!((m.requests().len(), h.requests().len()), (1, 1));
    // Naming an upstream twice does not ask it twice, nor does naming it without end.
    let again = format!("{}/session/minecraft/hasJoined/mojang?username=Notch&serverId=-2", "/mojang".repeat(100));
    client::get(&proxy, &again).await.assert_no();
    assert_eq!((m.requests().len(), h.requests().len()), (2, 1), "and it asks nobody else");
    let endless = format!("{}{}", "/mojang".repeat(400), question(ADMIN, "-3"));
    client::get(&proxy, &endless).await.assert_status_empty(404);
    assert_eq!(m.requests().len(), 2);
}

#[tokio::test]
async fn t15_strangers_cannot_spend_the_last_of_a_budget() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.knows(&[ADMIN]);
    let proxy =
        Proxy::builder().upstream("mojang", &m, "budget = \"20/10m\"\n").upstream("minehut", &h, "").start().await;
    client::get(&proxy, &question(ADMIN, "-0")).await.assert_profile(&profile::notch());
    let flood = (0..200).map(async |n| client::get(&proxy, &question(&format!("bot{n}"), &format!("-{n}"))).await);
    for answer in join_all(flood).await {
        assert!(matches!(answer.status, 204 | 503), "{answer:?}");
    }
    assert_eq!(m.requests().len(), 16, "a fifth is kept");
    client::get(&proxy, &question(ADMIN, "-1")).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn t15_no_more_are_answered_at_once_than_may_be() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let lines = "timeout = \"1s\"\nmax_connections = 4\n";
    let proxy = Proxy::builder().server("max_in_flight = 8").upstream("mojang", &m, lines).start().await;
    let flood = (0..60).map(async |n| client::get(&proxy, &question(&format!("bot{n}"), &format!("-{n}"))).await);
    let answers = join_all(flood).await;
    answers.iter().for_each(client::Answer::assert_down);
    let at_once = answers.iter().filter(|answer| answer.took < ms(500)).count();
    assert!(at_once >= 52, "{at_once}");
    assert!(m.requests().len() <= 8, "{} questions", m.requests().len());
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::best());
    deflated.write_all(plain).unwrap();
    deflated.finish().unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(plain).unwrap();
    compressed.finish().unwrap()
}

/// What an upstream may send in place of an answer.
fn weights() -> Vec<(&'static str, Reply)> {
    let yes = || Reply::profile(ADMIN);
    let ok = |body: String| Reply::status(200).json(body);
    let zeros = vec![b' '; 40 * 1024 * 1024];
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(30_000), close.repeat(30_000));
    let with = |more: &str| bare(ADMIN_ID, ADMIN).replacen('{', &format!("{{{more},"), 1);
    vec![
        ("drips", yes().drip(ms(100))),
        ("stalls", yes().stall_mid_body()),
        ("10 MiB", yes().padded_to(10 * 1024 * 1024)),
        ("10 MiB in chunks", yes().padded_to(10 * 1024 * 1024).chunked()),
        ("65 KiB", yes().padded_to(65 * 1024)),
        ("no end", Reply::status(200).endless()),
        ("a gzip bomb", ok(String::new()).body(gzip(&zeros)).header("Content-Encoding", "gzip")),
        ("a deflate bomb", Reply::status(200).json(deflate(&zeros)).header("Content-Encoding", "deflate")),
        (
            "zlib within gzip",
            ok(String::new()).body(deflate(&profile::notch())).gzip().header("Content-Encoding", "deflate"),
        ),
        ("two codings", ok(String::new()).body(deflate(&profile::notch())).header("Content-Encoding", "deflate, gzip")),
        ("a depth of arrays", ok(deep("[", "]"))),
        ("a depth of objects", ok(deep("{\"a\":", "}"))),
        ("a depth in properties", ok(with(&format!("\"properties\":{}", deep("[", "]"))))),
        ("a depth in the id", ok(format!("{{\"id\":{},\"name\":\"{ADMIN}\"}}", deep("[", "]")))),
        ("a depth in a member of no interest", ok(with(&format!("\"x\":{}", deep("[", "]"))))),
        (
            "a depth in a member of a property",
            ok(with("\"y\":0").replace("[]", &format!(r#"[{{"name":"a","value":"b","z":{}}}]"#, deep("[", "]")))),
        ),
        (
            "bytes that are no text",
            ok(with("\"x\":\"?\"")).body([&b"{\"x\":\"\xff\","[..], &bare(ADMIN_ID, ADMIN).as_bytes()[1..]].concat()),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_no_answer_is_too_slow_too_large_or_too_deep() {
    let (m, elsewhere) = (Upstream::start().await, Upstream::start().await);
    elsewhere.answers(Reply::profile(ADMIN));
    let proxy = Proxy::builder().upstream("mojang", &m, "timeout = \"500ms\"\n").start().await;
    let mut weights = weights();
    for status in [300, 301, 302, 303, 304, 307, 308] {
        weights.push(("a redirect", Reply::status(status).header("Location", &elsewhere.url())));
    }
    let mut before = None;
    for (what, reply) in weights {
        // A plain answer between, so that it is never the breaker that says "down".
        m.answers(Reply::no());
        client::get(&proxy, &question(ADMIN, "-1")).await.assert_no();
        before.get_or_insert_with(|| proxy.memory());
        let asked = m.requests().len();
        m.answers(reply);
        let answer = client::get(&proxy, &question(ADMIN, "-2")).await;
        assert_eq!(answer.status, 503, "{what}: {answer:?}");
        assert!(answer.took < ms(1500), "{what}: {:?}", answer.took);
        assert!(m.requests().len() > asked, "{what}: it was asked");
    }
    let grown = proxy.memory().saturating_sub(before.unwrap());
    assert!(grown < 8 * 1024 * 1024, "grew by {grown} bytes");
    assert_eq!(elsewhere.connections(), 0, "nobody is sent anywhere");
}

/// An upstream below HTTP: answers each request with `first`, then with `rest` until nobody reads any more.
async fn raw_upstream(first: &'static [u8], rest: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/session/minecraft/hasJoined", listener.local_addr().unwrap());
    spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            spawn(async move {
                let asked = stream.read(&mut [0; 4096]).await.unwrap_or(0);
                let mut written = if asked > 0 { stream.write_all(first).await } else { return };
                while written.is_ok() {
                    written = stream.write_all(rest).await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn t16_heads_without_end_are_cut_off() {
    for (what, first, rest) in [
        ("headers", &b"HTTP/1.1 200 OK\r\n"[..], &b"X-Filler: 0123456789012345678901234567890123456789\r\n"[..]),
        ("one header", b"HTTP/1.1 200 OK\r\nX-Filler: ", b"0123456789012345678901234567890123456789"),
        ("interim answers", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"),
        ("a status line", b"HTTP/1.1 200 ", b"OK OK OK OK OK OK OK OK OK OK OK OK OK OK"),
        (
            "a chunk's extension",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
            b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        (
            "trailers",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-Filler: 01234567890123456789\r\n",
        ),
    ] {
        let url = raw_upstream(first, rest).await;
        let section = format!("[upstreams.mojang]\nurl = \"{url}\"\nattests = \"mojang\"\ntimeout = \"1s\"\n");
        let proxy = Proxy::builder().section(&section).start().await;
        let before = proxy.memory();
        for login in 0..3 {
            let answer = client::get(&proxy, &question(ADMIN, &format!("-{login}"))).await;
            assert_eq!(answer.status, 503, "{what}: {answer:?}");
            assert!(answer.took < ms(2000), "{what}: {:?}", answer.took);
        }
        let grown = proxy.memory().saturating_sub(before);
        assert!(grown < 8 * 1024 * 1024, "{what}: grew by {grown} bytes");
    }
}

#[tokio::test]
async fn t22_every_answer_is_there_before_a_game_server_gives_up() {
    // With the deadline as it comes, and upstreams that would take longer.
    let (hangs, drips, deaf) = (Upstream::start().await, Upstream::start().await, Upstream::deaf());
    hangs.answers(Reply::no().hang());
    drips.answers(Reply::profile(ADMIN).drip(ms(900)));
    let long = "timeout = \"30s\"\nconnect_timeout = \"30s\"\n";
    let proxy = Proxy::builder()
        .upstream("mojang", &hangs, long)
        .upstream("minehut", &drips, long)
        .upstream("connect", &deaf, long)
        .start()
        .await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_down();
    assert!(answer.took > ms(4000) && answer.took < ms(4900), "{:?}", answer.took);
}

#[tokio::test]
async fn t22_who_hangs_up_leaves_nothing_behind() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let lines = "timeout = \"700ms\"\nmax_connections = 8\n";
    let proxy = Proxy::builder().server("max_in_flight = 40").upstream("mojang", &m, lines).start().await;
    let base = proxy.open_files();
    for wave in 0..3 {
        let mut gone = Vec::new();
        for n in 0..40 {
            let mut connection = Connection::open(&proxy).await.unwrap();
            let login = Request::get(&question(&format!("bot{n}"), &format!("-{wave}{n}")));
            connection.write(&login.bytes(proxy.address())).await.unwrap();
            gone.push(connection);
        }
        drop(gone);
        tokio::time::sleep(ms(300)).await;
    }
    m.answers(Reply::profile(ADMIN));
    // Their places are free again, their connections closed, and the upstream is asked as ever.
    let waited = async {
        while proxy.open_files() > base + 8 || client::has_joined(&proxy).await.status != 200 {
            tokio::time::sleep(ms(50)).await;
        }
    };
    crate::support::within("a login after all have gone", waited).await;
}
