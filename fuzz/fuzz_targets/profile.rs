//! Answers of upstreams: a profile that passes is the same for every reader, and the player's who was asked about.
#![no_main]

use bytes::Bytes;
use hasjoined::{
    lifecycle::Tasks,
    model::{PlayerName, ProfileId, Question, ServerId, UpstreamId},
    net::{Client, Egress, Peer, Reply, Roots},
    upstream::{Dialect, Failure, Guests, Hosts, Upstream, Verdict},
};
use hasjoined_fuzz::json::{Json, Reading};
use http::{HeaderMap, StatusCode, Uri};
use libfuzzer_sys::fuzz_target;
use std::{sync::LazyLock, time::Duration};

/// As deep as a profile may be; a reader that follows further finds out that it is deeper.
const DEEPEST: usize = 64;

static PLAIN: LazyLock<Upstream> = LazyLock::new(|| upstream(false));
static NAMESPACED: LazyLock<Upstream> = LazyLock::new(|| upstream(true));

fuzz_target!(|body: &[u8]| {
    let own = match Reading::of(body, 100_000) {
        Reading::Value(own) => Some(own),
        // Nobody looks at what else an upstream says.
        Reading::Doubtful => return,
        Reading::Nothing => None,
    };
    let named = own.as_ref().and_then(|own| own.all("name").first()?.text()).unwrap_or("Notch").to_ascii_uppercase();
    let Ok(name) = PlayerName::new(&named) else { return };
    let question = Question { name, server_id: ServerId::new("s").expect("an id"), ip: None };
    let reply = reply(body.to_vec().into());
    let verdicts = [&*PLAIN, &*NAMESPACED].map(|upstream| (upstream, upstream.judge(&question, &reply)));
    let good = own.as_ref().and_then(|own| Some((id_of_good(own, &named)?, own)));
    for (upstream, verdict) in verdicts {
        match (verdict, good) {
            (Verdict::Joined(profile), Some((id, own))) => {
                let id = if upstream.namespaced() { id.within(upstream.id()) } else { id };
                assert_eq!(profile.id, id);
                is_repaired(own, &profile.body, id);
                let Verdict::Joined(again) = PLAIN.judge(&question, &self::reply(profile.body.clone())) else {
                    panic!("what game servers get is refused")
                };
                assert_eq!((again.id, again.body), (id, profile.body), "what was repaired is repaired again");
            }
            (Verdict::Joined(_), None) => panic!("two readers may read it differently"),
            (Verdict::NotJoined, _) => assert!(body.is_empty()),
            (Verdict::Failed(Failure::Malformed(why)), good) => assert!(good.is_none(), "{why}"),
            (other, _) => panic!("{other:?}"),
        }
    }
});

/// The id of a profile with which nothing is wrong.
fn id_of_good(own: &Json, name: &str) -> Option<ProfileId> {
    let members = own.members().filter(|_| depth(own) <= DEEPEST)?;
    for key in ["id", "name", "properties"] {
        let mut alike = members.iter().filter(|(other, _)| folds_to(other, key));
        let first = alike.next();
        // Only properties may be missing.
        if alike.next().is_some() || first.map_or(key != "properties", |(other, _)| other != key) {
            return None;
        }
    }
    let is_named = own.all("name")[0].text()?.eq_ignore_ascii_case(name);
    let has_properties = match own.all("properties").as_slice() {
        [Json::List(items)] => items.iter().all(is_property),
        [] => true,
        _ => false,
    };
    let id = own.all("id")[0].text()?;
    let digits: String = id.chars().filter(|sign| *sign != '-').collect();
    let dashes: Vec<_> = id.match_indices('-').map(|(at, _)| at).collect();
    let is_id = digits.len() == 32
        && digits.bytes().all(|sign| sign.is_ascii_hexdigit())
        && (dashes.is_empty() || dashes == [8, 13, 18, 23]);
    (is_named && has_properties && is_id).then(|| ProfileId::parse(&digits).expect("32 digits"))
}

/// As a game server's own reader insists on it.
fn is_property(item: &Json) -> bool {
    let one = |key| if let [value] = item.all(key).as_slice() { Some(*value) } else { None };
    let is_text = |key| one(key).is_some_and(|value| value.text().is_some());
    let signature = item.all("signature");
    is_text("name") && is_text("value") && matches!(signature.as_slice(), [] | [Json::Null | Json::Text(_)])
}

/// Whether a reader that does not mind case takes one for the other.
fn folds_to(key: &str, known: &str) -> bool {
    let fold = |sign: char| {
        if sign == '\u{212a}' { 'k' } else { sign.to_uppercase().next().unwrap_or(sign).to_ascii_lowercase() }
    };
    key.chars().map(fold).eq(known.chars())
}

fn depth(value: &Json) -> usize {
    match value {
        Json::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Members(members) => 1 + members.iter().map(|(_, value)| depth(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// What game servers get is what came, but for the id and for properties that were missing.
fn is_repaired(came: &Json, body: &[u8], id: ProfileId) {
    let gets = Json::read(body, DEEPEST).expect("a repaired body is JSON");
    let mut expected = came.members().unwrap_or_default().to_vec();
    if came.all("properties").is_empty() {
        expected.push(("properties".to_owned(), Json::List(Vec::new())));
    }
    for (key, value) in &mut expected {
        if key == "id" {
            let kept = value.text().filter(|text| text.len() == 32 && text.eq_ignore_ascii_case(&id.to_string()));
            *value = Json::Text(kept.map_or_else(|| id.to_string(), str::to_owned));
        }
    }
    assert_eq!(gets, Json::Members(expected));
}

fn upstream(namespaced: bool) -> Upstream {
    let peer = Peer {
        origin: Uri::from_static("http://sessionserver.example"),
        ca_file: None,
        connect_timeout: Duration::from_secs(1),
        max_connections: 1,
        http2: false,
        egress: Egress::default(),
    };
    let client = Client::new(&peer, &Roots::default(), Tasks::default()).expect("a client");
    let dialect = Dialect {
        url: Uri::from_static("http://sessionserver.example/session/minecraft/hasJoined"),
        forward_ip: true,
        negative: Vec::new(),
        namespaced,
        single_use: false,
        timeout: Duration::from_secs(3),
        budget: None,
        guests: Guests::default(),
    };
    Upstream::new(UpstreamId::new("example").expect("an id"), dialect, client, Hosts::default())
}

fn reply(body: Bytes) -> Reply {
    Reply { status: StatusCode::OK, headers: HeaderMap::new().into(), body }
}
