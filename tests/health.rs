//! Upstreams that fail or limit: when they are not asked any more, what players see then, and when they are asked again.

use crate::support::{
    client::{self, Answer},
    profile,
    proxy::{self, Proxy},
    upstream::{Reply, Upstream},
    within,
};
use std::time::{Duration, Instant};

/// Longer than any answer here takes that waits for nobody.
const TIMEOUT: Duration = Duration::from_millis(600);
const TIMEOUT_LINE: &str = "timeout = \"600ms\"\n";

/// The least that an upstream is left alone for, when there are others to ask.
const SHORTEST_WAIT: Duration = Duration::from_secs(8);

/// Mojang, which knows nobody, and Minehut with these lines.
async fn beside_mojang(lines: &str) -> (Proxy, Upstream, Upstream) {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder().upstream("mojang", &m, "").upstream("minehut", &h, lines).start().await;
    (proxy, m, h)
}

async fn login(proxy: &Proxy, name: &str) -> Answer {
    client::get(proxy, &format!("/session/minecraft/hasJoined?username={name}&serverId=-1a2b3c")).await
}

/// Logs in until the answer has this status.
async fn until(proxy: &Proxy, status: u16) -> Answer {
    let asked = async {
        loop {
            let answer = client::has_joined(proxy).await;
            if answer.status == status {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within(format!("a login with status {status}"), asked).await
}

#[tokio::test]
async fn after_five_failures_it_is_not_asked_any_more() {
    let broken = [
        ("hangs", Reply::no().hang()),
        ("stalls", Reply::profile("Notch").stall_mid_body()),
        ("resets", Reply::no().reset_without_answer()),
        ("500", Reply::status(500)),
        ("503", Reply::status(503).header("Retry-After", "1")),
        ("malformed", Reply::status(200).json("{}")),
    ];
    for (what, reply) in broken {
        // A login waits for all of Minehut's calls, since Mojang says no: each failure is counted before the next login.
        let (proxy, m, h) = beside_mojang(&format!("single_use = true\n{TIMEOUT_LINE}")).await;
        h.answers(reply);
        for _ in 0..5 {
            client::has_joined(&proxy).await.assert_down();
        }
        assert_eq!(h.requests().len(), 5, "{what}");
        for _ in 0..10 {
            let answer = client::has_joined(&proxy).await;
            answer.assert_down();
            assert!(answer.took < TIMEOUT, "{what}: {:?}", answer.took);
        }
        m.answers(Reply::profile("Notch"));
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
        assert_eq!(h.requests().len(), 5, "{what}");
        let told = proxy.log().iter().filter(|line| line.contains("left alone")).count();
        assert_eq!(told, 1, "{what}: an outage is told once");
        proxy.logged("minehut: open").await;
    }
}

#[tokio::test]
async fn one_that_refuses_connections_is_not_tried_any_more() {
    let m = Upstream::start().await;
    let proxy = Proxy::builder().upstream("mojang", &m, "").upstream("minehut", &Upstream::refused(), "").start().await;
    for _ in 0..6 {
        client::has_joined(&proxy).await.assert_down();
    }
    proxy.logged_times("minehut: refused", 5).await;
    proxy.logged("minehut: open").await;
}

#[tokio::test]
async fn a_no_is_no_failure_however_often_it_is_said() {
    let (proxy, m, h) = beside_mojang("preset = \"drasl\"\n").await;
    for n in 0..100 {
        h.answers(if n % 2 == 0 { Reply::status(403) } else { Reply::no() });
        client::has_joined(&proxy).await.assert_no();
    }
    assert_eq!((m.requests().len(), h.requests().len()), (100, 100));
    // Four failures are none too many, and a "no" between them starts the count afresh.
    for reply in [500, 500, 500, 500, 204, 500, 500, 500, 500].map(Reply::status) {
        h.answers(reply);
        client::has_joined(&proxy).await;
    }
    h.answers(Reply::no());
    client::has_joined(&proxy).await.assert_no();
    assert_eq!(h.requests().len(), 110);
}

#[tokio::test]
async fn a_web_page_below_500_is_no_outage() {
    let (proxy, _m, h) = beside_mojang("").await;
    h.answers(Reply::status(403).html("<html></html>"));
    for _ in 0..20 {
        client::has_joined(&proxy).await.assert_down();
    }
    assert_eq!(h.requests().len(), 20);
}

#[tokio::test]
async fn the_last_hope_is_tried_again_soon_but_not_by_everyone() {
    let m = Upstream::start().await;
    m.answers(Reply::status(500));
    let proxy = Proxy::with([("mojang", &m)]).await;
    let started = Instant::now();
    for _ in 0..5 {
        client::has_joined(&proxy).await.assert_down();
    }
    let opened = Instant::now();
    for _ in 0..50 {
        client::has_joined(&proxy).await.assert_down();
    }
    let most = 5 + started.elapsed().as_secs() as usize;
    assert!(m.requests().len() <= most, "{} questions", m.requests().len());
    m.answers(Reply::profile("Notch"));
    until(&proxy, 200).await.assert_profile(&profile::notch());
    assert!(opened.elapsed() < SHORTEST_WAIT, "{:?}", opened.elapsed());
    proxy.logged("upstream is back").await;
}

#[tokio::test]
async fn a_429_with_retry_after_is_heeded() {
    let (proxy, _m, h) = beside_mojang("").await;
    h.answers(Reply::status(429).header("Retry-After", "2"));
    let started = Instant::now();
    client::has_joined(&proxy).await.assert_down();
    h.answers(Reply::no());
    client::has_joined(&proxy).await.assert_down();
    assert_eq!(h.requests().len(), 1, "it is left in peace");
    proxy.logged("minehut: over budget").await;
    proxy.logged("upstream limits us").await;
    until(&proxy, 204).await.assert_no();
    assert!(started.elapsed() >= Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(h.requests().len(), 2);
}

#[tokio::test]
async fn a_429_alone_is_heeded_too_and_is_no_outage() {
    let (proxy, _m, h) = beside_mojang("").await;
    h.answers(Reply::status(429).header("Retry-After", "Sun, 06 Nov 2994 08:49:37 GMT"));
    for _ in 0..10 {
        client::has_joined(&proxy).await.assert_down();
    }
    assert_eq!(h.requests().len(), 1);
    assert!(!proxy.log().iter().any(|line| line.contains("left alone")));
}

#[tokio::test]
async fn a_spent_budget_is_not_overdrawn() {
    let (proxy, m, h) = beside_mojang("budget = \"3/1m\"\n").await;
    for name in ["one", "two", "three"] {
        login(&proxy, name).await.assert_no();
    }
    // Whether Minehut knows the fourth is not known: that is no "no".
    let fourth = login(&proxy, "four").await;
    fourth.assert_down();
    assert_eq!((m.requests().len(), h.requests().len()), (4, 3));
    proxy.logged("minehut: over budget").await;
    m.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert_eq!(h.requests().len(), 3);
}

#[tokio::test]
async fn the_last_of_a_budget_is_for_players_it_has_vouched_for() {
    let (proxy, _m, h) = beside_mojang("budget = \"5/1m\"\n").await;
    h.knows(&["Notch"]);
    login(&proxy, "Notch").await.assert_profile(&profile::notch());
    for stranger in ["one", "two", "three"] {
        login(&proxy, stranger).await.assert_no();
    }
    login(&proxy, "four").await.assert_down();
    assert_eq!(h.requests().len(), 4, "the fifth question is kept");
    login(&proxy, "nOTCH").await.assert_profile(&profile::notch());
    login(&proxy, "Notch").await.assert_down();
    assert_eq!(h.requests().len(), 5);
}

#[tokio::test]
async fn check_tells_the_budget() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[upstreams.mojang]\npreset = \"mojang\"\nbudget = \"600/10m\"\n";
    std::fs::write(folder.path().join("upstreams.toml"), text).unwrap();
    let checked = proxy::run(folder.path(), ["check"]).await;
    assert!(checked.output.contains("is asked at most 600 times in 10m\n"), "{}", checked.output);
}
