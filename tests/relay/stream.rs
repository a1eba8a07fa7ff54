//! Bodies on their way: bounded, never held as a whole, never cut short in silence.

use super::*;
use crate::support::{
    client::{self, Connection, Request},
    upstream::Reply,
    within,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const PATH: &str = "/player/attributes";
const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn connections_are_used_again() {
    for http2 in [false, true] {
        let (proxy, m) = before_mojang(http2).await;
        for reply in [Reply::no(), Reply::status(200).json("{}"), Reply::status(200).json(vec![b' '; MIB]).chunked()] {
            m.answers(reply.clone());
            for _ in 0..3 {
                client::get(&proxy, PATH).await;
                Request::post(PATH, r#"{"x":1}"#).send(&proxy).await;
            }
        }
        assert_eq!(m.requests().len(), 18);
        // One for logins was opened at the start.
        assert!(m.connections() <= 2, "{} connections, http2 = {http2}", m.connections());
    }
}

#[tokio::test]
async fn a_request_whose_connection_had_ended_takes_another() {
    let (proxy, m) = before_mojang(false).await;
    client::get(&proxy, PATH).await.assert_no();
    m.cut_connections().await;
    client::get(&proxy, PATH).await.assert_no();
}

#[tokio::test]
async fn an_upstream_that_fails_is_down() {
    for http2 in [false, true] {
        let (proxy, m) = before_mojang(http2).await;
        for broken in [Reply::no().reset_without_answer(), Reply::no().close_without_answer(), Reply::no().garbage()] {
            m.answers(broken);
            let before = m.requests().len();
            Request::post(PATH, "{}").send(&proxy).await.assert_down();
            assert_eq!(m.requests().len(), before + 1, "never sent again");
        }
        m.stop().await;
        client::get(&proxy, PATH).await.assert_down();
    }
}

#[tokio::test]
async fn an_answer_that_breaks_breaks_for_the_client() {
    for http2 in [false, true] {
        let (proxy, m) = before_mojang(http2).await;
        let body = Reply::status(200).json(vec![b'x'; 64 * 1024]);
        for broken in [body.clone().reset_mid_body(), body.clone().chunked().reset_mid_body()] {
            m.answers(broken);
            // A reset may overtake the head; then there is nothing to pass on.
            if let Ok(answer) = Request::get(PATH).try_send(&proxy).await {
                answer.assert_down();
            }
        }
        if !http2 {
            for broken in [body.clone().half_close(), body.clone().chunked().half_close()] {
                m.answers(broken);
                assert!(Request::get(PATH).try_send(&proxy).await.is_err(), "a cut answer looked whole");
            }
        }
        m.answers(body.clone());
        assert_eq!(client::get(&proxy, PATH).await.body.len(), 64 * 1024);
    }
}

#[tokio::test]
async fn an_answer_flows_before_it_is_whole() {
    let (proxy, m) = before_mojang(false).await;
    m.answers(Reply::status(200).json(vec![b'x'; 1000]).stall_mid_body());
    let mut stream = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(&Request::get(PATH).bytes(proxy.address())).await.unwrap();
    let mut came = Vec::new();
    let half = async {
        while !came.ends_with(&[b'x'; 500]) {
            assert_ne!(stream.read_buf(&mut came).await.unwrap(), 0);
        }
    };
    within("half an answer", half).await;
}

#[tokio::test]
async fn a_request_flows_before_it_is_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let m = Upstream::start().await;
    let quiet = "publish_keys = []\ndiscovery_url = \"http://127.0.0.1:9/minecraft/client\"\n";
    let lines = format!("preset = \"mojang\"\nservices_url = \"{at}\"\n{quiet}");
    let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
    let mut client = Connection::open(&proxy).await.unwrap();
    client.write(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst").await.unwrap();
    let (mut upstream, _) = within("a connection", listener.accept()).await.unwrap();
    let mut came = Vec::new();
    let until = |came: &[u8], end: &[u8]| came.ends_with(end);
    while !until(&came, b"first") {
        assert_ne!(within("the first half", upstream.read_buf(&mut came)).await.unwrap(), 0);
    }
    client.write(b"later").await.unwrap();
    while !until(&came, b"firstlater") {
        assert_ne!(within("the second half", upstream.read_buf(&mut came)).await.unwrap(), 0);
    }
    upstream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    client.answer("POST").await.unwrap().assert_no();
}

#[tokio::test]
async fn too_much_does_not_pass_either_way() {
    let (proxy, m) = before_mojang(false).await;
    m.answers_by(|request| Reply::status(200).json(request.body.to_vec()));
    let most = "x".repeat(4 * MIB);
    // What the first one leaves is what the allocator keeps at hand.
    assert_eq!(Request::post(PATH, &most).send(&proxy).await.body.len(), 4 * MIB);
    let before = proxy.memory();
    Request::post(PATH, &"x".repeat(4 * MIB + 1)).header("Expect", "100-continue").try_send(&proxy).await.ok();
    assert_eq!(m.requests().len(), 1, "refused before anything was sent");
    m.answers(Reply::status(200).json(vec![b'x'; 4 * MIB + 1]));
    client::get(&proxy, PATH).await.assert_down();
    m.answers(Reply::status(200).endless());
    assert!(Request::get(PATH).try_send(&proxy).await.is_err());
    m.answers_by(|request| Reply::status(200).json(request.body.to_vec()));
    for _ in 0..4 {
        assert_eq!(Request::post(PATH, &most).send(&proxy).await.body.len(), 4 * MIB);
    }
    let grown = proxy.memory().saturating_sub(before);
    assert!(grown < 3 * MIB as u64, "grew by {grown} bytes: a body was held");
}

#[tokio::test]
async fn a_chunked_request_is_bounded_too() {
    let (proxy, m) = before_mojang(false).await;
    let mut client = Connection::open(&proxy).await.unwrap();
    let head = b"POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [format!("{MIB:x}\r\n").as_bytes(), &vec![b'x'; MIB], b"\r\n"].concat();
    client.write(&head).await.unwrap();
    for _ in 0..5 {
        // The proxy may have ended it already.
        if client.write(&chunk).await.is_err() {
            break;
        }
    }
    if let Ok(answer) = client.answer("POST").await {
        answer.assert_status_empty(413);
    }
    m.until("the connection to be closed", |tally| tally.open <= 1).await;
    assert_eq!(m.requests().len(), 0, "never came to its end");
}
