//! The addresses that connections come from, used in turn.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Some addresses of this machine.
#[derive(Debug, Default)]
pub(super) struct Sources {
    v4: Vec<Ipv4Addr>,
    v6: Vec<Ipv6Addr>,
    turn: AtomicUsize,
}

/// Whose turn it is, in each family. The other family is not used at all where only one has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Any,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Either(Ipv4Addr, Ipv6Addr),
}

impl Sources {
    pub(super) fn new(addresses: &[IpAddr]) -> Self {
        let mut sources = Self::default();
        for address in addresses {
            match address {
                IpAddr::V4(address) => sources.v4.push(*address),
                IpAddr::V6(address) => sources.v6.push(*address),
            }
        }
        sources
    }

    /// How many there are to try before all have been.
    pub(super) fn rounds(&self) -> usize {
        self.v4.len().max(self.v6.len()).max(1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// The next.
    pub(super) fn next(&self) -> Source {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let v4 = self.v4.get(turn % self.v4.len().max(1)).copied();
        let v6 = self.v6.get(turn % self.v6.len().max(1)).copied();
        match (v4, v6) {
            (None, None) => Source::Any,
            (Some(v4), None) => Source::V4(v4),
            (None, Some(v6)) => Source::V6(v6),
            (Some(v4), Some(v6)) => Source::Either(v4, v6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_takes_its_own_turns() {
        let read = |list: &[&str]| Sources::new(&list.iter().map(|one| one.parse().unwrap()).collect::<Vec<_>>());
        assert_eq!((read(&[]).next(), read(&[]).rounds()), (Source::Any, 1));
        let [a, b, c] = [1, 2, 3].map(|last| Ipv4Addr::new(192, 0, 2, last));
        let v6 = Ipv6Addr::LOCALHOST;
        let mixed = read(&["192.0.2.1", "::1", "192.0.2.2", "192.0.2.3"]);
        assert_eq!(mixed.rounds(), 3);
        for v4 in [a, b, c, a] {
            assert_eq!(mixed.next(), Source::Either(v4, v6));
        }
        assert_eq!(read(&["192.0.2.2"]).next(), Source::V4(b));
        assert_eq!(read(&["::1"]).next(), Source::V6(v6));
    }
}
