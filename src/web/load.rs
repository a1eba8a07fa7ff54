//! How many requests are being answered.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts requests in flight. The limit comes with each, since a reload may change it.
#[derive(Debug, Default)]
pub(super) struct Load(AtomicUsize);

/// A request's place, given back when dropped.
pub(super) struct Place<'a>(&'a AtomicUsize);

impl Load {
    /// A place, unless `most` are taken.
    pub(super) fn enter(&self, most: usize) -> Option<Place<'_>> {
        let before = self.0.fetch_add(1, Ordering::Relaxed);
        let place = Place(&self.0);
        (before < most).then_some(place)
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_and_a_refusal_takes_none() {
        let load = Load::default();
        let first = load.enter(1);
        assert!(first.is_some() && load.enter(1).is_none() && load.enter(1).is_none());
        drop(first);
        assert!(load.enter(1).is_some());
    }
}
