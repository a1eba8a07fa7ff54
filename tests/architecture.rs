//! Who may import whom, which crate lives where, and how large a room may be: the diagram of the house, as a test.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Module → the modules of this crate it may name. The composition root (`lib`, `main`, `cli`, `app`) may name all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("setup", &[]),
    ("certificate", &["model"]),
    ("config", &["certificate", "model"]),
    ("telemetry", &["model"]),
    ("lifecycle", &["model", "telemetry"]),
    ("net", &["lifecycle"]),
    ("upstream", &["model", "net", "lifecycle", "telemetry"]),
    ("microsoft", &["model", "net", "lifecycle", "telemetry"]),
    ("session", &["model", "upstream", "lifecycle", "telemetry"]),
    ("lookup", &["model", "upstream", "session", "lifecycle", "telemetry"]),
    ("keys", &["model", "upstream", "lifecycle", "telemetry"]),
    ("discovery", &["model", "upstream", "lifecycle", "telemetry"]),
    ("relay", &["model", "net", "upstream", "lifecycle", "telemetry"]),
    ("store", &["model", "lifecycle", "telemetry"]),
    ("tokens", &["model", "store", "lifecycle", "telemetry"]),
    ("login", &["microsoft", "model", "net", "store", "tokens", "upstream", "lifecycle", "telemetry"]),
    (
        "web",
        &["model", "session", "lookup", "keys", "discovery", "relay", "setup", "telemetry", "login", "store", "tokens"],
    ),
    ("server", &["certificate", "lifecycle"]),
    ("admin", &["model", "net", "upstream", "session", "web", "server", "lifecycle", "telemetry"]),
];

/// The root that composes all others.
const ROOT: &[&str] = &["lib", "main", "cli", "app"];

/// A third-party name → the only places that may name it, so that replacing it is one room's work.
const LIVES_IN: &[(&str, &[&str])] = &[
    ("dashmap", &["src/session/flight.rs"]),
    ("clap", &["src/cli", "src/main.rs"]),
    ("clap_complete", &["src/cli/generated.rs"]),
    ("clap_mangen", &["src/cli/generated.rs"]),
    ("command_fds", &["src/server/passed.rs"]),
    ("listenfd", &["src/server/passed.rs"]),
    ("mimalloc", &["src/main.rs"]),
    ("rustix", &["src/lifecycle/descriptors.rs", "src/net/obstacle.rs"]),
    ("sd_notify", &["src/lifecycle/supervisor.rs"]),
    ("toml", &["src/config"]),
    ("notify", &["src/config"]),
    ("hyper_util::client", &["src/net"]),
    ("hyper::client", &["src/net"]),
    ("rustls", &["src/certificate", "src/net", "src/server/tls"]),
    ("hyper::server", &["src/server"]),
    ("hyper_util::server", &["src/server"]),
    (
        "serde_json",
        &[
            "src/admin",
            "src/app/players.rs",
            "src/app/running.rs",
            "src/upstream",
            "src/lookup",
            "src/keys",
            "src/discovery",
            "src/microsoft",
            "src/relay",
            "src/telemetry/json.rs",
            "src/tokens",
            "src/web/edge",
            "src/web/routes",
        ],
    ),
    ("moka", &["src/lookup", "src/session", "src/tokens", "src/upstream"]),
    ("prometheus_client", &["src/telemetry/metrics.rs"]),
    (
        "base64",
        &["src/keys", "src/login", "src/microsoft", "src/net", "src/tokens", "src/web/pages", "src/web/routes/login"],
    ),
    ("jsonwebtoken", &["src/tokens"]),
    ("flate2", &["src/net"]),
    ("memchr", &["src/server/head.rs", "src/upstream/plain.rs", "src/upstream/profile.rs"]),
    ("httparse", &["src/net"]),
    ("sqlx", &["src/store"]),
    ("tokio_socks", &["src/net"]),
    ("arc_swap", &["src/app", "src/server/tls", "src/tokens", "src/web"]),
];

/// Lines of a file before its tests.
const WALL: usize = 400;
/// Half of all files are shorter than this.
const MEDIAN: usize = 150;

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// `src/session/race.rs` → `session`; `src/app.rs` → `app`.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    /// Without comments, and without the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        lines.take_while(|(_, line)| *line != "#[cfg(test)]").filter(|(_, line)| !line.starts_with("//"))
    }

    fn length(&self) -> usize {
        self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => folders.push(path),
                Some("rs") => found.push(Source {
                    text: fs::read_to_string(&path).unwrap(),
                    path: path.strip_prefix(root).unwrap().display().to_string(),
                }),
                _ => {}
            }
        }
    }
    assert!(!found.is_empty(), "no sources under {}", root.display());
    found
}

/// The names that follow `prefix` in a line, as in `use crate::{model::X, net}` → `model`, `net`.
fn named_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices(prefix) {
        let rest = &line[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(top_level(group)),
            None => names.push(first_word(rest)),
        }
    }
    names
}

fn top_level(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut starts = vec![0];
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    starts.into_iter().map(|at| first_word(group[at..].trim_start())).collect()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

#[test]
fn imports_follow_the_table() {
    let mut faults = Vec::new();
    for source in sources() {
        let module = source.module();
        if ROOT.contains(&module) {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: module `{module}` is not in the table MAY_USE", source.path));
            continue;
        };
        // Joined, since rustfmt breaks long imports over lines.
        let code: String = source.code().map(|(_, line)| line).collect::<Vec<_>>().join(" ");
        for name in named_after(&code, "crate::") {
            if !name.is_empty() && name != module && !allowed.contains(&name) {
                faults.push(format!("{}: `{module}` may not use `{name}`", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn crates_stay_at_home() {
    let mut faults = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            for (name, homes) in LIVES_IN {
                let spoken = line
                    .match_indices(&format!("{name}::"))
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
                if spoken && !homes.iter().any(|home| source.path.starts_with(home)) {
                    faults.push(format!("{}:{number}: `{name}` lives in {}", source.path, homes.join(", ")));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn rooms_are_small() {
    let mut lengths: Vec<_> = sources().into_iter().map(|source| (source.length(), source.path)).collect();
    lengths.sort();
    let large: Vec<_> = lengths.iter().filter(|(length, _)| *length > WALL).collect();
    assert!(large.is_empty(), "longer than {WALL} lines: {large:?}");
    let (median, _) = &lengths[lengths.len() / 2];
    assert!(*median < MEDIAN, "the median file has {median} lines");
}

#[test]
fn every_module_says_what_it_decides() {
    let silent: Vec<_> =
        sources().into_iter().filter(|source| !source.text.starts_with("//!")).map(|s| s.path).collect();
    assert!(silent.is_empty(), "no module documentation: {silent:?}");
}
