//! T18: whose keys sign what.

use super::*;
use crate::support::{
    client,
    proxy::Proxy,
    public_key::{document, rsa},
    upstream::Reply,
};

fn publishes(keys: &str) -> String {
    format!("publish_keys = {keys}\n")
}

/// The keys of each use, in their order.
async fn served(proxy: &Proxy) -> Vec<Vec<String>> {
    let answer = client::get(proxy, "/publickeys").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let keys = |name: &str| {
        let entries = body[name].as_array().unwrap().iter();
        entries.map(|entry| entry["publicKey"].as_str().unwrap().to_owned()).collect()
    };
    ["profilePropertyKeys", "playerCertificateKeys", "authenticationKeys"].map(keys).into()
}

#[tokio::test]
async fn t18_a_rogues_key_signs_nothing_it_was_not_let_in_for() {
    let (m, rogue) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::status(200).json(document(&[rsa(1)], &[rsa(2)], &[rsa(3)])));
    // It says the same key is good for everything, and that Mojang's are its own.
    let all = [rsa(7), rsa(2), rsa(1)];
    rogue.answers(Reply::status(200).json(document(&all, &all, &all)));
    let mojang = format!(
        "{}services_url = \"{}\"\n",
        "preset = \"mojang\"\ndiscovery_url = \"http://127.0.0.1:9/\"\n",
        m.origin()
    );
    for (opted, expected) in [
        ("[]", [vec![rsa(1)], vec![rsa(2)], vec![rsa(3)]]),
        ("[\"profile\"]", [vec![rsa(1), rsa(7), rsa(2)], vec![rsa(2)], vec![rsa(3)]]),
        ("[\"certificate\"]", [vec![rsa(1)], vec![rsa(2), rsa(7), rsa(1)], vec![rsa(3)]]),
    ] {
        let lines = format!("{OWN}{}{}", hosts(&rogue), publishes(opted));
        // The rogue stands first, and wins no place by it.
        let proxy = Proxy::builder().upstream("drasl", &rogue, &lines).upstream("mojang", &m, &mojang).start().await;
        assert_eq!(served(&proxy).await, expected, "{opted}");
    }
    // By default nobody's but Mojang's.
    let asked = rogue.requests().len();
    let lines = format!("{OWN}{}", hosts(&rogue));
    let proxy = Proxy::builder().upstream("drasl", &rogue, &lines).upstream("mojang", &m, &mojang).start().await;
    assert_eq!(served(&proxy).await, [[rsa(1)], [rsa(2)], [rsa(3)]]);
    assert_eq!(rogue.requests().len(), asked);
    // While Mojang cannot be asked, a rogue's keys do not stand in for its.
    m.stop().await;
    let all = format!("{lines}{}", publishes("[\"profile\", \"certificate\", \"authentication\"]"));
    let proxy = Proxy::builder().upstream("drasl", &rogue, &all).upstream("mojang", &m, &mojang).start().await;
    client::get(&proxy, "/publickeys").await.assert_down();
}
