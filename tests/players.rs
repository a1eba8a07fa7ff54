//! `hasjoined explain` and `hasjoined bindings`, asked of a running program.

use crate::support::{
    client::{self, Request},
    proxy::{self, Finished, Proxy},
    upstream::{Reply, Upstream},
};

async fn hasjoined(proxy: &Proxy, line: &str) -> Finished {
    let admin = proxy.admin().await.to_string();
    proxy::run(proxy.folder(), line.split(' ').chain(["--admin", &admin])).await
}

/// Mojang, an upstream with accounts of its own, and one that never lets Notch in.
async fn three(m: &Upstream, o: &Upstream, p: &Upstream) -> Proxy {
    Proxy::builder()
        .admin()
        .race("strategy = \"affinity\"\ndeadline = \"1s\"\ntrust_grace = \"100ms\"")
        .upstream("mojang", m, "")
        .upstream("drasl", o, "attests = \"own\"\n")
        .upstream("minehut", p, "deny = [\"Notch\"]\n")
        .start()
        .await
}

#[tokio::test]
async fn explain_says_who_is_asked_and_why_the_last_login_failed() {
    let (m, o, p) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = three(&m, &o, &p).await;
    let before = hasjoined(&proxy, "explain nOTCH").await;
    assert_eq!(before.code, Some(0), "{before:?}");
    for part in [
        "nOTCH\n  bound to nobody: the first upstream that vouches for it gets it\n",
        "  mojang is asked at once\n",
        "  drasl is asked at once; its \"yes\" waits for those that are trusted more\n",
        "  minehut is not asked: denied\n",
        "the last login is not remembered\n",
    ] {
        assert!(before.output.contains(part), "no {part:?} in\n{}", before.output);
    }
    assert!(m.requests().is_empty() && o.requests().is_empty(), "explaining asks nobody");
    m.answers(Reply::profile("Notch"));
    assert_eq!(client::has_joined(&proxy).await.status, 200);
    m.answers(Reply::status(500));
    o.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await.assert_down();
    let after = hasjoined(&proxy, "explain Notch").await;
    for part in [
        "  bound to mojang: no less trusted upstream may claim the name\n  mojang vouched for it last\n",
        "the next login\n  mojang is asked at once\n  drasl is asked after 150 ms, or when nobody before it says yes; its \"yes\" \
         counts for nothing, since the name is another's\n",
        "nobody said yes and not all said no: the player was told that the servers are down\n",
        "  mojang: status 500 after ",
        "  drasl: bound elsewhere after ",
    ] {
        assert!(after.output.contains(part), "no {part:?} in\n{}", after.output);
    }
}

#[tokio::test]
async fn bindings_are_listed_and_released() {
    let (m, o, p) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = three(&m, &o, &p).await;
    let none = hasjoined(&proxy, "bindings list").await;
    assert_eq!((none.code, none.output.as_str()), (Some(0), ""));
    m.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await;
    m.answers(Reply::no());
    o.answers(Reply::profile("Steve"));
    client::get(&proxy, "/session/minecraft/hasJoined?username=Steve&serverId=-1a").await;
    assert_eq!(hasjoined(&proxy, "bindings list").await.output, "notch\tmojang\nsteve\tdrasl\n");
    o.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await.assert_no();
    let released = hasjoined(&proxy, "bindings release NOTCH").await;
    assert_eq!(released.output, "NOTCH was bound to mojang; the next upstream that vouches for it gets it\n");
    assert_eq!(client::has_joined(&proxy).await.status, 200, "the name is free");
    assert_eq!(hasjoined(&proxy, "bindings list").await.output, "notch\tdrasl\nsteve\tdrasl\n");
    let unknown = hasjoined(&proxy, "bindings release Herobrine").await;
    assert_eq!((unknown.code, unknown.log.as_str()), (Some(1), "hasjoined: Herobrine is bound to no upstream\n"));
    proxy.logged("name released").await;
}

#[tokio::test]
async fn a_page_of_another_site_cannot_release_a_name() {
    let (m, o, p) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = three(&m, &o, &p).await;
    m.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await;
    let admin = proxy.admin().await;
    for method in ["GET", "POST", "HEAD", "OPTIONS"] {
        let answer = Request::new(method, "/bindings/Notch").send(&admin).await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("DELETE")), "{method}");
        assert_eq!(answer.header("access-control-allow-methods"), None);
    }
    let rebound = Request::new("DELETE", "/bindings/Notch").header("Host", "evil.example").send(&admin).await;
    assert_eq!(rebound.status, 403);
    assert_eq!(hasjoined(&proxy, "bindings list").await.output, "notch\tmojang\n");
}

#[tokio::test]
async fn who_asks_nobody_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = proxy::run(folder.path(), ["explain", "Notch", "--admin", &free.to_string()]).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.log.starts_with(&format!("hasjoined: cannot ask the program that runs at {free}: ")),
        "{refused:?}"
    );
    std::fs::write(
        folder.path().join("upstreams.toml"),
        "[server]\nadmin = false\n[upstreams.mojang]\npreset = \"mojang\"\n",
    )
    .unwrap();
    let off = proxy::run(folder.path(), ["bindings", "list"]).await;
    assert_eq!(off.log, "hasjoined: server.admin is false: there is nobody to ask\n");
}
