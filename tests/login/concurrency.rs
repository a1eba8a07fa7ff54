//! Cases 16, 17, 29 and 30: however many ask at once, and whatever dies in between, one join token is one token.

use super::session_server::SessionServer;
use super::{
    Database, on_both,
    stage::{SESSIONS, Stage, VERIFY, json_of, refused},
};
use crate::support::{
    client::{Answer, Connection, Request, Target},
    proxy::{Proxy, Signal},
    within,
};
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

on_both! {
    case_16_of_a_hundred_verifies_one_is_true,
    case_29_a_client_that_leaves_gets_no_second_token,
    case_30_a_program_that_dies_gives_no_second_token,
}

/// Counts the tokens, and sees that all others were told why there is none.
#[track_caller]
fn tokens(answers: &[Answer]) -> usize {
    let (good, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    for other in others {
        let error = json_of(other)["error"].as_str().unwrap().to_owned();
        assert!(other.status == 401 && ["join_token_in_use", "join_token_used"].contains(&&*error), "{other:?}");
    }
    good.len()
}

async fn case_16_of_a_hundred_verifies_one_is_true(database: Database) {
    let stage = Stage::over(database).await;
    let proof = stage.joined("Notch").await.proof("Notch");
    stage.session.delays(Duration::from_millis(200));
    let answers = join_all((0..100).map(|_| stage.verify(&proof))).await;
    assert_eq!((tokens(&answers), stage.session.asked()), (1, 1));
    let token = answers.iter().find(|answer| answer.status == 200).map(|answer| json_of(answer)["accessToken"].clone());
    let history = json_of(&stage.get(SESSIONS, token.unwrap().as_str().unwrap()).await);
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
}

async fn case_29_a_client_that_leaves_gets_no_second_token(database: Database) {
    let stage = Stage::over(database).await;
    stage.session.consumes();
    let proof = stage.joined("Notch").await.proof("Notch");
    stage.session.delays(Duration::from_millis(200));
    let mut connection = Connection::open(&stage.address()).await.unwrap();
    connection.write(&Request::post(VERIFY, &proof.to_string()).bytes(stage.address())).await.unwrap();
    stage.session.upstream.seen(1).await;
    drop(connection);
    let first = stage.verify(&proof).await;
    refused(&first, 401, "join_token_in_use");
    stage.session.upstream.idle().await;
    // The login that nobody waited for ends by itself.
    let last = within("the login to end", async {
        loop {
            let answer = stage.verify(&proof).await;
            if json_of(&answer)["error"] != "join_token_in_use" {
                return answer;
            }
        }
    });
    let last = last.await;
    refused(&last, 401, "join_token_used");
    assert_eq!(stage.session.asked(), 1);
}

/// A process of the program over this database.
async fn process(database: &Database, session: &SessionServer) -> Proxy {
    let login = format!("[login]\nenabled = true\n{}\n[login.limits]\nenabled = false\n", database.absolute_lines());
    let builder = Proxy::builder().server("public_url = \"https://login.example\"");
    builder.upstream("mojang", &session.upstream, "preset = \"mojang\"").section(&login).start().await
}

pub(super) async fn challenge(program: &impl Target, session: &SessionServer) -> Value {
    let joining = json_of(&Request::post(super::stage::JOIN, "{}").send(program).await);
    session.join("Notch", joining["serverId"].as_str().unwrap());
    json!({ "serverId": joining["serverId"], "joinToken": joining["joinToken"], "name": "Notch" })
}

#[tokio::test]
async fn case_17_two_processes_on_one_postgresql_are_one() {
    let (database, session) = (Database::postgres().await, SessionServer::start().await);
    let programs = [process(&database, &session).await, process(&database, &session).await];
    for _ in 0..5 {
        let proof = challenge(&programs[0], &session).await.to_string();
        let asked = session.asked();
        session.delays(Duration::from_millis(200));
        let request = Request::post(VERIFY, &proof);
        let answers = join_all((0..100).map(|number| request.send(&programs[number % 2]))).await;
        assert_eq!((tokens(&answers), session.asked() - asked), (1, 1));
        // A token of one is a token of the other, for it has the same keys.
        let token =
            answers.iter().find(|answer| answer.status == 200).map(|answer| json_of(answer)["accessToken"].clone());
        for program in &programs {
            let token = token.as_ref().unwrap().as_str().unwrap();
            let answer = Request::get("/auth/verify").bearer(token).send(program).await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
}

/// How late it dies after the session server was asked, in microseconds: before its answer, with it, and while what follows from it
/// is being written and sent.
const DEATHS: [u64; 24] = [
    0, 200, 400, 600, 800, 1_000, 1_250, 1_500, 1_750, 2_000, 2_250, 2_500, 2_750, 3_000, 3_500, 4_000, 4_500, 5_000,
    6_000, 7_000, 8_000, 10_000, 15_000, 25_000,
];

async fn case_30_a_program_that_dies_gives_no_second_token(database: Database) {
    let session = SessionServer::start().await;
    let mut deaths = Vec::new();
    for late in DEATHS {
        let program = process(&database, &session).await;
        let proof = challenge(&program, &session).await;
        let asked = session.asked();
        let request = Request::post(VERIFY, &proof.to_string());
        let answer = request.try_send(&program);
        let death = async {
            session.upstream.seen(asked + 1).await;
            tokio::time::sleep(Duration::from_micros(late)).await;
            program.signal(Signal::KILL);
        };
        let (answer, ()) = futures::future::join(answer, death).await;
        deaths.push((proof, answer.is_ok_and(|answer| answer.status == 200)));
    }
    let program = process(&database, &session).await;
    for (proof, had_one) in &deaths {
        let last = within("leases of the dead to run out", async {
            loop {
                let answer = Request::post(VERIFY, &proof.to_string()).send(&program).await;
                if json_of(&answer)["error"] != "join_token_in_use" {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let again = last.await;
        let has_one_now = again.status == 200;
        assert!(!(*had_one && has_one_now), "two tokens for one join token");
        assert!(has_one_now || json_of(&again)["error"] == "join_token_used", "{again:?}");
    }
    let sooner = deaths.iter().filter(|(_, had_one)| !had_one).count();
    assert!(sooner > 0, "it never died in time: this test shows nothing");
}
