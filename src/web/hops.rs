//! Loops: an upstream whose address leads back here would ask itself for ever.
//!
//! Every question goes out with a mark of this process in `Via` (RFC 9110 §7.6.3). One that comes in with the same mark, or with
//! more marks of this program than a sensible chain has, is answered at once: nothing was decided.

use http::{
    HeaderMap,
    header::{HeaderValue, VIA},
};
use uuid::Uuid;

/// A chain of this many session proxies is taken for a loop through other instances.
const LONGEST_CHAIN: usize = 4;

const MARK: &str = "hasjoined-";

/// The mark of this process.
#[derive(Debug)]
pub(super) struct Hops {
    mark: String,
    /// What goes out when nothing came in: the usual case.
    alone: HeaderValue,
}

impl Hops {
    /// A mark that no other process has.
    pub(super) fn new() -> Self {
        let mark = format!("{MARK}{}", Uuid::new_v4().simple());
        let alone = HeaderValue::try_from(format!("1.1 {mark}")).unwrap_or(HeaderValue::from_static("1.1 hasjoined"));
        Self { mark, alone }
    }

    /// `Via` for the upstreams, or nothing if the question has been here before.
    pub(super) fn onward(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if !headers.contains_key(VIA) {
            return Some(self.alone.clone());
        }
        // Only marks of this program travel on: what else a client claims to have passed is no upstream's business.
        let texts = headers.get_all(VIA).iter().filter_map(|value| value.to_str().ok());
        let marks: Vec<_> =
            texts.flat_map(|text| text.split([',', ' '])).filter(|word| word.starts_with(MARK)).collect();
        if marks.len() >= LONGEST_CHAIN || marks.contains(&self.mark.as_str()) {
            return None;
        }
        let passed: String = marks.iter().map(|mark| format!("1.1 {mark}, ")).collect();
        HeaderValue::try_from(format!("{passed}1.1 {}", self.mark)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(VIA, HeaderValue::try_from(text).unwrap())])
    }

    #[test]
    fn the_own_mark_ends_it_and_others_travel_on() {
        let (here, there) = (Hops::new(), Hops::new());
        let out = here.onward(&HeaderMap::new()).unwrap();
        let further = there.onward(&via(out.to_str().unwrap())).unwrap();
        assert_eq!(further.to_str().unwrap(), format!("1.1 {}, 1.1 {}", here.mark, there.mark));
        assert!(here.onward(&via(further.to_str().unwrap())).is_none());
    }

    #[test]
    fn foreign_proxies_are_not_ours_but_a_long_chain_is_a_loop() {
        let here = Hops::new();
        assert_eq!(here.onward(&via("1.1 varnish, 1.0 fred")), Some(here.alone.clone()));
        let chain = (0..LONGEST_CHAIN).map(|_| Hops::new().alone.to_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert!(here.onward(&via(&chain[1..].join(", "))).is_some());
        assert!(here.onward(&via(&chain.join(","))).is_none());
    }
}
