//! `/publickeys` beyond the table: who opted in for what, and when Mojang is asked.

use crate::support::{
    client::{self, Request},
    proxy::{Proxy, Signal},
    public_key::{document, rsa},
    upstream::{Reply, Upstream},
};
use std::{fs, time::Duration};

fn keys(upstream: &Upstream, document: String) {
    upstream.answers(Reply::status(200).json(document));
}

/// Mojang without a document to refresh, so that all it is asked for are keys.
fn mojang(m: &Upstream) -> String {
    format!("preset = \"mojang\"\nservices_url = \"{}\"\ndiscovery_url = \"http://127.0.0.1:9/\"\n", m.origin())
}

fn other(upstream: &Upstream, publish_keys: &str) -> String {
    format!("services_url = \"{}\"\npublish_keys = {publish_keys}\n", upstream.origin())
}

#[tokio::test]
async fn an_upstream_is_published_only_for_the_uses_it_was_opted_in_for() {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    keys(&m, document(&[rsa(1)], &[rsa(2)], &[rsa(3)]));
    keys(&d, document(&[rsa(7)], &[rsa(8)], &[rsa(9)]));
    for (opted, expected) in [
        ("[\"profile\"]", document(&[rsa(1), rsa(7)], &[rsa(2)], &[rsa(3)])),
        ("[\"certificate\"]", document(&[rsa(1)], &[rsa(2), rsa(8)], &[rsa(3)])),
        ("[\"authentication\"]", document(&[rsa(1)], &[rsa(2)], &[rsa(3), rsa(9)])),
    ] {
        let builder = Proxy::builder().upstream("mojang", &m, &mojang(&m));
        let proxy = builder.upstream("drasl", &d, &other(&d, opted)).start().await;
        client::get(&proxy, "/publickeys").await.assert_profile(expected.as_bytes());
    }
    let asked = d.requests().len();
    let builder = Proxy::builder().upstream("mojang", &m, &mojang(&m));
    let proxy = builder.upstream("drasl", &d, &other(&d, "[]")).start().await;
    client::get(&proxy, "/publickeys").await.assert_profile(document(&[rsa(1)], &[rsa(2)], &[rsa(3)]).as_bytes());
    assert_eq!(d.requests().len(), asked, "whose keys nobody wants is not asked");
}

#[tokio::test]
async fn a_use_without_mojangs_keys_has_nobodys() {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    keys(&m, document(&[rsa(1)], &[rsa(2)], &[]));
    keys(&d, document(&[rsa(7)], &[rsa(8)], &[rsa(9)]));
    let all = other(&d, "[\"profile\", \"certificate\", \"authentication\"]");
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).upstream("drasl", &d, &all).start().await;
    let expected = document(&[rsa(1), rsa(7)], &[rsa(2), rsa(8)], &[]);
    client::get(&proxy, "/publickeys").await.assert_profile(expected.as_bytes());
    // The same where the operator publishes Mojang's for textures only.
    let narrow = format!("{}publish_keys = [\"profile\"]\n", mojang(&m));
    let proxy = Proxy::builder().upstream("mojang", &m, &narrow).upstream("drasl", &d, &all).start().await;
    let expected = document(&[rsa(1), rsa(7)], &[], &[]);
    client::get(&proxy, "/publickeys").await.assert_profile(expected.as_bytes());
}

#[tokio::test]
async fn without_a_mojang_there_are_no_keys() {
    let d = Upstream::start().await;
    keys(&d, document(&[rsa(7)], &[rsa(8)], &[]));
    let proxy = Proxy::builder().upstream("drasl", &d, &other(&d, "[\"profile\"]")).start().await;
    d.seen(1).await;
    client::get(&proxy, "/publickeys").await.assert_down();
}

#[tokio::test]
async fn what_is_not_all_of_mojangs_keys_is_not_taken_for_them() {
    let whole = document(&[rsa(1)], &[rsa(2)], &[]);
    for wrong in [
        Reply::status(200).json(document(&[rsa(1)], &[], &[])),
        Reply::status(200).json(document(&[], &[rsa(2)], &[])),
        Reply::status(200).json("{}"),
        Reply::status(200).json("[]"),
        Reply::status(200).html("<html>"),
        Reply::status(500).json(whole.clone()),
        Reply::status(302).header("Location", "/publickeys"),
        Reply::status(200).json(whole.clone()).reset_mid_body(),
    ] {
        let m = Upstream::start().await;
        m.answers(wrong);
        let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
        client::get(&proxy, "/publickeys").await.assert_down();
        assert_eq!(m.requests().len(), 1, "and it is not asked again at once");
    }
}

#[tokio::test]
async fn a_request_that_is_early_waits_for_the_first_answer() {
    let m = Upstream::start().await;
    let whole = document(&[rsa(1)], &[rsa(2)], &[]);
    m.answers(Reply::status(200).json(whole.clone()).gzip().after(Duration::from_millis(600)));
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
    client::get(&proxy, "/publickeys").await.assert_profile(whole.as_bytes());
}

#[tokio::test]
async fn but_not_for_longer_than_game_servers_do() {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::no().hang());
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
    let answer = client::get(&proxy, "/publickeys").await;
    answer.assert_down();
    assert!(answer.took < Duration::from_millis(4800), "{:?}", answer.took);
    // One that hangs does not keep Mojang's back.
    let whole = document(&[rsa(1)], &[rsa(2)], &[]);
    keys(&m, whole.clone());
    d.answers(Reply::no().hang());
    let lines = format!("timeout = \"60s\"\n{}", other(&d, "[\"profile\"]"));
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).upstream("drasl", &d, &lines).start().await;
    let answer = client::get(&proxy, "/publickeys").await;
    answer.assert_profile(whole.as_bytes());
    assert!(answer.took < Duration::from_millis(4800), "{:?}", answer.took);
}

#[tokio::test]
async fn mojangs_return_is_noticed() {
    let m = Upstream::refused();
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
    client::get(&proxy, "/publickeys").await.assert_down();
    let whole = document(&[rsa(1)], &[rsa(2)], &[]);
    keys(&m, whole.clone());
    m.restart().await;
    proxy.logged("public keys of mojang: fresh again").await;
    client::get(&proxy, "/publickeys").await.assert_profile(whole.as_bytes());
}

#[tokio::test]
async fn a_reload_keeps_what_did_not_change_and_forgets_who_is_gone() {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    keys(&m, document(&[rsa(1)], &[rsa(2)], &[]));
    keys(&d, document(&[rsa(7)], &[rsa(8)], &[]));
    let lines = other(&d, "[\"profile\"]");
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).upstream("drasl", &d, &lines).start().await;
    let both = document(&[rsa(1), rsa(7)], &[rsa(2)], &[]);
    client::get(&proxy, "/publickeys").await.assert_profile(both.as_bytes());
    let file = fs::read_to_string(proxy.config_path()).unwrap();
    fs::write(proxy.config_path(), file.replace("publish_keys", "enabled = false\npublish_keys")).unwrap();
    proxy.signal(Signal::HUP);
    proxy.logged("configuration reloaded").await;
    let mojangs = document(&[rsa(1)], &[rsa(2)], &[]);
    client::get(&proxy, "/publickeys").await.assert_profile(mojangs.as_bytes());
    assert_eq!((m.requests().len(), d.requests().len()), (1, 1));
}

#[tokio::test]
async fn they_can_only_be_read() {
    let m = Upstream::start().await;
    keys(&m, document(&[rsa(1)], &[rsa(2)], &[]));
    let proxy = Proxy::builder().upstream("mojang", &m, &mojang(&m)).start().await;
    for path in ["/publickeys", "/minecraft/client", "/authlib-injector/"] {
        let answer = Request::post(path, "{}").send(&proxy).await;
        answer.assert_status_empty(405);
        assert_eq!(answer.header("allow"), Some("GET"), "{path}");
    }
}
