//! Applications that use the login API: join, verify, what the token is good for, and its end.

use super::{
    figures::{Figures, Kind},
    houses::House,
};
use crate::{
    login::stage::{AUTH_VERIFY, JOIN, SESSIONS, VERIFY, json_of},
    support::client::{Answer, Request},
};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;

/// Logins a second.
const RATE: u32 = 4;
/// How late another process may see a revocation, while there are two; and the time of an answer.
const LAG: Duration = Duration::from_secs(6);

/// They come one after the other until it is over.
pub(super) async fn come(address: SocketAddr, house: Arc<House>, figures: Arc<Figures>, over: CancellationToken) {
    let mut ticks = interval(Duration::from_secs(1) / RATE);
    let mut number = 0;
    while over.run_until_cancelled(ticks.tick()).await.is_some() {
        number += 1;
        figures.count(log_in(address, &house, number).await.map(|()| Kind::Account));
    }
}

/// What was answered, if it is what has to be.
async fn expect(address: SocketAddr, what: &str, request: Request, status: u16) -> Result<Answer, String> {
    let answer = request.try_send(&address).await.map_err(|error| format!("{what}: {error}"))?;
    if answer.status == status { Ok(answer) } else { Err(format!("{what}: {status} was expected: {answer:?}")) }
}

async fn log_in(address: SocketAddr, house: &House, number: usize) -> Result<(), String> {
    let name = house.player(number).0;
    let joining = json_of(&expect(address, "join", Request::post(JOIN, "{}"), 200).await?);
    let server_id = joining["serverId"].as_str().unwrap_or_default();
    let proof = json!({ "serverId": server_id, "joinToken": joining["joinToken"], "name": name }).to_string();
    if number.is_multiple_of(4) {
        // Somebody who has not joined.
        return expect(address, "verify of nobody", Request::post(VERIFY, &proof), 401).await.map(drop);
    }
    house.join(name, server_id);
    let verified = expect(address, "verify", Request::post(VERIFY, &proof), 200).await;
    house.leave(name, server_id);
    let body = json_of(&verified?);
    let token = body["accessToken"].as_str().unwrap_or_default();
    expect(address, "verify again", Request::post(VERIFY, &proof), 401).await?;
    let good = || Request::get(AUTH_VERIFY).bearer(token);
    expect(address, "the token", good(), 200).await?;
    expect(address, "the history", Request::get(SESSIONS).bearer(token), 200).await?;
    let revoke = Request::form("/v1/auth/revoke", &format!("token={token}")).bearer(token);
    expect(address, "revoke", revoke, 200).await?;
    let revoked = Instant::now();
    loop {
        match expect(address, "the token that was revoked", good(), 401).await {
            Err(_) if revoked.elapsed() < LAG => sleep(Duration::from_millis(200)).await,
            seen => return seen.map(drop),
        }
    }
}
