//! Equal questions at the same time share one race: a player's impatient client, or a network whose servers all ask, costs the
//! upstreams one call each.
//!
//! Two logins are equal when name, serverId, address and selection are; anything less would let one login answer another. What
//! makes look-ups equal is decided by `lookup`.

use super::Selection;
use crate::model::Question;
use dashmap::{DashMap, mapref::entry::Entry};
use futures::future::{FutureExt, Shared};
use std::{hash::Hash, sync::Arc};
use tokio::sync::oneshot;

/// What makes two questions one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) question: Arc<Question>,
    pub(super) selection: Selection,
}

/// Waits for the answer of a flight, with any number of others.
pub type Waiting<A> = Shared<oneshot::Receiver<A>>;

/// The questions `K` that have not been answered with an `A` yet.
#[derive(Debug)]
pub struct Flights<K: Eq + Hash, A>(DashMap<K, Waiting<A>>);

impl<K: Eq + Hash, A> Default for Flights<K, A> {
    fn default() -> Self {
        Self(DashMap::new())
    }
}

impl<K: Clone + Eq + Hash, A: Clone> Flights<K, A> {
    /// Joins the flight for `key`, or starts one. The map is locked while `start` runs, so it must only spawn.
    pub fn join(self: &Arc<Self>, key: &K, start: impl FnOnce(Landing<K, A>)) -> Waiting<A> {
        match self.0.entry(key.clone()) {
            Entry::Occupied(flight) => flight.get().clone(),
            Entry::Vacant(free) => {
                let (tell, told) = oneshot::channel();
                let waiting = told.shared();
                free.insert(waiting.clone());
                start(Landing { flights: self.clone(), key: key.clone(), tell: Some(tell) });
                waiting
            }
        }
    }
}

/// Ends a flight once: the next equal question starts anew, then all who wait are told. Dropped without an answer, as by a panic,
/// it ends the flight all the same.
pub struct Landing<K: Eq + Hash, A> {
    flights: Arc<Flights<K, A>>,
    key: K,
    tell: Option<oneshot::Sender<A>>,
}

impl<K: Eq + Hash, A> Landing<K, A> {
    /// Tells all who wait.
    pub fn land(mut self, answer: A) {
        self.flights.0.remove(&self.key);
        if let Some(tell) = self.tell.take() {
            // Whoever asked may have gone.
            let _ = tell.send(answer);
        }
    }
}

impl<K: Eq + Hash, A> Drop for Landing<K, A> {
    fn drop(&mut self) {
        if self.tell.is_some() {
            self.flights.0.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientAddress, PlayerName, ServerId};
    use crate::session::Answer;

    fn key(name: &str, ip: Option<&str>, selection: Selection) -> Key {
        let question = Question {
            name: PlayerName::new(name).unwrap(),
            server_id: ServerId::new("-1a").unwrap(),
            ip: ip.map(|ip| ClientAddress::new(ip).unwrap()),
        };
        Key { question: Arc::new(question), selection }
    }

    #[tokio::test]
    async fn equal_questions_share_and_unequal_ones_do_not() {
        let flights = Arc::new(Flights::default());
        let one = key("Notch", None, Selection::ALL);
        let mut landing = None;
        let first = flights.join(&one, |it| landing = Some(it));
        let second = flights.join(&one, |_| panic!("the flight is shared"));
        let mut others = Vec::new();
        for other in [
            key("notch", None, Selection::ALL),
            key("Notch", Some("::1"), Selection::ALL),
            key("Notch", None, Selection::of([0])),
        ] {
            drop(flights.join(&other, |it| others.push(it)));
        }
        assert_eq!(others.len(), 3, "name, address and selection all count");
        landing.unwrap().land(Answer::NotJoined);
        assert!(matches!(first.await, Ok(Answer::NotJoined)));
        assert!(matches!(second.await, Ok(Answer::NotJoined)));
        let mut started = false;
        drop(flights.join(&one, |_| started = true));
        assert!(started, "an answer is not kept");
    }

    #[tokio::test]
    async fn a_flight_that_crashes_lets_its_passengers_go() {
        let flights = Arc::new(Flights::default());
        let waiting = flights.join(&key("Notch", None, Selection::ALL), drop::<Landing<Key, Answer>>);
        assert!(waiting.await.is_err());
        assert!(flights.0.is_empty());
    }
}
