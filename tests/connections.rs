//! What a login costs the upstreams: connections are few, warm, and never lost to the race.

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Request},
    profile,
    proxy::Proxy,
    tls::Ca,
    upstream::{Reply, Upstream},
};
use std::time::Duration;

/// Sequential logins on one client connection, each with a serverId of its own. Returns how long each took, sorted.
async fn logins(proxy: &Proxy, count: usize) -> Vec<Duration> {
    let mut connection = Connection::open(proxy).await.unwrap();
    let mut took = Vec::with_capacity(count);
    for n in 0..count {
        let login = Request::get(&format!("/session/minecraft/hasJoined?username=Notch&serverId=-{n}"));
        let answer = connection.send(&login).await.unwrap();
        answer.assert_profile(&profile::notch());
        took.push(answer.took);
    }
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_hang_for_ever_cost_nothing_but_their_cap() {
    let (good, deaf, mute) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    good.answers(Reply::profile("Notch").after(Duration::from_millis(5)));
    deaf.answers(Reply::no().hang());
    mute.answers(Reply::profile("Notch").stall_mid_body());
    let proxy = Proxy::builder()
        .upstream("mojang", &good, "")
        .upstream("minehut", &deaf, "max_connections = 16\n")
        .upstream("connect", &mute, "max_connections = 16\n")
        .start()
        .await;
    let took = logins(&proxy, 200).await;
    assert!(took[100] < Duration::from_millis(10), "median {:?}, slowest {:?}", took[100], took[199]);
    for hanging in [&deaf, &mute] {
        assert!(hanging.connections() <= 16, "{} connections", hanging.connections());
    }
    assert!(good.connections() <= 2, "{} connections", good.connections());
}

#[tokio::test]
async fn a_hundred_logins_need_two_connections_to_each() {
    let ca = Ca::new();
    let plain = Upstream::start().await;
    let tls = Upstream::builder().tls(&ca).start().await;
    let other = Upstream::start().await;
    // The winner is the slowest, so that each login is over everywhere before the next.
    plain.answers(Reply::no());
    tls.answers(Reply::profile("Notch").after(Duration::from_millis(10)));
    other.answers(Reply::no());
    let proxy = Proxy::with([("mojang", &plain), ("minehut", &tls), ("connect", &other)]).await;
    logins(&proxy, 100).await;
    for upstream in [&plain, &tls, &other] {
        upstream.idle().await;
        assert!(upstream.connections() <= 2, "{} connections", upstream.connections());
        assert_eq!(upstream.abandoned(), 0);
    }
    assert!(tls.handshakes() <= 2, "{} handshakes", tls.handshakes());
}

#[tokio::test]
async fn http_2_carries_all_over_one_connection() {
    let ca = Ca::new();
    let both = Upstream::builder().tls(&ca).http2(true).start().await;
    let plain = Upstream::builder().http2(true).start().await;
    let old = Upstream::builder().tls(&ca).start().await;
    both.answers(Reply::profile("Notch").after(Duration::from_millis(20)));
    plain.answers(Reply::no());
    old.answers(Reply::no());
    let proxy = Proxy::builder()
        .upstream("mojang", &both, "http2 = true\n")
        .upstream("minehut", &plain, "http2 = true\n")
        .upstream("connect", &old, "http2 = true\n")
        .start()
        .await;
    let at_once = (0..50).map(|n| client_login(&proxy, n));
    futures::future::join_all(at_once).await;
    assert_eq!((both.connections(), plain.connections()), (1, 1));
    assert_eq!(both.requests()[0].version, http::Version::HTTP_2);
    assert_eq!(old.requests()[0].version, http::Version::HTTP_11, "who does not speak it is asked over HTTP/1.1");
    // A connection that ends is replaced.
    both.cut_connections().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert_eq!(both.connections(), 2);
}

async fn client_login(proxy: &Proxy, n: usize) {
    let path = format!("/session/minecraft/hasJoined?username=Notch&serverId=-{n}");
    client::get(proxy, &path).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn equal_questions_share_one_race() {
    let m = Upstream::start().await;
    m.answers(Reply::profile("Notch").after(Duration::from_millis(300)));
    let proxy = Proxy::with([("mojang", &m)]).await;
    let answers = futures::future::join_all((0..20).map(|_| client::has_joined(&proxy))).await;
    for answer in answers {
        answer.assert_profile(&profile::notch());
    }
    assert_eq!(m.requests().len(), 1);
    // Nothing is kept: the same question later is a new one.
    m.answers(Reply::no());
    client::has_joined(&proxy).await.assert_no();
}

#[tokio::test]
async fn a_connection_that_ended_while_idle_is_not_a_failure() {
    let m = Upstream::start().await;
    let proxy = Proxy::with([("mojang", &m)]).await;
    for reply in [Reply::profile("Notch").then_close(), Reply::profile("Notch").then_vanish(), Reply::profile("Notch")]
    {
        m.answers(reply);
        for _ in 0..3 {
            client::has_joined(&proxy).await.assert_profile(&profile::notch());
        }
    }
}

#[tokio::test]
async fn a_question_that_may_have_arrived_is_repeated_only_where_that_does_no_harm() {
    for (lines, questions) in [("", 2), ("single_use = true\n", 1)] {
        let m = Upstream::start().await;
        let proxy = Proxy::builder().upstream("mojang", &m, lines).start().await;
        client::has_joined(&proxy).await.assert_no();
        // On a connection that was idle; a new one would not be given a second chance.
        m.answers(Reply::no().close_without_answer());
        client::has_joined(&proxy).await.assert_down();
        assert_eq!(m.requests().len(), 1 + questions, "{lines}");
    }
}

#[tokio::test]
async fn every_way_to_break_an_answer_leaves_the_question_open() {
    let m = Upstream::start().await;
    let yes = || Reply::profile("Notch");
    for (what, broken) in [
        ("hang", yes().hang()),
        ("stall", yes().stall_mid_body()),
        ("reset mid body", yes().reset_mid_body()),
        ("half close", yes().half_close()),
        ("garbage", yes().garbage()),
        ("close", yes().close_without_answer()),
        ("reset", yes().reset_without_answer()),
        ("unknown encoding", yes().header("Content-Encoding", "br")),
        ("206", Reply::status(206).json(profile::notch())),
    ] {
        // A proxy of its own: after five in a row it would not ask any more.
        let proxy = Proxy::builder().upstream("mojang", &m, "timeout = \"300ms\"\n").start().await;
        m.answers(broken);
        let answer = client::get(&proxy, HAS_JOINED).await;
        assert_eq!(answer.status, 503, "{what}");
        answer.assert_down();
        m.answers(yes());
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
    }
}

#[tokio::test]
async fn certificates_are_checked() {
    let (ca, other) = (Ca::new(), Ca::new());
    let right = Upstream::builder().tls(&ca).start().await;
    let wrong_name = Upstream::builder().tls(&ca).certified_as("elsewhere.example").start().await;
    let wrong_issuer = Upstream::builder().tls(&other).start().await;
    for upstream in [&right, &wrong_name, &wrong_issuer] {
        upstream.answers(Reply::profile("Notch"));
    }
    for (upstream, accepted) in [(&right, true), (&wrong_name, false), (&wrong_issuer, false)] {
        let folder = tempfile::tempdir().unwrap();
        let file = ca.pem_file(folder.path());
        let lines = format!("ca_file = \"{}\"\n", file.display());
        let proxy = Proxy::builder().upstream("mojang", upstream, &lines).start().await;
        let answer = client::has_joined(&proxy).await;
        match accepted {
            true => answer.assert_profile(&profile::notch()),
            false => answer.assert_down(),
        }
        let asked = upstream.requests().len();
        assert_eq!(asked, usize::from(accepted), "nothing is asked before the certificate is believed");
    }
}

#[tokio::test]
async fn an_upstream_that_comes_back_is_asked_again() {
    let m = Upstream::start().await;
    m.answers(Reply::profile("Notch"));
    let proxy = Proxy::with([("mojang", &m)]).await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    m.stop().await;
    client::has_joined(&proxy).await.assert_down();
    m.restart().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}
