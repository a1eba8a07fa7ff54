//! T7: passwords and tokens that are sprayed at every upstream.

use super::*;
use crate::support::{
    client::Request,
    proxy::Proxy,
    upstream::{Recorded, Reply, Upstream},
};

const SECRET: &str = "hunter2-eyJhbGciOiJIUzI1NiJ9";

fn holds_secret(asked: &Recorded) -> bool {
    let headers = asked.headers.iter().any(|(_, value)| value.contains(SECRET));
    headers || asked.target.contains(SECRET) || String::from_utf8_lossy(&asked.body).contains(SECRET)
}

/// Mojang and two others, all with all hosts there are.
async fn scene(reply: Reply) -> (Proxy, Upstream, [Upstream; 2]) {
    let (m, others) = (Upstream::start().await, [Upstream::start().await, Upstream::start().await]);
    for upstream in others.iter().chain([&m]) {
        upstream.answers(reply.clone());
    }
    let proxy = Proxy::builder()
        .upstream("mojang", &m, &format!("{}timeout = \"300ms\"\n", quiet_mojang(&m)))
        .upstream("minehut", &others[0], &format!("{}timeout = \"300ms\"\n", hosts(&others[0])))
        .upstream("drasl", &others[1], &format!("{OWN}{}timeout = \"300ms\"\n", hosts(&others[1])))
        .start()
        .await;
    (proxy, m, others)
}

#[tokio::test]
async fn t7_passwords_are_taken_from_nobody() {
    let (proxy, m, others) = scene(Reply::no()).await;
    let login = format!(r#"{{"username":"a@example.net","password":"{SECRET}"}}"#);
    for route in ["authenticate", "refresh", "validate", "invalidate", "signout"] {
        for prefix in ["", "/authserver", "/authlib-injector/authserver", "/drasl/authserver", "/mojang", "/api"] {
            let answer = Request::post(&format!("{prefix}/{route}"), &login).send(&proxy).await;
            answer.assert_status_empty(404);
        }
    }
    for upstream in others.iter().chain([&m]) {
        assert_eq!(upstream.requests().len(), 0, "{:?}", upstream.requests());
    }
}

#[tokio::test]
async fn t7_a_join_is_told_to_one_upstream_once() {
    let join = format!(r#"{{"accessToken":"{SECRET}","selectedProfile":"{ADMIN_ID}","serverId":"-1"}}"#);
    let (proxy, m, others) = scene(Reply::no()).await;
    let broken = [Reply::no().reset_without_answer(), Reply::no().close_without_answer(), Reply::status(503)];
    for reply in broken {
        for path in ["/session/minecraft/join", "/authlib-injector/sessionserver/session/minecraft/join"] {
            // One before it, so that it goes out over a connection that was idle, where other questions would be repeated.
            m.answers(Reply::no());
            Request::post(path, &join).send(&proxy).await.assert_no();
            let before = m.requests().len();
            m.answers(reply.clone());
            Request::post(path, &join).send(&proxy).await;
            assert_eq!(m.requests().len(), before + 1, "{path}");
        }
    }
    for path in ["/drasl/session/minecraft/join", "/session/minecraft/join/drasl", "/minehut/session/minecraft/join"] {
        Request::post(path, &join).send(&proxy).await.assert_status_empty(404);
    }
    for other in &others {
        assert_eq!(other.requests().len(), 0, "{:?}", other.requests());
    }
}

#[tokio::test]
async fn t7_a_token_in_any_other_request_fans_out_to_nobody() {
    let (proxy, m, others) = scene(Reply::no()).await;
    let body = format!(r#"{{"accessToken":"{SECRET}"}}"#);
    let names = format!(r#"["{ADMIN}",{{"accessToken":"{SECRET}"}}]"#);
    let asked = question(ADMIN, "-1");
    for (path, body) in [
        (&*asked, &body),
        ("/mojang/drasl/session/minecraft/hasJoined?username=Notch&serverId=-2", &body),
        ("/session/minecraft/profile/069a79f444e94726a5befca90e38aaf5", &body),
        ("/profiles/minecraft", &body),
        ("/profiles/minecraft", &names),
        ("/minecraft/profile/lookup/bulk/byname", &body),
        ("/users/profiles/minecraft/Notch", &body),
        ("/publickeys", &body),
        ("/minecraft/client", &body),
        ("/", &body),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let request = Request::with_body(method, path, body);
            let request = request.header("Authorization", &format!("Bearer {SECRET}")).header("Cookie", SECRET);
            let answer = request.send(&proxy).await;
            assert!(!answer.text().contains(SECRET), "{method} {path}: {answer:?}");
        }
    }
    assert!(others.iter().all(|other| !other.requests().is_empty()), "they are asked all the same");
    for asked in others.iter().chain([&m]).flat_map(Upstream::requests) {
        assert!(!holds_secret(&asked), "{asked:?}");
    }
}
