//! How often who may ask: one bucket for each limit and client, by the generic cell rate algorithm.
//!
//! Decides who is asked to come back later, and when. Knows no clock: the time comes with each question. Memory is bounded: beyond
//! that, the buckets nearest to full are forgotten first.

use std::{
    collections::{HashMap, hash_map::RandomState},
    fmt,
    hash::{BuildHasher, Hash},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Challenges, for each client.
    Join,
    /// Verifies, for each client.
    Verify,
    /// Verifies of one player's name, whoever asks.
    VerifyName,
    /// Checks of tokens, for each client.
    AuthVerify,
    /// Session histories, for each client.
    Sessions,
    /// Revoking, introspecting, logging out, for each client.
    Tokens,
    /// All that begins or ends the asking for a service's token, for each client.
    Services,
    /// Codes that are tried, for each client, which may be a service's server.
    ServiceCodes,
    /// Challenges of the Feather flow, for each client.
    FeatherServerId,
    /// Joins of the Feather flow, for each client.
    FeatherHasJoined,
    /// Second tokens of the Feather flow, for each client.
    FeatherAuthToken,
    /// Sign-ins with Microsoft that begin, for each client.
    MicrosoftLogin,
    /// Those that end.
    MicrosoftCallback,
    /// Renewals by cookie, for each client.
    SessionExchange,
    /// The account page and its forms, for each client.
    Account,
    /// Questions to all login upstreams.
    Outbound,
}

/// At most `requests` in `per`, of which `burst` may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: u32,
    /// In how long a time.
    pub per: Duration,
    /// How many at once.
    pub burst: u32,
}

/// The rate of every [`Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named as the limits are")]
pub struct Limits {
    pub join: Rate,
    pub verify: Rate,
    pub verify_name: Rate,
    pub auth_verify: Rate,
    pub sessions: Rate,
    pub tokens: Rate,
    pub services: Rate,
    pub service_codes: Rate,
    pub feather_server_id: Rate,
    pub feather_has_joined: Rate,
    pub feather_auth_token: Rate,
    pub microsoft_login: Rate,
    pub microsoft_callback: Rate,
    pub session_exchange: Rate,
    pub account: Rate,
    pub outbound: Rate,
}

impl Limits {
    /// The rate of one.
    #[must_use]
    pub const fn of(&self, limit: Limit) -> Rate {
        match limit {
            Limit::Join => self.join,
            Limit::Verify => self.verify,
            Limit::VerifyName => self.verify_name,
            Limit::AuthVerify => self.auth_verify,
            Limit::Sessions => self.sessions,
            Limit::Tokens => self.tokens,
            Limit::Services => self.services,
            Limit::ServiceCodes => self.service_codes,
            Limit::FeatherServerId => self.feather_server_id,
            Limit::FeatherHasJoined => self.feather_has_joined,
            Limit::FeatherAuthToken => self.feather_auth_token,
            Limit::MicrosoftLogin => self.microsoft_login,
            Limit::MicrosoftCallback => self.microsoft_callback,
            Limit::SessionExchange => self.session_exchange,
            Limit::Account => self.account,
            Limit::Outbound => self.outbound,
        }
    }
}

/// Whose bucket it is: made of an address, or by [`Limiter::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A client with this IPv4 address.
    Four(u32),
    /// The clients of this IPv6 /64, which is one subscriber.
    Six(u64),
    /// Something with a name, as the hash of it.
    Named(u64),
    /// Everybody together.
    All,
}

impl From<IpAddr> for Who {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Four(address.to_bits()),
            IpAddr::V6(address) => Self::Six((address.to_bits() >> 64) as u64),
        }
    }
}

const SHARDS: usize = 16;
/// About 8 MiB for all shards.
const MOST_IN_A_SHARD: usize = 8_192;
/// So many are looked at for one to forget, when none is over.
const LOOKED_AT: usize = 16;

/// Full ones are looked for this often: under a flood, not with each request.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

/// Some of the buckets.
struct Shard<L> {
    /// For each bucket, when it will be full, counted from the limiter's start.
    buckets: HashMap<(L, Who), Duration>,
    swept: Duration,
}

/// The buckets, by what is limited and whose they are. Kept over reloads, which may change the rates.
pub struct Limiter<L = Limit> {
    shards: [Mutex<Shard<L>>; SHARDS],
    hasher: RandomState,
    start: Instant,
}

impl<L: Copy + Eq + Hash> Limiter<L> {
    /// No buckets yet; times are counted from `start`.
    #[must_use]
    pub fn new(start: Instant) -> Self {
        let none = |_| Mutex::new(Shard { buckets: HashMap::new(), swept: Duration::ZERO });
        Self { shards: std::array::from_fn(none), hasher: RandomState::new(), start }
    }

    /// The bucket of a name. Names that differ in case share it.
    #[must_use]
    pub fn name(&self, name: &str) -> Who {
        Who::Named(self.hasher.hash_one(name.to_lowercase()))
    }

    /// Takes one from the bucket.
    ///
    /// # Errors
    /// When it is empty: after how long there will be one again.
    pub fn take(&self, limit: L, rate: Rate, who: Who, now: Instant) -> Result<(), Duration> {
        let now = now.saturating_duration_since(self.start);
        let each = rate.per / rate.requests.max(1);
        let tolerance = each * rate.burst.max(1).saturating_sub(1);
        let key = (limit, who);
        let shard = &self.shards[self.hasher.hash_one(key) as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = shard.buckets.get(&key).copied().unwrap_or(now).max(now);
        let ahead = full_at - now;
        if ahead > tolerance {
            return Err(ahead - tolerance);
        }
        if shard.buckets.len() >= MOST_IN_A_SHARD && !shard.buckets.contains_key(&key) {
            shard.make_room(now);
        }
        shard.buckets.insert(key, full_at + each);
        Ok(())
    }
}

impl<L: Copy + Eq + Hash> Shard<L> {
    /// Forgets the buckets that are full. If there are none, the fullest of some: who fills this memory on purpose must not
    /// thereby reset everybody's.
    fn make_room(&mut self, now: Duration) {
        if now >= self.swept + SWEEP_EVERY {
            self.swept = now;
            self.buckets.retain(|_, full_at| *full_at > now);
        }
        if self.buckets.len() >= MOST_IN_A_SHARD {
            let some = self.buckets.iter().take(LOOKED_AT);
            if let Some(key) = some.min_by_key(|(_, full_at)| **full_at).map(|(key, _)| *key) {
                self.buckets.remove(&key);
            }
        }
    }
}

impl<L> fmt::Debug for Limiter<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limiter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { requests: 20, per: Duration::from_secs(60), burst: 10 };

    fn client(address: &str) -> Who {
        Who::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn a_burst_passes_then_one_at_a_time() {
        let start = Instant::now();
        let limiter = Limiter::new(start);
        let who = client("192.0.2.1");
        for _ in 0..10 {
            assert_eq!(limiter.take(Limit::Join, RATE, who, start), Ok(()));
        }
        assert_eq!(limiter.take(Limit::Join, RATE, who, start), Err(Duration::from_secs(3)));
        assert_eq!(limiter.take(Limit::Join, RATE, client("192.0.2.2"), start), Ok(()), "another client");
        assert_eq!(limiter.take(Limit::Verify, RATE, who, start), Ok(()), "another limit");
        let later = start + Duration::from_millis(2_999);
        assert_eq!(limiter.take(Limit::Join, RATE, who, later), Err(Duration::from_millis(1)));
        let later = start + Duration::from_secs(3);
        assert_eq!(limiter.take(Limit::Join, RATE, who, later), Ok(()));
        assert!(limiter.take(Limit::Join, RATE, who, later).is_err());
        let much_later = start + Duration::from_secs(3_600);
        let passed = (0..20).filter(|_| limiter.take(Limit::Join, RATE, who, much_later).is_ok()).count();
        assert_eq!(passed, 10, "rest is not saved up beyond the burst");
    }

    #[test]
    fn one_subscriber_has_one_bucket() {
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        let limiter = Limiter::<Limit>::new(Instant::now());
        assert_eq!(limiter.name("Alice"), limiter.name("aLICE"));
        assert_ne!(limiter.name("Alice"), limiter.name("Bob"));
    }

    #[test]
    fn memory_is_bounded_and_a_flood_does_not_reset_an_empty_bucket() {
        let start = Instant::now();
        let limiter = Limiter::new(start);
        let guilty = client("192.0.2.1");
        while limiter.take(Limit::Join, RATE, guilty, start).is_ok() {}
        for address in 0..400_000 {
            let _ = limiter.take(Limit::Join, RATE, Who::Six(address), start);
        }
        let held: usize = limiter.shards.iter().map(|shard| shard.lock().unwrap().buckets.len()).sum();
        assert!(held <= SHARDS * MOST_IN_A_SHARD, "{held}");
        assert!(limiter.take(Limit::Join, RATE, guilty, start).is_err());
        let later = start + Duration::from_secs(60);
        for address in 0..SHARDS as u64 * 1_000 {
            let _ = limiter.take(Limit::Join, RATE, Who::Six(1 << 32 | address), later);
        }
        let held: usize = limiter.shards.iter().map(|shard| shard.lock().unwrap().buckets.len()).sum();
        assert!(held <= SHARDS * 2_000, "full buckets are forgotten: {held}");
    }
}
