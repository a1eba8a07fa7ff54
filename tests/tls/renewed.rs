//! Certificates change while the program runs: new connections see the new one, old ones go on, and a bad pair changes nothing.

use super::*;
use crate::support::{
    pair::{CERT, KEY},
    proxy::Signal,
};
use std::{fs, os::unix::fs::symlink};

#[tokio::test]
async fn new_connections_are_shown_the_new_one_and_old_ones_go_on() {
    let stage = Stage::start().await;
    let mut held = Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap();
    joins(&mut held).await;
    let ends = stage.figure("hasjoined_tls_certificate_expiry_seconds").await.unwrap();
    assert!(ends > 1_800_000_000.0, "{ends}");
    // A question that is being answered meanwhile.
    stage.m.answers(Reply::profile("Notch").after(std::time::Duration::from_millis(900)));
    held.write(&Request::get(crate::support::HAS_JOINED).bytes(stage.address())).await.unwrap();
    stage.m.seen(2).await;
    let next = stage.ca.pair(rcgen::KeyPair::generate().unwrap(), |params| {
        params.serial_number = Some(rcgen::SerialNumber::from(2));
        params.not_after = rcgen::date_time_ymd(2999, 1, 2);
    });
    next.write(stage.proxy.folder());
    let line = stage.proxy.logged("certificate renewed").await;
    assert!(line.contains("2999-01-02"), "{line}");
    assert_eq!(stage.number().await, 2);
    assert_eq!(stage.figure("hasjoined_tls_certificate_expiry_seconds").await, Some(32_472_230_400.0));
    held.answer("GET").await.unwrap().assert_profile(&profile::notch());
    joins(&mut held).await;
}

#[tokio::test]
async fn a_bad_pair_keeps_the_old_one_and_the_log_says_why() {
    let stage = Stage::start().await;
    let (key, others) = (stage.proxy.folder().join(KEY), stage.ca.numbered(3));
    let kept = fs::read(&key).unwrap();
    for (round, (bad, says)) in [
        (others.key.as_bytes(), "privkey.pem is not the key to the first certificate of the chain"),
        (b"", "privkey.pem is empty"),
        (b"nothing", "privkey.pem holds no private key"),
    ]
    .into_iter()
    .enumerate()
    {
        // In one go: half a file would be one more that does not do.
        fs::write(key.with_extension("new"), bad).unwrap();
        fs::rename(key.with_extension("new"), &key).unwrap();
        let line = stage.proxy.logged_times("the certificate stays as it was", round + 1).await;
        assert!(line.contains(says), "{line}");
        assert_eq!(stage.number().await, 1);
    }
    // The same by a signal, which reads the configuration as well.
    stage.proxy.signal(Signal::HUP);
    let line = stage.proxy.logged("the configuration stays as it was").await;
    assert!(line.contains("upstreams.toml:3:"), "{line}");
    fs::write(&key, kept).unwrap();
    stage.proxy.logged("certificate renewed").await;
    joins(&mut Connection::open_tls(&stage.proxy, &stage.ca).await.unwrap()).await;
}

/// `live/fullchain.pem` → `archive/fullchain1.pem`, and then → `archive/fullchain2.pem`.
#[tokio::test]
async fn links_are_swapped_as_certbot_does() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, live) = (folder.path().join("archive"), folder.path().join("live"));
    fs::create_dir(&archive).unwrap();
    fs::create_dir(&live).unwrap();
    let ca = Ca::new();
    let renew = |version: u64| {
        let pair = ca.numbered(version);
        for (name, text) in [(CERT, pair.cert), (KEY, pair.key)] {
            fs::write(archive.join(format!("{version}-{name}")), text).unwrap();
            symlink(format!("../archive/{version}-{name}"), live.join("new")).unwrap();
            fs::rename(live.join("new"), live.join(name)).unwrap();
        }
    };
    renew(1);
    let m = Upstream::start().await;
    let lines = format!("[server.tls]\ncert = \"{0}/{CERT}\"\nkey = \"{0}/{KEY}\"\n", live.display());
    let proxy = Proxy::builder().admin().section(&lines).upstream("mojang", &m, "").start().await;
    let stage = Stage { ca: ca.clone(), m, proxy };
    for version in [2, 3] {
        renew(version);
        stage.proxy.logged_times("certificate renewed", usize::try_from(version).unwrap() - 1).await;
        assert_eq!(stage.number().await, version);
    }
}

#[tokio::test]
async fn another_file_is_shown_and_watched_after_a_reload_but_tls_itself_needs_a_restart() {
    let stage = Stage::start().await;
    let config = fs::read_to_string(stage.proxy.config_path()).unwrap();
    let elsewhere = stage.proxy.folder().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    stage.ca.numbered(2).write(&elsewhere);
    let moved = config.replace(CERT, &format!("elsewhere/{CERT}")).replace(KEY, &format!("elsewhere/{KEY}"));
    fs::write(stage.proxy.config_path(), &moved).unwrap();
    stage.proxy.logged("certificate renewed").await;
    stage.proxy.logged("configuration reloaded").await;
    assert_eq!(stage.number().await, 2);
    stage.ca.numbered(3).write(&elsewhere);
    stage.proxy.logged_times("certificate renewed", 2).await;
    assert_eq!(stage.number().await, 3);
    let plain: String =
        moved.lines().filter(|line| !line.starts_with("tls =")).map(|line| format!("{line}\n")).collect();
    fs::write(stage.proxy.config_path(), plain).unwrap();
    stage.proxy.logged("server.tls has come or gone: restart for it to hold").await;
    assert_eq!(stage.number().await, 3);
}

#[tokio::test]
async fn a_signal_reads_the_files_again() {
    let stage = Stage::start().await;
    stage.ca.numbered(2).write(stage.proxy.folder());
    stage.proxy.signal(Signal::HUP);
    stage.proxy.logged("configuration reloaded").await;
    stage.proxy.logged("certificate renewed").await;
    assert_eq!(stage.number().await, 2);
}
