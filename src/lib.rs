//! One session server in front of many.
//!
//! A game server asks who joined; every upstream is asked at the same time and the first true answer goes back.

pub mod config;
pub mod lifecycle;
pub mod model;
pub mod net;
pub mod server;
pub mod session;
pub mod upstream;
pub mod web;
