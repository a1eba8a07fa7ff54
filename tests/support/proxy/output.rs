//! Lines of a running program, collected as they come.
//!
//! Decides how to wait for one: by event, and not beyond the end of the stream.

use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::watch,
};

use crate::support::spawn;

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    ended: bool,
}

/// One stream of the program. Clones see the same lines.
#[derive(Clone)]
pub(super) struct Output(Arc<watch::Sender<Said>>);

impl Output {
    /// Reads `stream` to its end, beside the test.
    pub(super) fn collect(stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let output = Self(Arc::new(watch::Sender::new(Said::default())));
        let said = Arc::clone(&output.0);
        spawn(async move {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                said.send_modify(|said| said.lines.push(text));
                line.clear();
            }
            said.send_modify(|said| said.ended = true);
        });
        output
    }

    /// So far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.borrow().lines.clone()
    }

    /// All of them, once the stream has ended.
    pub(super) async fn all(&self) -> Vec<String> {
        self.0.subscribe().wait_for(|said| said.ended).await.unwrap().lines.clone()
    }

    /// The `nth` line, from 1, that contains `needle`; `None` when the stream ended without.
    pub(super) async fn line_with(&self, needle: &str, nth: usize) -> Option<String> {
        let find = |said: &Said| said.lines.iter().filter(|line| line.contains(needle)).nth(nth - 1).cloned();
        let mut watcher = self.0.subscribe();
        let said = watcher.wait_for(|said| said.ended || find(said).is_some()).await.unwrap();
        find(&said)
    }
}
