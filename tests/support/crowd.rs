//! Players who log in whatever happens: so many a second, each at its time, however those before fare.
//!
//! Decides how often, and by which of the `doors`. A connection that is refused, reset or closed in the middle is a failed login, and so is
//! any answer but the player's profile.

use std::{
    collections::HashMap,
    net::SocketAddr,
    ops::Range,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinHandle, JoinSet},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    doors::{Doors, Manner},
    profile, spawn,
    upstream::{Reply, Upstream},
};

/// Longer than a game server waits: a machine that is busy is slow, and that is no login lost.
const PATIENCE: Duration = Duration::from_secs(18);

/// As many as log in at one time, so that a busy machine is not buried: then the next waits for one of them.
const AT_ONCE: usize = 200;

/// Who logs in.
const PLAYERS: usize = 50;

static PROFILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let player = |number| format!("Player{number}");
    (0..PLAYERS).map(|number| (player(number), profile::for_name(&player(number)))).collect()
});

/// Until it is dropped there is no other crowd: two at once would measure the machine.
pub(crate) async fn alone() -> impl Drop {
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ALONE.lock().await
}

/// What the player of that number is known as.
pub(crate) fn profile_of(number: usize) -> Vec<u8> {
    PROFILES[number].1.clone()
}

/// A session server that knows all of them, and takes 5 to 50 ms to say so.
pub(crate) async fn session_server() -> Upstream {
    let upstream = Upstream::start().await;
    let replies: Vec<_> = PROFILES.iter().map(|(name, body)| (name, Reply::status(200).json(body.clone()))).collect();
    upstream.answers_by(move |asked| {
        let name = asked.query("username").unwrap_or_default();
        let reply =
            replies.iter().find(|(known, _)| **known == name).map_or_else(Reply::no, |(_, reply)| reply.clone());
        reply.after(Duration::from_millis(5 + asked.number as u64 * 7 % 46))
    });
    upstream
}

/// What became of them.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    /// All of them.
    pub(crate) count: usize,
    /// Those who were not let in.
    pub(crate) failed: Vec<Failure>,
    /// The longest that one took.
    pub(crate) slowest: Duration,
}

impl Logins {
    /// All were let in, there were at least so many, and the session server was asked once about each: none got lost under way and was
    /// begun anew.
    #[track_caller]
    pub(crate) fn assert_all(&self, least: usize, session: &Upstream) {
        let mut asked = HashMap::<_, usize>::new();
        for id in session.requests().iter().filter_map(|asked| asked.query("serverId")) {
            *asked.entry(id).or_default() += 1;
        }
        let told = |failure: &Failure| {
            let Failure { number, why, .. } = failure;
            let times = asked.get(&server_id(*number)).copied().unwrap_or_default();
            format!("login {number}: {why}; the session server was asked {times} times")
        };
        let some: Vec<_> = self.failed.iter().take(5).map(told).collect();
        assert!(self.failed.is_empty(), "{} of {} logins failed: {some:#?}", self.failed.len(), self.count);
        assert!(self.count >= least, "only {} logins in this time", self.count);
        assert_eq!(asked.into_iter().find(|(_, times)| *times > 1), None, "a login got lost under way");
    }
}

/// A login that should have been.
#[derive(Debug)]
pub(crate) struct Failure {
    number: usize,
    /// From the first byte to the last.
    pub(crate) time: Range<Instant>,
    /// What was answered, if anything was.
    pub(crate) status: Option<u16>,
    /// In words.
    pub(crate) why: String,
}

/// Players who are logging in at an address.
pub(crate) struct Crowd {
    enough: CancellationToken,
    coming: JoinHandle<Logins>,
}

impl Crowd {
    /// From now on, so many a second.
    pub(crate) fn at(address: SocketAddr, rate: u32) -> Self {
        let enough = CancellationToken::new();
        Self { coming: spawn(come(address, rate, enough.clone())), enough }
    }

    /// Nobody comes any more; waits for those who have come.
    pub(crate) async fn ends(self) -> Logins {
        self.enough.cancel();
        self.coming.await.unwrap()
    }
}

async fn come(address: SocketAddr, rate: u32, enough: CancellationToken) -> Logins {
    let doors = Arc::new(Doors::to(address));
    let (mut logins, mut all) = (JoinSet::new(), Logins::default());
    let mut ticks = interval(Duration::from_secs(1) / rate);
    // Open loop: who is late comes at once; unless the machine stood still.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while enough.run_until_cancelled(ticks.tick()).await.is_some() {
        if logins.len() >= AT_ONCE {
            let login = logins.join_next().await.unwrap();
            all.count_in(login.unwrap());
        }
        let (doors, number) = (doors.clone(), all.count);
        logins.spawn(async move { log_in(&doors, number).await });
        all.count += 1;
        while let Some(login) = logins.try_join_next() {
            all.count_in(login.unwrap());
        }
    }
    while let Some(login) = logins.join_next().await {
        all.count_in(login.unwrap());
    }
    all
}

impl Logins {
    fn count_in(&mut self, login: Result<Duration, Failure>) {
        match login {
            Ok(took) => self.slowest = self.slowest.max(took),
            Err(why) => self.failed.push(why),
        }
    }
}

/// Every login has its own.
fn server_id(number: usize) -> String {
    format!("-{number:x}")
}

async fn log_in(doors: &Doors, number: usize) -> Result<Duration, Failure> {
    let (name, profile) = &PROFILES[number % PLAYERS];
    let path = format!("/session/minecraft/hasJoined?username={name}&serverId={}", server_id(number));
    use Manner::{Anew, Kept, Multiplexed};
    let (began, manner) = (Instant::now(), [Anew, Kept, Anew, Multiplexed, Anew][number % 5]);
    let asked = doors.ask(manner, &path);
    let (status, why) = match timeout(PATIENCE, asked).await {
        Ok(Ok((200, body))) if body == *profile => return Ok(began.elapsed()),
        Ok(Ok((status, body))) => (Some(status), format!("{status} {}", String::from_utf8_lossy(&body))),
        Ok(Err(error)) => (None, format!("{error:?}")),
        Err(_) => (None, "no answer".to_owned()),
    };
    Err(Failure {
        number,
        time: began..Instant::now(),
        status,
        why: format!("{manner:?}, after {:?}: {why}", began.elapsed()),
    })
}
