//! Two programs are one: whatever the other has said or taken back holds here as well.

use super::started;
use crate::{
    login::stage::{AUTH_VERIFY, VERIFY, json_of},
    support::{
        client::{self, Answer, Connection, Request},
        crowd::{self, Crowd},
        within,
    },
};
use futures::future::join_all;
use std::time::{Duration, Instant};

/// How late a revocation may be seen elsewhere: 5 s, and a little for the way.
const LATE: Duration = Duration::from_millis(5_300);

async fn verified(at: &impl client::Target, token: &str) -> Answer {
    Request::get(AUTH_VERIFY).bearer(token).send(at).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_are_one() {
    let pair = started!();
    let [one, two] = pair.addresses;
    let keys = [one, two].map(|program| async move { client::get(&program, "/.well-known/jwks.json").await });
    let keys: Vec<_> = join_all(keys).await.iter().map(json_of).collect();
    assert_eq!(keys[0], keys[1]);
    assert!(!keys[0]["keys"].as_array().unwrap().is_empty());

    // One join token, and fifty who have it, of whom half come to each.
    for _ in 0..3 {
        let proof = pair.challenge(&pair.haproxy.plain, "Notch").await.unwrap().unwrap();
        let request = Request::post(VERIFY, &proof.to_string());
        let answers = join_all((0..50).map(|number| request.send(&pair.addresses[number % 2]))).await;
        let good = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.status == 401).count();
        assert_eq!((good, refused), (1, 49));
    }

    // Both have seen the token, and hold what they know of it for true for a while.
    let token = pair.log_in(&one, "Notch").await;
    for program in [one, two] {
        assert_eq!(verified(&program, &token).await.status, 200);
    }
    let revoke = Request::form("/v1/auth/revoke", &format!("token={token}")).bearer(&token);
    let revoked = Instant::now();
    assert_eq!(revoke.send(&one).await.status, 200);
    assert_eq!(verified(&one, &token).await.status, 401);
    let seen = async { while verified(&two, &token).await.status != 401 {} };
    within("the revocation to be seen by the other", seen).await;
    assert!(revoked.elapsed() < LATE, "{:?}", revoked.elapsed());
}

/// As the example has it: TLS ends at HAProxy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_comes_through_the_examples_own_door() {
    let pair = started!();
    let mut connection = Connection::open_tls_trusting(&pair.haproxy.tls, &pair.haproxy.certificate).await.unwrap();
    let login = "/session/minecraft/hasJoined?username=Player3&serverId=-3";
    connection.send(&Request::get(login)).await.unwrap().assert_profile(&crowd::profile_of(3));
}

/// What `systemctl stop` does to one of two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_drained_and_no_login_fails() {
    let _alone = crowd::alone().await;
    let mut pair = started!();
    let players = Crowd::at(pair.haproxy.plain, 300);
    for which in [0, 1] {
        let mut program = pair.programs[which].take().unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        program.signal(crate::support::proxy::Signal::TERM);
        assert_eq!(program.exit().await, 0);
        tokio::time::sleep(Duration::from_millis(500)).await;
        pair.revive(which).await;
        pair.haproxy.sees(["UP", "UP"]).await;
    }
    players.ends().await.assert_all(300, &pair.minehut);
}
