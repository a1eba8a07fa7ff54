//! Rows 48 to 53, 56 and 57: public keys, the discovery document, and the addresses of authlib-injector.

use super::*;
use crate::support::{
    client,
    public_key::{document, rsa},
};
use serde_json::Value;

/// Publishes these keys, and knows nobody.
fn publishes(upstream: &Upstream, keys: String) {
    upstream.answers_by(move |request| match request.path() {
        "/publickeys" => Reply::status(200).json(keys.clone()),
        _ => no(),
    });
}

/// Mojang, and a Drasl whose keys are believed for textures and for chat.
async fn mojang_and_drasl() -> (Proxy, Upstream, Upstream) {
    let (m, drasl) = (Upstream::start().await, Upstream::start().await);
    publishes(&m, document(&[rsa(1), rsa(2)], &[rsa(1), rsa(3)], &[rsa(4)]));
    publishes(&drasl, document(&[rsa(9), rsa(2), rsa(9)], &[rsa(9)], &[rsa(9)]));
    let proxy = with_drasl(&m, &drasl).await;
    (proxy, m, drasl)
}

async fn with_drasl(m: &Upstream, drasl: &Upstream) -> Proxy {
    let keys = "publish_keys = [\"profile\", \"certificate\"]\n";
    let lines = format!("preset = \"drasl\"\nservices_url = \"{}\"\n{keys}", drasl.origin());
    // Drasl stands first in the file, and is fetched as fast: it is still not first in the answer.
    Proxy::builder().upstream("drasl", drasl, &lines).upstream("mojang", m, &m.as_mojang()).start().await
}

fn merged() -> String {
    document(&[rsa(1), rsa(2), rsa(9)], &[rsa(1), rsa(3), rsa(9)], &[rsa(4)])
}

#[tokio::test]
async fn row_48_mojangs_keys_come_first_and_each_once() {
    let (proxy, _m, _drasl) = mojang_and_drasl().await;
    client::get(&proxy, "/publickeys").await.assert_profile(merged().as_bytes());
}

#[tokio::test]
async fn row_49_doubled_slashes_lead_to_the_keys() {
    let (proxy, _m, _drasl) = mojang_and_drasl().await;
    client::get(&proxy, "//publickeys").await.assert_profile(merged().as_bytes());
}

#[tokio::test]
async fn row_50_keys_without_mojangs_are_never_served() {
    let (m, drasl) = (Upstream::refused(), Upstream::start().await);
    publishes(&drasl, document(&[rsa(9)], &[rsa(9)], &[]));
    let proxy = with_drasl(&m, &drasl).await;
    drasl.seen(1).await;
    for _ in 0..2 {
        client::get(&proxy, "/publickeys").await.assert_down();
    }
}

#[tokio::test]
async fn row_51_known_keys_outlast_an_outage_and_a_reload() {
    let (proxy, m, drasl) = mojang_and_drasl().await;
    client::get(&proxy, "/publickeys").await.assert_profile(merged().as_bytes());
    m.stop().await;
    drasl.stop().await;
    client::get(&proxy, "/publickeys").await.assert_profile(merged().as_bytes());
    // With another timeout they are other upstreams, which are asked at once, and in vain.
    let file = std::fs::read_to_string(proxy.config_path()).unwrap();
    std::fs::write(proxy.config_path(), file.replace("preset =", "timeout = \"2s\"\npreset =")).unwrap();
    proxy.logged("configuration reloaded").await;
    proxy.logged("public keys of mojang: no fresh ones").await;
    proxy.logged("public keys of drasl: no fresh ones").await;
    client::get(&proxy, "/publickeys").await.assert_profile(merged().as_bytes());
}

#[tokio::test]
async fn row_52_a_malformed_key_is_left_out() {
    let (m, drasl) = (Upstream::start().await, Upstream::start().await);
    publishes(&m, document(&[rsa(1)], &[rsa(1)], &[]));
    let (lines, cut) = (format!("{}\\n", rsa(5)), rsa(6)[..rsa(6).len() - 8].to_owned());
    publishes(&drasl, document(&[rsa(8), lines, rsa(9)], &[cut, "".to_owned(), rsa(9)], &[]));
    let proxy = with_drasl(&m, &drasl).await;
    let expected = document(&[rsa(1), rsa(8), rsa(9)], &[rsa(1), rsa(9)], &[]);
    client::get(&proxy, "/publickeys").await.assert_profile(expected.as_bytes());
    let warning = proxy.logged("malformed public keys").await;
    assert!(warning.contains("upstream=drasl") && warning.contains("dropped=3"), "{warning}");
}

#[tokio::test]
async fn row_53_the_discovery_document_leads_here() {
    let m = Upstream::refused();
    for public_url in ["https://login.example/base", "https://login.example/base/"] {
        let server = format!("public_url = \"{public_url}\"\n");
        let proxy = Proxy::builder().server(&server).upstream("mojang", &m, &m.as_mojang()).start().await;
        for path in ["/minecraft/client", "/discovery/minecraft/client", "/base//minecraft/client/"] {
            let answer = client::get(&proxy, path).await;
            answer.assert_profile(&answer.body);
            let document: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(document["environment"], "prod");
            for group in ["authentication", "session", "player", "profiles", "telemetry"] {
                assert!(document["discovery"][group]["endpoints"].is_object(), "{group}");
            }
            let uri = |group: &str, endpoint: &str| {
                document["discovery"][group]["endpoints"][endpoint]["uri"].as_str().unwrap().to_owned()
            };
            let base = "https://login.example/base";
            assert_eq!(uri("session", "verify"), format!("{base}/session/minecraft/hasJoined"));
            assert_eq!(uri("session", "getProfileById"), format!("{base}/session/minecraft/profile/{{profileId}}"));
            assert_eq!(uri("authentication", "getPublicKeys"), format!("{base}/publickeys"));
            assert_eq!(uri("session", "join"), "https://sessionserver.mojang.com/session/minecraft/join");
            assert_eq!(uri("profiles", "getByName"), "https://api.mojang.com/users/profiles/minecraft/{name}");
        }
    }
}

#[tokio::test]
async fn row_56_the_root_is_found_from_the_front_page() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    let front = client::get(&proxy, "/").await;
    let root = front.header("x-authlib-injector-api-location").unwrap().to_owned();
    let answer = client::get(&proxy, &root).await;
    answer.assert_profile(&answer.body);
    assert_eq!(answer.header("x-authlib-injector-api-location"), Some(&*root));
    let metadata: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(metadata["meta"].is_object(), "{metadata}");
    assert_eq!(metadata["skinDomains"], serde_json::json!([".minecraft.net", ".mojang.com"]));
    assert_eq!(metadata.get("signaturePublickey"), None, "nothing is signed here");
}

#[tokio::test]
async fn row_57_the_host_prefixes_lead_to_the_race() {
    let (proxy, _m, _h) = mojang_and_minehut(yes(), no()).await;
    for prefix in ["/sessionserver", "/authlib-injector/sessionserver"] {
        let path = format!("{prefix}{}", crate::support::HAS_JOINED);
        client::get(&proxy, &path).await.assert_profile(&profile::notch());
    }
}
