//! The program as its operator meets it: start, exit codes, reload, drain.

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Request},
    profile,
    proxy::{self, Proxy, Signal},
    upstream::{Reply, Upstream},
};
use std::{fs, net::TcpListener, time::Duration};

async fn knowing() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.answers(Reply::profile("Notch"));
    upstream
}

fn table(id: &str, upstream: &Upstream) -> String {
    format!("[upstreams.{id}]\nurl = \"{}\"\nattests = \"mojang\"\n", upstream.url())
}

#[tokio::test]
async fn the_start_says_where_it_listens_whom_it_asks_and_how_to_use_it() {
    let m = knowing().await;
    let proxy = Proxy::with([("mojang", &m)]).await;
    proxy.said("hasjoined setup").await;
    let said = proxy.output().join("\n");
    assert!(said.contains(&format!("listening on {}", proxy.origin())), "{said}");
    assert!(said.contains(&format!("asking mojang at {}", m.url())), "{said}");
    assert!(said.contains(&format!("-Dmojang.sessionserver={}/session/minecraft/hasJoined", proxy.origin())), "{said}");
}

#[tokio::test]
async fn a_bad_file_ends_it_with_78_before_it_binds() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    // Were it to bind first, it would say that the port is taken.
    let listen = format!("[server]\nlisten = \"{}\"\n", taken.local_addr().unwrap());
    for fault in ["[race]\ndeadline = 1\n", "[upstreams.mojang]\npreset = \"mojang\"\nca_file = \"gone.pem\"\n"] {
        let ended = Proxy::builder().config(&format!("{listen}{fault}")).fail().await;
        assert_eq!(ended.code, Some(78), "{}", ended.log);
        assert!(ended.log.starts_with("hasjoined: upstreams.toml:"), "{}", ended.log);
        assert_eq!(ended.output, "");
    }
}

#[tokio::test]
async fn a_file_that_is_named_has_to_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let ended = proxy::run(folder.path(), ["serve", "--config", "gone.toml"]).await;
    assert_eq!(ended.code, Some(78));
    assert!(ended.log.contains("gone.toml: cannot be read"), "{}", ended.log);
}

#[tokio::test]
async fn a_port_in_use_is_one_readable_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let m = knowing().await;
    let config = format!("[server]\nlisten = \"{address}\"\n{}", table("mojang", &m));
    let ended = Proxy::builder().config(&config).fail().await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.log.trim(), format!("hasjoined: cannot listen on {address}: another program is listening there"));
}

#[tokio::test]
async fn wrong_usage_is_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--no-such-option"][..], &["setup"], &["setup", "spigot"], &["serve", "--listen", "here"]] {
        let ended = proxy::run(folder.path(), arguments).await;
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{arguments:?}");
    }
}

#[tokio::test]
async fn check_prints_and_serves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "[upstreams.mine]\nurl = \"http://session.example/hasJoined\"\n").unwrap();
    let checked = proxy::run(folder.path(), ["check", "--config", "my.toml"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    assert!(checked.output.contains("upstream mine\n  http://session.example/hasJoined"), "{}", checked.output);
    assert!(checked.output.contains("warning: upstreams.mine: asked over plain http"), "{}", checked.output);
    fs::write(folder.path().join("my.toml"), "[upstreams.mine]\n").unwrap();
    let checked = proxy::run(folder.path(), ["check", "--config", "my.toml"]).await;
    assert_eq!((checked.code, checked.output.as_str()), (Some(78), ""));
    assert!(checked.log.contains("my.toml:1:12: upstreams.mine.url: is missing"), "{}", checked.log);
}

#[tokio::test]
async fn a_changed_file_is_taken_over_by_itself_and_by_signal() {
    let (before, after) = (Upstream::start().await, knowing().await);
    let proxy = Proxy::with([("mojang", &before)]).await;
    client::has_joined(&proxy).await.assert_no();
    let config = fs::read_to_string(proxy.config_path()).unwrap();
    // As editors do: written beside it, then renamed over it.
    let beside = proxy.folder().join("upstreams.toml.new");
    fs::write(&beside, config.replace(&before.url(), &after.url())).unwrap();
    fs::rename(&beside, proxy.config_path()).unwrap();
    proxy.logged("configuration reloaded").await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert_eq!(before.requests().len(), 1);
    // The signal reads it even when nothing has changed.
    proxy.signal(Signal::HUP);
    proxy.logged_times("configuration reloaded", 2).await;
}

#[tokio::test]
async fn a_bad_file_is_refused_and_the_old_one_goes_on() {
    let m = knowing().await;
    let proxy = Proxy::with([("mojang", &m)]).await;
    fs::write(proxy.config_path(), "[upstreams.mojang]\npreset = \"mojnag\"\n").unwrap();
    let line = proxy.logged("the configuration stays as it was").await;
    assert!(line.contains("upstreams.toml:2:10: upstreams.mojang.preset"), "{line}");
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn a_reload_loses_no_connection_and_no_login() {
    let (m, late) = (knowing().await, Upstream::start().await);
    late.answers(Reply::profile("Notch").after(Duration::from_millis(800)));
    let proxy = Proxy::with([("mojang", &m), ("late", &late)]).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    let mut waiting = Connection::open(&proxy).await.unwrap();
    let select = "/late/session/minecraft/hasJoined?username=Notch&serverId=-2";
    waiting.write(&Request::get(select).bytes(proxy.address())).await.unwrap();
    late.until("the question", |tally| tally.requests.len() >= 2).await;
    let config = fs::read_to_string(proxy.config_path()).unwrap();
    // The one that is being asked goes, the other stays.
    let kept = config.split("[upstreams.late]").next().unwrap();
    fs::write(proxy.config_path(), kept).unwrap();
    proxy.logged("configuration reloaded").await;
    waiting.answer("GET").await.unwrap().assert_profile(&profile::notch());
    client::get(&proxy, select).await.assert_status_empty(404);
    let connections = m.connections();
    client::get(&proxy, HAS_JOINED).await.assert_profile(&profile::notch());
    assert_eq!(m.connections(), connections, "an upstream that stays keeps its connections");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let m = knowing().await;
    let mut proxy = Proxy::with([("mojang", &m)]).await;
    let mut idle = Connection::open(&proxy).await.unwrap();
    idle.send(&Request::get(HAS_JOINED)).await.unwrap().assert_profile(&profile::notch());
    proxy.signal(Signal::INT);
    assert!(idle.closed().await.is_empty(), "closed in good order");
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let mut proxy = Proxy::builder().server("drain = \"300ms\"").upstream("mojang", &m, "").start().await;
    let mut waiting = Connection::open(&proxy).await.unwrap();
    waiting.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(1).await;
    proxy.signal(Signal::TERM);
    proxy.logged("drain time is over").await;
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn logs_can_be_json() {
    let m = knowing().await;
    let proxy = Proxy::builder().argument("--log-format=json").upstream("mojang", &m, "").start().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    let line = proxy.logged("login").await;
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["player"], &line["outcome"], &line["upstream"]),
        (&"Notch".into(), &"joined".into(), &"mojang".into())
    );
}

#[tokio::test]
async fn a_base_path_works_whether_it_was_taken_off_or_not() {
    let m = knowing().await;
    let proxy = Proxy::builder()
        .server("public_url = \"https://login.example.net/auth/\"")
        .upstream("mojang", &m, "")
        .start()
        .await;
    for prefix in ["", "/auth", "/auth/mojang"] {
        client::get(&proxy, &format!("{prefix}{HAS_JOINED}")).await.assert_profile(&profile::notch());
    }
    client::get(&proxy, &format!("/other{HAS_JOINED}")).await.assert_status_empty(404);
    assert!(proxy.output().join("\n").contains("https://login.example.net/auth/session/minecraft/hasJoined"));
}

#[tokio::test]
async fn check_says_what_a_login_would_be() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), "[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\n")
        .unwrap();
    let checked = proxy::run(folder.path(), ["check", "--config", "my.toml"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    for says in [
        "keeps what it knows in data",
        "takes the word of mojang",
        "1m to join, and tokens good for 30d",
        "addresses for 7d",
    ] {
        assert!(checked.output.contains(says), "{says}: {}", checked.output);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written to disk");
}
