//! Rows 38 and 39, and the other protocols at the door.

use super::*;
use crate::support::{
    HAS_JOINED,
    client::{Connection, Http2, Request},
};

#[tokio::test]
async fn row_38_a_connection_serves_many_logins() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    let mut connection = Connection::open(&proxy).await.unwrap();
    let login = Request::get(HAS_JOINED);
    connection.send(&login).await.unwrap().assert_profile(&profile::notch());
    // What the row asks for: longer than the keep-alive of many a server.
    tokio::time::sleep(ms(6000)).await;
    connection.send(&login).await.unwrap().assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_39_http_1_0_is_served() {
    let (proxy, _m, _h) = mojang_and_minehut(yes().chunked(), no()).await;
    let answer = Request::get(HAS_JOINED).http10().send(&proxy).await;
    answer.assert_profile(&profile::notch());
}

#[tokio::test]
async fn http_2_by_prior_knowledge_is_served() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    let answer = Http2::open(&proxy).await.unwrap().get(HAS_JOINED).await.unwrap();
    assert_eq!((answer.status, answer.body), (200, profile::notch()));
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused_without_a_page() {
    let (proxy, m, _h) = mojang_and_minehut(yes(), no()).await;
    let many = (0..80).fold(Request::get(HAS_JOINED), |request, n| request.header(&format!("x-{n}"), "x"));
    let large = Request::get(HAS_JOINED).header("x-large", &"x".repeat(20 * 1024));
    for request in [many, large] {
        let answer = request.send(&proxy).await;
        answer.assert_status_empty(431);
    }
    assert_eq!(m.requests().len(), 0);
}
