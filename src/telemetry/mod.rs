//! What the program says of itself while it runs: log lines, and figures.
//!
//! Decides the form and the place of log lines, how figures are kept so that counting costs next to nothing, and how they are
//! written for Prometheus. What is worth a line or a figure, and that it holds no secret, is decided by whoever counts; what each
//! figure is called, by `admin`.

mod histogram;
mod json;
mod lines;
mod logs;
mod metrics;
mod recent;
mod text;

pub use histogram::{Distribution, Histogram};
pub use json::Structured;
pub use lines::{at_rest, flush};
pub use logs::{LogFormat, start};
pub use metrics::{Family, Form, Labels, written};
pub use recent::{Recent, SLOT, SLOTS, Slot};
