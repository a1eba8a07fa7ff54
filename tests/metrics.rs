//! What the program counts: each event once, under its name, and nothing that is nobody's business.

use crate::support::{
    HAS_JOINED,
    client::{self, Answer, Connection, Request},
    profile,
    proxy::Proxy,
    tls::Ca,
    upstream::{Reply, Upstream},
    within,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Samples by name and labels, as they are written.
async fn figures(proxy: &Proxy) -> BTreeMap<String, f64> {
    let text = client::get(&proxy.admin().await, "/metrics").await.text();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// Waits until a sample has this value: verdicts that nobody waits for come when they come.
async fn until(proxy: &Proxy, sample: &str, value: f64) {
    let reached = async {
        while figures(proxy).await.get(sample) != Some(&value) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(format!("{sample} to be {value}"), reached).await;
}

async fn status(proxy: &Proxy) -> Value {
    serde_json::from_slice(&client::get(&proxy.admin().await, "/status.json").await.body).unwrap()
}

async fn login(proxy: &Proxy, name: &str) -> Answer {
    client::get(proxy, &format!("/session/minecraft/hasJoined?username={name}&serverId=-1a2b3c")).await
}

/// Mojang alone, with these lines.
async fn before(m: &Upstream, lines: &str) -> Proxy {
    Proxy::builder().admin().upstream("mojang", m, lines).start().await
}

fn answers(outcome: &str) -> String {
    format!("hasjoined_upstream_answers_total{{upstream=\"mojang\",outcome=\"{outcome}\"}}")
}

#[tokio::test]
async fn each_verdict_is_counted_once_under_its_outcome() {
    let cases = [
        ("positive", Reply::profile("Notch"), "joined"),
        ("negative", Reply::no(), "not_joined"),
        ("timeout", Reply::no().hang(), "undecided"),
        ("reset", Reply::no().reset_without_answer(), "undecided"),
        ("status", Reply::status(404), "undecided"),
        ("malformed", Reply::status(200).json("{}"), "undecided"),
        ("other", Reply::profile("Notch").padded_to(1 << 20), "undecided"),
    ];
    for (outcome, reply, login) in cases {
        let m = Upstream::start().await;
        m.answers(reply);
        let proxy = before(&m, "timeout = \"600ms\"\nsingle_use = true\n").await;
        client::has_joined(&proxy).await;
        let figures = figures(&proxy).await;
        for (sample, value) in
            figures.iter().filter(|(sample, _)| sample.starts_with("hasjoined_upstream_answers_total"))
        {
            assert_eq!(*value, f64::from(u8::from(*sample == answers(outcome))), "{outcome}: {sample}");
        }
        assert_eq!(figures[&format!("hasjoined_logins_total{{outcome=\"{login}\"}}")], 1.0, "{outcome}");
        assert_eq!(figures["hasjoined_login_duration_seconds_count"], 1.0);
        let told = if outcome == "other" { 0.0 } else { 1.0 };
        assert_eq!(figures["hasjoined_upstream_latency_seconds_count{upstream=\"mojang\"}"], told, "{outcome}");
        let won = if outcome == "positive" { 1.0 } else { 0.0 };
        assert_eq!(figures["hasjoined_upstream_wins_total{upstream=\"mojang\"}"], won, "{outcome}");
    }
}

#[tokio::test]
async fn questions_that_never_left_are_counted_apart() {
    let refused = Upstream::refused();
    let proxy = before(&refused, "").await;
    for _ in 0..7 {
        client::has_joined(&proxy).await.assert_down();
    }
    let counted = figures(&proxy).await;
    // The last hope may be tried once more a second.
    assert!(counted[&answers("refused")] >= 5.0 && counted[&answers("open")] >= 1.0, "{counted:?}");
    assert_eq!(counted[&answers("refused")] + counted[&answers("open")], 7.0);
    assert_eq!(counted["hasjoined_upstream_breaker{upstream=\"mojang\",state=\"open\"}"], 1.0);
    assert_eq!(counted["hasjoined_upstream_breaker{upstream=\"mojang\",state=\"closed\"}"], 0.0);
    assert_eq!(counted["hasjoined_ready"], 0.0);
    let m = Upstream::start().await;
    let proxy = before(&m, "budget = \"2/1m\"\n").await;
    for name in ["one", "two", "three"] {
        login(&proxy, name).await;
    }
    let counted = figures(&proxy).await;
    assert_eq!((counted[&answers("negative")], counted[&answers("over_budget")]), (2.0, 1.0));
    assert_eq!(counted["hasjoined_upstream_budget_left{upstream=\"mojang\"}"], 0.0);
}

#[tokio::test]
async fn who_waits_for_an_answer_or_a_connection_is_in_flight() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let proxy = before(&m, "max_connections = 1\ntimeout = \"800ms\"\n").await;
    let first = login(&proxy, "one");
    let (mut first, second) = (std::pin::pin!(first), login(&proxy, "two"));
    tokio::select! {
        _ = &mut first => panic!("nobody answers"),
        () = m.seen(1) => {}
    }
    let in_flight = "hasjoined_upstream_requests_in_flight{upstream=\"mojang\"}";
    assert_eq!(figures(&proxy).await[in_flight], 1.0);
    tokio::join!(first, second, until(&proxy, in_flight, 2.0));
    let counted = figures(&proxy).await;
    // Which of the two the second becomes depends on whose patience ends first within a millisecond.
    assert_eq!(counted[&answers("timeout")] + counted[&answers("saturated")], 2.0);
    assert_eq!(counted[in_flight], 0.0);
}

#[tokio::test]
async fn a_verdict_that_comes_after_the_decision_counts_and_is_told() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::profile("Notch"));
    h.answers(Reply::no().after(Duration::from_millis(300)));
    let proxy = Proxy::builder().admin().upstream("mojang", &m, "").upstream("minehut", &h, "").start().await;
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
    until(&proxy, "hasjoined_upstream_answers_total{upstream=\"minehut\",outcome=\"negative\"}", 1.0).await;
    let told = async {
        loop {
            let status = status(&proxy).await;
            let last = status["recent_logins"][0]["answers"].as_array().unwrap();
            if last.len() == 2 {
                return last.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let told = within("the late verdict to be told", told).await;
    assert_eq!((&told[1]["upstream"], &told[1]["text"]), (&"minehut".into(), &"no".into()));
    assert!(told[1]["took_ms"].as_f64() >= Some(300.0), "{told:?}");
}

#[tokio::test]
async fn equal_questions_share_a_race_and_are_counted_so() {
    let m = Upstream::start().await;
    m.answers(Reply::profile("Notch").after(Duration::from_millis(400)));
    let proxy = before(&m, "").await;
    let answers = futures::future::join_all((0..3).map(|_| client::has_joined(&proxy))).await;
    answers.iter().for_each(|answer| answer.assert_profile(&profile::notch()));
    let counted = figures(&proxy).await;
    assert_eq!(counted["hasjoined_logins_total{outcome=\"joined\"}"], 1.0);
    assert_eq!(counted["hasjoined_logins_total{outcome=\"shared\"}"], 2.0);
    assert_eq!(counted["hasjoined_requests_total{route=\"has_joined\",code=\"200\"}"], 3.0);
}

#[tokio::test]
async fn connections_and_handshakes_are_those_the_upstream_saw() {
    let ca = Ca::new();
    let m = Upstream::builder().tls(&ca).start().await;
    let proxy = before(&m, "").await;
    for _ in 0..3 {
        client::has_joined(&proxy).await.assert_no();
    }
    let of = |what: &str| format!("hasjoined_upstream_{what}{{upstream=\"mojang\",pool=\"logins\"}}");
    let counted = figures(&proxy).await;
    assert_eq!(counted[&of("connections_opened_total")], m.connections() as f64);
    assert_eq!(counted[&of("tls_handshakes_total")], m.handshakes() as f64);
    assert_eq!(counted[&of("connections_open")], m.open_connections() as f64);
    m.stop().await;
    until(&proxy, &of("connections_open"), 0.0).await;
    assert_eq!(figures(&proxy).await[&of("connections_opened_total")], m.connections() as f64);
}

#[tokio::test]
async fn bad_requests_shed_ones_and_lookups_are_counted() {
    let m = Upstream::start().await;
    m.answers_by(|request| match request.path() {
        "/session/minecraft/hasJoined" => Reply::no().hang(),
        _ => Reply::profile("Notch"),
    });
    let proxy = Proxy::builder()
        .admin()
        .server("max_in_flight = 1")
        .upstream("mojang", &m, &format!("session_url = \"{}\"\ntimeout = \"700ms\"\n", m.origin()))
        .start()
        .await;
    client::get(&proxy, "/session/minecraft/hasJoined").await.assert_status_empty(400);
    client::get(&proxy, "/nothing").await.assert_status_empty(404);
    client::Request::post("/publickeys", "").send(&proxy).await.assert_status_empty(405);
    for _ in 0..2 {
        client::get(&proxy, "/session/minecraft/profile/069a79f444e94726a5befca90e38aaf5").await;
    }
    let mut waiting = Connection::open(&proxy).await.unwrap();
    waiting.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(2).await;
    client::get(&proxy, "/publickeys").await.assert_down();
    let counted = figures(&proxy).await;
    for (sample, value) in [
        ("hasjoined_requests_total{route=\"has_joined\",code=\"400\"}", 1.0),
        ("hasjoined_requests_total{route=\"unknown\",code=\"404\"}", 1.0),
        ("hasjoined_requests_total{route=\"keys\",code=\"405\"}", 1.0),
        ("hasjoined_requests_total{route=\"lookup\",code=\"200\"}", 2.0),
        ("hasjoined_requests_shed_total", 1.0),
        ("hasjoined_requests_in_flight", 1.0),
        ("hasjoined_lookup_cache_total{result=\"miss\"}", 1.0),
        ("hasjoined_lookup_cache_total{result=\"hit\"}", 1.0),
    ] {
        assert_eq!(counted.get(sample), Some(&value), "{sample} in {counted:#?}");
    }
}

#[tokio::test]
async fn counts_survive_a_reload_and_upstreams_that_go_are_gone() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder().admin().upstream("mojang", &m, "").upstream("minehut", &h, "").start().await;
    client::has_joined(&proxy).await.assert_no();
    let config = std::fs::read_to_string(proxy.config_path()).unwrap();
    let changed = config.split("[upstreams.minehut]").next().unwrap().to_owned() + "timeout = \"2s\"\n";
    std::fs::write(proxy.config_path(), changed).unwrap();
    proxy.logged("configuration reloaded").await;
    client::has_joined(&proxy).await.assert_no();
    std::fs::write(proxy.config_path(), "nonsense").unwrap();
    proxy.logged("the configuration stays as it was").await;
    let counted = figures(&proxy).await;
    assert_eq!(counted["hasjoined_config_reloads_total{result=\"done\"}"], 1.0);
    assert_eq!(counted["hasjoined_config_reloads_total{result=\"refused\"}"], 1.0);
    assert_eq!(counted[&answers("negative")], 2.0);
    assert_eq!(counted["hasjoined_logins_total{outcome=\"not_joined\"}"], 2.0);
    assert!(!counted.keys().any(|sample| sample.contains("minehut")), "{counted:#?}");
}

#[tokio::test]
async fn both_forms_say_the_same() {
    let m = Upstream::start().await;
    let proxy = before(&m, "").await;
    let admin = proxy.admin().await;
    let older = client::get(&admin, "/metrics").await.text();
    let accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.3";
    let newer = Request::get("/metrics").header("Accept", accept).send(&admin).await;
    assert_eq!(newer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    assert!(newer.text().ends_with("# EOF\n") && !older.contains("# EOF"));
    assert!(older.contains("# TYPE hasjoined_logins_total counter\n"));
    assert!(newer.text().contains("# TYPE hasjoined_logins counter\n"));
    let names = |text: &str| -> Vec<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
    };
    assert_eq!(names(&older), names(&newer.text()));
    let mut unique = names(&older);
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names(&older).len(), "a sample stands twice");
    for text in [&older, &newer.text()] {
        let told = text.lines().filter_map(|line| line.strip_prefix("# HELP ")).count();
        assert_eq!(told, text.lines().filter(|line| line.starts_with("# TYPE ")).count());
    }
    assert!(older.contains(&format!("hasjoined_build_info{{version=\"{}\"}} 1.0\n", env!("CARGO_PKG_VERSION"))));
}

/// The table at the head of the module is what people read.
#[tokio::test]
async fn every_figure_is_listed_where_they_are_described() {
    let m = Upstream::start().await;
    let login = "[login]\nenabled = true\ndatabase = \"memory\"\nupstreams = [\"mojang\"]\n";
    let ca = Ca::new();
    let proxy = Proxy::builder().admin().tls(ca.numbered(1)).upstream("mojang", &m, "budget = \"10/1m\"\n");
    let proxy = proxy.section(login).start().await;
    for (path, status) in [(HAS_JOINED, 204), ("/.well-known/jwks.json", 200)] {
        assert_eq!(Request::get(path).try_send_tls(&proxy, &ca).await.unwrap().status, status);
    }
    let text = client::get(&proxy.admin().await, "/metrics").await.text();
    assert!(text.contains("hasjoined_login_api_answers_total{endpoint=\"jwks\",code=\"ok\"} 1.0\n"), "{text}");
    assert!(text.contains("hasjoined_login_api_store_up 1.0\n"), "{text}");
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let shown: BTreeSet<_> = types.collect();
    let listed = include_str!("../src/admin/figures.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = listed.map(|line| line.split(" | ").next().unwrap());
    let listed: BTreeSet<_> = cells.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect();
    assert_eq!(shown, listed);
}

#[tokio::test]
async fn the_status_is_that_of_the_upstreams() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.knows(&["Notch"]);
    let proxy = Proxy::builder()
        .admin()
        .upstream("mojang", &m, "budget = \"100/10m\"")
        .upstream("minehut", &h, "attests = \"own\"")
        .start()
        .await;
    login(&proxy, "notch").await.assert_profile(&profile::notch());
    h.answers(Reply::status(503));
    login(&proxy, "jeb_").await.assert_down();
    until(&proxy, "hasjoined_upstream_answers_total{upstream=\"minehut\",outcome=\"status\"}", 1.0).await;
    until(&proxy, "hasjoined_upstream_answers_total{upstream=\"minehut\",outcome=\"negative\"}", 1.0).await;
    let status = status(&proxy).await;
    assert_eq!((&status["ready"], &status["version"]), (&true.into(), &env!("CARGO_PKG_VERSION").into()));
    assert_eq!(
        status["logins"],
        serde_json::json!({"joined": 1, "not_joined": 0, "undecided": 1, "disputed": 0, "bound_elsewhere": 0})
    );
    let [mojang, minehut] = &status["upstreams"].as_array().unwrap()[..] else { panic!("{status:#}") };
    assert_eq!((&mojang["id"], &mojang["attests"], &mojang["wins"]), (&"mojang".into(), &"mojang".into(), &1.into()));
    assert_eq!(mojang["health"], serde_json::json!({"breaker": "closed"}));
    assert_eq!((&mojang["budget"]["left"], &mojang["budget"]["of"]), (&98.into(), &100.into()));
    assert_eq!((&mojang["totals"]["positive"], &mojang["totals"]["negative"]), (&1.into(), &1.into()));
    assert_eq!(mojang["last_failure"], Value::Null);
    assert!(mojang["latency_ms"]["p50"].as_f64() > Some(0.0), "{mojang:#}");
    assert_eq!((&minehut["attests"], &minehut["last_failure"]["text"]), (&"own".into(), &"status 503".into()));
    let slots = mojang["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 30);
    let sum = |key: &str| slots.iter().map(|slot| slot[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("asked"), sum("positive"), sum("failed"), sum("wins")), (2, 1, 0, 1));
    let [second, first] = &status["recent_logins"].as_array().unwrap()[..] else { panic!("{status:#}") };
    assert_eq!((&first["player"], &first["winner"]), (&"notch".into(), &"mojang".into()));
    assert_eq!((&second["player"], &second["outcome"]), (&"jeb_".into(), &"undecided".into()));
    let mut said: Vec<_> = second["answers"].as_array().unwrap().iter().map(|answer| &answer["said"]).collect();
    said.sort_by_key(|said| said.to_string());
    assert_eq!(said, ["negative", "status"]);
}

/// Nothing that would let somebody join in another's place, or tells where a player is.
#[tokio::test]
async fn no_secret_is_shown_anywhere() {
    let m = Upstream::start().await;
    m.answers(Reply::profile("Notch"));
    let proxy = Proxy::builder()
        .admin()
        .argument("--log-format=json")
        .argument("--log=debug")
        .upstream(
            "mojang",
            &m,
            &format!(
                "preset = \"mojang\"\nurl = \"{}\"\n{}",
                m.url(),
                m.as_mojang().replace("preset = \"mojang\"\n", "")
            ),
        )
        .start()
        .await;
    let question = "/session/minecraft/hasJoined?username=Notch&serverId=-5ec2e7&ip=203.0.113.77";
    client::get(&proxy, question).await.assert_profile(&profile::notch());
    let join =
        r#"{"accessToken":"t0ken5ec2e7","selectedProfile":"069a79f444e94726a5befca90e38aaf5","serverId":"-5ec2e7"}"#;
    Request::post("/session/minecraft/join", join).header("Authorization", "Bearer t0ken5ec2e7").send(&proxy).await;
    Request::get("/player/attributes").header("Authorization", "Bearer t0ken5ec2e7").send(&proxy).await;
    let admin = proxy.admin().await;
    let mut shown = proxy.log().join("\n");
    for path in ["/metrics", "/status.json", "/status", "/readyz", "/"] {
        shown.push_str(&client::get(&admin, path).await.text());
    }
    assert!(shown.contains("Notch") && shown.contains("hasjoined_logins_total"));
    for secret in ["5ec2e7", "203.0.113.77", "t0ken"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn a_line_of_json_has_its_verdicts_as_json() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::status(503));
    let proxy = Proxy::builder()
        .argument("--log-format=json")
        .upstream("mojang", &m, "")
        .upstream("minehut", &h, "")
        .start()
        .await;
    client::has_joined(&proxy).await.assert_down();
    let line: Value = serde_json::from_str(&proxy.logged("\"login\"").await).unwrap();
    assert_eq!((&line["level"], &line["player"]), (&"WARN".into(), &"Notch".into()));
    assert_eq!((&line["message"], &line["outcome"]), (&"login".into(), &"undecided".into()));
    let mut verdicts = line["verdicts"].as_array().unwrap().clone();
    verdicts.sort_by_key(|verdict| verdict["upstream"].to_string());
    let said: Vec<_> = verdicts.iter().map(|verdict| (&verdict["upstream"], &verdict["verdict"])).collect();
    assert_eq!(said, [(&"minehut".into(), &"no".into()), (&"mojang".into(), &"status 503".into())]);
    assert!(verdicts.iter().all(|verdict| verdict["took_ms"].is_u64()));
}
