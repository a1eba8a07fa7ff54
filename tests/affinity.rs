//! `strategy = "affinity"`: who is asked, and what a wrong guess costs, beside `"race"`.

use crate::support::{
    client::{self, Answer},
    proxy::Proxy,
    upstream::{Reply, Upstream},
};
use std::time::Duration;

const AFFINITY: &str = "strategy = \"affinity\"\n";
/// The least that the others wait.
const SHORTEST_DELAY: Duration = Duration::from_millis(150);

async fn login(proxy: &Proxy, name: &str) -> Answer {
    client::get(proxy, &format!("/session/minecraft/hasJoined?username={name}&serverId=-1a2b3c")).await
}

/// Three upstreams that attest Mojang's accounts.
async fn three(race: &str) -> (Proxy, [Upstream; 3]) {
    let upstreams = [Upstream::start().await, Upstream::start().await, Upstream::start().await];
    let mut builder = Proxy::builder().race(race);
    for (id, upstream) in ["a", "b", "c"].iter().zip(&upstreams) {
        builder = builder.upstream(id, upstream, "timeout = \"2s\"\n");
    }
    (builder.start().await, upstreams)
}

fn asked(upstreams: &[Upstream; 3]) -> [usize; 3] {
    upstreams.each_ref().map(|upstream| upstream.requests().len())
}

#[tokio::test]
async fn a_known_player_costs_one_call() {
    let figures = async |race: &str| {
        let (proxy, upstreams) = three(race).await;
        upstreams[1].knows(&["Notch"]);
        for _ in 0..100 {
            assert_eq!(login(&proxy, "Notch").await.status, 200);
        }
        for upstream in &upstreams {
            upstream.idle().await;
        }
        asked(&upstreams)
    };
    let (race, affinity) = (figures("").await, figures(AFFINITY).await);
    println!("calls for 100 logins of one player: race {race:?}, affinity {affinity:?}");
    assert_eq!(race[1], 100);
    assert_eq!(affinity, [1, 100, 1], "only the first login asks everybody");
}

#[tokio::test]
async fn a_wrong_guess_is_put_right_at_once() {
    let (proxy, [a, b, c]) = three(AFFINITY).await;
    for wrong in [Reply::no(), Reply::status(500), Reply::no().reset_without_answer()] {
        a.knows(&["Notch"]);
        b.answers(Reply::no());
        assert_eq!(login(&proxy, "Notch").await.status, 200);
        a.answers(wrong);
        b.knows(&["notch"]);
        let answer = login(&proxy, "Notch").await;
        assert_eq!(answer.status, 200);
        assert!(answer.took < SHORTEST_DELAY, "{:?}", answer.took);
        b.answers(Reply::no());
        a.answers(Reply::no());
        login(&proxy, "Notch").await.assert_no();
    }
    assert!(c.requests().len() >= 6, "a \"no\" asks everybody");
}

#[tokio::test]
async fn a_guess_that_hangs_costs_no_more_than_the_delay() {
    let (proxy, [a, b, _c]) = three(AFFINITY).await;
    a.knows(&["Notch"]);
    assert_eq!(login(&proxy, "Notch").await.status, 200);
    a.answers(Reply::no().hang());
    b.knows(&["Notch"]);
    let answer = login(&proxy, "Notch").await;
    println!("a wrong guess that hangs cost {:?}", answer.took);
    assert_eq!(answer.status, 200);
    assert!(answer.took >= SHORTEST_DELAY, "{:?}", answer.took);
    assert!(answer.took < Duration::from_millis(800), "{:?}", answer.took);
    let answer = login(&proxy, "Notch").await;
    assert!(answer.took < SHORTEST_DELAY, "the next guess is the right one: {:?}", answer.took);
}

#[tokio::test]
async fn a_slow_upstream_gets_the_time_it_mostly_takes() {
    let (proxy, [a, b, c]) = three(AFFINITY).await;
    let slow = Duration::from_millis(300);
    a.answers(Reply::profile("Notch").after(slow));
    for _ in 0..3 {
        assert_eq!(login(&proxy, "Notch").await.status, 200);
    }
    // The first asked everybody; then 150 ms were too short once at most, until the pace was known.
    let (of_b, of_c) = (b.requests().len(), c.requests().len());
    assert_eq!(login(&proxy, "Notch").await.status, 200);
    assert!(b.requests().len() <= of_b + 1 && c.requests().len() <= of_c + 1);
    assert!(of_b <= 3, "{of_b}");
}

#[tokio::test]
async fn a_guess_that_is_trusted_less_never_gets_ahead_of_mojang() {
    let (m, o, p) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .race(&format!("{AFFINITY}trust_grace = \"200ms\"\n"))
        .upstream("mojang", &m, "")
        .upstream("drasl", &o, "attests = \"own\"\n")
        .upstream("other", &p, "attests = \"own\"\n")
        .start()
        .await;
    o.answers(Reply::profile("Notch"));
    assert_eq!(login(&proxy, "Notch").await.status, 200);
    // Mojang's Notch comes, while the other vouches for whoever is asked about.
    m.answers(Reply::profile("Notch").after(Duration::from_millis(100)));
    login(&proxy, "Notch").await.assert_profile(&crate::support::profile::notch());
    assert_eq!(p.requests().len(), 1, "those who cannot change the outcome are not asked");
}

#[tokio::test]
async fn an_upstream_that_forgets_joins_is_asked_once() {
    let (m, e) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .race(AFFINITY)
        .upstream("mojang", &m, "")
        .upstream("elyby", &e, "single_use = true\nattests = \"own\"\ntimeout = \"1s\"\n")
        .start()
        .await;
    e.answers(Reply::profile("Notch"));
    assert_eq!(login(&proxy, "Notch").await.status, 200);
    for broken in [Reply::no().reset_without_answer(), Reply::no().hang(), Reply::no()] {
        e.answers(broken);
        let before = e.requests().len();
        login(&proxy, "Notch").await;
        e.idle().await;
        assert_eq!(e.requests().len(), before + 1);
    }
}
