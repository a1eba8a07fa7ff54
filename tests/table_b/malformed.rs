//! Rows 15 to 27: profiles that are none, profiles that can be repaired, and bodies in unusual wrappings.

use super::*;
use crate::support::{
    HAS_JOINED,
    client::{self, Answer},
};

const ID: &str = "069a79f444e94726a5befca90e38aaf5";

fn says(body: impl Into<Vec<u8>>) -> Reply {
    Reply::status(200).json(body)
}

/// What comes out when the only positive answer is this body.
async fn through(body: impl Into<Vec<u8>>) -> Answer {
    let (proxy, _m, _h) = mojang_and_minehut(says(body), no()).await;
    client::has_joined(&proxy).await
}

#[tokio::test]
async fn row_15_a_200_that_is_no_profile_decides_nothing() {
    let (proxy, m, _h) = mojang_and_minehut(no(), no()).await;
    let profile = profile::notch();
    for body in
        [b"{}".to_vec(), b"null".to_vec(), b"<html>hello</html>".to_vec(), profile[..profile.len() / 2].to_vec()]
    {
        m.answers(says(body));
        client::has_joined(&proxy).await.assert_down();
    }
}

#[tokio::test]
async fn row_16_a_bad_200_does_not_win_the_race() {
    let (proxy, _m, _h) = mojang_and_minehut(says("{}"), yes().after(ms(500))).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_17_a_dashed_id_is_written_without_dashes() {
    let body = |id: &str| format!(r#"{{ "properties": [], "id" : "{id}", "name": "Notch", "x": [1] }}"#);
    let answer = through(body("069a79f4-44e9-4726-a5be-fca90e38aaf5")).await;
    answer.assert_profile(body(ID).as_bytes());
}

#[tokio::test]
async fn row_18_missing_properties_are_added() {
    let answer = through(format!(r#"{{"id":"{ID}","name":"Notch"}}"#)).await;
    answer.assert_profile(format!(r#"{{"id":"{ID}","name":"Notch","properties":[]}}"#).as_bytes());
}

#[tokio::test]
async fn row_19_a_profile_without_a_name_decides_nothing() {
    through(format!(r#"{{"id":"{ID}","properties":[]}}"#)).await.assert_down();
    through(format!(r#"{{"id":"{ID}","name":"","properties":[]}}"#)).await.assert_down();
}

#[tokio::test]
async fn row_20_another_players_profile_decides_nothing() {
    let body = |name: &str| format!(r#"{{"id":"{ID}","name":"{name}","properties":[]}}"#);
    through(body("Steve")).await.assert_down();
    through(body("nOTCH")).await.assert_profile(body("nOTCH").as_bytes());
}

#[tokio::test]
async fn row_21_an_id_that_is_none_decides_nothing() {
    for id in ["\"zzz\"", "7", "null"] {
        through(format!(r#"{{"id":{id},"name":"Notch","properties":[]}}"#)).await.assert_down();
    }
}

#[tokio::test]
async fn row_22_unknown_members_pass() {
    let body = format!(
        r#"{{"id":"{ID}","name":"Notch","properties":[],"profileActions":[{{"action":"X"}}],"y":{{"z":null}}}}"#
    );
    through(body.clone()).await.assert_profile(body.as_bytes());
}

#[tokio::test]
async fn row_23_compressed_answers_are_unpacked() {
    let (proxy, m, _h) = mojang_and_minehut(yes().gzip(), no()).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert_eq!(m.requests()[0].header("accept-encoding"), None, "compression is not asked for");
}

#[tokio::test]
async fn row_24_a_client_that_takes_gzip_gets_something_it_can_read() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    let answer = client::Request::get(HAS_JOINED).header("Accept-Encoding", "gzip").send(&proxy).await;
    answer.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_25_chunked_answers_get_a_length() {
    let (proxy, m, _h) = mojang_and_minehut(yes().chunked(), no()).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    m.answers(yes().close_delimited());
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn row_26_redirects_are_not_followed() {
    let elsewhere = Upstream::start().await;
    elsewhere.answers(yes());
    let redirect = Reply::status(301).header("Location", &elsewhere.url());
    let (proxy, _m, _h) = mojang_and_minehut(redirect, no()).await;
    client::has_joined(&proxy).await.assert_down();
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn row_27_a_flood_is_cut_off() {
    let ten_mib = Reply::status(200).json(vec![b' '; 10 * 1024 * 1024]);
    let (proxy, m, _h) = mojang_and_minehut(ten_mib.clone(), no()).await;
    let before = proxy.memory();
    for flood in [ten_mib.clone(), ten_mib.clone().chunked(), ten_mib.clone().gzip(), Reply::status(200).endless()] {
        m.answers(flood);
        client::has_joined(&proxy).await.assert_down();
    }
    let grown = proxy.memory().saturating_sub(before);
    assert!(grown < 8 * 1024 * 1024, "grew by {grown} bytes");
}
