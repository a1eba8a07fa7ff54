//! The Grafana dashboard: what it names exists in the real `/metrics`, and its panels stand beside each other.

use crate::support::{
    HAS_JOINED,
    client::{self, Request},
    proxy::Proxy,
    tls::Ca,
    upstream::{Reply, Upstream},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Labels that Prometheus adds to all it collects.
const ADDED: [&str; 2] = ["instance", "job"];

fn dashboard() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana/hasjoined.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Every string under one of these keys, wherever it stands.
fn strings<'a>(value: &'a Value, keys: &[&str], found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_str() {
                    Some(text) if keys.contains(&key.as_str()) => found.push(text),
                    _ => strings(member, keys, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, keys, found)),
        _ => {}
    }
}

fn queries(dashboard: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    strings(dashboard, &["expr", "query", "definition"], &mut found);
    found.retain(|text| *text != "prometheus");
    assert!(found.len() > 30, "{found:?}");
    found
}

/// The name of a metric that begins at `at`, if one does.
fn metric(query: &str, at: usize) -> Option<&str> {
    let starts = ["hasjoined_", "process_"].iter().any(|start| query[at..].starts_with(start));
    let word = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let fresh = !query[..at].ends_with(word);
    let end = query[at..].find(|sign| !word(sign)).map_or(query.len(), |length| at + length);
    (starts && fresh).then(|| &query[at..end])
}

/// A label, an operator and a value.
type Matcher<'a> = (&'a str, &'a str, &'a str);

/// Metrics, and what is asked of the labels of each: `upstream=~"x"` → `upstream`, `=~`, `x`.
fn selectors(query: &str) -> Vec<(&str, Vec<Matcher<'_>>)> {
    let named =
        query.char_indices().filter_map(|(at, _)| metric(query, at).map(|name| (name, &query[at + name.len()..])));
    let selectors = named.map(|(name, rest)| {
        let inside = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or_default();
        (name, inside.split(", ").filter(|part| !part.is_empty()).map(matcher).collect())
    });
    selectors.collect()
}

fn matcher(part: &str) -> Matcher<'_> {
    let (operator, value) = (part.find(['=', '!']).unwrap(), part.find('"').unwrap());
    (&part[..operator], &part[operator..value], part[value..].trim_matches('"'))
}

/// Names of real samples, and the values that each label of each has.
pub(crate) type Figures = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Those of a program in which everything is switched on that has figures.
pub(crate) async fn figures() -> Figures {
    let (m, h) = (Upstream::start().await, Upstream::start().await);
    m.answers(Reply::profile("Notch"));
    let budget = "budget = \"600/10m\"\n";
    let proxy = Proxy::builder().admin().upstream("mojang", &m, budget).upstream("minehut", &h, "");
    let ca = Ca::new();
    let proxy = proxy.tls(ca.numbered(1)).section("[login]\nenabled = true\ndatabase = \"memory\"\n").start().await;
    for path in ["/.well-known/jwks.json", HAS_JOINED] {
        assert_eq!(Request::get(path).try_send_tls(&proxy, &ca).await.unwrap().status, 200);
    }
    let text = client::get(&proxy.admin().await, "/metrics").await.text();
    let mut figures = Figures::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line.rsplit_once(' ').unwrap().0.split_once('{').unwrap_or((line, ""));
        let labels_of = figures.entry(name.split(' ').next().unwrap().to_owned()).or_default();
        for pair in labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty()) {
            let (label, value) = pair.split_once('=').unwrap();
            labels_of.entry(label.to_owned()).or_default().insert(value.trim_matches('"').to_owned());
        }
    }
    figures
}

/// What a query asks for that does not exist: a metric, a label of it, or a value of that.
pub(crate) fn unknown(query: &str, figures: &Figures) -> Option<String> {
    selectors(query).into_iter().find_map(|(name, matchers)| {
        let Some(labels) = figures.get(name) else { return Some(name.to_owned()) };
        let asked = matchers.into_iter().filter(|(label, ..)| !ADDED.contains(label));
        let mut missing = asked.filter(|(label, operator, value)| {
            let any = *operator == "=~" && *value == format!("${label}");
            !labels.get(*label).is_some_and(|values| any || values.contains(*value))
        });
        missing.next().map(|(label, operator, value)| format!("{name}{{{label}{operator}\"{value}\"}}"))
    })
}

#[tokio::test]
async fn every_metric_and_label_in_it_exists() {
    let (dashboard, figures) = (dashboard(), figures().await);
    let mut used = BTreeSet::new();
    for query in queries(&dashboard) {
        let selectors = selectors(query);
        assert!(!selectors.is_empty(), "names no metric: {query}");
        used.extend(selectors.iter().map(|(name, _)| *name));
        assert_eq!(unknown(query, &figures), None, "{query}");
    }
    // What the issue asks to be shown, and all else that an upstream is counted by.
    let missing: Vec<_> = figures
        .keys()
        .filter(|name| name.starts_with("hasjoined_") && !name.ends_with("_sum") && !name.ends_with("_count"))
        .filter(|name| !used.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "on no panel: {missing:?}");
}

#[tokio::test]
async fn labels_that_are_summed_by_exist_too() {
    let (dashboard, figures) = (dashboard(), figures().await);
    let known: BTreeSet<&str> =
        figures.values().flat_map(|labels| labels.keys().map(String::as_str)).chain(ADDED).collect();
    for query in queries(&dashboard) {
        for (at, _) in query.match_indices("by (") {
            let inside = query[at + 4..].split(')').next().unwrap();
            for label in inside.split(", ") {
                assert!(known.contains(label), "{label:?}: {query}");
            }
        }
    }
}

#[test]
fn panels_have_names_places_and_a_source_that_can_be_chosen() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id is taken");
        let place = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{title} sticks out");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{title} lies on another");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title} is not explained");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
    let variables: Vec<_> = dashboard["templating"]["list"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(variables, ["datasource", "instance", "upstream"]);
}
