//! A real HAProxy with the example's configuration, at addresses of the test.
//!
//! Decides what is changed in the example, which is nothing but addresses and what a test needs to look inside.

use crate::support::within;
use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, Command},
    time::{Duration, sleep},
};

/// Runs until it is dropped.
pub(super) struct HaProxy {
    /// Without TLS; the example's own door is beside it.
    pub(super) plain: SocketAddr,
    /// With it.
    pub(super) tls: SocketAddr,
    /// Whom to trust for that.
    pub(super) certificate: String,
    stats: PathBuf,
    _child: Child,
    _folder: TempDir,
}

impl HaProxy {
    /// In front of programs whose addresses replace the example's `10.0.0.`; nothing, when it is not installed.
    pub(super) async fn start(example: &Path, network: &str) -> Option<Self> {
        let folder = TempDir::with_prefix("hasjoined-haproxy-").unwrap();
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (pem, stats) = (folder.path().join("certificate.pem"), folder.path().join("stats"));
        fs::write(&pem, [certified.cert.pem(), certified.signing_key.serialize_pem()].concat()).unwrap();
        let own: IpAddr = format!("{network}2").parse().unwrap();
        let (tls, plain) = (SocketAddr::new(own, 8443), SocketAddr::new(own, 8080));
        let mut text = fs::read_to_string(example).unwrap();
        for (is, becomes) in [
            ("bind :443 ", format!("bind {plain}\n    bind {tls} ")),
            ("/etc/haproxy/login.example.net.pem", pem.display().to_string()),
            ("global\n", format!("global\n    stats socket {} mode 600\n", stats.display())),
            // As what the programs believe.
            ("backend hasjoined\n", format!("backend hasjoined\n    source {own}\n")),
            ("10.0.0.", network.to_owned()),
        ] {
            assert!(text.contains(is), "the example has no {is:?} any more");
            text = text.replacen(is, &becomes, if is == "10.0.0." { 9 } else { 1 });
        }
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, text).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().ok()?;
        let certificate = certified.cert.pem();
        let haproxy = Self { plain, tls, certificate, stats, _child: child, _folder: folder };
        haproxy.sees(["UP", "UP"]).await;
        Some(haproxy)
    }

    /// Waits until it holds the two programs for this.
    pub(super) async fn sees(&self, wanted: [&str; 2]) {
        let seen = async {
            while self.states().await != wanted {
                sleep(Duration::from_millis(20)).await;
            }
        };
        within(format!("HAProxy to see {wanted:?}"), seen).await;
    }

    /// In words like `UP` and `DOWN`.
    async fn states(&self) -> Vec<String> {
        let Ok(mut stream) = UnixStream::connect(&self.stats).await else { return Vec::new() };
        let mut said = String::new();
        if stream.write_all(b"show stat\n").await.is_err() || stream.read_to_string(&mut said).await.is_err() {
            return Vec::new();
        }
        let heading = said.lines().next().unwrap_or_default();
        let Some(column) = heading.split(',').position(|name| name == "status") else { return Vec::new() };
        let servers =
            said.lines().filter(|line| ["hasjoined,one,", "hasjoined,two,"].iter().any(|is| line.starts_with(is)));
        // "UP 1/2" is on its way down, and "DOWN 1/2" on its way up.
        servers.filter_map(|line| line.split(',').nth(column).map(str::to_owned)).collect()
    }
}
