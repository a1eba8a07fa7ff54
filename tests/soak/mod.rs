//! Half an hour of everything: mixed clients, faults by seed, reloads, upgrades, the login API; every answer is checked for truth, and
//! memory and descriptors have to be flat. `tests/soak/run` runs it; `cargo test` alone does not.
//!
//! Upgrades are in the first third, so that the last program has the rest of the time to show that it does not grow.

mod accounts;
mod figures;
mod guests;
mod houses;

/// To standard error, past what the tests' harness holds back.
macro_rules! say {
    ($($word:tt)*) => {{
        use std::io::Write;
        writeln!(std::io::stderr().lock(), $($word)*).unwrap();
    }};
}
use say;

use self::{
    figures::{Figures, Sample},
    guests::Guests,
    houses::House,
};
use crate::support::{
    dice::Dice,
    postgres::Postgres,
    proxy::{Builder, Proxy, Signal},
    spawn,
    upstream::Upstream,
};
use std::{
    env, fs,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{interval, sleep};
use tokio_util::sync::CancellationToken;

/// Successors, all in the first third.
const UPGRADES: u32 = 4;
const SAMPLE_EVERY: Duration = Duration::from_secs(5);

/// What the script asks for.
struct Order {
    time: Duration,
    seed: u64,
}

impl Order {
    fn read() -> Self {
        let minutes = env::var("SOAK_MINUTES").map_or(30.0, |text| text.parse().expect("SOAK_MINUTES is a number"));
        let drawn = RandomState::new().hash_one(()) % 1_000_000;
        let seed = env::var("SOAK_SEED").map_or(drawn, |text| text.parse().expect("SOAK_SEED is a number"));
        Self { time: Duration::from_secs_f64(minutes * 60.0), seed }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "half an hour: tests/soak/run"]
async fn soak() {
    let order = Order::read();
    let postgres = match env::var("SOAK_STORE").as_deref() {
        Ok("postgres") => Some(Postgres::own().await),
        Ok("sqlite") | Err(_) => None,
        Ok(other) => panic!("SOAK_STORE={other} is neither sqlite nor postgres"),
    };
    let store = match &postgres {
        Some(postgres) => format!("database = \"{}\"", postgres.database().await),
        None => "data_dir = \"data\"".to_owned(),
    };
    let (houses, spare) = (houses::built(&order).await, Upstream::start().await);
    let mut proxy = program(&houses, &store).start().await;
    say!("soak: seed {}, {:?}, store {store}", order.seed, order.time);
    let (figures, over, began) = (Arc::<Figures>::default(), CancellationToken::new(), Instant::now());
    let guests = Arc::new(Guests::new(proxy.address(), houses.clone(), figures.clone()));
    let coming = spawn(guests.clone().come(Dice::new(order.seed), over.clone()));
    let accounts = spawn(accounts::come(proxy.address(), houses[0].clone(), figures.clone(), over.clone()));

    let mut samples = Vec::new();
    let mut ticks = interval(SAMPLE_EVERY);
    let mut upgrades = 0;
    let file = fs::read_to_string(proxy.config_path()).unwrap();
    while began.elapsed() < order.time {
        ticks.tick().await;
        samples.push(Sample::of(&proxy, upgrades, began.elapsed(), &figures));
        reload(&proxy, &file, &spare, samples.len());
        if upgrades < UPGRADES && began.elapsed() > order.time / 3 * (upgrades + 1) / UPGRADES {
            proxy.upgrades().await;
            upgrades += 1;
        }
        houses.iter().for_each(|house| house.upstream.forget());
    }
    over.cancel();
    coming.await.unwrap();
    accounts.await.unwrap();
    // Whoever hung up is gone by now, and all connections of clients with it.
    sleep(Duration::from_secs(2)).await;
    proxy.signal(Signal::TERM);
    figures::verdict(&order, &samples, &figures);
}

/// A changed file and a signal, in turns.
fn reload(proxy: &Proxy, file: &str, spare: &Upstream, turn: usize) {
    match turn % 3 {
        0 => proxy.signal(Signal::HUP),
        1 => fs::write(proxy.config_path(), format!("{file}[upstreams.spare]\nurl = \"{}\"\n", spare.url())).unwrap(),
        _ => fs::write(proxy.config_path(), file).unwrap(),
    }
}

/// The release's program, where the script names it.
fn program(houses: &[Arc<House>], store: &str) -> Builder {
    let mut program = Proxy::builder().server("public_url = \"https://login.example\"");
    if let Ok(file) = env::var("HASJOINED_BIN") {
        program = program.program(Path::new(&file));
    }
    for house in houses {
        program = program.upstream(house.id, &house.upstream, "");
    }
    let login =
        format!("[login]\nenabled = true\nupstreams = [\"steady\"]\n{store}\n[login.limits]\nenabled = false\n");
    // Seals the keys, where the store is one that others may read.
    program = program.variable("HASJOINED_LOGIN_KEK", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    program.argument("--log=warn,hasjoined::app=info,hasjoined::session=off").section(&login)
}
