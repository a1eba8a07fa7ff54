//! Rows 43 and 44: a client's own join.

use super::*;
use crate::support::client::{self, Request};

const JOIN: &str = "/session/minecraft/join";
const BODY: &str =
    r#"{"accessToken":"secret-token","selectedProfile":"069a79f444e94726a5befca90e38aaf5","serverId":"-1a2b3c"}"#;

/// Mojang as the preset knows it, but for its addresses, and without what the program asks of it by itself.
async fn mojang(says: Reply) -> (Proxy, Upstream) {
    let m = Upstream::start().await;
    m.answers(says);
    let quiet = "publish_keys = []\ndiscovery_url = \"http://127.0.0.1:9/minecraft/client\"\n";
    let lines = format!("preset = \"mojang\"\ntimeout = \"500ms\"\nsession_url = \"{}\"\n{quiet}", m.origin());
    let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
    (proxy, m)
}

#[tokio::test]
async fn row_43_a_join_is_passed_on_once() {
    let (proxy, m) = mojang(no()).await;
    let join = Request::post(JOIN, BODY).header("Authorization", "Bearer other").header("Cookie", "a=b");
    join.send(&proxy).await.assert_no();
    let requests = m.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((&*requests[0].method, &*requests[0].target), ("POST", JOIN));
    assert_eq!(requests[0].body, BODY);
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!((requests[0].header("authorization"), requests[0].header("cookie")), (None, None));
    // Nor again when it may not have arrived, on a connection that had served before.
    for broken in [no().reset_without_answer(), no().close_without_answer(), no().hang(), no().garbage()] {
        m.answers(no());
        client::Request::post(JOIN, BODY).send(&proxy).await.assert_no();
        let before = m.requests().len();
        m.answers(broken);
        client::Request::post(JOIN, BODY).send(&proxy).await.assert_down();
        assert_eq!(m.requests().len(), before + 1);
    }
}

#[tokio::test]
async fn row_44_a_refused_join_keeps_its_reason() {
    let reason = r#"{"error":"ForbiddenOperationException","errorMessage":"Invalid token"}"#;
    for status in [401, 403, 429, 500] {
        let (proxy, _m) = mojang(Reply::status(status).json(reason)).await;
        let answer = Request::post(JOIN, BODY).send(&proxy).await;
        assert_eq!((answer.status, &*answer.text()), (status, reason));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-length"), Some(&*reason.len().to_string()));
    }
}
