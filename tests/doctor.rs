//! `hasjoined doctor`, run as a program against upstreams in every condition.

use crate::support::{
    client,
    gateway::{Gateway, Manner},
    profile,
    proxy::{self, Finished, Proxy},
    tls::Ca,
    upstream::{Reply, Upstream},
};
use std::{
    collections::HashSet,
    fs,
    time::{Duration, Instant, SystemTime},
};

/// The row of an upstream, its columns apart.
fn row<'a>(said: &'a Finished, id: &str) -> Vec<&'a str> {
    let line = said.output.lines().find(|line| line.starts_with(&format!("{id} ")));
    line.unwrap_or_else(|| panic!("no row for {id}:\n{}", said.output))
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect()
}

/// The page without its line breaks.
fn unfolded(said: &Finished) -> String {
    said.output.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fits(said: &Finished) {
    for line in said.output.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

async fn examined(reply: Reply, lines: &str) -> Finished {
    let m = Upstream::start().await;
    m.answers(reply);
    let said = Proxy::builder().upstream("mojang", &m, lines).run("doctor").await;
    assert_eq!(m.requests().len(), 1, "{}", said.output);
    fits(&said);
    said
}

/// What is said of an upstream that cannot be used.
fn assert_unusable(said: &Finished, needles: &[&str]) {
    assert_eq!(said.code, Some(1), "{}", said.output);
    assert_eq!(said.log, "hasjoined: 1 of 1 upstreams cannot be used: mojang\n");
    assert_eq!(row(said, "mojang")[1], "no");
    for needle in needles {
        assert!(unfolded(said).contains(needle), "{needle:?} in\n{}", said.output);
    }
}

#[tokio::test]
async fn all_is_well() {
    let ca = Ca::new();
    let tls = Upstream::builder().tls(&ca).http2(true).start().await;
    let (plain, long) = (Upstream::start().await, Upstream::start().await);
    plain.answers(Reply::status(403).json("{\"error\":\"ForbiddenOperationException\"}"));
    let name = "a-name-of-the-greatest-length-32";
    let said = Proxy::builder()
        .upstream("tls", &tls, "http2 = true\n")
        .upstream("plain", &plain, "negative = [403]\n")
        .upstream(name, &long, "")
        .section("[upstreams.later]\nenabled = false\n")
        .run("doctor")
        .await;
    assert_eq!((said.code, &*said.log), (Some(0), ""), "{}", said.output);
    fits(&said);
    let wanted = |id: &str, tls: &str, http: &str, no: &str| {
        let cells = row(&said, id);
        assert_eq!([cells[0], cells[1], cells[4], cells[5], cells[6]], [id, "yes", tls, http, no], "{}", said.output);
        assert!(cells[2].ends_with(" ms") && cells[3].ends_with(" ms"), "{cells:?}");
    };
    wanted("tls", "1.3", "2", "204");
    wanted("plain", "-", "1.1", "403");
    let lines: Vec<_> = said.output.lines().collect();
    let at = lines.iter().position(|line| *line == name).unwrap();
    assert!(lines[at + 1].trim_start().starts_with("yes"), "{}", said.output);
    assert!(!said.output.contains("what to do"), "{}", said.output);
    assert!(unfolded(&said).contains("not enabled, so not asked - later"), "{}", said.output);
    assert!(unfolded(&said).contains("whether game servers can be reached around the proxy"), "{}", said.output);
}

#[tokio::test]
async fn the_question_harms_nobody() {
    let m = Upstream::start().await;
    let mut seen = HashSet::new();
    for run in 1..=2 {
        let said = Proxy::builder().upstream("mojang", &m, "single_use = true\n").run("doctor").await;
        assert_eq!(said.code, Some(0), "{}", said.output);
        assert_eq!(m.requests().len(), run, "asked once, on the way of a login");
        let request = m.requests().pop().unwrap();
        assert_eq!((&*request.method, request.path()), ("GET", "/session/minecraft/hasJoined"));
        let (name, server_id) = (request.query("username").unwrap(), request.query("serverId").unwrap());
        assert_eq!(request.query("ip"), None);
        assert!(!said.output.contains(&server_id), "a serverId is never shown");
        assert!(name.len() == 16 && server_id.len() == 40, "{name}");
        assert!(seen.insert(name) && seen.insert(server_id), "made anew each time");
    }
}

#[tokio::test]
async fn how_it_says_no_is_learnt() {
    let json = "{\"error\":\"Invalid token.\"}";
    let said = examined(Reply::status(403).json(json), "").await;
    assert_unusable(&said, &["it answers 403, which is not in negative", "add negative = [403]."]);
    assert_eq!(row(&said, "mojang")[6], "403?");
    let said = examined(Reply::status(404), "negative = [403]\n").await;
    assert_unusable(&said, &["add negative = [403, 404]."]);
    for lines in ["", "negative = [403]\n"] {
        let said = examined(Reply::status(403).html("<html>no</html>"), lines).await;
        assert_unusable(&said, &["403 with a web page", "bot filter"]);
        assert!(!said.output.contains("add negative"), "{}", said.output);
    }
}

#[tokio::test]
async fn answers_that_mean_neither_are_explained() {
    let said = examined(Reply::status(429).header("Retry-After", "77"), "").await;
    assert_unusable(&said, &["429 (Retry-After: 77)", "Set a budget"]);
    let said = examined(Reply::status(503), "").await;
    assert_unusable(&said, &["it answers 503: it is out of order itself"]);
    let said = examined(Reply::status(301).header("Location", "https://new.example/hasJoined"), "").await;
    assert_unusable(&said, &["Write where it leads to as url: https://new.example/hasJoined"]);
    let said = examined(Reply::status(200).json("{}"), "").await;
    assert_unusable(&said, &["200 with what is no profile", "is url its hasJoined?"]);
    let said = examined(Reply::no().hang(), "timeout = \"300ms\"\n").await;
    assert_unusable(&said, &["no answer in time", "did not answer within 300ms"]);
    let said = examined(Reply::no().garbage(), "").await;
    assert_unusable(&said, &["it ended the connection unanswered", "is that its port?"]);
}

#[tokio::test]
async fn one_that_lets_everybody_in_is_found_out() {
    let m = Upstream::start().await;
    m.answers_by(|request| Reply::profile(&request.query("username").unwrap()));
    let said = Proxy::builder().upstream("mojang", &m, "").run("doctor").await;
    assert_unusable(&said, &["it says \"yes\" to a login that never was", "Remove it."]);
}

#[tokio::test]
async fn what_stands_in_the_way_is_named() {
    let (ca, other) = (Ca::new(), Ca::new());
    let folder = tempfile::tempdir().unwrap();
    let ca_file = format!("ca_file = \"{}\"\n", ca.pem_file(folder.path()).display());
    let refused = Upstream::refused();
    let stranger = Upstream::builder().tls(&other).start().await;
    let misnamed = Upstream::builder().tls(&ca).certified_as("elsewhere.example").start().await;
    let plain = Upstream::start().await;
    let deaf = Upstream::deaf();
    let no_dns = format!("url = \"http://{}.invalid/hasJoined\"\n", "x".repeat(64));
    let no_tls = Gateway::socks().start().await;
    let not_tls = format!("url = \"https://{}/hasJoined\"\n", no_tls.address());
    for (upstream, lines, needles) in [
        (&refused, "", &["it cannot be connected to", "onnection refused", "does a firewall"][..]),
        (&deaf, "connect_timeout = \"200ms\"\n", &["it took too long to connect", "no connection within 200 ms"]),
        (&plain, &no_dns, &["its name has no address", "cannot be resolved", "whether DNS works"]),
        (
            &stranger,
            &ca_file,
            &["its certificate is not trusted", "signed by nobody who is trusted", "holds other certificates"],
        ),
        (&misnamed, &ca_file, &["its certificate is not trusted", "elsewhere.example"]),
        (&plain, &format!("{not_tls}{ca_file}"), &["TLS failed", "its url begins with http://"]),
        (&plain, "bind = \"::1\"\n", &["no address in bind can be used", "Add an address of the other family"]),
        (&plain, "bind = \"192.0.2.77\"\n", &["no address in bind can be used", "that this machine has now"]),
    ] {
        let said = Proxy::builder().upstream("mojang", upstream, lines).run("doctor").await;
        assert_unusable(&said, needles);
        assert_eq!(upstream.requests().len(), 0);
    }
}

#[tokio::test]
async fn a_private_authority_is_told_to_be_named() {
    let m = Upstream::builder().tls(&Ca::new()).start().await;
    let text = format!("[upstreams.mojang]\npreset = \"mojang\"\nurl = \"{}\"\n", m.url());
    let said = Proxy::builder().config(&text).run("doctor").await;
    assert_unusable(&said, &["its certificate is not trusted", "ca_file = \"ca.pem\""]);
}

#[tokio::test]
async fn a_proxy_in_the_way_is_told_apart() {
    let m = Upstream::start().await;
    for (scheme, gateway, needles) in [
        (
            "http",
            Gateway::http().login("other", "x"),
            &["does not accept the credentials", "407", "proxy_password_file"][..],
        ),
        ("socks5", Gateway::socks(), &["its name has no address", "write socks5h:// in place of socks5://"]),
        ("socks5h", Gateway::socks().login("other", "x"), &["does not accept the credentials"]),
        ("http", Gateway::http().manner(Manner::Refuses(403)), &["the proxy refuses to lead there", "status 403"]),
        ("socks5h", Gateway::socks().manner(Manner::Refuses(2)), &["the proxy refuses to lead there", "ruleset"]),
        ("http", Gateway::socks(), &["the proxy cannot be understood", "Is it a proxy of that kind?"]),
        ("http", Gateway::http().manner(Manner::Hangs), &["it took too long", "through the proxy within 300 ms"]),
    ] {
        let gateway = gateway.start().await;
        // A name that the resolver refuses by itself, for the one case that looks it up here.
        let host = if scheme == "socks5" { format!("{}.invalid", "x".repeat(64)) } else { "127.0.0.1".to_owned() };
        let url = format!("url = \"http://{host}:{}/hasJoined\"\n", m.address().port());
        let lines = format!(
            "{url}connect_timeout = \"300ms\"\nproxy = \"{scheme}://somebody:hunter2@{}\"\n",
            gateway.address()
        );
        let said = Proxy::builder().upstream("mojang", &m, &lines).run("doctor").await;
        assert_unusable(&said, needles);
        let all = format!("{}{}", said.output, said.log);
        assert!(!all.contains("hunter2") && !all.contains("somebody"), "{all}");
        assert_eq!(m.connections(), 0);
    }
    let gateway = Gateway::http().start().await;
    let lines = format!("proxy = \"http://{}\"\n", gateway.address());
    let said = Proxy::builder().upstream("mojang", &m, &lines).run("doctor").await;
    assert_eq!((said.code, gateway.tally().tunnels), (Some(0), 1), "{}", said.output);
}

#[tokio::test]
async fn a_clock_that_is_off_is_said_and_is_no_failure() {
    let date = |ahead: u64| httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(ahead));
    let (right, wrong, mute) = (Upstream::start().await, Upstream::start().await, Upstream::start().await);
    right.answers(Reply::no().header("Date", &date(0)));
    wrong.answers(Reply::no().header("Date", &date(3600)));
    let builder = || Proxy::builder().upstream("wrong", &wrong, "").upstream("mute", &mute, "");
    let said = builder().upstream("right", &right, "").run("doctor").await;
    assert_eq!(said.code, Some(0), "{}", said.output);
    fits(&said);
    assert!(row(&said, "wrong")[7].ends_with(" min"), "{}", said.output);
    assert!(row(&said, "right")[7].ends_with(" s"), "{}", said.output);
    assert_eq!(row(&said, "mute")[7], "-");
    assert!(unfolded(&said).contains("wrong: its clock says"), "{}", said.output);
    assert!(unfolded(&said).contains("one of the two is wrong"), "{}", said.output);
    assert!(!said.output.contains("right: its"), "{}", said.output);
    right.answers(Reply::no().header("Date", &date(3000)));
    let said = builder().upstream("right", &right, "").run("doctor").await;
    assert!(unfolded(&said).contains("this machine's clock is wrong"), "{}", said.output);
}

#[tokio::test]
async fn all_are_asked_at_the_same_time_and_one_that_fails_does_not_hide_the_others() {
    let hanging = futures::future::join_all((0..5).map(|_| Upstream::start())).await;
    let good = Upstream::start().await;
    let mut builder = Proxy::builder().upstream("good", &good, "");
    for (n, upstream) in hanging.iter().enumerate() {
        upstream.answers(Reply::no().hang());
        builder = builder.upstream(&format!("hanging-{n}"), upstream, "timeout = \"1s\"\n");
    }
    let started = Instant::now();
    let said = builder.run("doctor").await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(said.code, Some(1));
    assert!(said.log.contains("5 of 6 upstreams cannot be used: hanging-0, hanging-1,"), "{}", said.log);
    assert_eq!(row(&said, "good")[1], "yes");
}

#[tokio::test]
async fn it_does_not_disturb_a_program_that_serves() {
    let m = Upstream::start().await;
    let proxy = Proxy::builder().upstream("mojang", &m, "").start().await;
    let text = fs::read_to_string(proxy.config_path()).unwrap();
    fs::write(proxy.folder().join("doctor.toml"), text.replace("127.0.0.1:0", &proxy.address().to_string())).unwrap();
    let said = proxy::run(proxy.folder(), ["doctor", "--config", "doctor.toml"]).await;
    assert_eq!(said.code, Some(0), "{}{}", said.output, said.log);
    m.answers(Reply::profile("Notch"));
    client::has_joined(&proxy).await.assert_profile(&profile::notch());
}

#[tokio::test]
async fn risks_are_repeated_and_a_bad_configuration_is_78() {
    let m = Upstream::start().await;
    let said = Proxy::builder().race("deadline = \"6s\"").upstream("mojang", &m, "").run("doctor").await;
    assert_eq!(said.code, Some(0), "{}", said.output);
    assert!(
        unfolded(&said).contains("risky in the configuration - race.deadline: many game servers"),
        "{}",
        said.output
    );
    let said = Proxy::builder().config("[upstreams.mojang]\npreset = \"mojan\"\n").run("doctor").await;
    assert_eq!(said.code, Some(78));
    assert!(said.log.contains("did you mean \"mojang\"?") && said.output.is_empty(), "{}", said.log);
}
