//! The program under whoever runs programs: what it says of its life, sockets that are passed on to it, and `hasjoined health`.

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Request},
    profile,
    proxy::{self, Builder, Proxy, Signal},
    upstream::{Reply, Upstream},
    within,
};
use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream, UdpSocket},
};
use tempfile::{TempDir, tempdir};
use tokio::net::UnixDatagram;

/// A service manager that listens.
struct Supervisor {
    folder: TempDir,
    socket: UnixDatagram,
}

impl Supervisor {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        Self { folder, socket }
    }

    fn runs(&self, program: Builder) -> Builder {
        program.variable("NOTIFY_SOCKET", self.folder.path().join("notify").to_str().unwrap())
    }

    async fn hears(&self) -> String {
        let mut message = [0; 1024];
        let length = within("a word from the program", self.socket.recv(&mut message)).await.unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }

    async fn hears_a_reload(&self) {
        let reloading = self.hears().await;
        let since = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").and_then(|rest| rest.strip_suffix('\n'));
        assert!(since.is_some_and(|since| since.parse::<u64>().is_ok_and(|since| since > 0)), "{reloading:?}");
        assert_eq!(self.hears().await, "READY=1\n");
    }
}

async fn knowing() -> Upstream {
    let upstream = Upstream::start().await;
    upstream.answers(Reply::profile("Notch"));
    upstream
}

fn listening() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

#[tokio::test]
async fn it_says_when_it_is_ready_when_it_reloads_and_when_it_stops() {
    let m = knowing().await;
    let supervisor = Supervisor::new();
    let mut proxy = supervisor.runs(Proxy::builder().upstream("mojang", &m, "")).start().await;
    assert_eq!(supervisor.hears().await, "READY=1\n");
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    proxy.signal(Signal::HUP);
    supervisor.hears_a_reload().await;
    // A refused one ends as well: the program goes on with what it had.
    fs::write(proxy.config_path(), "[upstreams.mojang]\n").unwrap();
    supervisor.hears_a_reload().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    proxy.signal(Signal::TERM);
    assert_eq!(supervisor.hears().await, "STOPPING=1\n");
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn it_says_which_process_is_the_program_after_an_upgrade() {
    let m = knowing().await;
    let supervisor = Supervisor::new();
    let mut proxy = supervisor.runs(Proxy::builder().upstream("mojang", &m, "")).start().await;
    assert_eq!(supervisor.hears().await, "READY=1\n");
    let before = proxy.process();
    proxy.upgrades().await;
    // The first is the successor's word, whom nobody has heard of before; and the other never says that the program stops.
    assert_eq!(supervisor.hears().await, "READY=1\n");
    assert_eq!(supervisor.hears().await, format!("MAINPID={}\n", proxy.process()));
    assert_ne!(proxy.process(), before);
    proxy.signal(Signal::HUP);
    supervisor.hears_a_reload().await;
}

#[tokio::test]
async fn a_supervisor_that_is_gone_ends_nothing() {
    let m = knowing().await;
    let program = Proxy::builder().upstream("mojang", &m, "").variable("NOTIFY_SOCKET", "/nowhere/notify");
    let proxy = program.start().await;
    proxy.logged("the service manager cannot be told: Ready").await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn who_connected_before_it_started_is_answered() {
    let m = knowing().await;
    let (socket, address) = listening();
    let mut early = Connection::open(&address).await.unwrap();
    early.write(&Request::get(HAS_JOINED).bytes(address)).await.unwrap();
    let mut proxy = Proxy::builder().passing(socket, "hasjoined.socket").upstream("mojang", &m, "").start().await;
    assert_eq!(proxy.address(), address);
    early.answer("GET").await.unwrap().assert_profile(&profile::notch());
    // A reload changes nothing about that, and has nothing to complain of.
    proxy.signal(Signal::HUP);
    proxy.logged("configuration reloaded").await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert!(!proxy.log().join("\n").contains("server.listen has changed"));
    proxy.signal(Signal::TERM);
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn the_socket_called_admin_is_the_operators_and_all_others_are_game_servers() {
    let m = knowing().await;
    let ((one, first), (two, operators), (three, second)) = (listening(), listening(), listening());
    let program = Proxy::builder().passing(one, "web").passing(two, "admin").passing(three, "");
    let proxy = program.upstream("mojang", &m, "").start().await;
    assert_eq!((proxy.address(), proxy.admin().await), (first, operators));
    for address in [first, second] {
        client::has_joined(&address).await.assert_profile(&profile::notch());
        client::get(&address, "/readyz").await.assert_status_empty(404);
    }
    assert_eq!(client::get(&operators, "/readyz").await.status, 200);
    assert_eq!(client::get(&operators, HAS_JOINED).await.status, 404);
}

#[tokio::test]
async fn with_the_operators_socket_alone_the_file_says_where_to_listen() {
    let m = knowing().await;
    let (socket, operators) = listening();
    let proxy = Proxy::builder().passing(socket, "admin").upstream("mojang", &m, "").start().await;
    assert_eq!(proxy.admin().await, operators);
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn what_is_no_listening_socket_is_refused() {
    let (listener, address) = listening();
    let connected = TcpStream::connect(address).unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let file = fs::File::open("/dev/null").unwrap();
    let program = || Proxy::builder().config("");
    for (program, fault) in [
        (program().passing(connected, "web"), "\"web\" does not listen"),
        (program().passing(datagrams, "web"), "fd 3 is not a valid tcp socket"),
        (program().passing(file, "web"), "fd 3 is not a socket"),
        (program().passing(listener, "admin").passing(listening().0, "admin"), "more than one is called \"admin\""),
    ] {
        let ended = program.fail().await;
        assert_eq!(ended.code, Some(78), "{}", ended.log);
        assert_eq!(ended.log.trim(), format!("hasjoined: the sockets that were passed on: {fault}"));
    }
}

#[tokio::test]
async fn health_says_what_readyz_does() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let proxy = Proxy::builder().admin().upstream("mojang", &m, "").start().await;
    let admin = proxy.admin().await.to_string();
    let asked = || proxy::run(proxy.folder(), ["health", "--admin", &admin]);
    let ready = asked().await;
    assert_eq!((ready.code, ready.output.as_str(), ready.log.as_str()), (Some(0), "ready\n", ""));
    // A login that is under way keeps a draining program alive.
    let mut waiting = Connection::open(&proxy).await.unwrap();
    waiting.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(1).await;
    proxy.signal(Signal::TERM);
    proxy.logged("draining").await;
    let draining = asked().await;
    assert_eq!((draining.code, draining.output.as_str()), (Some(1), ""));
    assert!(draining.log.starts_with("hasjoined: not ready: "), "{}", draining.log);
    let nobody = listening().1.to_string();
    let none = proxy::run(proxy.folder(), ["health", "--admin", &nobody]).await;
    assert_eq!(none.code, Some(1));
    assert!(none.log.contains(&format!("cannot ask the program that runs at {nobody}")), "{}", none.log);
}
