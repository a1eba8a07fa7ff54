//! What was asked of the public listener and how it was answered: plain counts, read by whoever shows them.
//!
//! Decides which requests are told apart: by kind of route, and by the few statuses there are.

use super::{
    Route,
    edge::{Code, Endpoint},
};
use http::StatusCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a request was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are their labels")]
pub enum Kind {
    HasJoined,
    Join,
    Lookup,
    Keys,
    Discovery,
    Injector,
    Index,
    Relay,
    Login,
    Unknown,
}

impl Kind {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::HasJoined,
        Self::Join,
        Self::Lookup,
        Self::Keys,
        Self::Discovery,
        Self::Injector,
        Self::Index,
        Self::Relay,
        Self::Login,
        Self::Unknown,
    ];

    /// As it stands in metrics.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::HasJoined => "has_joined",
            Self::Join => "join",
            Self::Lookup => "lookup",
            Self::Keys => "keys",
            Self::Discovery => "discovery",
            Self::Injector => "injector",
            Self::Index => "index",
            Self::Relay => "relay",
            Self::Login => "login",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Option<&Route<'_>>> for Kind {
    fn from(route: Option<&Route<'_>>) -> Self {
        match route {
            Some(Route::HasJoined(_)) => Self::HasJoined,
            Some(Route::Join) => Self::Join,
            Some(Route::Profile(_) | Route::IdsOfNames | Route::IdOfName(_) | Route::NameOfId(_)) => Self::Lookup,
            Some(Route::PublicKeys) => Self::Keys,
            Some(Route::Discovery) => Self::Discovery,
            Some(Route::InjectorRoot) => Self::Injector,
            Some(Route::Index) => Self::Index,
            Some(Route::BlockedServers | Route::Services | Route::Account) => Self::Relay,
            None => Self::Unknown,
        }
    }
}

/// Told apart; all others are counted together.
const STATUSES: [u16; 9] = [200, 204, 400, 401, 403, 404, 405, 429, 503];

/// The counts of the public listener.
#[derive(Debug)]
pub struct Counts {
    answered: [[AtomicU64; STATUSES.len() + 1]; Kind::ALL.len()],
    /// The last of each row are those that were no refusals.
    logins: [[AtomicU64; Code::ALL.len() + 1]; Endpoint::ALL.len()],
    shed: AtomicU64,
    crowded: AtomicU64,
}

impl Default for Counts {
    fn default() -> Self {
        // Arrays as long as these have no default of their own.
        let none = std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::default()));
        Self { answered: Default::default(), logins: none, shed: AtomicU64::default(), crowded: AtomicU64::default() }
    }
}

impl Counts {
    pub(super) fn answer(&self, kind: Kind, status: StatusCode) {
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len());
        self.answered[kind as usize][place].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn login(&self, endpoint: Endpoint, refused: Option<&Code>) {
        let place = refused.map_or(Code::ALL.len(), |code| *code as usize);
        self.logins[endpoint as usize][place].fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests each endpoint of the login API has answered, and with which refusal; without those that never were.
    pub fn logins(&self) -> impl Iterator<Item = (Endpoint, Option<Code>, u64)> {
        Endpoint::ALL.into_iter().zip(&self.logins).flat_map(|(endpoint, counts)| {
            let codes = Code::ALL.into_iter().map(Some).chain([None]);
            let counted = codes.zip(counts).map(move |(code, count)| (endpoint, code, count.load(Ordering::Relaxed)));
            counted.filter(|(_, _, count)| *count > 0)
        })
    }

    pub(super) fn shed(&self) {
        self.shed.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests that were refused because too many were in flight.
    #[must_use]
    pub fn shed_so_far(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    pub(super) fn crowded(&self) {
        self.crowded.fetch_add(1, Ordering::Relaxed);
    }

    /// Questions that were refused because their client asked too often.
    #[must_use]
    pub fn crowded_so_far(&self) -> u64 {
        self.crowded.load(Ordering::Relaxed)
    }

    /// How many requests of each kind were answered with which status; without those that never were.
    pub fn answered(&self) -> impl Iterator<Item = (Kind, Option<u16>, u64)> {
        Kind::ALL.into_iter().zip(&self.answered).flat_map(|(kind, counts)| {
            let statuses = STATUSES.into_iter().map(Some).chain([None]);
            let counted =
                statuses.zip(counts).map(move |(status, count)| (kind, status, count.load(Ordering::Relaxed)));
            counted.filter(|(_, _, count)| *count > 0)
        })
    }
}
