//! A token reaches nobody but Mojang, whatever the route and the weather, and never the log.

use super::*;
use crate::support::{
    HAS_JOINED,
    client::Request,
    proxy::Signal,
    upstream::{Recorded, Reply},
};
use futures::future::join;
use std::{collections::BTreeSet, fs};

const TOKEN: &str = "secret-token";

/// Every variant of the route table with the paths that lead to it.
const ROUTES: &[(&str, &[&str])] = &[
    ("HasJoined", &[HAS_JOINED, "/minehut/own/session/minecraft/hasJoined?username=Notch&serverId=-1"]),
    ("Join", &["/session/minecraft/join", "/authlib-injector/sessionserver/session/minecraft/join"]),
    ("Profile", &["/session/minecraft/profile/069a79f444e94726a5befca90e38aaf5"]),
    ("BlockedServers", &["/blockedservers"]),
    ("PublicKeys", &["/publickeys"]),
    ("IdsOfNames", &["/profiles/minecraft", "/minecraft/profile/lookup/bulk/byname"]),
    ("IdOfName", &["/users/profiles/minecraft/Notch", "/minecraft/profile/lookup/name/notch"]),
    ("NameOfId", &["/minecraft/profile/lookup/069a79f444e94726a5befca90e38aaf5"]),
    ("Discovery", &["/minecraft/client"]),
    ("InjectorRoot", &["/authlib-injector"]),
    ("Index", &["/"]),
    ("Services", &["/player/attributes", "/privacy/blocklist", "/privileges", "/events", "/friends/x", "/presence"]),
    ("Services", &["/minecraft/profile", "/minecraft/profile/skins", "/entitlements/mcstore"]),
    ("Account", &["/user/security/location"]),
];

/// What is no route, but looks like one.
const NOWHERE: &[&str] =
    &["/player/../x", "/minehut/player/attributes", "/authenticate", "/own/session/minecraft/join"];

/// Where a token may go: what it was sent for.
fn is_for_tokens(path: &str) -> bool {
    let path = path.strip_prefix("/authlib-injector/sessionserver").unwrap_or(path);
    ROUTES
        .iter()
        .filter(|(route, _)| ["Join", "Services", "Account"].contains(route))
        .any(|(_, paths)| paths.iter().any(|known| path == *known || path == format!("/api{known}")))
}

#[test]
fn every_route_is_looked_at() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/router.rs")).unwrap();
    let (_, table) = source.split_once("enum Route<'a> {").unwrap();
    let (table, _) = table.split_once("\n}").unwrap();
    let variants = table.lines().map(str::trim).filter(|line| line.starts_with(char::is_uppercase));
    let known: BTreeSet<_> = variants.map(|line| line.split(['(', ',', ' ']).next().unwrap()).collect();
    assert_eq!(known, ROUTES.iter().map(|(route, _)| *route).collect());
}

struct Scene {
    proxy: Proxy,
    mojang: Upstream,
    others: [Upstream; 2],
}

impl Scene {
    async fn set(http2: bool) -> Self {
        let start = async || Upstream::builder().http2(http2).start().await;
        let (mojang, minehut, own) = (start().await, start().await, start().await);
        let lines = |first: &str, upstream| format!("{first}\n{}http2 = {http2}\n", hosts(upstream));
        let quick = "timeout = \"300ms\"";
        let proxy = Proxy::builder()
            .race("deadline = \"500ms\"\ntrust_grace = \"100ms\"")
            .upstream("mojang", &mojang, &lines(&format!("preset = \"mojang\"\n{quick}"), &mojang))
            .upstream("minehut", &minehut, &lines(&format!("attests = \"mojang\"\n{quick}"), &minehut))
            .upstream("own", &own, &lines(&format!("attests = \"own\"\n{quick}"), &own))
            .argument("--log")
            .argument("trace")
            .start()
            .await;
        Self { proxy, mojang, others: [minehut, own] }
    }

    /// Sends the token along every route, in head and body.
    async fn walk(&self, weather: &str) {
        let paths = ROUTES.iter().flat_map(|(_, paths)| paths.iter()).chain(NOWHERE);
        for path in paths {
            for method in ["GET", "POST", "PUT"] {
                let request = Request::with_body(method, path, &format!("{{\"accessToken\":\"{TOKEN}\"}}"));
                let request = request.header("Authorization", &format!("Bearer {TOKEN}")).header("Cookie", TOKEN);
                let hangs = weather == "hanging" && is_for_tokens(path) && !path.ends_with("/join");
                let (answer, ()) = join(request.try_send(&self.proxy), self.end_of(hangs)).await;
                // A body that broke off is an answer, too.
                if let Ok(answer) = answer {
                    assert!(!answer.text().contains(TOKEN), "{method} {path}: {answer:?}");
                }
            }
        }
    }

    /// Ends a relayed exchange that would hang for half a minute, once Mojang has the token.
    async fn end_of(&self, hangs: bool) {
        if hangs {
            // Not just any request: the program asks for keys by itself.
            let before = self.mojang.requests().len();
            let arrived = |asked: &[Recorded]| asked[before..].iter().any(holds_token);
            self.mojang.until("the token", |tally| tally.answering > 0 && arrived(&tally.requests)).await;
            self.mojang.cut_connections().await;
        }
    }

    fn check(&self, weather: &str) {
        for other in &self.others {
            for asked in other.requests() {
                assert!(!holds_token(&asked), "{weather}: {asked:?}");
            }
        }
        for asked in self.mojang.requests() {
            assert!(!holds_token(&asked) || is_for_tokens(asked.path()), "{weather}: {asked:?}");
        }
    }
}

fn holds_token(asked: &Recorded) -> bool {
    let head = asked.headers.iter().any(|(name, value)| name.contains(TOKEN) || value.contains(TOKEN));
    head || asked.target.contains(TOKEN) || String::from_utf8_lossy(&asked.body).contains(TOKEN)
}

async fn in_all_weathers(http2: bool) {
    let mut scene = Scene::set(http2).await;
    let elsewhere = scene.others[0].url();
    let weathers = [
        ("good", Reply::profile("Notch")),
        ("failing", Reply::status(500).json("{}")),
        ("refusing", Reply::status(401).json("{}")),
        ("breaking", Reply::no().reset_without_answer()),
        ("half", Reply::profile("Notch").reset_mid_body()),
        ("redirecting", Reply::status(307).header("Location", &elsewhere)),
        ("hanging", Reply::no().hang()),
    ];
    for (weather, reply) in weathers {
        for upstream in scene.others.iter().chain([&scene.mojang]) {
            upstream.answers(reply.clone());
        }
        scene.walk(weather).await;
        scene.check(weather);
    }
    assert!(scene.mojang.requests().iter().any(holds_token), "the test sends a token at all");
    assert!(scene.others.iter().all(|other| !other.requests().is_empty()), "the others are asked at all");
    // Down, and Mojang with them.
    scene.mojang.stop().await;
    scene.walk("down").await;
    scene.check("down");
    scene.proxy.signal(Signal::TERM);
    scene.proxy.exit().await;
    let log = scene.proxy.log();
    assert!(!log.is_empty());
    let told: Vec<_> = log.iter().filter(|line| line.contains(TOKEN)).collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn no_token_goes_astray() {
    in_all_weathers(false).await;
}

#[tokio::test]
async fn no_token_goes_astray_over_http2() {
    in_all_weathers(true).await;
}
