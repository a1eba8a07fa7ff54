//! The proxies that are compared: how each is configured, started and ended.
//!
//! Each is set up as its documentation has it for a proxy of small answers that keeps its connections to upstreams and checks their
//! certificates. None writes a log but this program, which always does.

use crate::upstream::{Manner, Upstream};
use std::{
    fmt::Write,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PATH: &str = "/session/minecraft/hasJoined";

/// Which proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Here,
    Nginx,
    /// Which asks all upstreams at once and waits for all of them.
    NginxLua,
    Haproxy,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Here => "hasjoined",
            Self::Nginx => "nginx",
            Self::NginxLua => "nginx + Lua",
            Self::Haproxy => "HAProxy",
        }
    }

    fn configuration(self, port: u16, upstreams: &[Upstream], folder: &Path) -> String {
        match self {
            Self::Here => here(port, upstreams),
            Self::Nginx => nginx(port, folder, &nginx_one(upstreams)),
            Self::NginxLua => nginx(port, folder, &nginx_all(upstreams)),
            Self::Haproxy => haproxy(port, upstreams, folder),
        }
    }

    fn command(self, file: &Path, folder: &Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]);
        match self {
            Self::Here => command
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release/hasjoined"))
                .args(["serve", "--config"])
                .arg(file),
            Self::Nginx | Self::NginxLua => command
                .arg("/usr/sbin/nginx")
                .arg("-p")
                .arg(folder)
                .arg("-e")
                .arg(folder.join("error"))
                .arg("-c")
                .arg(file),
            Self::Haproxy => command.args(["/usr/sbin/haproxy", "-q", "-db", "-f"]).arg(file),
        };
        command
    }
}

/// A running one; ended when dropped.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Peer {
    pub(crate) fn start(kind: Kind, upstreams: &[Upstream], manner: &Manner) -> Self {
        let folder = TempDir::with_prefix("hasjoined-compare-").unwrap();
        if let Some(ca) = &manner.ca {
            ca.pem_file(folder.path());
        }
        let port = free_port();
        // Beside nothing that changes: this program watches the folder of its configuration.
        let file = folder.path().join("conf/proxy");
        fs::create_dir(folder.path().join("conf")).unwrap();
        fs::write(&file, kind.configuration(port, upstreams, folder.path())).unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = kind.command(&file, folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let peer = Self { address, child, _folder: folder };
        peer.wait();
        peer
    }

    fn wait(&self) {
        let patience = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < patience, "it does not listen");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// CPU time of all its threads, in user space and in the kernel.
    pub(crate) fn cpu(&self) -> Duration {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = text.rsplit_once(") ").unwrap().1;
        let ticks: u64 = after_name.split(' ').skip(11).take(2).map(|count| count.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Free a moment ago, which is as much as can be known.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn here(port: u16, upstreams: &[Upstream]) -> String {
    let mut text = format!("[server]\nlisten = \"127.0.0.1:{port}\"\nadmin = \"127.0.0.1:{}\"\n", free_port());
    for (number, upstream) in upstreams.iter().enumerate() {
        let port = upstream.address.port();
        write!(text, "[upstreams.u{number}]\nurl = \"https://localhost:{port}{PATH}\"\nattests = \"mojang\"\nca_file = \"../ca.pem\"\n").unwrap();
    }
    text
}

fn nginx(port: u16, folder: &Path, (upstreams, locations): &(String, String)) -> String {
    let folder = folder.display();
    format!(
        "load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; keepalive_requests 1000000000; tcp_nodelay on;
  proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host localhost; proxy_pass_request_headers off;
  proxy_ssl_name localhost; proxy_ssl_server_name on; proxy_ssl_verify on; proxy_ssl_trusted_certificate {folder}/ca.pem;
  proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_ssl_session_reuse on;
{upstreams}
  server {{
    listen 127.0.0.1:{port};
{locations}
  }}
}}
"
    )
}

fn nginx_upstreams(upstreams: &[Upstream]) -> String {
    let one = |(number, upstream): (usize, &Upstream)| {
        format!(
            "  upstream u{number} {{ server {}; keepalive 256; keepalive_requests 1000000000; }}\n",
            upstream.address
        )
    };
    upstreams.iter().enumerate().map(one).collect()
}

fn nginx_one(upstreams: &[Upstream]) -> (String, String) {
    (nginx_upstreams(upstreams), format!("    location = {PATH} {{ proxy_pass https://u0; }}"))
}

fn nginx_all(upstreams: &[Upstream]) -> (String, String) {
    let places = 0..upstreams.len();
    let inner = places
        .clone()
        .map(|n| format!("    location = /u{n} {{ internal; proxy_pass https://u{n}{PATH}$is_args$args; }}\n"));
    let calls = places.map(|n| format!("{{'/u{n}', {{args = args}}}}")).collect::<Vec<_>>().join(", ");
    let locations = format!(
        "{}    location = {PATH} {{ content_by_lua_block {{
      local args = ngx.var.args
      for _, answer in ipairs({{ngx.location.capture_multi({{{calls}}})}}) do
        if answer.status == 200 and #answer.body > 0 then
          ngx.header['Content-Type'] = 'application/json'
          ngx.header['Content-Length'] = #answer.body
          ngx.print(answer.body)
          return
        end
      end
      ngx.status = 204
    }} }}\n",
        inner.collect::<String>()
    );
    (nginx_upstreams(upstreams), locations)
}

fn haproxy(port: u16, upstreams: &[Upstream], folder: &Path) -> String {
    let (address, folder) = (upstreams[0].address, folder.display());
    format!(
        "global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  default_backend out
backend out
  server u0 {address} ssl verify required ca-file {folder}/ca.pem sni str(localhost) verifyhost localhost pool-max-conn 256
"
    )
}
