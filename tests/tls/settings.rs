//! What `check` says of a pair: what is wrong with it, and what is risky.

use super::*;
use crate::support::{
    pair::{Pair, rsa},
    proxy::run,
};
use hasjoined::config;
use rcgen::{KeyPair, date_time_ymd};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

const CONFIG: &str = "[server]\nlisten = \"0.0.0.0:8443\"\ntls = { cert = \"fullchain.pem\", key = \"privkey.pem\" }\n[upstreams.mojang]\npreset = \"mojang\"\n";

/// A folder with this pair in it.
fn holding(pair: &Pair) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    pair.write(folder.path());
    folder
}

fn read(folder: &Path, config: &str) -> Result<config::Loaded, String> {
    config::parse(config, &folder.join("upstreams.toml")).map_err(|error| error.to_string())
}

/// That `check` refuses a pair with this message at the value of this key.
#[track_caller]
fn refused(pair: &Pair, place: &str, what: &str) {
    let message = read(holding(pair).path(), CONFIG).expect_err(what);
    assert!(message.contains(&format!("upstreams.toml:{place}: ")) && message.contains(what), "{message}");
    assert!(message.contains("\n     = name a readable PEM file"), "{message}");
    assert!(!message.contains("BEGIN"), "{message}");
}

#[test]
fn a_certificate_that_does_not_do_is_refused_with_its_place() {
    let ca = Ca::new();
    let Pair { cert, key } = ca.numbered(1);
    let expired = ca.pair(KeyPair::generate().unwrap(), |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 3);
    });
    refused(&expired, "3:16: server.tls.cert", "fullchain.pem expired on 2020-02-03");
    let nothing = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    for (cert, what) in [
        (key.clone(), "fullchain.pem holds no certificate"),
        (String::new(), "fullchain.pem is empty"),
        (cert.replace("MII", "!!!"), "fullchain.pem is damaged"),
        (nothing.to_owned(), "fullchain.pem does not say how long it holds"),
    ] {
        refused(&Pair { cert, key: key.clone() }, "3:16: server.tls.cert", what);
    }
}

#[test]
fn a_key_that_does_not_do_is_refused_with_its_place() {
    let ca = Ca::new();
    let Pair { cert, key } = ca.numbered(1);
    for (key, what) in [
        (ca.numbered(2).key, "privkey.pem is not the key to the first certificate of the chain"),
        ("\n".to_owned(), "privkey.pem is empty"),
        ("nothing".to_owned(), "privkey.pem holds no private key"),
        (cert.clone(), "privkey.pem holds a certificate and no private key"),
        (key.replace("PRIVATE", "ENCRYPTED PRIVATE"), "privkey.pem is locked with a password"),
        (key.replace("-----END", "---END"), "privkey.pem is damaged"),
    ] {
        refused(&Pair { cert: cert.clone(), key }, "3:39: server.tls.key", what);
    }
    // The authority's certificate stands first.
    refused(&Pair { cert: ca.pem() + &cert, key }, "3:39: server.tls.key", "is not the key to the first certificate");
}

#[test]
fn keys_are_read_in_every_form_that_is_in_use() {
    let ca = Ca::new();
    // With what `openssl ecparam -genkey` writes in front, and in one file with the certificate.
    let pair = ca.numbered(1);
    let curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let both = format!("{curve}{}{}", pair.key, pair.cert);
    for pair in [ca.pair(rsa(), |_| {}), Pair { cert: both.clone(), key: both }] {
        let folder = holding(&pair);
        let loaded = read(folder.path(), CONFIG).unwrap();
        assert_eq!(loaded.warnings, Vec::<String>::new(), "no warning of plain HTTP either");
        assert_eq!(loaded.settings.server.reached_at("0.0.0.0:8443".parse().unwrap()), "https://127.0.0.1:8443/");
    }
}

#[test]
fn what_is_risky_is_said() {
    let ca = Ca::new();
    let in_days = |days: i64| OffsetDateTime::now_utc() + Duration::days(days) + Duration::hours(1);
    let lasting = |begins: i64, days: i64| {
        ca.pair(KeyPair::generate().unwrap(), |params| {
            params.not_before = in_days(begins);
            params.not_after = in_days(days);
        })
    };
    let said = |pair: &Pair, config: &str, mode: u32| {
        let folder = holding(pair);
        fs::set_permissions(folder.path().join("privkey.pem"), fs::Permissions::from_mode(mode)).unwrap();
        read(folder.path(), config).unwrap().warnings
    };
    assert_eq!(said(&lasting(-1, 15), CONFIG, 0o640), Vec::<String>::new());
    let soon = said(&lasting(-1, 13), CONFIG, 0o600);
    assert!(matches!(&soon[..], [one] if one.ends_with(", in 13 days")), "{soon:?}");
    let later = said(&lasting(1, 60), CONFIG, 0o600);
    assert!(matches!(&later[..], [one] if one.contains("nobody believes the certificate before")), "{later:?}");
    let open = said(&lasting(-1, 60), CONFIG, 0o644);
    assert!(
        matches!(&open[..], [one] if one.starts_with("server.tls.key: every user of this machine can read")),
        "{open:?}"
    );
    let unnamed = said(&lasting(-1, 60), &CONFIG.replace("0.0.0.0", "10.1.2.3"), 0o600);
    assert!(matches!(&unnamed[..], [one] if one.contains("is not for 10.1.2.3")), "{unnamed:?}");
    let named = |host: &str| CONFIG.replace("[server]\n", &format!("[server]\npublic_url = \"https://{host}\"\n"));
    let elsewhere = said(&lasting(-1, 60), &named("login.example.net"), 0o600);
    assert!(matches!(&elsewhere[..], [one] if one.contains("is not for login.example.net")), "{elsewhere:?}");
    assert_eq!(said(&lasting(-1, 60), &named("localhost:8443"), 0o600), Vec::<String>::new());
}

#[tokio::test]
async fn check_tells_what_is_shown_and_a_bad_pair_is_78() {
    let ca = Ca::new();
    let pair = ca.pair(KeyPair::generate().unwrap(), |params| params.not_after = date_time_ymd(2999, 1, 2));
    let folder = holding(&pair);
    fs::create_dir(folder.path().join("conf")).unwrap();
    // Paths start from the file, wherever the program is started.
    let config = CONFIG.replace("\"fullchain", "\"../fullchain").replace("\"privkey", "\"../privkey");
    fs::write(folder.path().join("conf/upstreams.toml"), config).unwrap();
    let check = || run(folder.path(), ["check", "--config", "conf/upstreams.toml"]);
    let checked = check().await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    assert!(checked.output.contains("listens on https://0.0.0.0:8443\n"), "{}", checked.output);
    let shown = "shows the certificate of conf/../fullchain.pem, which holds until 2999-01-02\n";
    assert!(checked.output.contains(shown), "{}", checked.output);
    fs::remove_file(folder.path().join("privkey.pem")).unwrap();
    let checked = check().await;
    assert_eq!(checked.code, Some(78));
    assert!(checked.log.contains("privkey.pem cannot be read: No such file"), "{}", checked.log);
}
