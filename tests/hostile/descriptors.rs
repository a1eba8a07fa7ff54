//! No descriptor left.

use super::*;
use crate::support::client::{Connection, Request};
use std::{fs, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::Command,
};

#[tokio::test(flavor = "multi_thread")]
async fn without_descriptors_it_waits_and_goes_on() {
    let siege = Siege::start().await;
    let login = Request::get(HAS_JOINED);
    let mut kept = Connection::open(&siege.proxy).await.unwrap();
    kept.send(&login).await.unwrap().assert_profile(&profile::notch());
    let most = siege.proxy.open_files() + 20;
    siege.proxy.limit_open_files(most);
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(TcpStream::connect(siege.proxy.address()).await.unwrap());
    }
    siege.proxy.logged("cannot accept connections").await;
    // Who is there is served.
    for _ in 0..20 {
        kept.send(&login).await.unwrap().assert_profile(&profile::notch());
    }
    // With its connection to the upstream gone, and no descriptor for another, nothing is known of anybody.
    siege.m.answers(Reply::no());
    siege.proxy.limit_open_files(4);
    siege.m.cut_connections().await;
    for _ in 0..10 {
        kept.send(&login).await.unwrap().assert_down();
    }
    siege.m.answers(Reply::profile("Notch"));
    siege.proxy.limit_open_files(most);
    drop(idle);
    // At once: the upstream is not blamed for it.
    let answer = client::has_joined(&siege.proxy).await;
    answer.assert_profile(&profile::notch());
    assert!(answer.took < Duration::from_secs(1), "{:?}", answer.took);
    kept.send(&login).await.unwrap().assert_profile(&profile::notch());
    let said = siege.proxy.log().iter().filter(|line| line.contains("cannot accept")).count();
    assert_eq!(said, 1, "said once");
}

#[tokio::test]
async fn it_takes_all_that_it_may_have_and_says_if_that_is_little() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("upstreams.toml"),
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin = false\n[upstreams.x]\nurl = \"http://127.0.0.1:9/hasJoined\"\n",
    )
    .unwrap();
    let script = "ulimit -S -n 128; ulimit -H -n 256; exec \"$0\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_hasjoined")]).current_dir(folder.path());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it ended");
            if line.contains("server.max_connections") {
                return line;
            }
        }
    };
    let said = within("a warning", said).await;
    assert!(said.contains("20000 clients") && said.contains("may have 256"), "{said}");
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id().unwrap())).unwrap();
    let limits: Vec<_> =
        limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(limits[3..5], ["256", "256"]);
}
