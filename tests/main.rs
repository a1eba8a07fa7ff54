//! Every test that looks at the program from outside, in one binary so that it links once.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should say so and stop")]

mod admin;
mod affinity;
mod architecture;
mod campaign;
mod config;
mod connections;
mod discovery;
mod doctor;
mod edge;
mod egress;
mod grafana;
mod health;
mod injector;
mod keys;
mod login;
mod lookups;
mod metrics;
mod microsoft;
mod names;
mod openapi;
mod operation;
mod players;
mod relay;
mod service_settings;
mod services;
mod setup;
mod sign_in_settings;
mod signing;
mod store;
mod support;
mod support_selftest;
mod table_b;
mod threats;
mod trust;
mod watch;
