//! The database dies, is restarted, or is away: the login API says so and comes back by itself, and game servers notice nothing.

use super::{pair::Pair, started};
use crate::{
    login::stage::{JOIN, refused},
    support::{
        client::Request,
        crowd::{self, Crowd},
        within,
    },
};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const RATE: u32 = 200;
/// By then the login API has said that it cannot, or that it can again.
const SOON: Duration = Duration::from_secs(5);

async fn recovers(pair: &Pair) {
    let since = Instant::now();
    let works = async {
        loop {
            let answer = Request::post(JOIN, "{}").send(&pair.haproxy.plain).await;
            match answer.status {
                200 => break,
                _ => refused(&answer, 503, "unavailable"),
            }
        }
    };
    within("the login API to recover", works).await;
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    pair.log_in(&pair.haproxy.plain, "Notch").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_store_down_the_proxy_goes_on() {
    let _alone = crowd::alone().await;
    let pair = started!();
    let players = Crowd::at(pair.haproxy.plain, RATE);
    let token = pair.log_in(&pair.haproxy.plain, "Notch").await;

    pair.postgres.stop().await;
    for _ in 0..4 {
        let answer = Request::post(JOIN, "{}").send(&pair.haproxy.plain).await;
        refused(&answer, 503, "unavailable");
        assert!(answer.took < SOON, "{:?}", answer.took);
    }
    // Neither is taken out for it.
    sleep(Duration::from_secs(2)).await;
    pair.haproxy.sees(["UP", "UP"]).await;
    pair.postgres.start().await;
    recovers(&pair).await;

    for _ in 0..2 {
        pair.postgres.crash().await;
        pair.postgres.start().await;
        recovers(&pair).await;
    }
    let verified = Request::get("/auth/verify").bearer(&token).send(&pair.haproxy.plain).await;
    assert_eq!(verified.status, 200, "{verified:?}");
    players.ends().await.assert_all(300, &pair.minehut);
}
