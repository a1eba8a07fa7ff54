//! Log lines on their way to standard error.
//!
//! Decides when they are written. A line is a system call, as dear as a quarter of a login, so the lines of a thread that has more to do
//! are written together when it comes to rest: at most a few logins later, and never later than anybody can look.

use std::{
    cell::Cell,
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// More than that is not held back.
const MOST: usize = 16 * 1024;

/// Lines that are not written yet.
static HELD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

thread_local! {
    /// Whether this thread says when it comes to rest.
    static RESTS: Cell<bool> = const { Cell::new(false) };
}

/// To be called by a thread that is about to wait for something to do, each time: writes what is held back. Lines of a thread that
/// never calls it are written at once.
pub fn at_rest() {
    RESTS.set(true);
    write_out(&mut held());
}

/// Writes what is held back, at the end.
pub fn flush() {
    write_out(&mut held());
}

/// Where lines go.
pub(super) struct Lines;

/// A line's way there.
pub(super) struct Line {
    at_once: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { at_once: true }
    }

    /// What is wrong is told at once: it may be the last thing that is.
    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line {
        Line { at_once: *metadata.level() <= Level::WARN || !RESTS.get() }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = held();
        held.extend_from_slice(bytes);
        if self.at_once || held.len() > MOST {
            write_out(&mut held);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn held() -> MutexGuard<'static, Vec<u8>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_out(held: &mut Vec<u8>) {
    if !held.is_empty() {
        // There is nobody to tell that nothing can be told.
        let _ = io::stderr().write_all(held);
        held.clear();
    }
}
