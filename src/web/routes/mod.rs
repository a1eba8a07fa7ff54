//! One file for each family of routes: a request in, a call to the domain, an answer out.

pub(super) mod discovery;
pub(super) mod index;
pub(super) mod injector;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod lookup;
pub(super) mod relay;
pub(super) mod session;
