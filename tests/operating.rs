//! What the README tells whoever operates the program: each figure there is, and alerts that ask for figures that exist.

use crate::grafana::{figures, unknown};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Metrics in the first column of the README's tables, with their labels: `name{one,two}`.
fn told(readme: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let cells = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let names = cells.flat_map(|cell| cell.split('`').step_by(2));
    let metrics = names.filter(|name| name.starts_with("hasjoined_") || name.starts_with("process_"));
    metrics
        .map(|metric| {
            let (name, labels) = metric.split_once('{').unwrap_or((metric, ""));
            (name, labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty()).collect())
        })
        .collect()
}

#[tokio::test]
async fn the_readme_says_what_each_metric_means() {
    let (readme, figures) = (text("README.md"), figures().await);
    let mut real: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (sample, labels) in &figures {
        let name = ["_bucket", "_sum", "_count"].iter().find_map(|end| sample.strip_suffix(end)).unwrap_or(sample);
        real.entry(name).or_default().extend(labels.keys().map(String::as_str).filter(|label| *label != "le"));
    }
    assert_eq!(told(&readme), real);
}

/// Each rule: its name, and what it asks.
fn alerts(rules: &str) -> Vec<(&str, &str)> {
    let named = |start: &'static str| rules.lines().filter_map(move |line| line.trim().strip_prefix(start));
    let rules: Vec<_> = named("- alert: ").zip(named("expr: ")).collect();
    assert!(rules.len() > 8, "{rules:?}");
    rules
}

#[tokio::test]
async fn alerts_ask_for_figures_that_exist_and_the_readme_has_all_of_them() {
    let (readme, rules, figures) = (text("README.md"), text("grafana/alerts.yml"), figures().await);
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `Hasjoined")).collect();
    assert_eq!(rows.len(), alerts(&rules).len());
    for (row, (name, expression)) in rows.iter().zip(alerts(&rules)) {
        assert!(row.starts_with(&format!("| `{name}` | `{expression}` | ")), "{name}: {row}");
        assert_eq!(unknown(expression, &figures), None, "{name}: {expression}");
    }
}
