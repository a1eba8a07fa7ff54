//! The discovery document beyond the table: Mojang's own, when it is fresher and does no harm.

use crate::support::{
    client,
    proxy::Proxy,
    upstream::{Reply, Upstream},
};
use serde_json::{Value, json};

/// Mojang's document of another day.
fn fresher(proxy_independent: &str) -> Value {
    let group = |endpoints: Value| json!({ "endpoints": endpoints });
    json!({
        "environment": "prod",
        "product": "minecraft",
        "discovery": {
            "authentication": group(json!({})),
            "session": group(json!({ "join": { "uri": "https://new.example/join" } })),
            "player": group(json!({ "getFriends": { "uri": proxy_independent } })),
            "profiles": group(json!({})),
            "telemetry": group(json!({})),
        },
    })
}

fn says(m: &Upstream, document: &Value) {
    let body = document.to_string();
    m.answers_by(move |request| match request.path() {
        "/minecraft/client" => Reply::status(200).json(body.clone()),
        _ => Reply::no(),
    });
}

async fn in_front_of(m: &Upstream) -> Proxy {
    Proxy::builder().argument("--log").argument("debug").upstream("mojang", m, &m.as_mojang()).start().await
}

async fn read(proxy: &Proxy) -> Value {
    serde_json::from_slice(&client::get(proxy, "/minecraft/client").await.body).unwrap()
}

#[tokio::test]
async fn mojangs_own_takes_the_place_of_the_embedded_one() {
    let m = Upstream::start().await;
    says(&m, &fresher("https://new.example/friends"));
    let proxy = in_front_of(&m).await;
    proxy.logged("discovery document: fresh").await;
    let mut expected = fresher("https://new.example/friends");
    let ours = |path: &str| json!({ "uri": format!("{}{path}", proxy.origin()) });
    let endpoints = |group: &str| format!("/discovery/{group}/endpoints");
    let session = expected.pointer_mut(&endpoints("session")).unwrap();
    session["verify"] = ours("/session/minecraft/hasJoined");
    session["getProfileById"] = ours("/session/minecraft/profile/{profileId}");
    expected.pointer_mut(&endpoints("authentication")).unwrap()["getPublicKeys"] = ours("/publickeys");
    assert_eq!(read(&proxy).await, expected);
    // And it outlasts Mojang, whatever else changes.
    m.stop().await;
    let file = std::fs::read_to_string(proxy.config_path()).unwrap();
    std::fs::write(proxy.config_path(), file.replace("preset =", "timeout = \"2s\"\npreset =")).unwrap();
    proxy.logged("configuration reloaded").await;
    proxy.logged("discovery document: no fresh ones").await;
    assert_eq!(read(&proxy).await, expected);
}

#[tokio::test]
async fn a_document_that_would_stop_game_servers_is_refused() {
    let good = fresher("https://new.example/friends");
    let mut lacking = good.clone();
    lacking["discovery"].as_object_mut().unwrap().remove("telemetry").unwrap();
    let mut offline = good.clone();
    offline["environment"] = json!("offline");
    for wrong in [lacking, offline, fresher("new.example"), json!([])] {
        let m = Upstream::start().await;
        says(&m, &wrong);
        let proxy = in_front_of(&m).await;
        proxy.logged("discovery document: no fresh ones").await;
        let document = read(&proxy).await;
        assert_eq!(document["environment"], "prod");
        let friends = &document["discovery"]["player"]["endpoints"]["getFriends"]["uri"];
        assert_eq!(friends, "https://api.minecraftservices.com/friends", "the embedded one");
    }
}

#[tokio::test]
async fn without_a_mojang_the_embedded_one_is_served() {
    let d = Upstream::start().await;
    let proxy = Proxy::with([("drasl", &d)]).await;
    let verify = &read(&proxy).await["discovery"]["session"]["endpoints"]["verify"]["uri"];
    assert_eq!(*verify, format!("{}/session/minecraft/hasJoined", proxy.origin()));
}
