//! Reload, drain and upgrade under 500 logins a second, without one that fails: not refused, not reset, not closed in the middle.

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Request},
    crowd::{self, Crowd},
    proxy::{Builder, Proxy, Signal},
    upstream::{Reply, Upstream},
};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant},
};
use tokio::time::sleep;

const RATE: u32 = 500;

/// Between two events, so that there are logins at every stage of each.
async fn a_while() {
    sleep(Duration::from_millis(400)).await;
}

fn listening() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// With more patience than it has by itself: what a busy machine makes slow is not lost.
fn program(session: &Upstream) -> Builder {
    let patient = "timeout = \"15s\"\nconnect_timeout = \"10s\"\n";
    Proxy::builder().race("deadline = \"16s\"").upstream("mojang", session, patient)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reloads_lose_no_login() {
    let _alone = crowd::alone().await;
    let (session, spare) = (crowd::session_server().await, Upstream::start().await);
    spare.answers(Reply::no().after(Duration::from_millis(20)));
    let proxy = program(&session).start().await;
    let alone = fs::read_to_string(proxy.config_path()).unwrap();
    let together = format!("{alone}[upstreams.spare]\nurl = \"{}\"\n", spare.url());
    let players = Crowd::at(proxy.address(), RATE);
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < Duration::from_secs(3) {
        let beside = proxy.folder().join("upstreams.toml.new");
        fs::write(&beside, if rounds % 2 == 0 { &together } else { &alone }).unwrap();
        fs::rename(&beside, proxy.config_path()).unwrap();
        sleep(Duration::from_millis(60)).await;
        proxy.signal(Signal::HUP);
        sleep(Duration::from_millis(20)).await;
        rounds += 1;
    }
    players.ends().await.assert_all(500, &session);
    // A change and a signal that come together are one reload.
    let reloads = proxy.log().iter().filter(|line| line.contains("configuration reloaded")).count();
    assert!(reloads >= 10, "{reloads} reloads in {rounds} rounds");
    assert!(!spare.requests().is_empty(), "the other configuration was never in force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_loses_no_login_while_another_takes_over() {
    let _alone = crowd::alone().await;
    let (session, (socket, address)) = (crowd::session_server().await, listening());
    let next = || program(&session).passing(socket.try_clone().unwrap(), "hasjoined.socket");
    let mut serving = next().start().await;
    let players = Crowd::at(address, RATE);
    for _ in 0..3 {
        a_while().await;
        let successor = next().start().await;
        serving.signal(Signal::TERM);
        assert_eq!(serving.exit().await, 0);
        serving = successor;
    }
    a_while().await;
    players.ends().await.assert_all(300, &session);
}

/// As `systemctl restart` does it when systemd has the socket: nobody serves for a moment, and connections wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_loses_no_login_where_somebody_else_keeps_the_socket() {
    let _alone = crowd::alone().await;
    let (session, (socket, address)) = (crowd::session_server().await, listening());
    let next = || program(&session).passing(socket.try_clone().unwrap(), "hasjoined.socket");
    let mut serving = next().start().await;
    let players = Crowd::at(address, RATE);
    for _ in 0..2 {
        a_while().await;
        serving.signal(Signal::TERM);
        assert_eq!(serving.exit().await, 0);
        serving = next().start().await;
    }
    a_while().await;
    players.ends().await.assert_all(300, &session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_loses_no_login() {
    let _alone = crowd::alone().await;
    let session = crowd::session_server().await;
    let mut proxy = program(&session).admin().start().await;
    let (players, admin) = (Crowd::at(proxy.address(), RATE), proxy.admin().await);
    for _ in 0..4 {
        a_while().await;
        proxy.upgrades().await;
        // The operator's listener goes with it: whoever asks whether to send logins here is never told of the drain.
        assert_eq!(client::get(&admin, "/readyz").await.status, 200);
    }
    a_while().await;
    players.ends().await.assert_all(300, &session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_successor_that_cannot_serve_changes_nothing() {
    let _alone = crowd::alone().await;
    let session = crowd::session_server().await;
    let mut proxy = program(&session).start().await;
    let players = Crowd::at(proxy.address(), RATE);
    let good = fs::read_to_string(proxy.config_path()).unwrap();
    fs::write(proxy.config_path(), "[upstreams.mojang]\npreset = \"mojnag\"\n").unwrap();
    proxy.signal(Signal::USR2);
    proxy.logged("the successor does not serve, this program goes on").await;
    proxy.logged("hasjoined: upstreams.toml:2:10").await;
    fs::write(proxy.config_path(), good).unwrap();
    proxy.upgrades().await;
    a_while().await;
    players.ends().await.assert_all(100, &session);
}

/// A package puts a new file in the place of the old one, and takes that away.
#[tokio::test]
async fn the_successor_is_the_program_that_is_installed_now() {
    let session = crowd::session_server().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let installed = folder.path().join("hasjoined");
    fs::hard_link(env!("CARGO_BIN_EXE_hasjoined"), &installed).unwrap();
    let mut proxy = program(&session).program(&installed).start().await;
    fs::remove_file(&installed).unwrap();
    fs::hard_link(env!("CARGO_BIN_EXE_hasjoined"), &installed).unwrap();
    assert!(proxy.executable().to_str().unwrap().ends_with("(deleted)"));
    proxy.upgrades().await;
    assert_eq!(proxy.executable(), installed);
}

/// What the file says of addresses holds: those that stay are taken over, others are opened, and what is gone is closed.
#[tokio::test]
async fn a_successor_listens_where_the_file_says_now() {
    let session = crowd::session_server().await;
    let (kept, gone, new) = (listening().1, listening().1, listening().1);
    let listen = |one: SocketAddr, other: SocketAddr| format!("listen = [\"{one}\", \"{other}\"]");
    let mut proxy = program(&session).server(&listen(gone, kept)).start().await;
    let file = fs::read_to_string(proxy.config_path()).unwrap();
    fs::write(proxy.config_path(), file.replace(&listen(gone, kept), &listen(kept, new))).unwrap();
    proxy.upgrades().await;
    for address in [kept, new] {
        client::get(&address, &HAS_JOINED.replace("Notch", "Player1")).await.assert_profile(&crowd::profile_of(1));
    }
    proxy.logged_times("draining", 1).await;
    let closed = async { while tokio::net::TcpStream::connect(gone).await.is_ok() {} };
    crate::support::within("the address that is gone to be closed", closed).await;
}

#[tokio::test]
async fn told_to_stop_it_takes_a_successor_with_it() {
    let session = crowd::session_server().await;
    let mut proxy = program(&session).start().await;
    proxy.signal(Signal::USR2);
    let started = proxy.logged("a successor is started").await;
    proxy.signal(Signal::TERM);
    assert_eq!(proxy.exit().await, 0, "{started}");
}

/// Nobody has taken over, so whoever comes later is refused; but not who is in the queue.
#[tokio::test]
async fn a_drain_answers_everybody_who_is_in_the_queue() {
    let session = crowd::session_server().await;
    let mut proxy = program(&session).start().await;
    proxy.signal(Signal::STOP);
    let mut waiting = Vec::new();
    for number in 0..300 {
        let mut connection = Connection::open(&proxy).await.unwrap();
        let path = format!("/session/minecraft/hasJoined?username=Player1&serverId=-{number:x}");
        connection.write(&Request::get(&path).bytes(proxy.address())).await.unwrap();
        waiting.push(connection);
    }
    proxy.signal(Signal::TERM);
    proxy.signal(Signal::CONT);
    for mut connection in waiting {
        connection.answer("GET").await.unwrap().assert_profile(&crowd::profile_of(1));
    }
    assert_eq!(proxy.exit().await, 0);
}
