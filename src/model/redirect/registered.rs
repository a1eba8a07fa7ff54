//! Addresses that a service has registered: one of them, sign by sign.
//!
//! The only thing that may differ is the port of an application that listens on the user's own machine (RFC 8252 §7.3), if the service
//! is known to be one.

use super::{Denied, Redirect, syntax};

/// Whether `raw` is one of the addresses a service has registered. `native`: the service runs on users' machines.
///
/// # Errors
/// With the first rule of syntax that it breaks, or because it is none of them.
pub fn check_registered<S: AsRef<str>>(raw: &str, registered: &[S], native: bool) -> Result<Redirect, Denied> {
    let redirect: Redirect = raw.parse()?;
    let same = |known: &S| {
        let known = known.as_ref();
        let elsewhere = || without_port(raw).is_some_and(|bare| without_port(known) == Some(bare));
        known == raw || (native && redirect.is_loopback() && elsewhere())
    };
    match registered.iter().any(same) {
        true => Ok(redirect),
        false => Err(Denied::NotRegistered),
    }
}

/// What stands before and after the port of an http address; `None` when it is no such address.
fn without_port(raw: &str) -> Option<(&str, &str)> {
    let rest = raw.strip_prefix("http://")?;
    let authority = syntax::authority(raw).ok()?;
    let after = &rest[authority.len()..];
    Some((authority.split_once(':').map_or(authority, |(host, _)| host), after))
}
