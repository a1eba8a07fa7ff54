//! Who is asked about a UUID or a name, who is believed, and what is kept.

use crate::support::{
    HAS_JOINED,
    client::{self, Request},
    profile,
    proxy::Proxy,
    upstream::{Recorded, Reply, Upstream},
};
use hasjoined::{
    lifecycle::Tasks,
    lookup::{Answer, Lookups, Terms},
    model::{ProfileId, UpstreamId},
    net::{Client, Egress, Peer, Roots},
    session::Entrant,
    upstream::{Dialect, Guests, Host, Hosts},
};
use std::{sync::Arc, time::Duration};

const ID: &str = "069a79f444e94726a5befca90e38aaf5";
/// The same player, presented by the upstream "drasl".
const WITHIN_DRASL: &str = "98c6e619f9815182856733f17c4a5e07";

fn profile_path(id: &str) -> String {
    format!("/session/minecraft/profile/{id}")
}

fn hosts(upstream: &Upstream) -> String {
    let origin = upstream.origin();
    format!("session_url = \"{origin}\"\nservices_url = \"{origin}\"\naccount_url = \"{origin}\"\n")
}

/// Mojang, and "drasl" with these lines.
async fn mojang_and(lines: &str) -> (Proxy, Upstream, Upstream) {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .upstream("mojang", &m, &hosts(&m))
        .upstream("drasl", &d, &format!("attests = \"own\"\n{lines}{}", hosts(&d)))
        .start()
        .await;
    (proxy, m, d)
}

fn entry(name: &str, id: &str) -> String {
    format!(r#"{{"id":"{id}","name":"{name}"}}"#)
}

/// Answers batches of names as Mojang does: those it knows, in its own casing.
fn knows_names(upstream: &Upstream, known: &[&str]) {
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    upstream.answers_by(move |request: &Recorded| {
        let asked: Vec<String> = serde_json::from_slice(&request.body).unwrap();
        let found = known.iter().filter(|name| asked.iter().any(|asked| asked.eq_ignore_ascii_case(name)));
        let entries: Vec<_> = found.map(|name| entry(name, &profile::id_of(name))).collect();
        Reply::status(200).json(format!("[{}]", entries.join(",")))
    });
}

#[tokio::test]
async fn a_profile_is_asked_for_once_and_outlives_the_upstream() {
    let (proxy, m, d) = mojang_and("ids = \"keep\"\n").await;
    m.answers(Reply::profile("Notch"));
    let dashed = "069a79f4-44e9-4726-a5be-fca90e38aaf5";
    for path in [profile_path(ID), profile_path(dashed), format!("//{}/", profile_path(&ID.to_uppercase()))] {
        client::get(&proxy, &path).await.assert_profile(&profile::notch());
    }
    assert_eq!(m.requests().len(), 1);
    // With another flag it is another answer.
    client::get(&proxy, &format!("{}?unsigned=true&x=1", profile_path(ID))).await.assert_profile(&profile::notch());
    assert_eq!(m.requests()[1].target, format!("{}?unsigned=true", profile_path(ID)));
    m.stop().await;
    d.stop().await;
    client::get(&proxy, &profile_path(ID)).await.assert_profile(&profile::notch());
    client::get(&proxy, &format!("{}?unsigned=false", profile_path(ID))).await.assert_down();
    for path in ["/users/profiles/minecraft/Notch".to_owned(), format!("/minecraft/profile/lookup/{ID}")] {
        client::get(&proxy, &path).await.assert_down();
    }
    Request::post("/profiles/minecraft", r#"["Notch"]"#).send(&proxy).await.assert_down();
}

#[tokio::test]
async fn a_reload_that_leaves_the_upstreams_alone_keeps_the_profiles() {
    let (proxy, m, _d) = mojang_and("").await;
    m.answers(Reply::profile("Notch"));
    client::get(&proxy, &profile_path(ID)).await.assert_profile(&profile::notch());
    let text = std::fs::read_to_string(proxy.config_path()).unwrap();
    std::fs::write(proxy.config_path(), text.replace("[race]", "[race]\ndeadline = \"4s\"")).unwrap();
    proxy.logged("configuration reloaded").await;
    client::get(&proxy, &profile_path(ID)).await.assert_profile(&profile::notch());
    assert_eq!(m.requests().len(), 1);
    // Who is no longer believed may have said so, and who is new may know better.
    std::fs::write(proxy.config_path(), format!("{text}\n[upstreams.late]\nurl = \"http://127.0.0.1:9/\"\n")).unwrap();
    proxy.logged("mojang drasl late").await;
    client::get(&proxy, &profile_path(ID)).await.assert_profile(&profile::notch());
    assert_eq!(m.requests().len(), 2);
}

#[tokio::test]
async fn equal_questions_share_one_call() {
    let (proxy, m, _d) = mojang_and("").await;
    m.answers(Reply::profile("Notch").after(Duration::from_millis(300)));
    let path = profile_path(ID);
    // Who asked first and leaves does not take the answer along.
    let first = Request::get(&path);
    let impatient = tokio::time::timeout(Duration::from_millis(100), first.send(&proxy)).await;
    assert!(impatient.is_err());
    let answers = futures::future::join_all((0..8).map(|_| client::get(&proxy, &path))).await;
    answers.iter().for_each(|answer| answer.assert_profile(&profile::notch()));
    assert_eq!((m.requests().len(), m.abandoned()), (1, 0));
}

#[tokio::test]
async fn a_trusted_profile_wins_and_another_is_asked_for_only_without() {
    let (proxy, m, d) = mojang_and("ids = \"keep\"\n").await;
    d.answers(Reply::status(200).json(profile::with_id("Impostor", ID)));
    m.answers(Reply::profile("Notch").after(Duration::from_millis(100)));
    client::get(&proxy, &profile_path(ID)).await.assert_profile(&profile::notch());
    assert!(d.requests().is_empty());
    let steve = profile::id_of("Steve");
    d.answers(Reply::profile("Steve"));
    m.answers(Reply::no());
    client::get(&proxy, &profile_path(&steve)).await.assert_profile(&profile::for_name("Steve"));
    // Found while Mojang was silent: good for now, but not to be kept.
    let alex = profile::id_of("Alex");
    d.answers(Reply::profile("Alex"));
    m.answers(Reply::status(500));
    client::get(&proxy, &profile_path(&alex)).await.assert_profile(&profile::for_name("Alex"));
    m.answers(Reply::no());
    let before = m.requests().len();
    client::get(&proxy, &profile_path(&alex)).await.assert_profile(&profile::for_name("Alex"));
    assert_eq!(m.requests().len(), before + 1);
}

#[tokio::test]
async fn a_profile_of_another_id_is_no_answer() {
    let (proxy, m, _d) = mojang_and("").await;
    m.answers(Reply::profile("Steve"));
    client::get(&proxy, &profile_path(ID)).await.assert_down();
    client::get(&proxy, &format!("/minecraft/profile/lookup/{ID}")).await.assert_down();
    client::get(&proxy, "/users/profiles/minecraft/Notch").await.assert_down();
}

#[tokio::test]
async fn a_namespaced_player_is_known_to_their_own_upstream_only() {
    let (proxy, m, d) = mojang_and("").await;
    d.answers(Reply::profile("Notch"));
    // Not before they have been vouched for.
    client::get(&proxy, &profile_path(WITHIN_DRASL)).await.assert_no();
    assert_eq!((m.requests().len(), d.requests().len()), (1, 0));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let presented = text(profile::notch()).replacen(ID, WITHIN_DRASL, 1);
    client::get(&proxy, HAS_JOINED).await.assert_profile(presented.as_bytes());
    let (mojangs, drasls) = (m.requests().len(), d.requests().len());
    client::get(&proxy, &profile_path(WITHIN_DRASL)).await.assert_profile(presented.as_bytes());
    d.answers(Reply::status(200).json(entry("Notch", ID)));
    let person = entry("Notch", WITHIN_DRASL);
    client::get(&proxy, &format!("/minecraft/profile/lookup/{WITHIN_DRASL}")).await.assert_profile(person.as_bytes());
    assert_eq!(m.requests().len(), mojangs, "Mojang is not asked");
    let asked: Vec<_> = d.requests().drain(drasls..).map(|request| request.target).collect();
    assert_eq!(asked, [profile_path(ID), format!("/minecraft/profile/lookup/{ID}")]);
    // And nobody is ever told Mojang's id by it.
    client::get(&proxy, &profile_path(ID)).await.assert_no();
}

#[tokio::test]
async fn a_namespaced_player_is_learnt_by_name_too() {
    let (proxy, _m, d) = mojang_and("").await;
    d.answers(Reply::status(200).json(entry("Notch", ID)));
    let person = entry("Notch", WITHIN_DRASL);
    client::get(&proxy, "/users/profiles/minecraft/Notch").await.assert_profile(person.as_bytes());
    d.answers(Reply::profile("Notch"));
    let answer = client::get(&proxy, &profile_path(WITHIN_DRASL)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(d.requests().pop().unwrap().target, profile_path(ID));
}

#[tokio::test]
async fn a_trusted_upstream_wins_a_clash_of_names() {
    let (proxy, m, d) = mojang_and("").await;
    knows_names(&m, &["Notch", "jeb_"]);
    knows_names(&d, &["NOTCH", "Steve"]);
    let names = r#"["steve","notch","Nobody","NOTCH","jeb_"]"#;
    let answer = Request::post("/profiles/minecraft", names).send(&proxy).await;
    let steve = ProfileId::parse(&profile::id_of("Steve")).unwrap().within(&UpstreamId::new("drasl").unwrap());
    let wanted = [entry("Steve", &steve.to_string()), entry("Notch", ID), entry("jeb_", &profile::id_of("jeb_"))];
    answer.assert_profile(format!("[{}]", wanted.join(",")).as_bytes());
    assert_eq!(&*d.requests()[0].body, br#"["steve","Nobody"]"#, "only what Mojang does not know");
}

#[tokio::test]
async fn names_go_out_in_batches_of_ten() {
    let (proxy, m, d) = mojang_and("").await;
    let names: Vec<String> = (0..25).map(|at| format!("player{at}")).collect();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    knows_names(&m, &known);
    let json = serde_json::to_string(&names).unwrap();
    let answer = Request::post("/minecraft/profile/lookup/bulk/byname", &json).send(&proxy).await;
    let found: Vec<serde_json::Value> = serde_json::from_slice(&answer.body).unwrap();
    let found: Vec<_> = found.iter().map(|person| person["name"].as_str().unwrap()).collect();
    assert_eq!(found, known);
    let mut sizes: Vec<usize> =
        m.requests().iter().map(|asked| serde_json::from_slice::<Vec<String>>(&asked.body).unwrap().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    assert!(d.requests().is_empty());
}

#[tokio::test]
async fn an_unknown_name_is_said_to_be_so_only_by_everyone() {
    let (m, h, d) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .upstream("mojang", &m, &hosts(&m))
        .upstream("minehut", &h, &hosts(&h))
        .upstream("drasl", &d, &format!("attests = \"own\"\n{}", hosts(&d)))
        .start()
        .await;
    let bulk = async |names: &str| Request::post("/profiles/minecraft", names).send(&proxy).await;
    knows_names(&m, &["Notch"]);
    h.answers(Reply::status(500));
    knows_names(&d, &["Steve"]);
    // All that was asked for is found: who is silent does not matter.
    bulk(r#"["Notch"]"#).await.assert_profile(format!("[{}]", entry("Notch", ID)).as_bytes());
    bulk(r#"["Notch","Nobody"]"#).await.assert_down();
    // It may be minehut's name: another's player must not get it, on an allow-list for one.
    bulk(r#"["Steve"]"#).await.assert_down();
    client::get(&proxy, "/users/profiles/minecraft/Steve").await.assert_down();
    assert!(d.requests().is_empty());
}

#[tokio::test]
async fn who_has_one_host_is_asked_there_and_who_has_none_not_at_all() {
    let (m, d) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder()
        .upstream("mojang", &m, &format!("account_url = \"{}/base/\"\n", m.origin()))
        .upstream("drasl", &d, "attests = \"own\"\n")
        .start()
        .await;
    client::get(&proxy, &profile_path(ID)).await.assert_no();
    client::get(&proxy, "/minecraft/profile/lookup/name/Notch").await.assert_status_empty(404);
    client::get(&proxy, &format!("/minecraft/profile/lookup/{ID}")).await.assert_status_empty(404);
    Request::post("/minecraft/profile/lookup/bulk/byname", r#"["Notch"]"#).send(&proxy).await.assert_profile(b"[]");
    let asked: Vec<_> = m.requests().into_iter().map(|request| request.target).collect();
    let account =
        ["users/profiles/minecraft/Notch".to_owned(), format!("user/profile/{ID}"), "profiles/minecraft".into()];
    assert_eq!(asked, account.map(|path| format!("/base/{path}")));
    assert!(d.requests().is_empty());
}

#[tokio::test]
async fn an_upstream_without_the_newer_routes_is_asked_by_the_older() {
    let (proxy, _m, d) = mojang_and("ids = \"keep\"\n").await;
    d.answers_by(|request| match (&*request.method, &*request.target) {
        ("POST", "/profiles/minecraft") => Reply::status(200).json(format!("[{}]", entry("Notch", ID))),
        ("GET", "/users/profiles/minecraft/Notch") => Reply::status(200).json(entry("Notch", ID)),
        _ => Reply::status(404).html("<html>"),
    });
    let answer = Request::post("/minecraft/profile/lookup/bulk/byname", r#"["Notch"]"#).send(&proxy).await;
    answer.assert_profile(format!("[{}]", entry("Notch", ID)).as_bytes());
    let answer = client::get(&proxy, "/minecraft/profile/lookup/name/Notch").await;
    answer.assert_profile(entry("Notch", ID).as_bytes());
}

#[tokio::test]
async fn what_goes_out_is_encoded_and_carries_nothing_of_the_client() {
    let (proxy, m, d) = mojang_and("").await;
    let path = "/users/profiles/minecraft/No%20t%2Fch%2B%C3%A9%3Fx";
    let ask = Request::get(path).header("Authorization", "Bearer secret").header("Cookie", "a=b");
    ask.send(&proxy).await.assert_status_empty(404);
    let asked = d.requests();
    assert_eq!(asked[0].target, path, "decoded once, encoded once");
    assert!(asked.iter().all(|request| request.header("authorization").or(request.header("cookie")).is_none()));
    assert!(m.requests().is_empty(), "no name of Mojang's");
}

#[tokio::test]
async fn what_no_client_sends_is_refused_unasked() {
    let (proxy, m, d) = mojang_and("").await;
    for path in [profile_path("notch"), profile_path(&ID[1..]), "/minecraft/profile/lookup/x".into()] {
        client::get(&proxy, &path).await.assert_status_empty(400);
    }
    for name in ["%ff", "%0a", "%2e%2e", &"a".repeat(65)] {
        client::get(&proxy, &format!("/users/profiles/minecraft/{name}")).await.assert_status_empty(400);
    }
    let many = serde_json::to_string(&vec!["Notch"; 101]).unwrap();
    let large = format!("[\"Notch\"{}]", " ".repeat(16 * 1024));
    for json in ["", "{}", "[1]", "[\"\"]", "[\"Notch\"", "null", &many, &large] {
        let answer = Request::post("/profiles/minecraft", json).send(&proxy).await;
        answer.assert_status_empty(400);
    }
    Request::post("/profiles/minecraft", "[]").send(&proxy).await.assert_profile(b"[]");
    let post = Request::post(&profile_path(ID), "{}").send(&proxy).await;
    post.assert_status_empty(405);
    assert_eq!(post.header("allow"), Some("GET"));
    let get = client::get(&proxy, "/profiles/minecraft").await;
    get.assert_status_empty(405);
    assert_eq!(get.header("allow"), Some("POST"));
    assert_eq!(m.requests().len() + d.requests().len(), 0);
}

#[tokio::test]
async fn nobody_waits_longer_than_the_deadline() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let race = "deadline = \"600ms\"\ntrust_grace = \"100ms\"";
    let proxy = Proxy::builder().race(race).upstream("mojang", &m, &hosts(&m)).start().await;
    for path in [profile_path(ID), "/users/profiles/minecraft/Notch".into()] {
        let answer = client::get(&proxy, &path).await;
        answer.assert_down();
        assert!(answer.took < Duration::from_millis(2000), "{:?}", answer.took);
    }
    let answer = Request::post("/profiles/minecraft", r#"["Notch"]"#).send(&proxy).await;
    answer.assert_down();
    assert!(answer.took < Duration::from_millis(2000), "{:?}", answer.took);
}

/// Look-ups without the program around them, so that time can be made short.
fn lookups(upstream: &Upstream, fresh: Duration, stale: Duration) -> Lookups {
    let tasks = Tasks::default();
    let origin: http::Uri = upstream.origin().parse().unwrap();
    let timeout = Duration::from_secs(3);
    let peer = Peer {
        origin: origin.clone(),
        ca_file: None,
        connect_timeout: timeout,
        max_connections: 4,
        http2: false,
        egress: Egress::default(),
    };
    let client = Client::new(&peer, &Roots::default(), tasks.clone()).unwrap();
    let host = Host::new(&origin, client.clone(), timeout);
    let dialect = Dialect {
        url: upstream.url().parse().unwrap(),
        forward_ip: true,
        negative: Vec::new(),
        namespaced: false,
        single_use: false,
        timeout,
        budget: None,
        guests: Guests::default(),
    };
    let hosts = Hosts { session: Some(host), ..Hosts::default() };
    let id = UpstreamId::new("mojang").unwrap();
    let upstream = hasjoined::upstream::Upstream::new(id, dialect, client, hosts);
    let entrant = Entrant { upstream: Arc::new(upstream), trusted: true };
    Lookups::new(vec![entrant], Terms { deadline: timeout, fresh, stale }, tasks)
}

#[tokio::test]
async fn an_old_profile_is_asked_for_again_and_serves_through_an_outage() {
    let m = Upstream::start().await;
    let lookups = lookups(&m, Duration::ZERO, Duration::from_secs(60));
    let id = ProfileId::parse(ID).unwrap();
    let notch = Answer::Found(profile::notch().into());
    m.answers(Reply::profile("Notch"));
    assert_eq!(lookups.profile(id, None).await, notch);
    assert_eq!(lookups.profile(id, None).await, notch);
    assert_eq!(m.requests().len(), 2, "an old one is asked for again");
    for failure in [Reply::status(500), Reply::status(429), Reply::status(200).json("{}")] {
        m.answers(failure);
        assert_eq!(lookups.profile(id, None).await, notch);
    }
    m.stop().await;
    assert_eq!(lookups.profile(id, None).await, notch);
    assert_eq!(lookups.profile(id, Some(false)).await, Answer::Undecided, "never seen in this form");
    m.restart().await;
    m.answers(Reply::no());
    assert_eq!(lookups.profile(id, None).await, Answer::Unknown(None));
    m.stop().await;
    assert_eq!(lookups.profile(id, None).await, Answer::Undecided, "a plain no ends it");
}

#[tokio::test]
async fn an_old_profile_is_not_served_for_ever() {
    let m = Upstream::start().await;
    let lookups = lookups(&m, Duration::ZERO, Duration::from_nanos(1));
    let id = ProfileId::parse(ID).unwrap();
    m.answers(Reply::profile("Notch"));
    assert_eq!(lookups.profile(id, None).await, Answer::Found(profile::notch().into()));
    m.answers(Reply::status(500));
    assert_eq!(lookups.profile(id, None).await, Answer::Undecided);
}
