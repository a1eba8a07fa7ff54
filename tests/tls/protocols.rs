//! Who can connect: HTTP/1.1 and HTTP/2, with and without ALPN, TLS 1.2 and 1.3, by both kinds of key.

use super::*;
use crate::support::{client::Http2, pair::rsa};
use http::Version;
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384};
use rustls::{
    HandshakeKind, ProtocolVersion,
    version::{TLS12, TLS13},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn both_protocols_are_agreed_on_and_who_agrees_on_none_is_understood_all_the_same() {
    let stage = Stage::start().await;
    let one = stage.dial(&stage.ca.client(&["http/1.1"])).await.unwrap();
    assert_eq!(one.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    joins(&mut Connection::on(one, &stage.proxy)).await;
    let two = stage.dial(&stage.ca.client(&["http/1.1", "h2"])).await.unwrap();
    assert_eq!(two.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "the better of two");
    let answer = Http2::over(two, &stage.proxy).await.unwrap().get(crate::support::HAS_JOINED).await.unwrap();
    assert_eq!((answer.status, answer.version), (200, Version::HTTP_2));
    // As Java's HttpURLConnection, which knows no ALPN; and the other protocol, by its first bytes.
    let mut none = Connection::on(stage.dial(&stage.ca.client(&[])).await.unwrap(), &stage.proxy);
    for _ in 0..3 {
        joins(&mut none).await;
    }
    let none = stage.dial(&stage.ca.client(&[])).await.unwrap();
    assert_eq!(
        Http2::over(none, &stage.proxy).await.unwrap().get(crate::support::HAS_JOINED).await.unwrap().status,
        200
    );
    // Neither: then there is nothing to talk in.
    let other = stage.dial(&stage.ca.client(&["spdy/3"])).await.unwrap_err();
    assert!(other.to_string().contains("NoApplicationProtocol"), "{other}");
    assert_eq!((stage.handshakes("full").await, stage.handshakes("failed").await), (4.0, 1.0));
}

#[tokio::test]
async fn what_was_agreed_on_holds() {
    let stage = Stage::start().await;
    let mut two = stage.dial(&stage.ca.client(&["h2"])).await.unwrap();
    two.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = within("the end", two.read_to_end(&mut said)).await;
    assert!(!said.starts_with(b"HTTP/1"), "{}", said.escape_ascii());
    let mut one = Connection::on(stage.dial(&stage.ca.client(&["http/1.1"])).await.unwrap(), &stage.proxy);
    one.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let said = one.closed().await;
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 4"), "{}", said.escape_ascii());
}

#[tokio::test]
async fn both_versions_and_all_usual_keys_do() {
    for key in [KeyPair::generate().unwrap(), KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(), rsa()] {
        let (ca, m) = (Ca::new(), Upstream::start().await);
        m.answers(Reply::profile("Notch"));
        let pair = ca.pair(key, |_| {});
        let proxy = Proxy::builder().admin().tls(pair).upstream("mojang", &m, "").start().await;
        let stage = Stage { ca, m, proxy };
        for (version, spoken) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
            let stream = stage.dial(&stage.ca.client_of(&[], &[version])).await.unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(spoken));
            joins(&mut Connection::on(stream, &stage.proxy)).await;
        }
        assert_eq!(stage.m.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_ticket_opens_the_next_connection_also_after_the_certificate_was_renewed() {
    for version in [&TLS12, &TLS13] {
        let stage = Stage::start().await;
        let client = stage.ca.client_of(&["http/1.1"], &[version]);
        let mut kinds = Vec::new();
        for round in 0..3 {
            if round == 2 {
                stage.ca.numbered(2).write(stage.proxy.folder());
                stage.proxy.logged("certificate renewed").await;
            }
            let stream = stage.dial(&client).await.unwrap();
            kinds.push(stream.get_ref().1.handshake_kind().unwrap());
            // The ticket comes with the first answer.
            joins(&mut Connection::on(stream, &stage.proxy)).await;
        }
        assert_eq!(kinds, [HandshakeKind::Full, HandshakeKind::Resumed, HandshakeKind::Resumed], "{version:?}");
        assert_eq!((stage.handshakes("full").await, stage.handshakes("resumed").await), (1.0, 2.0));
        assert_eq!(stage.number().await, 2);
    }
}

#[tokio::test]
async fn who_is_told_where_to_go_is_told_https() {
    let stage = Stage::start().await;
    stage.proxy.said("hasjoined setup").await;
    let said = stage.proxy.output().join("\n");
    let origin = format!("https://{}", stage.address());
    assert!(said.contains(&format!("listening on {origin}")), "{said}");
    assert!(said.contains(&format!("-Dmojang.sessionserver={origin}/session/minecraft/hasJoined")), "{said}");
}
