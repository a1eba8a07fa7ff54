//! Cases 9 to 12, 134 to 136 and 139: bodies.

use super::*;

#[tokio::test]
async fn case_9_a_known_field_stands_once() {
    let stage = Stage::start().await;
    let answer = join(r#"{"name":"A","name":"B"}"#).send(&stage.address()).await;
    assert_eq!(refusal(&answer), (400, "invalid_json".to_owned()));
    let answer = join(r#"{"other":1,"other":2,"name":null}"#).send(&stage.address()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn case_10_a_body_is_one_json_object() {
    let stage = Stage::start().await;
    for body in [&b"[]"[..], b"\"x\"", b"{}{}", b"{\"a\":", b"\xef\xbb\xbf{}", b"\xff\xfe"] {
        let head = format!(
            "POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = first(&stage, [head.as_bytes(), body].concat()).await;
        assert_eq!(refusal(&answer), (400, "invalid_json".to_owned()), "{}", body.escape_ascii());
    }
    let answer = join(r#"{"name":7}"#).send(&stage.address()).await;
    assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()));
    assert!(answer.text().contains(r#""field":"name""#), "{answer:?}");
}

#[tokio::test]
async fn case_11_its_type_is_json_in_utf_8() {
    let stage = Stage::start().await;
    for (content_type, status) in [
        ("text/plain", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json;charset=UTF-8", 200),
        ("application/json", 200),
    ] {
        let request =
            format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: {content_type}\r\nContent-Length: 2\r\n\r\n{{}}");
        let answer = first(&stage, request).await;
        assert_eq!(answer.status, status, "{content_type}: {answer:?}");
        if status == 415 {
            assert_eq!(error(&answer), "unsupported_media_type");
        }
    }
    let untyped = first(&stage, format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}")).await;
    assert_eq!(refusal(&untyped), (415, "unsupported_media_type".to_owned()));
    let packed = join("{}").header("Content-Encoding", "gzip").send(&stage.address()).await;
    assert_eq!(refusal(&packed), (415, "unsupported_media_type".to_owned()));
    // Case 2.
    let absent = Request::new("POST", JOIN).header("Content-Length", "0").send(&stage.address()).await;
    assert_eq!(absent.status, 200, "{absent:?}");
    let form = Request::form("/v1/auth/revoke", "token=a+b");
    let form = form.header("Authorization", &format!("Bearer {}", stage.token().await));
    assert_eq!(form.send(&stage.address()).await.status, 200);
}

/// Case 134 is the same, seen from the connection.
#[tokio::test]
async fn case_12_a_body_that_is_too_large_ends_the_connection() {
    let stage = Stage::start().await;
    let fits = format!("{{\"x\":\"{}\"}}", "x".repeat(8_192 - 8));
    assert_eq!(join(&fits).send(&stage.address()).await.status, 200);
    let large = join(&format!("{fits} ")).send(&stage.address()).await;
    assert_eq!(refusal(&large), (413, "payload_too_large".to_owned()));
    assert!(closes(&large), "{large:?}");
    let head = format!(
        "POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunked = first(&stage, format!("{head}2001\r\n{fits} \r\n0\r\n\r\n")).await;
    assert_eq!(refusal(&chunked), (413, "payload_too_large".to_owned()));
    assert!(closes(&chunked), "{chunked:?}");
    // One that is only announced is not waited for.
    let announced =
        format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8193\r\n\r\n");
    assert_eq!(statuses(&stage, announced).await, [413]);
}

#[tokio::test]
async fn case_134_after_413_nothing_more_is_read() {
    let stage = Stage::start().await;
    let next = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\n\r\n");
    let head =
        format!("POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8193\r\n\r\n");
    assert_eq!(statuses(&stage, format!("{head}{}{next}", "x".repeat(8_193))).await, [413]);
}

#[tokio::test]
async fn case_135_a_chunk_that_is_none_is_400_and_the_end() {
    let stage = Stage::start().await;
    let head = format!(
        "POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(20_000));
    for chunks in
        ["fffffffffffffffff\r\n{}\r\n0\r\n\r\n", "x\r\n{}\r\n", "2\n{}\n0\n\n", "-2\r\n{}\r\n0\r\n\r\n", &extension]
    {
        let answer = first(&stage, format!("{head}{chunks}")).await;
        assert_eq!(refusal(&answer), (400, "invalid_request".to_owned()), "{chunks:.40}");
        assert!(closes(&answer), "{answer:?}");
    }
    // Half a body, then nothing more.
    let mut connection = Connection::open(&stage.address()).await.unwrap();
    connection.write(format!("{head}2\r\n{{").as_bytes()).await.unwrap();
    connection.finish_writing().await.unwrap();
    let rest = String::from_utf8_lossy(&connection.closed().await).into_owned();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 400"), "{rest}");
}

#[tokio::test]
async fn case_136_trailers_are_not_looked_at() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let request = format!(
        "GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let answer = first(&stage, request).await;
    assert_eq!(refusal(&answer), (401, "invalid_token".to_owned()));
    let request = format!(
        "POST {JOIN} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\nX: y\r\n\r\n"
    );
    assert_eq!(first(&stage, request).await.status, 200);
}

#[tokio::test]
async fn case_139_the_body_of_a_get_is_drained_and_means_nothing() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let mut connection = Connection::open(&stage.address()).await.unwrap();
    for body in ["{}", "GET /evil HTTP/1.1\r\n\r\n", "\u{0}"] {
        let length = body.len();
        let request = format!(
            "GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        connection.write(request.as_bytes()).await.unwrap();
        assert_eq!(connection.answer("GET").await.unwrap().status, 200, "{body:?}");
    }
    let large = format!("GET {AUTH_VERIFY} HTTP/1.1\r\nHost: a\r\nContent-Length: 8193\r\n\r\n{}", "x".repeat(8_193));
    let answer = first(&stage, large).await;
    assert_eq!(refusal(&answer), (413, "payload_too_large".to_owned()));
    assert!(closes(&answer));
}
