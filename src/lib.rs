//! x
pub mod admin;
pub mod app;
pub mod cli;
pub mod config;
pub mod discovery;
pub mod keys;
pub mod lifecycle;
pub mod lookup;
pub mod model;
pub mod net;
pub mod relay;
pub mod server;
pub mod session;
pub mod setup;
pub mod telemetry;
pub mod upstream;
pub mod web;
