//! Whose player a name is: the upstream that first vouched for it here.
//!
//! Decides who holds a name, and keeps it in bounded memory. What follows from it for a login is decided by `race`; whether it
//! outlives the process, by whoever listens to the changes.

use crate::model::{PlayerName, UpstreamId};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::mpsc;

/// Names of one upstream; about 10 MB when full. Each has room of its own, so that no upstream can push out the names of another
/// by vouching for many. The name seen longest ago is forgotten first.
const MOST_NAMES: u64 = 100_000;

/// Names and the upstreams they are bound to. They outlive the configuration: a name stays bound to an upstream that has been taken
/// out of it.
#[derive(Debug, Default)]
pub struct Bindings {
    held: RwLock<Vec<Held>>,
    told: OnceLock<mpsc::Sender<Change>>,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was free, and is this upstream's now.
    Bound(Box<str>, UpstreamId),
    /// It is free.
    Released(Box<str>),
}

/// The names that one upstream holds, folded.
#[derive(Debug)]
struct Held {
    by: UpstreamId,
    names: Cache<Box<str>, ()>,
}

impl Bindings {
    /// Tells all changes from now on; only the first who asks is told. A change that finds `listener` full is lost: a login does
    /// not wait for it.
    pub fn tell(&self, listener: mpsc::Sender<Change>) {
        let _ = self.told.set(listener);
    }

    /// Takes over what somebody else knows of a folded name, whatever is known here. Tells nobody.
    pub fn adopt(&self, name: Box<str>, holder: &UpstreamId) {
        let mut names = self.write();
        for held in names.iter().filter(|held| held.by != *holder) {
            held.names.invalidate(&name);
        }
        hold(&mut names, name, holder);
    }

    fn changed(&self, change: Change) {
        if let Some(Err(error)) = self.told.get().map(|listener| listener.try_send(change)) {
            tracing::warn!(%error, "what a name is bound to is known to this process alone");
        }
    }

    /// Who holds the name.
    #[must_use]
    pub fn holder(&self, name: &PlayerName) -> Option<UpstreamId> {
        holder(&self.read(), &name.folded()).cloned()
    }

    /// Binds a free name to the upstream.
    ///
    /// # Errors
    /// Who holds it, when that is another.
    pub fn claim(&self, name: &PlayerName, upstream: &UpstreamId) -> Result<(), UpstreamId> {
        let name = name.folded();
        let names = self.read();
        if names.iter().any(|held| held.by == *upstream && held.names.get(&name).is_some()) {
            return Ok(());
        }
        drop(names);
        let mut names = self.write();
        match holder(&names, &name) {
            Some(holder) if holder != upstream => return Err(holder.clone()),
            Some(_) => return Ok(()),
            None => {}
        }
        hold(&mut names, name.clone(), upstream);
        drop(names);
        self.changed(Change::Bound(name, upstream.clone()));
        Ok(())
    }

    /// Frees a name, and says who held it.
    pub fn release(&self, name: &PlayerName) -> Option<UpstreamId> {
        let name = name.folded();
        let names = self.write();
        let held = names.iter().find(|held| held.names.contains_key(&name))?;
        held.names.invalidate(&name);
        let by = held.by.clone();
        drop(names);
        self.changed(Change::Released(name));
        Some(by)
    }

    /// All names in their folded spelling with their holders, in the order of the names, from the one after `after`; at most `most`.
    #[must_use]
    pub fn list(&self, after: &str, most: usize) -> Vec<(Box<str>, UpstreamId)> {
        let names = self.read();
        let of = |held: &Held| {
            let by = held.by.clone();
            held.names.iter().map(move |(name, ())| ((*name).clone(), by.clone())).collect::<Vec<_>>()
        };
        let mut all: Vec<_> = names.iter().flat_map(of).filter(|(name, _)| &**name > after).collect();
        all.sort();
        all.truncate(most);
        all
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Held>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Held>> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn none(by: UpstreamId) -> Self {
        Self { by, names: Cache::builder().max_capacity(MOST_NAMES).eviction_policy(EvictionPolicy::lru()).build() }
    }
}

fn hold(names: &mut Vec<Held>, name: Box<str>, upstream: &UpstreamId) {
    match names.iter().find(|held| held.by == *upstream) {
        Some(held) => held.names.insert(name, ()),
        None => {
            let held = Held::none(upstream.clone());
            held.names.insert(name, ());
            names.push(held);
        }
    }
}

fn holder<'a>(names: &'a [Held], name: &str) -> Option<&'a UpstreamId> {
    names.iter().find(|held| held.names.get(name).is_some()).map(|held| &held.by)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PlayerName {
        PlayerName::new(text).unwrap()
    }

    fn upstream(text: &str) -> UpstreamId {
        UpstreamId::new(text).unwrap()
    }

    #[test]
    fn the_first_to_vouch_holds_the_name_until_it_is_released() {
        let (bindings, mojang, drasl) = (Bindings::default(), upstream("mojang"), upstream("drasl"));
        assert_eq!(bindings.claim(&name("Notch"), &mojang), Ok(()));
        assert_eq!(bindings.claim(&name("nOTCH"), &drasl), Err(mojang.clone()));
        assert_eq!(bindings.claim(&name("NOTCH"), &mojang), Ok(()));
        assert_eq!(bindings.holder(&name("notch")), Some(mojang.clone()));
        assert_eq!(bindings.release(&name("NoTcH")), Some(mojang));
        assert_eq!(bindings.release(&name("Notch")), None);
        assert_eq!(bindings.claim(&name("Notch"), &drasl), Ok(()));
        assert_eq!(bindings.holder(&name("notch")), Some(drasl));
    }

    #[test]
    fn changes_are_told_and_what_others_know_is_taken_over() {
        let (bindings, mojang, drasl) = (Bindings::default(), upstream("mojang"), upstream("drasl"));
        let (tell, mut told) = mpsc::channel(2);
        bindings.tell(tell);
        bindings.claim(&name("Notch"), &drasl).unwrap();
        bindings.claim(&name("NOTCH"), &drasl).unwrap();
        bindings.adopt("notch".into(), &mojang);
        assert_eq!(bindings.holder(&name("Notch")), Some(mojang.clone()));
        bindings.release(&name("Notch"));
        assert_eq!(told.try_recv(), Ok(Change::Bound("notch".into(), drasl)));
        assert_eq!(told.try_recv(), Ok(Change::Released("notch".into())));
        assert!(told.try_recv().is_err());
    }

    #[test]
    fn the_list_goes_on_where_it_ended() {
        let (bindings, mojang, drasl) = (Bindings::default(), upstream("mojang"), upstream("drasl"));
        for (text, upstream) in [("c", &mojang), ("A", &drasl), ("b", &mojang)] {
            bindings.claim(&name(text), upstream).unwrap();
        }
        assert_eq!(bindings.list("", 2), [("a".into(), drasl), ("b".into(), mojang.clone())]);
        assert_eq!(bindings.list("b", 2), [("c".into(), mojang)]);
    }

    #[test]
    fn no_upstream_pushes_out_the_names_of_another() {
        let (bindings, mojang, liar) = (Bindings::default(), upstream("mojang"), upstream("liar"));
        bindings.claim(&name("Notch"), &mojang).unwrap();
        for number in 0..MOST_NAMES + 10_000 {
            bindings.claim(&name(&format!("p{number}")), &liar).unwrap();
        }
        assert_eq!(bindings.claim(&name("Notch"), &liar), Err(mojang));
        for held in bindings.read().iter() {
            held.names.run_pending_tasks();
            assert!(held.names.entry_count() <= MOST_NAMES, "{} of {}", held.names.entry_count(), held.by);
        }
    }

    #[test]
    fn of_many_who_claim_at_once_one_gets_the_name() {
        for _ in 0..200 {
            let bindings = Bindings::default();
            let won = std::thread::scope(|scope| {
                let threads: Vec<_> = ["a", "b", "c"]
                    .map(|id| {
                        let bindings = &bindings;
                        scope.spawn(move || bindings.claim(&name("Notch"), &upstream(id)).is_ok())
                    })
                    .into();
                threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
            });
            assert_eq!(won, 1);
        }
    }
}
