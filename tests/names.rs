//! Whose player a name is: bindings, lists, and upstreams that vouch for different players in one login.

use crate::support::{
    client::{self, Answer},
    profile,
    proxy::{Proxy, Signal},
    upstream::{Reply, Upstream},
};
use std::{fs, time::Duration};

const OWN: &str = "attests = \"own\"\n";
const RACE: &str = "deadline = \"2s\"\ntrust_grace = \"200ms\"\n";
/// Another UUID than Notch's.
const OTHER: &str = "11111111222233334444555555555555";

async fn login(proxy: &Proxy, name: &str) -> Answer {
    client::get(proxy, &format!("/session/minecraft/hasJoined?username={name}&serverId=-1a2b3c")).await
}

/// Mojang, and one upstream with accounts of its own.
async fn mojang_and_own(race: &str) -> (Proxy, Upstream, Upstream) {
    let (m, o) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .race(&format!("{RACE}{race}"))
        .upstream("mojang", &m, "")
        .upstream("drasl", &o, OWN)
        .start()
        .await;
    (proxy, m, o)
}

fn another_notch() -> Reply {
    Reply::status(200).json(profile::with_id("Notch", OTHER))
}

#[tokio::test]
async fn a_name_of_mojangs_stays_mojangs_while_mojang_is_down() {
    let (proxy, m, o) = mojang_and_own("").await;
    m.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    o.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    m.answers(Reply::no());
    login(&proxy, "Notch").await.assert_no();
    for down in [Reply::status(500), Reply::no().hang(), Reply::no().reset_without_answer(), Reply::status(429)] {
        m.answers(down);
        login(&proxy, "nOTCH").await.assert_down();
        assert_eq!(login(&proxy, "Steve").await.status, 200, "a free name is the first one's");
    }
    proxy.logged("bound elsewhere").await;
}

#[tokio::test]
async fn a_trusted_upstream_may_claim_any_name() {
    let (proxy, m, o) = mojang_and_own("").await;
    o.answers(Reply::profile("Notch"));
    assert_eq!(client::has_joined(&proxy).await.status, 200);
    m.answers(Reply::profile("Notch"));
    o.answers(Reply::no());
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    proxy.logged("trusted less").await;
    m.answers(Reply::no());
    o.answers(Reply::profile("Notch"));
    assert_eq!(client::has_joined(&proxy).await.status, 200, "it was the first to vouch for the name");
}

#[tokio::test]
async fn a_name_stays_bound_to_an_upstream_that_is_gone() {
    let (m, a, b) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let with = |first: &Upstream, id: &str| {
        Proxy::builder().race(RACE).upstream("mojang", &m, "").upstream(id, first, OWN).text()
    };
    let proxy = Proxy::from_config(&with(&a, "first")).await;
    for upstream in [&a, &b] {
        upstream.answers(Reply::profile("Notch"));
    }
    assert_eq!(client::has_joined(&proxy).await.status, 200);
    fs::write(proxy.config_path(), with(&b, "second")).unwrap();
    proxy.signal(Signal::HUP);
    proxy.logged("reloaded").await;
    client::has_joined(&proxy).await.assert_no();
    b.answers(Reply::profile("Steve"));
    assert_eq!(login(&proxy, "Steve").await.status, 200);
}

#[tokio::test]
async fn of_two_logins_at_once_the_binding_of_the_first_counts_for_the_second() {
    let (proxy, m, o) = mojang_and_own("").await;
    // Mojang hangs for the liar's login and vouches for the other one while that still waits.
    m.answers_by(|request| match request.query("serverId").as_deref() {
        Some("-liar") => Reply::no().hang(),
        _ => Reply::profile("Notch"),
    });
    o.answers_by(|request| match request.query("serverId").as_deref() {
        Some("-liar") => Reply::profile("Notch"),
        _ => Reply::no(),
    });
    let liar = async {
        let answer = client::get(&proxy, "/session/minecraft/hasJoined?username=Notch&serverId=-liar").await;
        answer.assert_down();
    };
    let player = async {
        o.seen(1).await;
        client::get(&proxy, "/session/minecraft/hasJoined?username=Notch&serverId=-player").await
    };
    let ((), player) = tokio::join!(liar, player);
    player.assert_profile(&profile::notch());
}

#[tokio::test]
async fn different_answers_are_told_once_and_the_trusted_one_counts() {
    let (proxy, m, o) = mojang_and_own("").await;
    for (mojangs, own) in [(0, 100), (100, 0)] {
        m.answers(Reply::profile("Notch").after(Duration::from_millis(mojangs)));
        o.answers(Reply::profile("Notch").after(Duration::from_millis(own)));
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
    }
    proxy.logged_times("two upstreams vouch for one login", 2).await;
    let told: Vec<_> = proxy.log().into_iter().filter(|line| line.contains("two upstreams vouch")).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for line in told {
        for part in ["mojang", "drasl", &profile::id_of("Notch"), "98c6e619f9815182856733f17c4a5e07"] {
            assert!(line.contains(part), "no {part}: {line}");
        }
    }
}

#[tokio::test]
async fn upstreams_that_agree_are_no_conflict() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let race = format!("{RACE}conflict = \"reject\"\n");
    let proxy = Proxy::builder().race(&race).upstream("mojang", &m, "").upstream("minehut", &h, "").start().await;
    for upstream in [&m, &h] {
        upstream.answers(Reply::profile("Notch"));
    }
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    h.answers(another_notch());
    client::has_joined(&proxy).await.assert_no();
    h.answers(Reply::no());
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    assert_eq!(proxy.log().iter().filter(|line| line.contains("two upstreams vouch")).count(), 1);
}

#[tokio::test]
async fn rejecting_conflicts_waits_for_those_who_hang_no_longer_than_the_grace() {
    let (proxy, m, o) = mojang_and_own("conflict = \"reject\"\n").await;
    m.answers(Reply::profile("Notch"));
    o.answers(Reply::no().hang());
    let answer = client::has_joined(&proxy).await;
    answer.assert_profile(&profile::notch());
    assert!(answer.took >= Duration::from_millis(200) && answer.took < Duration::from_secs(1), "{:?}", answer.took);
    // The name is Mojang's now: what the other says of it is no conflict, or it could lock the player out.
    let later = Duration::from_millis(50);
    o.answers(another_notch().after(later));
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    m.answers(Reply::profile("Steve"));
    o.answers(Reply::profile("Steve").after(later));
    login(&proxy, "Steve").await.assert_no();
}

#[tokio::test]
async fn lists_say_whom_an_upstream_may_vouch_for() {
    let (m, o) = (Upstream::start().await, Upstream::start().await);
    let notch = profile::id_of("Notch");
    let lists = format!("{OWN}allow = [\"steve\", \"{notch}\"]\ndeny = [\"Herobrine\"]\n");
    let proxy = Proxy::builder()
        .race(RACE)
        .upstream("mojang", &m, "deny = [\"Herobrine\"]\n")
        .upstream("drasl", &o, &lists)
        .start()
        .await;
    o.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    assert_eq!(login(&proxy, "Steve").await.status, 200, "by name, in any case");
    assert_eq!(login(&proxy, "Notch").await.status, 200, "by the upstream's own UUID");
    login(&proxy, "Alex").await.assert_no();
    let before = (m.requests().len(), o.requests().len());
    login(&proxy, "herobrine").await.assert_no();
    assert_eq!((m.requests().len(), o.requests().len()), before, "whom nobody may vouch for nobody is asked about");
    m.answers(Reply::profile("Alex"));
    assert_eq!(login(&proxy, "Alex").await.status, 200, "a list is one upstream's");
    let line = proxy.logged("not allowed").await;
    assert!(line.contains("drasl"), "{line}");
}
