//! How long is waited, what is tried again, and how many may sign in at one time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use hasjoined::microsoft::{Limits, SignInError};
use tokio::net::TcpListener;

use super::stage::{QUICK, Stage};
use crate::support::{
    microsoft::{Knob, Step},
    spawn,
};

const LATE: Duration = Duration::from_secs(60);

fn unavailable(step: Step) -> &'static str {
    match step {
        Step::Token => "microsoft_unavailable",
        Step::Xbl | Step::Xsts => "xbox_unavailable",
        _ => "minecraft_unavailable",
    }
}

#[tokio::test]
async fn no_step_is_waited_for_longer_than_its_time() {
    let limits = Limits { step: Duration::from_millis(500), ..QUICK };
    let stage = Stage::with(|setup| setup.limits = limits).await;
    for step in Step::CHAIN {
        let start = Instant::now();
        assert_eq!(stage.when(step, Knob::late(LATE)).await, unavailable(step), "{step:?}");
        assert!(start.elapsed() >= limits.step, "{step:?}");
    }
    assert_eq!(Limits::default(), Limits { step: Duration::from_secs(8), chain: Duration::from_secs(25), at_once: 64 });
}

#[tokio::test]
async fn all_steps_together_have_one_deadline() {
    let limits = Limits { chain: Duration::from_secs(1), ..QUICK };
    let stage = Stage::with(|setup| setup.limits = limits).await;
    stage.fake.turn(Step::Token, Knob::late(Duration::from_millis(400)));
    stage.fake.turn(Step::Xbl, Knob::late(Duration::from_secs(4)));
    let start = Instant::now();
    assert_eq!(stage.sign_in().await, Err(SignInError::XboxUnavailable));
    assert!(start.elapsed() < Duration::from_secs(4), "the chain's deadline, not the step's");
}

#[tokio::test]
async fn a_request_that_was_sent_is_not_sent_again() {
    let stage = Stage::start().await;
    for (nth, step) in Step::CHAIN.into_iter().enumerate() {
        assert_eq!(stage.when(step, Knob::drops()).await, unavailable(step), "{step:?}");
        // Earlier rounds got no further than the steps before.
        assert_eq!(stage.fake.seen(step).len(), 1, "{step:?}, round {nth}");
    }
}

#[tokio::test]
async fn a_connection_that_fails_is_tried_twice() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let dialed = Arc::new(AtomicUsize::new(0));
    let counted = dialed.clone();
    // In place of a TLS handshake, the connection ends.
    spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let stage = Stage::with(|setup| setup.endpoints.token = format!("https://{address}/token").parse().unwrap()).await;
    assert_eq!(stage.sign_in().await, Err(SignInError::MicrosoftUnavailable));
    assert_eq!(dialed.load(Ordering::Relaxed), 2);
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let stage = Stage::with(|setup| setup.endpoints.mc_services = format!("http://{nobody}").parse().unwrap()).await;
    assert_eq!(stage.sign_in().await, Err(SignInError::MinecraftUnavailable));
}

#[tokio::test]
async fn so_many_sign_in_at_one_time_and_the_others_wait() {
    let stage = Stage::with(|setup| setup.limits.at_once = 2).await;
    stage.fake.turn(Step::Token, Knob::late(Duration::from_millis(50)));
    let done = join_all((0..8).map(|_| stage.sign_in())).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    // Connections of the eight browsers, and of two sign-ins.
    assert_eq!(stage.fake.connections(), 8 + 2);
}

#[tokio::test]
async fn who_gets_no_turn_is_told_so() {
    let limits = Limits { chain: Duration::from_millis(100), at_once: 0, ..QUICK };
    let stage = Stage::with(|setup| setup.limits = limits).await;
    assert_eq!(stage.sign_in().await, Err(SignInError::Busy));
    assert!(stage.fake.seen(Step::Token).is_empty());
}
