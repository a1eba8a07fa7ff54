//! Text to settings: reads the file, fills in presets and defaults, and refuses what cannot be meant.
//!
//! No other module sees raw TOML; what a setting does is decided by whoever takes it.

mod settings;

pub use settings::{Attests, Ids, RaceSettings, ServerSettings, Settings, UpstreamSettings};
