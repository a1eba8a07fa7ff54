//! Upstreams with accounts of their own beside those that attest Mojang's.

use crate::support::{
    client, profile,
    proxy::Proxy,
    upstream::{Reply, Upstream},
};
use std::time::Duration;

const OWN: &str = "attests = \"own\"\n";

async fn mojang_and_own(mojang: Reply, own: Reply) -> (Proxy, Upstream, Upstream) {
    let (m, o) = (Upstream::start().await, Upstream::start().await);
    m.answers(mojang);
    o.answers(own);
    let proxy = Proxy::builder()
        .race("deadline = \"2s\"\ntrust_grace = \"300ms\"")
        .upstream("mojang", &m, "")
        .upstream("drasl", &o, OWN)
        .start()
        .await;
    (proxy, m, o)
}

/// Notch as the upstream "drasl" may present him: under an id that is nobody's at Mojang.
fn namespaced() -> Vec<u8> {
    let notch = String::from_utf8(profile::notch()).unwrap();
    notch
        .replace("\"id\":\"069a79f444e94726a5befca90e38aaf5\"", "\"id\":\"98c6e619f9815182856733f17c4a5e07\"")
        .into_bytes()
}

#[tokio::test]
async fn an_own_upstream_never_returns_a_mojang_id() {
    assert_ne!(namespaced(), profile::notch(), "the fixture holds the id in the spelling looked for");
    let (proxy, _m, _o) = mojang_and_own(Reply::no(), Reply::profile("Notch")).await;
    client::has_joined(&proxy).await.assert_profile(&namespaced());
}

#[tokio::test]
async fn a_fast_own_yes_waits_for_a_slower_mojang() {
    let (proxy, _m, _o) =
        mojang_and_own(Reply::profile("Notch").after(Duration::from_millis(150)), Reply::profile("Notch")).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn but_no_longer_than_the_grace() {
    let (proxy, _m, _o) = mojang_and_own(Reply::no().hang(), Reply::profile("Notch")).await;
    let answer = client::has_joined(&proxy).await;
    answer.assert_profile(&namespaced());
    assert!(answer.took >= Duration::from_millis(300), "{:?}", answer.took);
    assert!(answer.took < Duration::from_millis(1500), "{:?}", answer.took);
}

#[tokio::test]
async fn and_not_at_all_once_mojang_has_spoken() {
    for said in [Reply::no(), Reply::status(500)] {
        let (proxy, _m, _o) = mojang_and_own(said, Reply::profile("Notch").after(Duration::from_millis(50))).await;
        let answer = client::has_joined(&proxy).await;
        answer.assert_profile(&namespaced());
        assert!(answer.took < Duration::from_millis(250), "{:?}", answer.took);
    }
}

#[tokio::test]
async fn an_operator_may_keep_the_ids_of_an_own_upstream() {
    let o = Upstream::start().await;
    o.answers(Reply::profile("Notch"));
    let proxy = Proxy::builder().upstream("drasl", &o, "attests = \"own\"\nids = \"keep\"\n").start().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}
