//! T20, T21: what an operator has to be told, and what nobody is to be told.

use super::*;
use crate::support::{
    client::{self, Request},
    proxy::{self, Proxy, Signal},
    upstream::{Reply, Upstream},
};
use futures::future::join_all;

#[tokio::test]
async fn t20_listening_to_others_without_tls_is_warned_of() {
    let warning = "reachable from other machines without TLS";
    let m = Upstream::start().await;
    for (listen, exposed) in [
        ("listen = \"0.0.0.0:0\"", 1),
        ("listen = \"[::]:0\"", 1),
        ("listen = [\"127.0.0.1:0\", \"0.0.0.0:0\"]", 1),
        ("listen = \"127.0.0.1:0\"", 0),
        ("listen = \"[::1]:0\"", 0),
        ("listen = \"127.8.8.8:0\"", 0),
    ] {
        let proxy = Proxy::builder().server(listen).upstream("mojang", &m, "").start().await;
        let told = proxy.log().iter().filter(|line| line.contains(warning)).count();
        assert_eq!(told, exposed, "{listen}");
    }
    // The command line has the last word.
    let proxy = Proxy::builder().argument("--listen=0.0.0.0:0").upstream("mojang", &m, "").start().await;
    proxy.logged(warning).await;
    let folder = tempfile::tempdir().unwrap();
    let file = "[server]\nlisten = \"192.0.2.7:8080\"\n[upstreams.mojang]\npreset = \"mojang\"\n";
    std::fs::write(folder.path().join("upstreams.toml"), file).unwrap();
    let checked = proxy::run(folder.path(), ["check"]).await;
    assert!(checked.output.contains(&format!("192.0.2.7:8080 is {warning}")), "{}", checked.output);
}

/// Each would let its reader do something, or tell of somebody.
const SERVER_ID: &str = "-5ec2e75e12e21d";
const IP4: &str = "198.51.100.23";
const IP6: &str = "2001:db8:5ec:2e7::23";
const TOKEN: &str = "eyJhbGciOi5ec2e7t0ken";
const KEY_IN_URL: &str = "key5ec2e7inurl";
const BODY: &str = "body5ec2e7ofupstream";

/// Goes through everything that could make the program talk.
async fn provoke(proxy: &Proxy, m: &Upstream, h: &Upstream) {
    let ask = async |name: &str, ip: &str| {
        let path = format!("{}&ip={ip}", question(name, SERVER_ID));
        let request = Request::get(&path).header("Authorization", &format!("Bearer {TOKEN}"));
        request
            .header("Cookie", TOKEN)
            .header("X-Forwarded-For", IP4)
            .header("Via", &format!("1.1 {IP4}"))
            .send(proxy)
            .await
    };
    let secret = format!(r#"{{"id":"{BODY}","name":"{BODY}","error":"{TOKEN}","path":"{SERVER_ID}"}}"#);
    for reply in [
        Reply::profile(ADMIN),
        Reply::no(),
        Reply::status(200).json(secret.clone()),
        Reply::status(500).text(secret.clone()),
        Reply::status(302).header("Location", &format!("http://{IP4}/?serverId={SERVER_ID}")),
        Reply::no().garbage(),
        Reply::no().reset_without_answer(),
        Reply::status(403).header("X-Echo", SERVER_ID).html(secret.clone()),
        Reply::status(429).header("Retry-After", TOKEN).json(secret.clone()),
        Reply::profile(ADMIN).stall_mid_body(),
    ] {
        m.answers(reply.clone());
        h.answers(reply);
        ask(ADMIN, IP4).await;
        ask("jeb_", &IP6.replace(':', "%3A")).await;
        let join = format!(r#"{{"accessToken":"{TOKEN}","selectedProfile":"{ADMIN_ID}","serverId":"{SERVER_ID}"}}"#);
        Request::post("/session/minecraft/join", &join).send(proxy).await;
        for path in ["/users/profiles/minecraft/Notch", "/session/minecraft/profile/069a79f444e94726a5befca90e38aaf5"] {
            Request::get(path).header("Authorization", &format!("Bearer {TOKEN}")).send(proxy).await;
        }
    }
    // Questions that are none.
    for query in
        ["username=Notch", &format!("username=a&username={TOKEN}"), &format!("ip={IP4}%00"), &format!("x={TOKEN}")]
    {
        client::get(proxy, &format!("/session/minecraft/hasJoined?serverId={SERVER_ID}&{query}")).await;
    }
    client::raw(proxy, format!("GET /{TOKEN} {SERVER_ID} HTTP/9\r\n\r\n").as_bytes()).await;
    Request::get(&format!("/{TOKEN}/{SERVER_ID}")).send(proxy).await;
}

async fn said_at(level: &'static str, format: &'static str) -> (String, String) {
    let (m, h) = (Upstream::start().await, Upstream::builder().http2(true).start().await);
    let quick = "timeout = \"200ms\"\n";
    let keyed = format!("url = \"{}?key={KEY_IN_URL}\"\nattests = \"mojang\"\nhttp2 = true\n{quick}", h.url());
    let mut proxy = Proxy::builder()
        .argument(&format!("--log={level}"))
        .argument(&format!("--log-format={format}"))
        .upstream("mojang", &m, &format!("{}{quick}", quiet_mojang(&m)))
        .upstream("minehut", &h, &keyed)
        .start()
        .await;
    provoke(&proxy, &m, &h).await;
    // And what it says while it reloads and ends.
    proxy.signal(Signal::HUP);
    proxy.signal(Signal::TERM);
    proxy.exit().await;
    (proxy.output().join("\n"), proxy.log().join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn t21_no_secret_is_said_at_any_level() {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let ways = levels.iter().flat_map(|level| ["text", "json"].map(|format| (*level, format)));
    let said = ways.map(async |(level, format)| (level, format, said_at(level, format).await));
    for (level, format, (output, log)) in join_all(said).await {
        let silent = matches!(level, "off" | "error");
        assert_eq!(log.contains("login"), !silent, "{level} {format}: the test provokes something:\n{log}");
        for secret in [SERVER_ID, IP4, IP6, &IP6.replace(':', "%3A"), TOKEN, KEY_IN_URL, BODY] {
            let told = |text: &str| text.to_ascii_lowercase().contains(&secret.to_ascii_lowercase());
            assert!(!told(&log), "{level} {format}: {secret} is in the log:\n{log}");
            assert!(!told(&output), "{level} {format}: {secret} is on the screen:\n{output}");
        }
    }
}
