//! Sockets to a service: accepts, limits, drains.
//!
//! Decides who gets a connection, how long it may be silent, and which framing of a request is read at all. Knows nothing of Minecraft; what a request means is decided by the
//! service.

mod answered;
mod arrival;
mod begun;
mod connection;
mod head;
mod listener;
mod pace;
mod passed;
mod patient;
mod proxied;
mod stream;
mod tls;
mod turned_away;

pub use head::Head;
pub use listener::{Listener, Server};
pub use passed::{Inheritance, Passed, Predecessor, pass, passed};
pub use proxied::{Header, NoHeader};
pub use tls::{Handshakes, Outcome, Tls};
