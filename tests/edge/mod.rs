//! What login routes refuse before they look at what is asked: cases 9 to 13, 38, 60, 63 to 67, and 121 to 140, over raw sockets.

mod bodies;
mod framing;
mod routes;

use crate::{
    login::stage::Stage,
    support::client::{self, Answer, Connection, Request},
};

const JOIN: &str = "/v1/auth/session/minecraft/join";
const AUTH_VERIFY: &str = "/auth/verify";

/// `error` of a login route's answer, whose headers are those that all have.
#[track_caller]
fn error(answer: &Answer) -> String {
    let text = answer.text();
    let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {answer:?}"));
    for (header, value) in
        [("content-type", "application/json"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(answer.header(header), Some(value), "{answer:?}");
    }
    assert_eq!(answer.header("x-request-id"), body["requestId"].as_str(), "{answer:?}");
    assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{answer:?}");
    assert_eq!(answer.header("www-authenticate").is_some(), answer.status == 401, "{answer:?}");
    assert_eq!(answer.header("retry-after").is_some(), matches!(answer.status, 429 | 503), "{answer:?}");
    body["error"].as_str().unwrap_or_else(|| panic!("no error: {answer:?}")).to_owned()
}

/// Status and `error`.
#[track_caller]
fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, error(answer))
}

/// Whether the connection is over after the answer.
fn closes(answer: &Answer) -> bool {
    answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// Sends the bytes on a connection of their own, which stays open, and reads the first answer.
async fn first(stage: &Stage, bytes: impl AsRef<[u8]>) -> Answer {
    let mut connection = Connection::open(&stage.address()).await.unwrap();
    connection.write(bytes.as_ref()).await.unwrap();
    connection.answer("GET").await.unwrap()
}

/// The statuses of everything that comes back until the other side closes.
async fn statuses(stage: &Stage, bytes: impl AsRef<[u8]>) -> Vec<u16> {
    let all = client::raw(&stage.address(), bytes.as_ref()).await;
    let text = String::from_utf8_lossy(&all).into_owned();
    let lines = text.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)?.parse().ok());
    lines.collect()
}

/// A POST of JSON to `join`.
fn join(json: &str) -> Request {
    Request::post(JOIN, json)
}
