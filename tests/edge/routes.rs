//! Cases 13, 38, 60 and 63 to 67: paths, methods, tokens, who asks, and scripts that ask.

use super::*;
use hasjoined::web::edge::Endpoint;

fn bearer(path: &str, token: &str) -> Request {
    Request::get(path).bearer(token)
}

#[tokio::test]
async fn case_13_other_methods_are_405_and_told_which_are_not() {
    let stage = Stage::start().await;
    for endpoint in Endpoint::ALL {
        for path in endpoint.paths() {
            let allowed: Vec<_> = endpoint.methods().iter().map(|method| method.as_str()).collect();
            let allow = format!("{}, OPTIONS", allowed.join(", "));
            for method in
                ["GET", "PUT", "DELETE", "PATCH", "POST"].into_iter().filter(|method| !allowed.contains(method))
            {
                let answer = Request::with_body(method, path, "{}")
                    .header("Accept", "application/json")
                    .send(&stage.address())
                    .await;
                assert_eq!(refusal(&answer), (405, "method_not_allowed".to_owned()), "{method} {path}");
                assert_eq!(answer.header("allow"), Some(&*allow), "{method} {path}");
            }
            let options = Request::new("OPTIONS", path).send(&stage.address()).await;
            assert_eq!((options.status, options.header("allow")), (204, Some(&*allow)), "{options:?}");
            assert_eq!(options.header("access-control-allow-origin"), None);
        }
    }
}

#[tokio::test]
async fn case_38_who_asks_too_often_is_told_when_to_come_back() {
    let stage = Stage::with("trusted_proxies = [\"127.0.0.1\"]", "").await;
    let from = async |address: &str| join("{}").header("X-Forwarded-For", address).send(&stage.address()).await;
    let mut refused = None;
    for n in 0..21 {
        // Two addresses of one /64.
        let answer = from(["2001:db8::1", "2001:db8::ffff:2"][n % 2]).await;
        assert!(matches!(answer.status, 200 | 429), "{answer:?}");
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let answer = refused.unwrap();
    assert_eq!(refusal(&answer), (429, "rate_limited".to_owned()));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(from("2001:db8:0:1::1").await.status, 200, "another /64");
    assert_eq!(from("192.0.2.1").await.status, 200);
}

#[tokio::test]
async fn case_60_only_a_trusted_proxy_may_say_who_asks() {
    let stage = Stage::with("", "[login.limits]\njoin = \"1/60m\"\n").await;
    let from = async |stage: &Stage, address: &str| {
        join("{}").header("X-Forwarded-For", address).send(&stage.address()).await.status
    };
    assert_eq!(
        (from(&stage, "1.2.3.4").await, from(&stage, "1.2.3.5").await),
        (200, 429),
        "from anybody: the peer asks"
    );
    let stage = Stage::with("trusted_proxies = [\"127.0.0.0/8\"]", "[login.limits]\njoin = \"1/60m\"\n").await;
    assert_eq!((from(&stage, "1.2.3.4").await, from(&stage, "1.2.3.5").await), (200, 200));
    assert_eq!(from(&stage, "6.6.6.6, 1.2.3.4").await, 429, "what stands before is the client's own word");
}

#[tokio::test]
async fn cases_63_to_65_a_token_is_one_token() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let with = async |cookies: &[&str]| {
        let request =
            cookies.iter().fold(Request::get(AUTH_VERIFY), |request, cookie| request.header("Cookie", cookie));
        request.send(&stage.address()).await.status
    };
    let valid = format!("uebliche_token={token}");
    assert_eq!(bearer(AUTH_VERIFY, &token).send(&stage.address()).await.status, 200);
    let invalid = bearer(AUTH_VERIFY, "x").header("Cookie", &valid).send(&stage.address()).await;
    assert_eq!(refusal(&invalid), (401, "invalid_token".to_owned()), "case 63");
    assert_eq!(invalid.header("www-authenticate"), Some("Bearer realm=\"127.0.0.1\", error=\"invalid_token\""));
    assert_eq!(with(&[&format!("{valid}; uebliche_token=other")]).await, 401, "case 64");
    assert_eq!(with(&[&format!("{valid}; {valid}")]).await, 200, "case 64");
    assert_eq!(with(&["x=1", &valid]).await, 200, "case 65");
    assert_eq!(with(&[&valid, "uebliche_token=other"]).await, 401, "case 65");
    let none = Request::get(AUTH_VERIFY).send(&stage.address()).await;
    assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"127.0.0.1\""), "{none:?}");
    let sessions = bearer("/v1/profile/auth/sessions?limit=1&limit=2", &token).send(&stage.address()).await;
    assert_eq!(refusal(&sessions), (400, "duplicate_parameter".to_owned()), "case 57");
}

#[tokio::test]
async fn case_66_paths_are_exact() {
    let stage = Stage::with("public_url = \"https://api.example.net/base\"", "").await;
    let token = stage.token().await;
    for path in ["/auth/verify", "/v1/auth/verify", "/base/auth/verify", "/base/v1/auth/verify", "/auth/verify?x=1"] {
        assert_eq!(bearer(path, &token).send(&stage.address()).await.status, 200, "{path}");
    }
    for path in [
        "/auth/verify/",
        "//auth/verify",
        "/AUTH/verify",
        "/auth//verify",
        "/auth/verif%79",
        "/auth/./verify",
        "/auth/x/../verify",
        "/auth/verify%2f",
        "/base/auth/verify/",
        "/auth",
        "/v1/unknown",
    ] {
        let answer = bearer(path, &token).send(&stage.address()).await;
        assert_eq!(refusal(&answer), (404, "not_found".to_owned()), "{path}");
    }
    for path in ["/base//auth/verify", "/BASE/auth/verify", "/other/auth/verify"] {
        assert_eq!(bearer(path, &token).send(&stage.address()).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn case_67_head_is_get_without_the_body() {
    let stage = Stage::start().await;
    let token = stage.token().await;
    let get = bearer(AUTH_VERIFY, &token).send(&stage.address()).await;
    let head = Request::new("HEAD", AUTH_VERIFY)
        .header("Authorization", &format!("Bearer {token}"))
        .send(&stage.address())
        .await;
    assert_eq!((head.status, head.body.len(), head.stray.len()), (200, 0, 0), "{head:?}");
    assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()));
    let refused = Request::new("HEAD", AUTH_VERIFY).send(&stage.address()).await;
    assert_eq!((refused.status, refused.stray.len()), (401, 0), "{refused:?}");
    let post = Request::post(AUTH_VERIFY, "{}").send(&stage.address()).await;
    assert_eq!(refusal(&post), (405, "method_not_allowed".to_owned()));
    let join = Request::new("HEAD", JOIN).send(&stage.address()).await;
    assert_eq!(join.status, 405, "{join:?}");
}

#[tokio::test]
async fn scripts_of_known_origins_may_ask_and_no_others() {
    let origin = "https://dash.example.net";
    let stage = Stage::with("", &format!("[login.cors]\norigins = [\"{origin}\"]\n")).await;
    let from = |origin: &str| Request::get(AUTH_VERIFY).header("Origin", origin);
    let known = from(origin).send(&stage.address()).await;
    assert_eq!((known.header("access-control-allow-origin"), known.header("vary")), (Some(origin), Some("Origin")));
    assert_eq!(known.header("access-control-allow-credentials"), None);
    for other in
        ["https://dash.example.net.evil.example", "null", "https://DASH.example.net", "http://dash.example.net"]
    {
        let answer = from(other).send(&stage.address()).await;
        assert_eq!(
            (answer.header("access-control-allow-origin"), answer.header("vary")),
            (None, Some("Origin")),
            "{other}"
        );
    }
    let preflight = Request::new("OPTIONS", "/v1/profile/auth/sessions")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "authorization");
    let preflight = preflight.send(&stage.address()).await;
    assert_eq!(preflight.status, 204);
    for (header, value) in [
        ("access-control-allow-origin", origin),
        ("access-control-allow-methods", "GET, OPTIONS"),
        ("access-control-allow-headers", "Authorization, Content-Type"),
    ] {
        assert_eq!(preflight.header(header), Some(value), "{preflight:?}");
    }
    let join = join("{}").header("Origin", origin).send(&stage.address()).await;
    assert_eq!((join.status, join.header("access-control-allow-origin"), join.header("vary")), (200, None, None));
}
