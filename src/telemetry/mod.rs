//! What the program says of itself while it runs.
//!
//! Decides the form and the place of log lines. What is worth a line, and that it holds no secret, is decided by whoever writes it.

mod logs;

pub use logs::{LogFormat, start};
