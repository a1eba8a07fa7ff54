//! The operator's listener: who is answered there, and whether it tells the truth about readiness.

use crate::support::{
    HAS_JOINED,
    client::{self, Connection, Request},
    proxy::{self, Proxy, Signal},
    upstream::{Reply, Upstream},
};
use std::{fs, net::TcpListener, time::Duration};

async fn beside(m: &Upstream) -> Proxy {
    Proxy::builder().admin().upstream("mojang", m, "").start().await
}

#[tokio::test]
async fn every_route_is_there_and_says_what_it_is() {
    let m = Upstream::start().await;
    let proxy = beside(&m).await;
    let admin = proxy.admin().await;
    for (path, content_type, start) in [
        ("/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/status", "text/html; charset=utf-8", "<!doctype html>"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8", "# HELP "),
        ("/status.json", "application/json", "{"),
        ("/healthz", "text/plain; charset=utf-8", "ok\n"),
        ("/readyz", "text/plain; charset=utf-8", "ready\n"),
    ] {
        let answer = client::get(&admin, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)), "{path}");
        assert!(answer.text().starts_with(start), "{path}: {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        let head = Request::new("HEAD", path).send(&admin).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let refused = Request::new(method, path).send(&admin).await;
            assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD")), "{method} {path}");
        }
    }
    for path in ["/favicon.ico", "/metrics/", "/../metrics", HAS_JOINED] {
        assert_eq!(client::get(&admin, path).await.status, 404, "{path}");
    }
    // And nothing of it where players are.
    for path in ["/metrics", "/healthz", "/readyz", "/status", "/status.json"] {
        client::get(&proxy, path).await.assert_status_empty(404);
    }
    assert!(m.requests().is_empty());
}

#[tokio::test]
async fn no_name_that_anybody_can_register_is_answered_to() {
    let m = Upstream::start().await;
    let proxy = beside(&m).await;
    let admin = proxy.admin().await;
    for host in ["evil.example", "evil.example:9090", "localhost.evil.example", "127.0.0.1.evil.example"] {
        for path in ["/", "/metrics", "/readyz", "/nothing"] {
            let answer = Request::get(path).header("Host", host).send(&admin).await;
            assert_eq!(answer.status, 403, "{host}{path}");
            assert!(!answer.text().contains("hasjoined"), "{answer:?}");
        }
    }
    for host in ["localhost:1", "[::1]", "hasjoined:9090", "hasjoined.default.svc.cluster.local"] {
        assert_eq!(Request::get("/metrics").header("Host", host).send(&admin).await.status, 200, "{host}");
    }
    assert_eq!(Request::get("/healthz").http10().without_host().send(&admin).await.status, 200);
}

#[tokio::test]
async fn ready_until_the_only_upstream_is_given_up_and_again_when_it_is_back() {
    let m = Upstream::start().await;
    let proxy = beside(&m).await;
    let admin = proxy.admin().await;
    assert_eq!(client::get(&admin, "/readyz").await.status, 200);
    m.answers(Reply::status(500));
    for _ in 0..5 {
        client::has_joined(&proxy).await.assert_down();
    }
    let unready = client::get(&admin, "/readyz").await;
    assert_eq!(unready.status, 503);
    assert!(unready.text().starts_with("no upstream is usable: mojang keeps failing"), "{unready:?}");
    assert_eq!(client::get(&admin, "/healthz").await.status, 200, "the program itself is well");
    m.answers(Reply::no());
    while client::has_joined(&proxy).await.status != 204 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(client::get(&admin, "/readyz").await.status, 200);
}

#[tokio::test]
async fn one_usable_upstream_is_enough() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let proxy = Proxy::builder().admin().upstream("mojang", &m, "").upstream("minehut", &h, "").start().await;
    let admin = proxy.admin().await;
    h.answers(Reply::status(429).header("Retry-After", "60"));
    client::has_joined(&proxy).await.assert_down();
    assert_eq!(client::get(&admin, "/readyz").await.status, 200);
    m.answers(Reply::status(429).header("Retry-After", "60"));
    client::has_joined(&proxy).await.assert_down();
    let unready = client::get(&admin, "/readyz").await;
    assert_eq!(unready.status, 503);
    assert!(unready.text().contains("mojang asked to be left in peace, for 60 s, minehut asked"), "{unready:?}");
}

#[tokio::test]
async fn a_spent_budget_is_not_ready() {
    let m = Upstream::start().await;
    m.answers(Reply::profile("Notch"));
    let proxy = Proxy::builder().admin().upstream("mojang", &m, "budget = \"2/1m\"").start().await;
    let admin = proxy.admin().await;
    for _ in 0..2 {
        assert_eq!(client::get(&admin, "/readyz").await.status, 200);
        assert_eq!(client::has_joined(&proxy).await.status, 200);
    }
    let unready = client::get(&admin, "/readyz").await;
    assert_eq!((unready.status, unready.text()), (503, "no upstream is usable: mojang has spent its budget\n".into()));
}

#[tokio::test]
async fn a_drain_can_be_watched() {
    let m = Upstream::start().await;
    m.answers(Reply::no().hang());
    let mut proxy = beside(&m).await;
    let admin = proxy.admin().await;
    let mut waiting = Connection::open(&proxy).await.unwrap();
    waiting.write(&Request::get(HAS_JOINED).bytes(proxy.address())).await.unwrap();
    m.seen(1).await;
    proxy.signal(Signal::TERM);
    proxy.logged("draining").await;
    let unready = client::get(&admin, "/readyz").await;
    assert_eq!((unready.status, unready.text()), (503, "draining\n".to_owned()));
    assert_eq!(client::get(&admin, "/healthz").await.status, 200);
    let figures = client::get(&admin, "/metrics").await.text();
    assert!(figures.contains("\nhasjoined_ready 0.0\n") && figures.contains("\nhasjoined_requests_in_flight 1.0\n"));
    assert_eq!(proxy.exit().await, 0);
}

#[tokio::test]
async fn a_taken_port_is_one_readable_line_that_says_which_setting_it_is() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let m = Upstream::start().await;
    let ended = Proxy::builder().server(&format!("admin = \"{address}\"")).upstream("mojang", &m, "").fail().await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    let line = format!(
        "hasjoined: cannot listen on {address}: another program is listening there; \
         server.admin or --admin can name another address, or false"
    );
    assert_eq!(ended.log.trim(), line);
}

#[tokio::test]
async fn it_can_be_turned_off_and_the_command_line_wins() {
    let m = Upstream::start().await;
    let off = Proxy::builder().server("admin = false").upstream("mojang", &m, "").start().await;
    off.said("hasjoined setup").await;
    assert!(!off.output().join("\n").contains("status at"), "{:?}", off.output());
    let on = Proxy::builder().server("admin = false").argument("--admin=[::1]:0").upstream("mojang", &m, "").start();
    let on = on.await;
    let admin = on.admin().await;
    assert!(admin.is_ipv6());
    assert_eq!(client::get(&admin, "/healthz").await.status, 200);
}

#[tokio::test]
async fn another_address_needs_a_restart_and_says_so() {
    let m = Upstream::start().await;
    let proxy = Proxy::builder().server("admin = \"127.0.0.1:0\"").upstream("mojang", &m, "").start().await;
    let admin = proxy.admin().await;
    let config = fs::read_to_string(proxy.config_path()).unwrap();
    fs::write(proxy.config_path(), config.replace("admin = \"127.0.0.1:0\"", "admin = false")).unwrap();
    proxy.logged("server.admin has changed: restart").await;
    assert_eq!(client::get(&admin, "/healthz").await.status, 200);
}

#[tokio::test]
async fn check_says_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |server: &str| {
        let text = format!("[server]\n{server}\n[upstreams.mojang]\npreset = \"mojang\"\n");
        fs::write(folder.path().join("upstreams.toml"), text).unwrap();
        proxy::run(folder.path(), ["check"]).await.output
    };
    let said = check("").await;
    assert!(said.contains("shows its status at http://127.0.0.1:9090/status"), "{said}");
    let said = check("admin = false").await;
    assert!(said.contains("shows its status nowhere"), "{said}");
    let said = check("admin = \"0.0.0.0:9090\"").await;
    assert!(said.contains("warning: server.admin: 0.0.0.0:9090 is reachable from other machines"), "{said}");
}
