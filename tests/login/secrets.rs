//! Nothing of anybody's secrets is left behind: no log line, row, metric or answer has one, besides the answer that is to carry it.

use super::{
    Database,
    browser::{
        ACCOUNT, Browser, CLIENT_SECRET, EXCHANGE, FLOW, LOGIN, TOKEN, approved, hidden, leads_to, location, microsoft,
        parameters, registered,
    },
    on_both,
    session_server::SessionServer,
    stage::{JOIN, NO_LIMITS, VERIFY, json_of},
};
use crate::support::{
    client::{self, Answer, Request},
    microsoft::{Knob, Microsoft, Step},
    proxy::{Proxy, Signal},
};
use serde_json::json;

on_both! {
    no_secret_is_left_behind,
}

/// What was said to the browser, and what must be nowhere else.
#[derive(Default)]
struct Record {
    answers: Vec<String>,
    secrets: Vec<String>,
}

impl Record {
    fn keep(&mut self, answer: &Answer) {
        self.answers.push(format!("{answer:?}{}", answer.text()));
    }

    fn hide(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.secrets.extend(secrets);
    }
}

/// The real program, with all it can log, and an operator who looks.
async fn program(database: &Database, session: &SessionServer, microsoft: &Microsoft) -> Proxy {
    let lines = database.absolute_lines();
    let builder = Proxy::builder().server("public_url = \"https://login.example.net\"").admin();
    let builder = builder.upstream("mojang", &session.upstream, "preset = \"mojang\"");
    let login = format!("\n[login]\nenabled = true\n{lines}\n{NO_LIMITS}{}", registered(microsoft));
    builder.section(&login).variable("HASJOINED_LOG", "trace").start().await
}

/// A sign-in, from its beginning to its end; what travels in between is kept to itself.
async fn sign_in(proxy: &Proxy, microsoft: &Microsoft, browser: &mut Browser, record: &mut Record) -> Answer {
    let begun = browser.get(proxy, &format!("{LOGIN}?platform=dash")).await;
    record.hide([parameters(location(&begun), '?')["state"].clone(), browser.0[FLOW].clone()]);
    let back = approved(microsoft, location(&begun)).await;
    let ended = browser.get(proxy, &back).await;
    record.keep(&ended);
    let replayed = browser.get(proxy, &back).await;
    record.keep(&replayed);
    ended
}

async fn no_secret_is_left_behind(database: Database) {
    let (session, microsoft) = (SessionServer::start().await, microsoft().await);
    let mut proxy = program(&database, &session, &microsoft).await;
    let (mut browser, mut record) = (Browser::default(), Record::default());
    record.hide([CLIENT_SECRET.to_owned()]);

    let ended = sign_in(&proxy, &microsoft, &mut browser, &mut record).await;
    let mut tokens = vec![parameters(&leads_to(&ended), '#')["authToken"].clone()];
    for step in Step::CHAIN {
        for knob in [Knob::json(401, r#"{"error":"invalid_client"}"#), Knob::drops()] {
            microsoft.turn(step, knob);
            sign_in(&proxy, &microsoft, &mut Browser::default(), &mut record).await;
            microsoft.mend();
        }
    }
    let exchanged = browser.get(&proxy, &format!("{EXCHANGE}?platform=dash")).await;
    tokens.push(parameters(location(&exchanged), '#')["authToken"].clone());

    let joining = json_of(&Request::post(JOIN, "{}").send(&proxy).await);
    let (server_id, join_token) = (joining["serverId"].as_str().unwrap(), joining["joinToken"].as_str().unwrap());
    session.join("Notch", server_id);
    let proof = json!({ "serverId": server_id, "joinToken": join_token, "name": "Notch" }).to_string();
    tokens.push(json_of(&Request::post(VERIFY, &proof).send(&proxy).await)["accessToken"].as_str().unwrap().to_owned());
    record.keep(&Request::post(VERIFY, &proof).send(&proxy).await);
    record.hide([join_token.to_owned()]);

    let account = browser.get(&proxy, ACCOUNT).await;
    record.keep(&account);
    let csrf = hidden(&account, "csrf");
    record.keep(&browser.submit(&proxy, "/v1/account/sign-out-everywhere", &[("csrf", &csrf)]).await);
    assert!(!browser.0.contains_key(TOKEN));
    let metrics = client::get(&proxy.admin().await, "/metrics").await.text();
    let status = client::get(&proxy.admin().await, "/status.json").await.text();
    proxy.signal(Signal::TERM);
    proxy.exit().await;

    record.hide(microsoft.secrets());
    let (rows, log) = (database.contents().await, proxy.log().join("\n"));
    assert!(log.contains("TRACE") && log.contains("signed in with Microsoft"), "nobody listened: {log}");
    assert!(rows.contains("Notch") && metrics.contains("microsoft_callback"), "nobody looked: {metrics}");
    assert!(record.secrets.len() > 30, "{}", record.secrets.len());
    for secret in &record.secrets {
        for (place, text) in [("log", &log), ("database", &rows), ("metrics", &metrics), ("status", &status)] {
            assert!(!text.contains(secret), "{secret} is in the {place}");
        }
        assert!(record.answers.iter().all(|answer| !answer.contains(secret)), "{secret} is in an answer");
    }
    for token in tokens {
        for (place, text) in [("log", &log), ("database", &rows), ("metrics", &metrics), ("status", &status)] {
            assert!(!text.contains(&token), "a token of ours is in the {place}");
        }
    }
}
