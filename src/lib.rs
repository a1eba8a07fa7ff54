//! x
pub mod app;
pub mod cli;
pub mod config;
pub mod lifecycle;
pub mod model;
pub mod net;
pub mod server;
pub mod session;
pub mod setup;
pub mod telemetry;
pub mod upstream;
pub mod web;
