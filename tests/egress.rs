//! Upstreams that are reached through a proxy, or from an address of their own.

use crate::support::{
    client,
    gateway::{Gateway, Manner},
    profile,
    proxy::Proxy,
    tls::Ca,
    upstream::{Reply, Upstream},
};
use std::{
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

/// Percent-encoded, and as it is.
const LOGIN: &str = "me%40home:p%2Fa%3As s";
const USER: &str = "me@home";
const PASSWORD: &str = "p/a:s s";

async fn notch() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.answers(Reply::profile("Notch"));
    upstream
}

fn through(scheme: &str, login: &str, gateway: &Gateway) -> String {
    format!("proxy = \"{scheme}://{login}{}\"\n", gateway.address())
}

/// Logs in and waits until the login is over.
async fn logs_in(proxy: &Proxy) {
    client::has_joined(proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn twenty_logins_open_one_tunnel() {
    for (scheme, gateway) in [("http", Gateway::http()), ("socks5", Gateway::socks()), ("socks5h", Gateway::socks())] {
        let (m, gateway) = (notch().await, gateway.start().await);
        let proxy = Proxy::builder().upstream("mojang", &m, &through(scheme, "", &gateway)).start().await;
        for _ in 0..20 {
            logs_in(&proxy).await;
        }
        let tally = gateway.tally();
        assert_eq!((tally.connections, tally.tunnels), (1, 1), "{scheme}");
        assert_eq!(tally.asked, [m.address().to_string()], "{scheme}");
        assert_eq!((m.connections(), m.requests().len()), (1, 20), "{scheme}");
        assert_eq!(m.requests()[0].header("host"), Some(&*m.address().to_string()));
        assert_eq!(m.requests()[0].header("proxy-authorization"), None);
    }
}

#[tokio::test]
async fn tls_goes_through_and_ends_at_the_upstream() {
    let ca = Ca::new();
    for (scheme, gateway) in [("http", Gateway::http()), ("socks5h", Gateway::socks())] {
        for http2 in [false, true] {
            let m = Upstream::builder().tls(&ca).http2(http2).certified_as("session.example").start().await;
            m.answers(Reply::profile("Notch"));
            let gateway = gateway.clone().leads_to(m.address()).start().await;
            let lines = format!(
                "url = \"https://session.example/session/minecraft/hasJoined\"\nhttp2 = {http2}\n{}",
                through(scheme, "", &gateway)
            );
            let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
            logs_in(&proxy).await;
            assert_eq!(gateway.tally().asked, ["session.example:443"], "the name is resolved there: {scheme}");
            assert_eq!((m.handshakes(), m.connections()), (1, 1));
        }
    }
}

#[tokio::test]
async fn socks5_resolves_here_and_socks5h_there() {
    for (scheme, asked) in [("socks5", "127.0.0.1"), ("socks5h", "localhost")] {
        let m = notch().await;
        let gateway = Gateway::socks().leads_to(m.address()).start().await;
        let port = m.address().port();
        // A machine may hold ::1 to be localhost as well: the first that works is enough.
        let lines = format!("url = \"http://localhost:{port}/hasJoined\"\n{}", through(scheme, "", &gateway));
        let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
        logs_in(&proxy).await;
        let tally = gateway.tally();
        let there = tally.asked[0] == format!("{asked}:{port}")
            || (scheme == "socks5" && tally.asked[0] == format!("[::1]:{port}"));
        assert!(there, "{scheme}: {:?}", tally.asked);
    }
}

#[tokio::test]
async fn credentials_are_given_as_they_were_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let from_file = format!("proxy_password_file = \"{}\"\n", file.display());
    for (scheme, gateway) in [("http", Gateway::http()), ("socks5h", Gateway::socks())] {
        for (login, more) in [(format!("{LOGIN}@"), ""), ("me%40home@".to_owned(), &*from_file)] {
            let (m, gateway) = (notch().await, gateway.clone().login(USER, PASSWORD).start().await);
            let lines = format!("{}{more}", through(scheme, &login, &gateway));
            let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
            logs_in(&proxy).await;
            assert_eq!(gateway.tally().logins, [format!("{USER}:{PASSWORD}")], "{scheme}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_lead_on_is_no_refusal_of_the_player() {
    let (http, socks) = (Gateway::http(), Gateway::socks());
    let (hanging, babbling) = (Manner::Hangs, Manner::Babbles);
    for (what, scheme, gateway) in [
        ("407", "http", http.clone().login("other", "secret")),
        ("403", "http", http.clone().manner(Manner::Refuses(403))),
        ("404", "http", http.clone().manner(Manner::Refuses(404))),
        ("502", "http", http.clone().manner(Manner::Refuses(502))),
        ("hanging", "http", http.clone().manner(hanging)),
        ("an answer without end", "http", http.clone().manner(babbling)),
        ("half an answer", "http", http.clone().manner(Manner::Breaks)),
        ("another language", "http", socks.clone()),
        ("other credentials", "socks5h", socks.clone().login("other", "secret")),
        ("a ruleset", "socks5h", socks.clone().manner(Manner::Refuses(2))),
        ("an unreachable host", "socks5", socks.clone().manner(Manner::Refuses(4))),
        ("an unknown code", "socks5h", socks.clone().manner(Manner::Refuses(200))),
        ("hanging", "socks5h", socks.clone().manner(hanging)),
        ("another answer", "socks5h", socks.clone().manner(babbling)),
        ("half an answer", "socks5h", socks.clone().manner(Manner::Breaks)),
        ("another language", "socks5h", http.clone()),
    ] {
        let (m, gateway) = (notch().await, gateway.start().await);
        let lines = format!("connect_timeout = \"300ms\"\n{}", through(scheme, &format!("{LOGIN}@"), &gateway));
        let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
        let answer = client::has_joined(&proxy).await;
        answer.assert_down();
        assert!(answer.took < Duration::from_secs(2), "{scheme}, {what}: {:?}", answer.took);
        assert_eq!(m.connections(), 0, "{scheme}, {what}");
        proxy.logged("mojang: refused").await;
    }
}

#[tokio::test]
async fn a_proxy_that_dies_midway_leaves_the_question_open_and_comes_back() {
    for (scheme, gateway) in [("http", Gateway::http()), ("socks5", Gateway::socks())] {
        let (m, gateway) = (notch().await, gateway.start().await);
        let lines = format!("single_use = true\n{}", through(scheme, "", &gateway));
        let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
        m.answers(Reply::profile("Notch").hang());
        let (answer, ()) = tokio::join!(client::has_joined(&proxy), async {
            m.seen(1).await;
            gateway.cut().await;
        });
        answer.assert_down();
        proxy.logged("mojang: reset").await;
        m.answers(Reply::profile("Notch"));
        logs_in(&proxy).await;
        // Cut while idle: nobody notices.
        gateway.cut().await;
        logs_in(&proxy).await;
    }
}

#[tokio::test]
async fn connections_come_from_the_addresses_of_bind_in_turn() {
    let m = notch().await;
    m.answers(Reply::profile("Notch").then_close());
    let addresses = [2, 3].map(|last| Ipv4Addr::new(127, 0, 0, last));
    // The other family is for other destinations.
    let lines = "bind = [\"127.0.0.2\", \"::1\", \"127.0.0.3\"]\n";
    let proxy = Proxy::builder().upstream("mojang", &m, lines).start().await;
    for _ in 0..3 {
        logs_in(&proxy).await;
    }
    let peers = m.tally().peers;
    assert!(peers.len() >= 3, "{peers:?}");
    for (n, peer) in peers.iter().enumerate() {
        assert_eq!(*peer, addresses[n % 2], "{peers:?}");
    }
}

#[tokio::test]
async fn an_address_that_this_machine_has_not_is_passed_over() {
    let m = notch().await;
    let lines = "bind = [\"192.0.2.77\", \"127.0.0.2\"]\n";
    let proxy = Proxy::builder().upstream("mojang", &m, lines).start().await;
    logs_in(&proxy).await;
    assert!(m.tally().peers.iter().all(|peer| *peer == Ipv4Addr::new(127, 0, 0, 2)));
}

#[tokio::test]
async fn ipv6_has_addresses_of_its_own() {
    let m = Upstream::builder().at(Ipv6Addr::LOCALHOST).start().await;
    m.answers(Reply::profile("Notch"));
    let proxy = Proxy::builder().upstream("mojang", &m, "bind = [\"127.0.0.2\", \"::1\"]\n").start().await;
    logs_in(&proxy).await;
    assert_eq!(m.tally().peers, [Ipv6Addr::LOCALHOST]);
    let gateway = Gateway::http().start().await;
    let proxy = Proxy::builder().upstream("mojang", &m, &through("http", "", &gateway)).start().await;
    logs_in(&proxy).await;
    assert_eq!(gateway.tally().asked, [m.address().to_string()], "in brackets");
}

#[tokio::test]
async fn none_of_the_destinations_family_is_a_failure() {
    let m = notch().await;
    for lines in ["bind = \"::1\"\n", "bind = \"192.0.2.77\"\n"] {
        let proxy = Proxy::builder().upstream("mojang", &m, lines).argument("--log=debug").start().await;
        client::has_joined(&proxy).await.assert_down();
        proxy.logged("mojang: refused").await;
        proxy.logged("in bind").await;
    }
    assert_eq!(m.connections(), 0);
}

#[tokio::test]
async fn the_way_to_a_proxy_starts_at_an_address_of_bind_too() {
    let gateway = Gateway::socks().start().await;
    let m = notch().await;
    let lines = format!("bind = \"::1\"\n{}", through("socks5h", "", &gateway));
    let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
    client::has_joined(&proxy).await.assert_down();
    assert_eq!(gateway.tally().connections, 0, "it has no address of that family");
}

#[tokio::test]
async fn check_tells_the_way_but_not_the_password() {
    let m = notch().await;
    let lines = "proxy = \"socks5h://somebody:hunter2@proxy.example:1080\"\nbind = [\"127.0.0.2\", \"::1\"]\n";
    let checked = Proxy::builder().upstream("mojang", &m, lines).run("check").await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    assert!(checked.output.contains("via proxy proxy.example:1080 (SOCKS5"), "{}", checked.output);
    assert!(checked.output.contains("from addresses 127.0.0.2, ::1, in turn"), "{}", checked.output);
    let all = format!("{}{}", checked.output, checked.log);
    assert!(!all.contains("hunter2") && !all.contains("somebody"), "{all}");
}

#[tokio::test]
async fn a_password_is_in_no_log() {
    let (m, gateway) = (notch().await, Gateway::http().login("somebody", "else").start().await);
    let lines = through("http", "somebody:hunter2@", &gateway);
    let proxy = Proxy::builder().upstream("mojang", &m, &lines).argument("--log=trace").start().await;
    client::has_joined(&proxy).await.assert_down();
    proxy.logged("status 407").await;
    let all = [proxy.log(), proxy.output()].concat().join("\n");
    for secret in ["hunter2", "somebody", "c29tZWJvZHk6aHVudGVyMg"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}
