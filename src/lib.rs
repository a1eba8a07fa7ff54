//! One Minecraft session server in front of many.
//!
//! A game server asks `GET /session/minecraft/hasJoined` here; every upstream is asked at once, and the first true profile is the
//! answer. [`app`] puts the program together from the other modules, each of which opens by saying what it decides. Who may use whom
//! stands in `tests/architecture.rs`. This is a library only so that tests and benches can reach its parts: it promises nothing to
//! other programs.

pub mod admin;
pub mod app;
pub mod certificate;
pub mod cli;
pub mod config;
pub mod discovery;
pub mod keys;
pub mod lifecycle;
pub mod login;
pub mod lookup;
pub mod microsoft;
pub mod model;
pub mod net;
pub mod relay;
pub mod server;
pub mod session;
pub mod setup;
pub mod store;
pub mod telemetry;
pub mod tokens;
pub mod upstream;
pub mod web;
