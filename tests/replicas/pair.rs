//! The two programs, their database, their upstreams and the HAProxy in front of them.

use super::haproxy::HaProxy;
use crate::{
    login::{
        session_server::SessionServer,
        stage::{JOIN, VERIFY, json_of},
    },
    support::{
        client::{Answer, Request, Target},
        crowd,
        postgres::Postgres,
        proxy::Proxy,
        upstream::Upstream,
    },
};
use serde_json::{Value, json};
use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

/// 32 bytes in base64.
const KEK: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// All of it.
pub(super) struct Pair {
    pub(super) haproxy: HaProxy,
    /// Where each listens, dead or alive.
    pub(super) addresses: [SocketAddr; 2],
    pub(super) programs: [Option<Proxy>; 2],
    pub(super) postgres: Postgres,
    /// Knows who joined for a login of the API, and nobody else.
    pub(super) mojang: SessionServer,
    /// Knows the crowd.
    pub(super) minehut: Upstream,
    files: [String; 2],
    _folder: TempDir,
}

fn example(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("packaging/examples/replicas").join(file)
}

/// A network of loopback that no other test has, as `127.x.y.`.
fn network() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let (process, number) = (process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    format!("127.{}.{}.", 20 + process % 200, (process / 200 * 16 + number) % 250)
}

impl Pair {
    /// Nothing, when there is no HAProxy.
    pub(super) async fn start() -> Option<Self> {
        let (postgres, mojang, minehut) =
            (Postgres::own().await, SessionServer::start().await, crowd::session_server().await);
        let (folder, network, database) =
            (TempDir::with_prefix("hasjoined-").unwrap(), network(), postgres.database().await);
        let kek = folder.path().join("login.kek");
        fs::write(&kek, KEK).unwrap();
        let mut text = fs::read_to_string(example("upstreams.toml")).unwrap();
        // What a busy machine makes slow is not lost.
        let url = |upstream: &Upstream| format!("url = \"{}\"\ntimeout = \"8s\"", upstream.url());
        for (is, becomes) in [
            ("preset = \"mojang\"", format!("preset = \"mojang\"\n{}", url(&mojang.upstream))),
            ("preset = \"minehut\"", format!("preset = \"minehut\"\n{}", url(&minehut))),
            (
                "\"postgres://hasjoined:password@db.example.net/hasjoined?sslmode=verify-full\"",
                format!("\"{database}\""),
            ),
            ("\"login.kek\"", format!("\"{}\"", kek.display())),
        ] {
            assert!(text.contains(is), "the example has no {is:?} any more");
            text = text.replacen(is, &becomes, 1);
        }
        // All the tests' players come from one address.
        let text = format!("{text}\n[login.limits]\nenabled = false\n[race]\ndeadline = \"9s\"\n")
            .replace("10.0.0.", &network);
        let files = [text.clone(), text.replace(&format!("{network}11:"), &format!("{network}12:"))];
        let addresses = [11, 12].map(|last| format!("{network}{last}:8080").parse().unwrap());
        let programs = [Some(Proxy::from_config(&files[0]).await), Some(Proxy::from_config(&files[1]).await)];
        let haproxy = HaProxy::start(&example("haproxy.cfg"), &network).await?;
        Some(Self { haproxy, addresses, programs, postgres, mojang, minehut, files, _folder: folder })
    }

    /// Starts one that is not there.
    pub(super) async fn revive(&mut self, which: usize) {
        self.programs[which] = Some(Proxy::from_config(&self.files[which]).await);
    }

    /// A challenge that this player has joined: what `verify` is to be sent.
    pub(super) async fn challenge(&self, at: &impl Target, name: &str) -> io::Result<Result<Value, Answer>> {
        let answer = Request::post(JOIN, "{}").try_send(at).await?;
        if answer.status != 200 {
            return Ok(Err(answer));
        }
        let joining = json_of(&answer);
        self.mojang.join(name, joining["serverId"].as_str().unwrap());
        Ok(Ok(json!({ "serverId": joining["serverId"], "joinToken": joining["joinToken"], "name": name })))
    }

    /// An access token of this player.
    pub(super) async fn log_in(&self, at: &impl Target, name: &str) -> String {
        let proof = self.challenge(at, name).await.unwrap().unwrap();
        let answer = Request::post(VERIFY, &proof.to_string()).send(at).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        json_of(&answer)["accessToken"].as_str().unwrap().to_owned()
    }
}
