//! A reload changes nothing that was opened at the start: keys, what is signed with them, and how long it is good for.

use super::{
    Database,
    concurrency::challenge,
    session_server::SessionServer,
    stage::{VERIFY, json_of, part},
};
use crate::support::{
    client::{Answer, Request, get},
    proxy::{Builder, Proxy, Signal},
};
use serde_json::{Value, json};
use std::fs;

const SERVER_ID: &str = "/v1/minecraft/server-id";
const RESTART: &str = "restart for it to hold";

/// A program with these lines after `[login]`, and what starts another like it.
struct Reloaded {
    program: Proxy,
    session: SessionServer,
    database: Database,
    reloads: usize,
}

fn builder(session: &SessionServer, database: &Database, lines: &str) -> Builder {
    let login = format!("[login]\nenabled = true\n{}\n{lines}", database.absolute_lines());
    Proxy::builder().upstream("mojang", &session.upstream, "preset = \"mojang\"").section(&login)
}

impl Reloaded {
    async fn start(lines: &str) -> Self {
        let (session, database) = (SessionServer::start().await, Database::sqlite());
        fs::write(database.folder().join("secret"), "a secret that is longer than thirty-two bytes").unwrap();
        let program = builder(&session, &database, &Self::completed(&database, lines)).start().await;
        Self { program, session, database, reloads: 0 }
    }

    fn completed(database: &Database, lines: &str) -> String {
        lines.replace("SECRET", &database.folder().join("secret").display().to_string())
    }

    /// Takes these lines over. How often it has said in all that something needs a restart.
    async fn with(&mut self, lines: &str) -> usize {
        let text = builder(&self.session, &self.database, &Self::completed(&self.database, lines)).text();
        fs::write(self.program.config_path(), text).unwrap();
        self.program.signal(Signal::HUP);
        self.reloads += 1;
        self.program.logged_times("configuration reloaded", self.reloads).await;
        self.program.log().iter().filter(|line| line.contains(RESTART)).count()
    }

    /// The answer to a join by Notch in Feather's flow.
    async fn feather(&self) -> Answer {
        let server_id = get(&self.program, SERVER_ID).await;
        assert_eq!(server_id.status, 201, "{server_id:?}");
        let server_id = json_of(&server_id).as_str().unwrap().to_owned();
        self.session.join("Notch", &server_id);
        get(&self.program, &format!("/v1/minecraft/has-joined/Notch?token={server_id}")).await
    }

    /// Header and claims of the token that such a join leads to.
    async fn token(&self) -> [Value; 2] {
        let answer = self.feather().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.header("authorization").unwrap();
        [0, 1].map(|at| serde_json::from_slice(&part(token, at)).unwrap())
    }
}

#[tokio::test]
async fn feathers_flow_opens_at_a_start_and_closes_at_once() {
    let (off, on) = ("[login.feather]\nenabled = false\n", "[login.feather]\nenabled = true\n");
    let mut closed = Reloaded::start(off).await;
    assert_eq!(closed.with(on).await, 1, "it is told");
    assert_eq!(get(&closed.program, SERVER_ID).await.status, 404, "there are no keys for it");
    let mut open = Reloaded::start(on).await;
    assert_eq!(open.with(off).await, 0);
    assert_eq!(get(&open.program, SERVER_ID).await.status, 404);
    assert_eq!(open.with(on).await, 0, "its keys are still there");
    assert_eq!(open.feather().await.status, 200);
}

#[tokio::test]
async fn feathers_tokens_stay_as_they_were() {
    let mut running = Reloaded::start("").await;
    let form = |[header, claims]: &[Value; 2]| {
        let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        (header["alg"].clone(), lifetime, claims.get("iss").is_some())
    };
    let before = form(&running.token().await);
    assert_eq!(before, (json!("ES256"), 64 * 3_600, true));
    let changes = ["ttl = \"1h\"\n", "secret_file = \"SECRET\"\n", "strict = true\nsecret_file = \"SECRET\"\n"];
    for (told, change) in changes.into_iter().enumerate() {
        assert_eq!(running.with(&format!("[login.feather]\n{change}")).await, told + 1, "{change}");
        assert_eq!(form(&running.token().await), before, "{change}");
    }
    // What needs no keys is taken over.
    assert_eq!(running.with("[login.feather]\ncountry_header = \"CF-IPCountry\"\n").await, changes.len());
}

#[tokio::test]
async fn access_tokens_stay_as_they_were() {
    let mut running = Reloaded::start("").await;
    let changes = ["access_ttl = \"1h\"\n", "hs256_secret_file = \"SECRET\"\n[login.uebliche]\nlegacy_tokens = true\n"];
    for (told, change) in changes.into_iter().enumerate() {
        assert_eq!(running.with(change).await, told + 1, "{change}");
        let proof = challenge(&running.program, &running.session).await;
        let answer = Request::post(VERIFY, &proof.to_string()).send(&running.program).await;
        assert_eq!(answer.status, 200, "{change}: {answer:?}");
        assert_eq!(json_of(&answer)["expiresIn"], 2_592_000, "{change}");
    }
}
