//! Names and whose they are: T2, T3, T5 and T6.

use super::{ADMIN, ADMIN_ID, ADMIN_ID_IN_DRASL, OWN, bare, ms, question, quiet_mojang};
use crate::support::{
    client::{self, Request},
    profile,
    proxy::{Proxy, Signal},
    upstream::{Reply, Upstream},
};
use std::fs;

const RACE: &str = "deadline = \"1500ms\"\ntrust_grace = \"150ms\"\n";

async fn mojang_and_liar(lines: &str) -> (Proxy, Upstream, Upstream) {
    let (m, liar) = (Upstream::start().await, Upstream::start().await);
    let race = format!("{RACE}{lines}");
    let proxy = Proxy::builder().race(&race).upstream("mojang", &m, "").upstream("drasl", &liar, OWN).start().await;
    (proxy, m, liar)
}

/// The administrator has been here. Whatever becomes of Mojang, and however fast the liar is, nobody else gets in under the name.
#[tokio::test]
async fn t2_a_liar_never_claims_the_name_of_somebody_who_is_known() {
    for strategy in ["race", "affinity"] {
        let (proxy, m, liar) = mojang_and_liar(&format!("strategy = \"{strategy}\"\n")).await;
        m.answers(Reply::profile(ADMIN));
        client::has_joined(&proxy).await.assert_profile(&profile::notch());
        let states = [Reply::no(), Reply::no().after(ms(100)), Reply::status(502), Reply::no().hang()];
        for mojang in states.into_iter().chain([Reply::no().reset_without_answer()]) {
            for delay in [0, 50, 300] {
                m.answers(mojang.clone());
                liar.answers(Reply::status(200).json(bare(ADMIN_ID, ADMIN)).after(ms(delay)));
                let answer = client::get(&proxy, &question("nOTCH", "-bad")).await;
                assert!(matches!(answer.status, 204 | 503), "{strategy}, {delay} ms: {answer:?}");
            }
        }
    }
}

/// Two upstreams vouch for one login: it is counted and told once, with both ids, and the operator's choice decides.
#[tokio::test]
async fn t3_two_answers_for_one_login_are_noticed() {
    let two = async |conflict: &str| {
        let (m, liar) = (Upstream::start().await, Upstream::start().await);
        let race = format!("{RACE}conflict = \"{conflict}\"\n");
        let proxy =
            Proxy::builder().admin().race(&race).upstream("mojang", &m, "").upstream("drasl", &liar, OWN).start().await;
        m.answers(Reply::profile(ADMIN));
        liar.answers(Reply::status(200).json(bare(ADMIN_ID, ADMIN)).after(ms(50)));
        (client::has_joined(&proxy).await, proxy, m, liar)
    };
    let (answer, proxy, _m, _liar) = two("trusted").await;
    answer.assert_profile(&profile::notch());
    let told = proxy.logged("two upstreams vouch for one login").await;
    for part in ["mojang", ADMIN_ID, "drasl", ADMIN_ID_IN_DRASL] {
        assert!(told.contains(part), "no {part}: {told}");
    }
    let metrics = client::get(&proxy.admin().await, "/metrics").await.text();
    assert!(metrics.contains("\nhasjoined_disputes_total 1"), "{metrics}");
    let (answer, proxy, _m, _liar) = two("reject").await;
    answer.assert_no();
    proxy.logged("two upstreams vouch for one login").await;
}

/// Whoever registers a name on another server gets none of what belongs to it here: not the UUID, and not the name of somebody
/// who was here first, in whatever spelling. Freeing a name takes the operator, and is told.
#[tokio::test]
async fn t5_a_name_is_its_first_players() {
    let (proxy, m, squatter) = mojang_and_liar("").await;
    m.knows(&["Steve"]);
    assert_eq!(client::get(&proxy, &question("Steve", "-a")).await.status, 200);
    m.answers(Reply::no());
    squatter.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    for spelling in ["Steve", "steve", "STEVE", "sTeVe"] {
        client::get(&proxy, &question(spelling, "-b")).await.assert_no();
    }
    assert_eq!(client::get(&proxy, &question("Alex", "-c")).await.status, 200, "a name that is free");
}

/// Where there is a store, a restart changes nothing of it: what is bound stays so, and what was freed is free.
#[tokio::test]
async fn t5_a_restart_gives_no_name_away() {
    let (m, squatter, folder) = (Upstream::start().await, Upstream::start().await, tempfile::tempdir().unwrap());
    let login = format!("[login]\nenabled = true\ndata_dir = \"{}\"\n", folder.path().display());
    let start = async || {
        let builder = Proxy::builder().admin().race(RACE).upstream("mojang", &m, &quiet_mojang(&m));
        builder.upstream("drasl", &squatter, OWN).section(&login).start().await
    };
    let restarted = async |mut proxy: Proxy| {
        proxy.signal(Signal::TERM);
        assert_eq!(proxy.exit().await, 0);
        start().await
    };
    let proxy = start().await;
    m.knows(&["Steve", "Alex"]);
    for name in ["Steve", "Alex"] {
        assert_eq!(client::get(&proxy, &question(name, "-a")).await.status, 200);
    }
    let proxy = restarted(proxy).await;
    m.answers(Reply::no());
    squatter.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    for name in ["sTEVE", "Alex"] {
        client::get(&proxy, &question(name, "-b")).await.assert_no();
    }
    let freed = Request::new("DELETE", "/bindings/Alex").send(&proxy.admin().await).await;
    assert_eq!(freed.status, 200, "{freed:?}");
    let proxy = restarted(proxy).await;
    client::get(&proxy, &question("Steve", "-c")).await.assert_no();
    assert_eq!(client::get(&proxy, &question("Alex", "-c")).await.status, 200, "it is free");
}

/// An upstream that is taken out of the configuration, or renamed, leaves its names to nobody.
#[tokio::test]
async fn t6_the_names_of_an_upstream_that_is_gone_are_nobodys() {
    let (m, first, other) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let config = |upstream: &Upstream, id: &str| {
        Proxy::builder().race(RACE).upstream("mojang", &m, "").upstream(id, upstream, OWN).text()
    };
    let proxy = Proxy::from_config(&config(&first, "guild")).await;
    for upstream in [&first, &other] {
        upstream.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    }
    let founder = client::get(&proxy, &question("Founder", "-a")).await;
    assert_eq!(founder.status, 200);
    for (at, (upstream, id)) in [(&other, "newcomer"), (&first, "renamed")].into_iter().enumerate() {
        fs::write(proxy.config_path(), config(upstream, id)).unwrap();
        proxy.signal(Signal::HUP);
        proxy.logged_times("configuration reloaded", at + 1).await;
        client::get(&proxy, &question("Founder", "-b")).await.assert_no();
    }
    fs::write(proxy.config_path(), config(&first, "guild")).unwrap();
    proxy.signal(Signal::HUP);
    proxy.logged_times("configuration reloaded", 3).await;
    let back = client::get(&proxy, &question("Founder", "-c")).await;
    back.assert_profile(&founder.body);
}
