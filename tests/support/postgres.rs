//! A PostgreSQL of our own, from Debian's package: in a temporary folder, without a port, gone when the test process ends.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

/// What a machine without it is told.
const MISSING: &str =
    "PostgreSQL is missing. On Debian: apt-get install --no-install-recommends postgresql (tests/run does it)";

/// Runs the server until this process says how to end it, or ends in whatever way: then nobody holds the other end of standard input,
/// and the folder goes as well.
const KEEPER: &str = r#"
trap '' INT
"$1/postgres" -D "$2/data" 2>&1 &
read -r word
case "$word" in
    stop) kill -INT $!; wait $! ;;
    crash) kill -QUIT $!; wait $! ;;
    *) kill -QUIT $!; wait $!; rm -rf "$2" ;;
esac
"#;

/// Speed instead of safety; connections by the socket in the folder only, so that no other test takes the port meanwhile.
const SETTINGS: &str = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\nlisten_addresses = ''\n\
    max_connections = 300\nshared_buffers = 32MB\n";

/// A cluster: running, unless it was stopped.
pub(crate) struct Postgres {
    folder: PathBuf,
    user: User,
    running: Mutex<Option<Child>>,
    databases: AtomicU32,
}

/// Who runs the server: it refuses root.
#[derive(Clone, Copy)]
enum User {
    /// Whoever runs the tests.
    Same,
    /// Debian's `postgres`, since root runs the tests.
    Other { uid: u32, gid: u32 },
}

static SHARED: OnceLock<Postgres> = OnceLock::new();

impl Postgres {
    /// The one of all tests of this process, for those that do not stop it.
    pub(crate) async fn shared() -> &'static Self {
        blocking(|| SHARED.get_or_init(Self::make)).await
    }

    /// One for this test alone.
    pub(crate) async fn own() -> Self {
        blocking(Self::make).await
    }

    /// A fresh, empty database: its URL.
    pub(crate) async fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }

    /// Where clients find its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }

    /// Stops it, and cuts its clients off. Its data stays.
    pub(crate) async fn stop(&self) {
        self.ends(b"stop\n").await;
    }

    /// Stops it in the middle of whatever it does, as `pg_ctl -m immediate`; it recovers when it starts.
    pub(crate) async fn crash(&self) {
        self.ends(b"crash\n").await;
    }

    async fn ends(&self, how: &'static [u8]) {
        if let Some(mut keeper) = self.taken() {
            blocking(move || {
                keeper.stdin.take().unwrap().write_all(how).unwrap();
                keeper.wait().unwrap();
            })
            .await;
        }
    }

    /// Starts it again.
    pub(crate) async fn start(&self) {
        let (folder, user) = (self.folder.clone(), self.user);
        let keeper = blocking(move || run(&folder, user)).await;
        *self.running.lock().unwrap() = Some(keeper);
    }

    /// Stops it and starts it again.
    pub(crate) async fn restart(&self) {
        self.stop().await;
        self.start().await;
    }

    fn taken(&self) -> Option<Child> {
        self.running.lock().unwrap().take()
    }

    fn make() -> Self {
        let user = User::of_server();
        let folder = tempfile::Builder::new().prefix("hasjoined-pg").tempdir().unwrap().keep();
        if let User::Other { uid, gid } = user {
            chown(&folder, Some(uid), Some(gid)).unwrap();
        }
        let data = folder.join("data");
        let made = user
            .command(&programs().join("initdb"))
            .args([
                "--no-sync",
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--pgdata",
            ])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let settings = format!("{SETTINGS}unix_socket_directories = '{}'\n", folder.display());
        fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .and_then(|mut file| file.write_all(settings.as_bytes()))
            .unwrap();
        let running = Mutex::new(Some(run(&folder, user)));
        Self { folder, user, running, databases: AtomicU32::new(0) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.taken() {
            drop(keeper.stdin.take());
            _ = keeper.wait();
        }
    }
}

impl User {
    fn of_server() -> Self {
        if !rustix::process::geteuid().is_root() {
            return Self::Same;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap();
        let line = users.lines().find(|line| line.starts_with("postgres:")).expect(MISSING);
        let number = |field| line.split(':').nth(field).and_then(|number| number.parse().ok()).unwrap();
        Self::Other { uid: number(2), gid: number(3) }
    }

    fn command(self, program: &Path) -> Command {
        let mut command = match self {
            Self::Same => Command::new(program),
            Self::Other { uid, gid } => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()]);
                command.arg(program);
                command
            }
        };
        command.current_dir("/").env_remove("PGDATA").stdin(Stdio::null());
        command
    }
}

/// Debian keeps them out of the path, in a folder for each version.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            let programs = version.path().join("bin");
            programs.join("postgres").exists().then_some((number, programs))
        })
        .collect();
    found.sort();
    found.pop().expect(MISSING).1
}

/// Starts the server, and waits until it says that it is ready.
fn run(folder: &Path, user: User) -> Child {
    let mut keeper = user
        .command(Path::new("/bin/sh"))
        .args(["-c", KEEPER, "keeper"])
        .args([&programs(), folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(keeper.stdout.take().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            // After it is ready nobody listens any more, but somebody has to read.
            _ = tell.send(line);
        }
    });
    let mut log = Vec::new();
    let ready = told.iter().any(|line| {
        let ready = line.contains("ready to accept connections");
        log.push(line);
        ready
    });
    if !ready {
        let ended = keeper.wait();
        panic!("PostgreSQL does not start ({ended:?}):\n{}", log.join("\n"));
    }
    keeper
}

/// Work that waits for processes.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}
