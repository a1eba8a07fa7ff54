//! T8, T9, T11: what one login may cost, what it may be told, and that it is nobody else's.

use super::*;
use crate::support::{
    client::{self, Answer, Connection, Request},
    proxy::Proxy,
    tls::Ca,
    upstream::{Recorded, Reply, Upstream},
};
use futures::future::{join, join_all};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

const SINGLE_USE: &str = "single_use = true\n";

/// Forgets a join when it is asked about it, as Ely.by does.
fn forgets_joins(upstream: &Upstream, joins: &[&str], delay: Duration) {
    let joins: HashSet<String> = joins.iter().map(ToString::to_string).collect();
    let joins = Arc::new(Mutex::new(joins));
    upstream.answers_by(move |asked: &Recorded| {
        match joins.lock().unwrap().remove(&asked.query("serverId").unwrap()) {
            true => Reply::profile(&asked.query("username").unwrap()).after(delay),
            false => Reply::no(),
        }
    });
}

#[tokio::test]
async fn t8_a_single_use_join_is_asked_about_once() {
    let ely = Upstream::start().await;
    let proxy = Proxy::builder().upstream("elyby", &ely, SINGLE_USE).start().await;
    forgets_joins(&ely, &["-1", "-2"], ms(300));
    // A network whose servers all ask at once.
    for answer in join_all([&*question(ADMIN, "-1"); 20].map(|path| client::get(&proxy, path))).await {
        answer.assert_profile(&profile::notch());
    }
    assert_eq!(asked_about(&ely, "-1"), 1);
    // A game server that hangs up and asks again before the answer is there.
    let mut impatient = Connection::open(&proxy).await.unwrap();
    impatient.write(&Request::get(&question(ADMIN, "-2")).bytes(proxy.address())).await.unwrap();
    ely.until("the question", |tally| tally.answering == 1).await;
    drop(impatient);
    client::get(&proxy, &question(ADMIN, "-2")).await.assert_profile(&profile::notch());
    assert_eq!(asked_about(&ely, "-2"), 1);
}

/// Asks over a connection that was idle, with this answer on it, and returns how often the upstream was asked.
async fn asked_when_it_breaks(ely: &Upstream, proxy: &Proxy, (what, reply): (&str, Reply)) -> usize {
    ely.answers(Reply::no());
    client::get(proxy, &question(ADMIN, &format!("-before-{what}"))).await.assert_no();
    ely.answers(reply);
    let server_id = format!("-{what}");
    let answer = client::get(proxy, &question(ADMIN, &server_id)).await;
    answer.assert_down();
    asked_about(ely, &server_id)
}

fn breaks() -> [(&'static str, Reply); 6] {
    let yes = || Reply::profile(ADMIN);
    [
        ("close", yes().close_without_answer()),
        ("reset", yes().reset_without_answer()),
        ("half", yes().reset_mid_body()),
        ("half-close", yes().half_close()),
        ("garbage", yes().garbage()),
        ("500", Reply::status(500)),
    ]
}

#[tokio::test]
async fn t8_not_even_when_the_connection_dies() {
    let ca = Ca::new();
    for http2 in [false, true] {
        let builder = Upstream::builder().http2(http2);
        let ely = if http2 { builder.tls(&ca) } else { builder }.start().await;
        let lines = format!("{SINGLE_USE}http2 = {http2}\n");
        let proxy = Proxy::builder().upstream("elyby", &ely, &lines).start().await;
        for (what, reply) in breaks() {
            let asked = asked_when_it_breaks(&ely, &proxy, (what, reply)).await;
            assert_eq!(asked, 1, "{what}, HTTP/2: {http2}");
        }
        // Cut from outside while the answer is awaited.
        ely.answers(Reply::no().hang());
        let before = ely.requests().len();
        let cut = async {
            ely.seen(before + 1).await;
            ely.cut_connections().await;
        };
        let (answer, ()) = join(client::get(&proxy, &question(ADMIN, "-cut")), cut).await;
        answer.assert_down();
        assert_eq!(asked_about(&ely, "-cut"), 1, "cut, HTTP/2: {http2}");
    }
    // Where it does no harm, a question that was lost with an idle connection is repeated: the test above can fail.
    let other = Upstream::start().await;
    let proxy = Proxy::with([("mojang", &other)]).await;
    let [close, ..] = breaks();
    assert_eq!(asked_when_it_breaks(&other, &proxy, close).await, 2);
}

/// What an upstream may say, and what that means: `Some(true)` yes, `Some(false)` no, `None` neither.
fn words(own: bool) -> Vec<(&'static str, Reply, Option<bool>)> {
    let refuses = own.then_some(false);
    vec![
        ("yes", Reply::profile(ADMIN), Some(true)),
        ("204", Reply::no(), Some(false)),
        ("empty 200", Reply::status(200), Some(false)),
        ("403", Reply::status(403), refuses),
        ("403 JSON", Reply::status(403).json(r#"{"error":"ForbiddenOperationException"}"#), refuses),
        ("403 page", Reply::status(403).html("<html></html>"), None),
        ("404 JSON", Reply::status(404).json("{}"), None),
        ("401", Reply::status(401), None),
        ("429", Reply::status(429).json("{}").header("Retry-After", "1"), None),
        ("500", Reply::status(500).text("oops"), None),
        ("502 page", Reply::status(502).html("<html></html>"), None),
        ("302", Reply::status(302).header("Location", "/"), None),
        ("no profile", Reply::status(200).json("{}"), None),
        ("somebody else", Reply::profile("Steve"), None),
        ("a page", Reply::status(200).html("<html></html>"), None),
        ("hangs", Reply::no().hang(), None),
        ("resets", Reply::no().reset_without_answer(), None),
        ("half a yes", Reply::profile(ADMIN).reset_mid_body(), None),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn t9_an_outage_is_no_refusal_and_a_refusal_no_outage() {
    // All words at once, each an upstream of its own; the path selects a pair of them.
    let mut builder = Proxy::builder().race("trust_grace = \"100ms\"");
    let mut upstreams = Vec::new();
    for (own, letter) in [(false, 'm'), (true, 'e')] {
        for (place, (_, reply, _)) in words(own).into_iter().enumerate() {
            let upstream = Upstream::start().await;
            upstream.answers(reply);
            let lines = if own { "attests = \"own\"\nnegative = [403]\n" } else { "" };
            builder =
                builder.upstream(&format!("{letter}{place}"), &upstream, &format!("{lines}timeout = \"150ms\"\n"));
            upstreams.push(upstream);
        }
    }
    let proxy = builder.start().await;
    // Mojang's "yes" comes last: from then on the name is Mojang's, and no other "yes" counts.
    for (m, (mojangs, _, mojang)) in words(false).into_iter().enumerate().rev() {
        for (e, (theirs, _, ely)) in words(true).into_iter().enumerate() {
            let answer = client::get(&proxy, &format!("/m{m}/e{e}{}", question(ADMIN, "-1"))).await;
            let said = format!("Mojang: {mojangs}; Ely.by: {theirs}");
            let right = match (mojang, ely) {
                (Some(true), _) | (_, Some(true)) => 200,
                (Some(false), Some(false)) => 204,
                _ => 503,
            };
            assert_eq!(answer.status, right, "{said}: {answer:?}");
            assert_shape(&answer);
            if mojang == Some(true) {
                answer.assert_profile(&profile::notch());
            }
        }
    }
}

fn assert_shape(answer: &Answer) {
    match answer.status {
        204 => answer.assert_no(),
        503 => answer.assert_down(),
        _ => {}
    }
}

#[tokio::test]
async fn t11_a_yes_is_given_once_and_not_kept() {
    for lines in ["", SINGLE_USE] {
        let ely = Upstream::start().await;
        let proxy = Proxy::builder().upstream("elyby", &ely, lines).start().await;
        forgets_joins(&ely, &["-1"], ms(0));
        let mut connection = Connection::open(&proxy).await.unwrap();
        let login = Request::get(&question(ADMIN, "-1"));
        connection.send(&login).await.unwrap().assert_profile(&profile::notch());
        // Whoever has learnt the question replays it: at once, on the same connection, on others, all at a time.
        connection.send(&login).await.unwrap().assert_no();
        for answer in join_all([&*question(ADMIN, "-1"); 10].map(|path| client::get(&proxy, path))).await {
            answer.assert_no();
        }
        // Nor does an outage bring it back.
        ely.stop().await;
        connection.send(&login).await.unwrap().assert_down();
    }
}

#[tokio::test]
async fn t11_no_login_answers_another() {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    let victims = |asked: &Recorded| {
        asked.query("username").as_deref() == Some(ADMIN)
            && asked.query("serverId").as_deref() == Some("-1a")
            && asked.query("ip").as_deref() == Some("192.0.2.7")
    };
    m.answers_by(
        move |asked| if victims(asked) { Reply::profile(ADMIN).after(ms(400)) } else { Reply::no().after(ms(300)) },
    );
    let proxy = Proxy::with([("mojang", &m), ("minehut", &h)]).await;
    let victim = format!("{}&ip=192.0.2.7", question(ADMIN, "-1a"));
    // While the victim's login is under way, an attacker asks what differs in one thing only.
    let attacks = [
        question(ADMIN, "-1a"),
        format!("{}&ip=192.0.2.8", question(ADMIN, "-1a")),
        format!("{}&ip=192.0.2.07", question(ADMIN, "-1a")),
        format!("{}&ip=192.0.2.7", question(ADMIN, "-1b")),
        format!("{}&ip=192.0.2.7", question(ADMIN, "-1A")),
        format!("{}&ip=192.0.2.7", question("NOTCH", "-1a")),
        format!("{}&ip=192.0.2.7", question("Notch+", "-1a")),
        format!("/minehut{victim}"),
    ];
    let attack = async {
        m.seen(1).await;
        join_all(attacks.iter().map(|path| client::get(&proxy, path))).await
    };
    let (answer, stolen) = join(client::get(&proxy, &victim), attack).await;
    answer.assert_profile(&profile::notch());
    for (path, answer) in attacks.iter().zip(stolen) {
        assert_eq!(answer.status, 204, "{path}: {answer:?}");
    }
    assert_eq!(
        m.requests().len(),
        attacks.len(),
        "each was a question of its own, but the one that Mojang was not asked"
    );
    // The same in other words is the same question: order, encoding, headers and slashes do not count.
    let same = ["/session/minecraft/hasJoined?ip=192.0.2.7&serverId=%2d1a&username=N%6Ftch&unsigned=false", &victim];
    let before = m.requests().len();
    for answer in join_all(same.map(|path| client::get(&proxy, path))).await {
        answer.assert_profile(&profile::notch());
    }
    assert_eq!(m.requests().len(), before + 1);
}
