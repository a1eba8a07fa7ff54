//! What the program holds while it is busy: memory, files, and connections to each upstream, looked at from outside.

use super::house::House;
use crate::support::proxy::Proxy;
use std::{collections::HashSet, fs, time::Duration};
use tokio::time::Instant;

/// How often connections are counted.
const EVERY: Duration = Duration::from_millis(200);
/// One that is gone after so long was on its way out.
const MOMENT: Duration = Duration::from_millis(50);

/// All that was seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Bytes and when.
    pub(super) memory: Vec<(Duration, u64)>,
    pub(super) most_files: usize,
    /// Most connections to each upstream at one time.
    pub(super) peaks: Vec<usize>,
}

impl Seen {
    /// Looks until `end`.
    pub(super) async fn until(end: Duration, proxy: &Proxy, houses: &[House]) -> Self {
        let began = Instant::now();
        let mut seen = Self { peaks: vec![0; houses.len()], ..Self::default() };
        while began.elapsed() < end {
            seen.memory.push((began.elapsed(), proxy.memory()));
            seen.most_files = seen.most_files.max(proxy.open_files());
            let earlier = fs::read_to_string("/proc/net/tcp").unwrap();
            tokio::time::sleep(MOMENT).await;
            let later = fs::read_to_string("/proc/net/tcp").unwrap();
            for (peak, house) in seen.peaks.iter_mut().zip(houses) {
                let port = house.upstream.address().port();
                let staying = connections(&earlier, port).intersection(&connections(&later, port)).count();
                *peak = (*peak).max(staying);
            }
            tokio::time::sleep(EVERY).await;
        }
        seen
    }

    /// The middle of what was seen in this part of the time.
    pub(super) fn memory_in(&self, part: std::ops::Range<Duration>) -> u64 {
        let mut bytes: Vec<_> =
            self.memory.iter().filter(|(at, _)| part.contains(at)).map(|(_, bytes)| *bytes).collect();
        bytes.sort_unstable();
        bytes[bytes.len() / 2]
    }
}

/// Where open connections to this port, or such as are being opened, come from. Only the program knows of the port.
fn connections(table: &str, port: u16) -> HashSet<String> {
    let port = format!(":{port:04X}");
    let from = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = fields[..] else { return None };
        (remote.ends_with(&port) && matches!(state, "01" | "02")).then(|| local.to_owned())
    };
    table.lines().filter_map(from).collect()
}
