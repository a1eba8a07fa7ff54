//! Cases 121 to 133, 137, 138 and 140: heads that can be read in two ways, or take too much.

use super::*;
use crate::support::{client::Http2, within};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

const NEXT: &str = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";

/// A POST to `join` with these lines for its framing, this body, and a request smuggled behind it.
fn framed(lines: &str, body: &str) -> String {
    format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{lines}\r\n\r\n{body}{NEXT}")
}

#[tokio::test]
async fn case_121_a_length_beside_a_coding_is_400() {
    let stage = Stage::start().await;
    for lines in [
        "Content-Length: 7\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 7",
        "content-length: 7\r\nX: y\r\ntransfer-encoding:chunked",
    ] {
        assert_eq!(statuses(&stage, framed(lines, "2\r\n{}\r\n0\r\n\r\n")).await, [400], "{lines}");
    }
}

#[tokio::test]
async fn case_122_lengths_that_are_none_are_400() {
    let stage = Stage::start().await;
    for lines in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 3, 3",
        "Content-Length: +3",
        "Content-Length: 0x3",
        "Content-Length: -1",
        "Content-Length:",
    ] {
        assert_eq!(statuses(&stage, framed(lines, "{} ")).await, [400], "{lines}");
    }
}

#[tokio::test]
async fn case_123_a_length_said_twice_is_400() {
    let stage = Stage::start().await;
    assert_eq!(statuses(&stage, framed("Content-Length: 2\r\nContent-Length: 2", "{}")).await, [400]);
    // However it arrives, and on a connection that has served before.
    let mut stream = TcpStream::connect(stage.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let good =
        format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}");
    for _ in 0..2 {
        stream.write_all(good.as_bytes()).await.unwrap();
        let mut answer = [0; 4096];
        let length = within("an answer", stream.read(&mut answer)).await.unwrap();
        assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{}", answer[..length].escape_ascii());
    }
    for piece in framed("Content-Length: 2\r\nContent-Length: 2", "{}").as_bytes().chunks(7) {
        // The rest may find the connection closed.
        let _ = stream.write_all(piece).await;
        tokio::task::yield_now().await;
    }
    let mut rest = Vec::new();
    let _ = within("the end", stream.read_to_end(&mut rest)).await;
    assert!(rest.starts_with(b"HTTP/1.1 400"), "{}", rest.escape_ascii());
    assert_eq!(String::from_utf8_lossy(&rest).matches("HTTP/1.1 ").count(), 1);
}

#[tokio::test]
async fn case_124_codings_that_are_none_are_400() {
    let stage = Stage::start().await;
    for lines in [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        assert_eq!(statuses(&stage, framed(lines, "2\r\n{}\r\n0\r\n\r\n")).await, [400], "{lines}");
    }
    let old = format!(
        "POST {JOIN} HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{NEXT}"
    );
    assert_eq!(statuses(&stage, old).await, [400]);
}

#[tokio::test]
async fn case_125_codings_before_chunked_are_400() {
    let stage = Stage::start().await;
    for lines in
        ["Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ,chunked"]
    {
        assert_eq!(statuses(&stage, framed(lines, "2\r\n{}\r\n0\r\n\r\n")).await, [400], "{lines}");
    }
}

#[tokio::test]
async fn case_126_lines_that_are_none_are_400() {
    let stage = Stage::start().await;
    for line in ["X: a\r\n folded", "X: a\rb", "X: a\0b", "X : a", "X", ": a", "X\u{e9}: a"] {
        let request = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n{NEXT}");
        assert_eq!(statuses(&stage, request).await, [400], "{}", line.escape_debug());
    }
}

#[tokio::test]
async fn case_127_bare_line_feeds_mean_what_they_look_like() {
    let stage = Stage::start().await;
    let answer = first(
        &stage,
        format!("GET {AUTH_VERIFY} HTTP/1.1\nHost: a\nAuthorization: Bearer {}\n\n", stage.token().await),
    )
    .await;
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
    let two = format!("POST {JOIN} HTTP/1.1\nHost: a\nContent-Length: 2\nContent-Length: 2\n\n{{}}{NEXT}");
    assert_eq!(statuses(&stage, two).await, [400]);
}

#[tokio::test]
async fn case_128_one_host_is_named() {
    let stage = Stage::start().await;
    for hosts in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: u@a\r\n",
        "Host: a/b\r\n",
    ] {
        let answer = first(&stage, format!("GET {AUTH_VERIFY} HTTP/1.1\r\n{hosts}\r\n")).await;
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()), "{hosts:?}");
    }
    let old = first(&stage, format!("GET {AUTH_VERIFY} HTTP/1.0\r\n\r\n")).await;
    assert_eq!(refusal(&old), (401, "invalid_token".to_owned()), "HTTP/1.0 knows no Host");
}

#[tokio::test]
async fn case_129_a_target_with_another_host_is_400() {
    let stage = Stage::start().await;
    let asked =
        async |target: &str| first(&stage, format!("GET {target}{AUTH_VERIFY} HTTP/1.1\r\nHost: a:80\r\n\r\n")).await;
    for target in ["http://evil", "http://a", "http://a:81", "https://evil:80", "http://u@a:80"] {
        assert_eq!(refusal(&asked(target).await), (400, "invalid_request".to_owned()), "{target}");
    }
    assert_eq!(refusal(&asked("http://A:80").await), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn case_130_two_authorizations_are_400() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    for path in [AUTH_VERIFY, "/v1/profile/auth/sessions"] {
        for other in ["Bearer x", &format!("Bearer {token}")] {
            let request =
                Request::get(path).header("Authorization", &format!("Bearer {token}")).header("authorization", other);
            let answer = request.send(&stage.address()).await;
            assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()), "{path} {other}");
        }
    }
}

#[tokio::test]
async fn case_131_an_authorization_that_is_no_text_is_401() {
    let stage = Stage::start().await;
    for value in [&b"\xff\xfe"[..], b"Bearer \xff\xfe", b"Bearer \xc3\xa9"] {
        let head = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nAuthorization: ");
        let answer = first(&stage, [head.as_bytes(), value, b"\r\n\r\n"].concat()).await;
        assert_eq!(refusal(&answer), (401, "invalid_token".to_owned()));
    }
}

#[tokio::test]
async fn case_132_a_target_that_is_no_text_is_400() {
    let stage = Stage::start().await;
    for target in [&b"/auth/verify\xff"[..], b"/auth/verify?\xff", b"/auth/\x00verify", b"/auth/verify?a b"] {
        let all = statuses(&stage, [b"GET ", target, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat()).await;
        assert_eq!(all, [400], "{}", target.escape_ascii());
    }
    let undecodable = first(&stage, format!("GET {AUTH_VERIFY}?a=%ff HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    assert_eq!(refusal(&undecodable), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn case_133_heads_are_bounded() {
    let stage = Stage::start().await;
    let many: String = (0..101).map(|n| format!("x-{n}: x\r\n")).collect();
    assert_eq!(statuses(&stage, format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\n{many}\r\n")).await, [431]);
    let large = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(500_000));
    assert_eq!(cut_off(&stage, large).await, 431);
    let long = format!("GET {AUTH_VERIFY}?{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(70_000));
    assert!(matches!(cut_off(&stage, long).await, 414 | 431));
    let query = first(&stage, format!("GET {AUTH_VERIFY}?{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(4_097))).await;
    assert_eq!(refusal(&query), (400, "invalid_request".to_owned()));
}

/// The status for a request that is not read to its end.
async fn cut_off(stage: &Stage, request: String) -> u16 {
    let (mut read, mut write) = TcpStream::connect(stage.address()).await.unwrap().into_split();
    let (sent, mut head) = (async { write.write_all(request.as_bytes()).await }, [0; 12]);
    let (_, got) = within("a status", async { tokio::join!(sent, read.read_exact(&mut head)) }).await;
    got.unwrap();
    std::str::from_utf8(&head[9..]).unwrap().parse().unwrap()
}

#[tokio::test]
async fn case_137_other_protocols_and_methods_lead_nowhere() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let upgrade = Request::get(AUTH_VERIFY)
        .header("Connection", "Upgrade, HTTP2-Settings")
        .header("Upgrade", "h2c")
        .header("HTTP2-Settings", "AAMAAABkAAQAAP__")
        .header("Authorization", &format!("Bearer {token}"));
    let answer = upgrade.send(&stage.address()).await;
    assert_eq!((answer.status, answer.header("upgrade")), (200, None), "{answer:?}");
    for method in ["get", "Get", "PRINT", "CONNECT", "TRACE"] {
        let status = first(&stage, format!("{method} {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\n\r\n")).await.status;
        assert!(matches!(status, 400 | 405), "{method}: {status}");
    }
    let all = first(&stage, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(matches!(all.status, 204 | 404), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_138_who_dawdles_is_cut_off() {
    let stage = Stage::start().await;
    let head = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(60));
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let (slow, second, two_letters) = tokio::join!(
        dribbled(&stage, String::new(), head.as_bytes()),
        dribbled(&stage, format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\n\r\n"), head.as_bytes()),
        dribbled(&stage, String::new(), &preface.as_bytes()[..2]),
    );
    for (took, said) in [slow, second, two_letters] {
        assert!(took > Duration::from_secs(4) && took < Duration::from_secs(9), "{took:?}");
        assert!(said.is_empty() || said.contains(" 408 "), "{said}");
    }
}

#[tokio::test]
async fn case_138_a_body_that_stalls_is_408() {
    let stage = Stage::start().await;
    let stalled =
        format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{");
    let began = Instant::now();
    let mut connection = Connection::open(&stage.address()).await.unwrap();
    connection.write(stalled.as_bytes()).await.unwrap();
    let answer = connection.answer("POST").await.unwrap();
    assert_eq!(refusal(&answer), (408, "request_timeout".to_owned()));
    assert!(closes(&answer) && began.elapsed() < Duration::from_secs(15), "{answer:?}");
    connection.closed().await;
}

/// Asks once in one go, if there is something to ask; then sends a byte each second until the other side closes. How long that took,
/// and what was said meanwhile.
async fn dribbled(stage: &Stage, whole: String, bytes: &[u8]) -> (Duration, String) {
    let mut stream = TcpStream::connect(stage.address()).await.unwrap();
    if !whole.is_empty() {
        stream.write_all(whole.as_bytes()).await.unwrap();
        let mut answer = [0; 4096];
        assert!(within("an answer", stream.read(&mut answer)).await.unwrap() > 0);
    }
    let began = Instant::now();
    let (mut read, mut write) = stream.into_split();
    let dribble = async {
        for byte in bytes {
            if write.write_all(std::slice::from_ref(byte)).await.is_err() {
                break;
            }
            sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    tokio::select! {
        () = dribble => {}
        _ = within("the other side to close", read.read_to_end(&mut said)) => {}
    }
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn case_140_http_2_is_read_as_strictly() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let client = Http2::open(&stage.address()).await.unwrap();
    let request = || http::Request::get(client.uri(AUTH_VERIFY));
    let good =
        client.send(request().header("cookie", "x=1").header("cookie", format!("auth_token={token}"))).await.unwrap();
    assert_eq!(good.status, 200, "{good:?}");
    let same = client
        .send(request().header("cookie", format!("auth_token={token}")).header("cookie", "auth_token=x"))
        .await
        .unwrap();
    assert_eq!(refusal(&same), (401, "invalid_token".to_owned()), "crumbs that do not agree");
    let other = client.send(request().header("host", "evil")).await.unwrap();
    assert_eq!(refusal(&other), (400, "invalid_request".to_owned()));
    let two =
        client.send(request().header("authorization", "Bearer a").header("authorization", "Bearer b")).await.unwrap();
    assert_eq!(refusal(&two), (400, "invalid_request".to_owned()));
    let head = client.send(http::Request::head(client.uri("/openapi.json"))).await.unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0), "{head:?}");
}
