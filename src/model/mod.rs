//! Values of the field, checked where they are made: a bad one cannot be built, so nobody downstream checks again.
//!
//! No I/O, no clock, no configuration here. What a value means to a race or a route is decided by those who use it.

mod listed;
mod name;
mod network;
mod profile;
mod profile_id;
mod question;
mod redirect;
mod server_id;
mod service_slug;
mod timestamp;
mod upstream_id;
mod user_id;

pub use listed::Listed;
pub use name::PlayerName;
pub use network::Network;
pub use profile::Profile;
pub use profile_id::ProfileId;
pub use question::{ClientAddress, Question};
pub use redirect::{Denied, NotAHost, Redirect, RedirectHosts, check_redirect, check_registered};
pub use server_id::ServerId;
pub use service_slug::ServiceSlug;
pub use timestamp::Timestamp;
pub use upstream_id::UpstreamId;
pub use user_id::UserId;

/// Why a text is not the value it was taken for. Says nothing of the text itself, so that it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {fault}")]
pub struct Invalid {
    /// The value that was wanted, as the wire names it.
    pub what: &'static str,
    /// What is wrong with the text.
    pub fault: &'static str,
}

/// Checks a text that travels on as it is: not empty, bounded, and free of control characters.
fn opaque(what: &'static str, text: &str, longest: usize) -> Result<(), Invalid> {
    let fault = match text {
        "" => "is empty",
        _ if text.len() > longest => "is too long",
        _ if text.bytes().fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte)) => return Ok(()),
        _ if text.chars().any(char::is_control) => "has a control character",
        _ => return Ok(()),
    };
    Err(Invalid { what, fault })
}
