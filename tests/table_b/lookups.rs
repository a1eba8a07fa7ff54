//! Rows 45 to 47, 54 and 55: profiles by UUID, UUIDs by name.

use super::*;
use crate::support::client::{self, Request};

const PROFILE: &str = "/session/minecraft/profile/069a79f444e94726a5befca90e38aaf5?unsigned=false";
const LIMITED: &str = r#"{"path":"/x","error":"TooManyRequestsException"}"#;
const NOTCH: &str = r#"{"id":"069a79f444e94726a5befca90e38aaf5","name":"Notch"}"#;
const BULK: [&str; 2] = ["/profiles/minecraft", "/minecraft/profile/lookup/bulk/byname"];
const SINGLE: [&str; 2] = ["/minecraft/profile/lookup/name/notch", "/users/profiles/minecraft/Notch"];

/// Mojang and one with accounts of its own and Mojang's ids, both with all their hosts.
async fn mojang_and_drasl() -> (Proxy, Upstream, Upstream) {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .upstream("mojang", &m, &hosts(&m))
        .upstream("drasl", &d, &format!("attests = \"own\"\nids = \"keep\"\n{}", hosts(&d)))
        .start()
        .await;
    (proxy, m, d)
}

fn hosts(upstream: &Upstream) -> String {
    let origin = upstream.origin();
    format!("session_url = \"{origin}\"\nservices_url = \"{origin}\"\naccount_url = \"{origin}\"\n")
}

#[tokio::test]
async fn row_45_a_profile_comes_as_it_is() {
    let (proxy, m, d) = mojang_and_drasl().await;
    m.answers(yes());
    client::get(&proxy, PROFILE).await.assert_profile(&profile::notch());
    let asked = m.requests();
    assert_eq!((&*asked[0].method, &*asked[0].target), ("GET", PROFILE));
    assert!(d.requests().is_empty(), "nobody else is asked about a player of Mojang's");
    // Without the array authlib would fail.
    m.answers(Reply::status(200).json(NOTCH));
    let bare = NOTCH.replace('}', r#","properties":[]}"#);
    client::get(&proxy, &PROFILE.replace("false", "true")).await.assert_profile(bare.as_bytes());
}

#[tokio::test]
async fn row_46_a_profile_that_nobody_has() {
    let (proxy, m, d) = mojang_and_drasl().await;
    for (mojang, other) in
        [(no(), no()), (no(), Reply::status(404)), (Reply::status(404).json("{}"), Reply::status(200))]
    {
        m.answers(mojang);
        d.answers(other);
        client::get(&proxy, PROFILE).await.assert_no();
    }
    assert_eq!((m.requests().len(), d.requests().len()), (3, 3), "a no is not kept");
}

#[tokio::test]
async fn row_47_a_limit_is_no_answer() {
    let (proxy, m, d) = mojang_and_drasl().await;
    for failure in [Reply::status(429).json(LIMITED), Reply::status(403).html("<html>"), Reply::status(200).json("{}")]
    {
        m.answers(failure.clone());
        client::get(&proxy, PROFILE).await.assert_down();
        m.answers(no());
        d.answers(failure);
        client::get(&proxy, PROFILE).await.assert_down();
        d.answers(no());
    }
}

#[tokio::test]
async fn row_54_several_names() {
    let (proxy, m, _d) = mojang_and_drasl().await;
    for path in BULK {
        let ask = Request::post(path, r#"["notch"]"#);
        m.answers(Reply::status(200).json(format!("[{NOTCH}]")));
        ask.send(&proxy).await.assert_profile(format!("[{NOTCH}]").as_bytes());
        let asked = m.requests().pop().unwrap();
        assert_eq!((&*asked.method, &*asked.target, &*asked.body), ("POST", path, &br#"["notch"]"#[..]));
        for nothing in [Reply::status(200).json("[]"), no()] {
            m.answers(nothing);
            ask.send(&proxy).await.assert_profile(b"[]");
        }
        for failure in [Reply::status(429).json(LIMITED), Reply::status(500), Reply::status(200).json("{}")] {
            m.answers(failure);
            ask.send(&proxy).await.assert_down();
        }
    }
}

#[tokio::test]
async fn row_55_a_name_that_nobody_has() {
    let (proxy, m, _d) = mojang_and_drasl().await;
    let words = r#"{"path":"/x","errorMessage":"Couldn't find any profile with name Notch"}"#;
    for path in SINGLE {
        m.answers(Reply::status(404).json(words));
        let answer = client::get(&proxy, path).await;
        assert_eq!((answer.status, &*answer.text()), (404, words), "{answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(m.requests().pop().unwrap().target, path);
        m.answers(no());
        client::get(&proxy, path).await.assert_status_empty(404);
        m.answers(Reply::status(404).html("<html>"));
        client::get(&proxy, path).await.assert_status_empty(404);
        m.answers(Reply::status(429).json(LIMITED));
        client::get(&proxy, path).await.assert_down();
        m.answers(Reply::status(200).json(NOTCH));
        client::get(&proxy, path).await.assert_profile(NOTCH.as_bytes());
    }
}
