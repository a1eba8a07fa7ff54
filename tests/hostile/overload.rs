//! More clients than there are places for.

use super::*;
use crate::support::{
    client::{Connection, Request},
    spawn,
};
use futures::future::join_all;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// All that is said until the connection ends.
async fn asked(address: std::net::SocketAddr, number: usize) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let path = format!("/session/minecraft/hasJoined?username=Notch&serverId=-{number}");
    let request = Request::get(&path).header("Connection", "close").bytes(address);
    let mut said = Vec::new();
    if stream.write_all(&request).await.is_ok() {
        let _ = within("an answer or the end", stream.read_to_end(&mut said)).await;
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_answered_or_let_go_and_who_was_there_is_served() {
    // Two thousand sockets on this side as well.
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    let siege = Siege::with("max_connections = 100").await;
    siege.m.answers(Reply::profile("Notch").after(Duration::from_millis(1500)));
    let mut early = Vec::new();
    for number in 0..50 {
        let mut connection = Connection::open(&siege.proxy).await.unwrap();
        let path = format!("/session/minecraft/hasJoined?username=Notch&serverId=-early{number}");
        connection.write(&Request::get(&path).bytes(siege.proxy.address())).await.unwrap();
        early.push(connection);
    }
    siege.m.seen(51).await;
    let address = siege.proxy.address();
    let crowd: Vec<_> = (0..2_000).map(|number| spawn(asked(address, number))).collect();
    let crowd = join_all(crowd).await;
    for mut connection in early {
        connection.answer("GET").await.unwrap().assert_profile(&profile::notch());
    }
    let mut told = [0; 3];
    for said in crowd {
        let said = said.unwrap();
        match statuses(&said)[..] {
            [200] => told[0] += 1,
            [503] => told[1] += 1,
            [] if said.is_empty() => told[2] += 1,
            _ => panic!("{}", said.escape_ascii()),
        }
    }
    let [served, refused, closed] = told;
    assert!(served >= 50, "{served} served, {refused} refused, {closed} closed");
    assert!(refused >= 900, "{served} served, {refused} refused, {closed} closed");
    siege.m.answers(Reply::profile("Notch"));
    siege.is_over().await;
}
