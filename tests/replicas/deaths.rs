//! Either dies at any moment, as a seed says (`DEATHS_SEED`): no login is refused wrongly, and no join token is good twice.

use super::{pair::Pair, started};
use crate::{
    login::stage::{VERIFY, json_of},
    support::{
        client::{Answer, Request},
        crowd::{self, Crowd},
        dice::Dice,
    },
};
use std::{
    env,
    ops::Range,
    time::{Duration, Instant},
};
use tokio::time::sleep;

const RATE: u32 = 200;
const DEATHS: usize = 4;
/// One login of an application through HAProxy: how many tokens came of it, 1 at most. A client whom something goes wrong for asks once
/// more with the same join token, and whoever has got an answer asks once more in bad faith.
async fn log_in(pair: &Pair, dice: &mut Dice) -> usize {
    let Ok(Ok(proof)) = pair.challenge(&pair.haproxy.plain, "Notch").await else { return 0 };
    let request = Request::post(VERIFY, &proof.to_string());
    let mut tokens = 0;
    for _ in 0..3 {
        if let Ok(answer) = request.try_send(&pair.addresses[dice.below(2)]).await {
            assert_truth(&answer);
            tokens += usize::from(answer.status == 200);
        }
        sleep(dice.ms(1..20)).await;
    }
    tokens
}

/// The join is known, so that nothing but the token itself may be refused.
#[track_caller]
fn assert_truth(answer: &Answer) {
    match answer.status {
        200 | 502..=504 => {}
        401 => {
            let error = json_of(answer)["error"].as_str().unwrap().to_owned();
            assert!(["join_token_used", "join_token_in_use"].contains(&&*error), "{answer:?}");
        }
        _ => panic!("{answer:?}"),
    }
}

/// Kills and revives, one after the other. How long the one took to die.
async fn killed(pair: &mut Pair, dice: &mut Dice) -> Range<Instant> {
    let which = dice.below(2);
    sleep(dice.ms(100..700)).await;
    let began = Instant::now();
    pair.programs[which].take().unwrap().dies().await;
    let death = began..Instant::now();
    sleep(dice.ms(100..1_500)).await;
    pair.revive(which).await;
    pair.haproxy.sees(["UP", "UP"]).await;
    death
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_dies_at_any_moment() {
    let _alone = crowd::alone().await;
    let seed = env::var("DEATHS_SEED").map_or(7, |seed| seed.parse().expect("DEATHS_SEED is a number"));
    eprintln!("DEATHS_SEED={seed}");
    let mut dice = Dice::new(seed);
    let mut pair = started!();
    let players = Crowd::at(pair.haproxy.plain, RATE);
    let mut deaths = Vec::new();
    for _ in 0..DEATHS {
        deaths.push(killed(&mut pair, &mut dice).await);
    }
    let logins = players.ends().await;
    let refused: Vec<_> =
        logins.failed.iter().filter(|login| !matches!(login.status, None | Some(502..=504))).collect();
    assert!(refused.is_empty(), "refused wrongly: {refused:#?}");
    // Who was being answered by the one that died, and nobody else.
    let caught = |death: &Range<Instant>, login: &Range<Instant>| login.start <= death.end && death.start <= login.end;
    let alone = logins.failed.iter().filter(|login| !deaths.iter().any(|death| caught(death, &login.time)));
    let alone: Vec<_> = alone.collect();
    assert!(alone.is_empty(), "went down with nobody: {alone:#?}");
    assert!(logins.count > 200, "only {} logins", logins.count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_join_token_is_good_twice_whoever_dies() {
    let mut dice = Dice::new(11);
    let mut pair = started!();
    let (mut all, mut good) = (0, 0);
    for which in [0, 1, 0] {
        let until = Instant::now() + dice.ms(300..700);
        while Instant::now() < until {
            let tokens = log_in(&pair, &mut dice).await;
            assert!(tokens <= 1, "{tokens} tokens for one join token");
            (all, good) = (all + 1, good + tokens);
        }
        // It dies with a login under way.
        let proof = pair.challenge(&pair.haproxy.plain, "Notch").await.unwrap().unwrap();
        pair.mojang.delays(Duration::from_millis(30));
        let request = Request::post(VERIFY, &proof.to_string());
        let answering = request.try_send(&pair.addresses[which]);
        let dying = async {
            sleep(dice.ms(0..45)).await;
            pair.programs[which].as_ref().unwrap().signal(crate::support::proxy::Signal::KILL);
        };
        let (answer, ()) = futures::future::join(answering, dying).await;
        pair.mojang.delays(Duration::ZERO);
        let had_one = answer.is_ok_and(|answer| answer.status == 200);
        let again = request.send(&pair.addresses[1 - which]).await;
        assert_truth(&again);
        assert!(!(had_one && again.status == 200), "two tokens for one join token");
        pair.programs[which].take();
        pair.revive(which).await;
        pair.haproxy.sees(["UP", "UP"]).await;
    }
    assert!(good > all / 2 && good > 2, "only {good} of {all} logins came to anything");
}
