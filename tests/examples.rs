//! The configurations that packages and examples bring: each is accepted, and warns of nothing but what is meant to be so.

use crate::support::proxy;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::tempdir;

/// Beneath `packaging`: the folder of a configuration, what it resolves to, and the warnings that are its own.
const CONFIGURATIONS: &[(&str, &str, &[&str])] = &[
    ("examples/one-server", "listens on http://127.0.0.1:8080", &[]),
    ("examples/network", "upstream friends", &["10.0.0.5:8080 is reachable from other machines without TLS"]),
    (
        "examples/replicas",
        "shares what it knows over PostgreSQL",
        &[
            "10.0.0.11:8080 is reachable from other machines without TLS",
            "10.0.0.11:9090 is reachable from other machines, and asks for no password",
        ],
    ),
    ("deb", "upstream minehut", &[]),
    ("docker", "upstream minehut", &["0.0.0.0:8080 is reachable from other machines without TLS"]),
];

fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging")
}

#[tokio::test]
async fn check_accepts_every_configuration() {
    for (place, says, warnings) in CONFIGURATIONS {
        let folder = tempdir().unwrap();
        fs::copy(packaging().join(place).join("upstreams.toml"), folder.path().join("upstreams.toml")).unwrap();
        fs::write(folder.path().join("login.kek"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").unwrap();
        let checked = proxy::run(folder.path(), ["check"]).await;
        assert_eq!(checked.code, Some(0), "{place}: {}", checked.log);
        assert!(checked.output.contains(says), "{place} does not say {says:?}:\n{}", checked.output);
        let warned: Vec<_> = checked.output.lines().filter(|line| line.starts_with("warning: ")).collect();
        assert_eq!(warned.len(), warnings.len(), "{place}: {warned:?}");
        for (line, warning) in warned.iter().zip(*warnings) {
            assert!(line.contains(warning), "{place}: {line:?} is not about {warning:?}");
        }
    }
}

#[test]
fn every_example_is_looked_at() {
    let entries = fs::read_dir(packaging().join("examples")).unwrap();
    let mut there: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    let mut tested: Vec<_> = CONFIGURATIONS.iter().filter_map(|(place, ..)| place.strip_prefix("examples/")).collect();
    tested.sort_unstable();
    assert_eq!(there, tested);
}

/// HAProxy reads the certificate when it checks, so it gets one of its own. Where there is no HAProxy, this says nothing.
#[test]
fn haproxy_accepts_its_configuration() {
    let folder = tempdir().unwrap();
    let certified = rcgen::generate_simple_self_signed(["login.example.net".to_owned()]).unwrap();
    let certificate = folder.path().join("certificate.pem");
    fs::write(&certificate, [certified.cert.pem(), certified.signing_key.serialize_pem()].concat()).unwrap();
    let written = fs::read_to_string(packaging().join("examples/replicas/haproxy.cfg")).unwrap();
    let given = written.replace("/etc/haproxy/login.example.net.pem", certificate.to_str().unwrap());
    assert_ne!(given, written, "the certificate is named differently now");
    let file = folder.path().join("haproxy.cfg");
    fs::write(&file, given).unwrap();
    let Ok(checked) = Command::new("haproxy").args(["-c", "-f"]).arg(&file).output() else {
        eprintln!("there is no haproxy here to ask");
        return;
    };
    let says = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success() && !says.contains("WARNING"), "{says}");
}
