//! Sockets to a service: accepts, limits, drains.
//!
//! Decides who gets a connection and how long it may be silent. Knows nothing of Minecraft; what a request means is decided by the
//! service.

mod connection;
mod listener;

pub use listener::{Listener, Server};
