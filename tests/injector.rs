//! A server under authlib-injector: what the agent reads first, and where it then sends what was meant for Mojang's hosts.

use crate::support::{
    HAS_JOINED,
    client::{self, Request},
    profile,
    proxy::Proxy,
    public_key::{document, rsa},
    upstream::{Reply, Upstream},
};
use serde_json::{Value, json};

const LOCATION: &str = "x-authlib-injector-api-location";

async fn metadata(proxy: &Proxy, path: &str) -> Value {
    let answer = client::get(proxy, path).await;
    answer.assert_profile(&answer.body);
    serde_json::from_slice(&answer.body).unwrap()
}

/// Knows Notch and has keys.
async fn mojang() -> (Upstream, String) {
    let m = Upstream::start().await;
    let keys = document(&[rsa(1)], &[rsa(2)], &[]);
    let published = keys.clone();
    m.answers_by(move |request| match request.path() {
        "/session/minecraft/hasJoined" => Reply::profile("Notch"),
        "/publickeys" => Reply::status(200).json(published.clone()),
        path if path == format!("/session/minecraft/profile/{}", profile::id_of("Notch")) => Reply::profile("Notch"),
        _ => Reply::no(),
    });
    (m, keys)
}

/// As the agent relays it: the JVM's own headers.
fn relayed(path: &str) -> Request {
    Request::get(path)
        .header("User-Agent", "Java/17.0.15")
        .header("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2")
        .header("Connection", "keep-alive")
}

#[tokio::test]
async fn a_server_under_authlib_injector_logs_a_player_in_looks_a_profile_up_and_gets_keys() {
    let (m, keys) = mojang().await;
    let proxy = Proxy::builder().upstream("mojang", &m, &m.as_mojang()).start().await;
    // The operator gave the proxy's address; the header leads on.
    let front = relayed("/").send(&proxy).await;
    let root = front.header(LOCATION).unwrap().to_owned();
    assert_eq!(root, "/authlib-injector/");
    let answer = relayed(&root).send(&proxy).await;
    answer.assert_profile(&answer.body);
    let login = relayed(&format!("{root}sessionserver{HAS_JOINED}")).send(&proxy).await;
    login.assert_profile(&profile::notch());
    let looked_up = format!("{root}sessionserver/session/minecraft/profile/{}?unsigned=false", profile::id_of("Notch"));
    relayed(&looked_up).send(&proxy).await.assert_profile(&profile::notch());
    let published = relayed(&format!("{root}minecraftservices/publickeys")).send(&proxy).await;
    published.assert_profile(keys.as_bytes());
    let discovery = relayed(&format!("{root}minecraft/client")).send(&proxy).await;
    assert_eq!(discovery.status, 200);
}

#[tokio::test]
async fn the_metadata_says_what_is_true_of_this_proxy() {
    let (m, _) = mojang().await;
    let server = "public_url = \"https://login.example/base/\"\nskin_domains = [\"skins.example\", \".mojang.com\"]\n";
    let proxy = Proxy::builder().server(server).upstream("mojang", &m, &m.as_mojang()).start().await;
    let expected = json!({
        "meta": {
            "serverName": "login.example",
            "implementationName": "hasjoined",
            "implementationVersion": env!("CARGO_PKG_VERSION"),
            "feature.no_mojang_namespace": true,
            "feature.enable_profile_key": true,
        },
        "skinDomains": [".minecraft.net", ".mojang.com", "skins.example"],
    });
    for path in ["/authlib-injector/", "/authlib-injector", "/base/authlib-injector/"] {
        assert_eq!(metadata(&proxy, path).await, expected, "{path}");
        let answer = client::get(&proxy, path).await;
        assert_eq!(answer.header(LOCATION), Some("/base/authlib-injector/"), "{path}");
    }
}

#[tokio::test]
async fn without_mojang_nothing_of_mojangs_is_promised() {
    let d = Upstream::start().await;
    let proxy = Proxy::builder().upstream("drasl", &d, "preset = \"drasl\"\n").start().await;
    let meta = metadata(&proxy, "/authlib-injector/").await["meta"].clone();
    assert!(!meta.as_object().unwrap().keys().any(|key| key.starts_with("feature.")), "{meta}");
}
