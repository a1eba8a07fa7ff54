//! The query of a game server's hasJoined: what is asked of upstreams is what the game server has asked, for every reader.
#![no_main]

use hasjoined::{model::Question, web};
use hasjoined_fuzz::form;
use libfuzzer_sys::fuzz_target;

const KEYS: [(&str, usize); 3] = [("username", 64), ("serverId", 128), ("ip", 128)];

fuzz_target!(|bytes: &[u8]| {
    // The HTTP library lets through nothing else.
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let pairs = form::pairs(query.as_bytes());
    let found = KEYS.map(|(key, longest)| {
        let values = form::values(&pairs, key);
        let fits = values.iter().all(|value| is_fit(value, longest));
        (values, fits)
    });
    let is_one = found.iter().all(|(values, fits)| *fits && values.len() <= 1)
        && found[..2].iter().all(|(values, _)| values.len() == 1);
    match web::question(query) {
        Ok(question) => {
            assert!(is_one, "taken for one question");
            for ((values, _), said) in found.iter().zip(said(&question)) {
                assert_eq!(values.first().copied(), said.map(str::as_bytes));
            }
            assert_eq!(web::question(&written(&question)), Ok(question));
        }
        Err(fault) => assert!(!is_one, "{fault}"),
    }
});

/// What may be passed on: text without control characters, and without what stands for bytes that are none.
fn is_fit(value: &[u8], longest: usize) -> bool {
    let unfit = |sign: char| sign.is_control() || sign == char::REPLACEMENT_CHARACTER;
    (1..=longest).contains(&value.len()) && std::str::from_utf8(value).is_ok_and(|text| !text.contains(unfit))
}

fn said(question: &Question) -> [Option<&str>; 3] {
    let Question { name, server_id, ip } = question;
    [Some(name.as_str()), Some(server_id.as_str()), ip.as_ref().map(hasjoined::model::ClientAddress::as_str)]
}

fn written(question: &Question) -> String {
    let pairs = KEYS.iter().zip(said(question)).rev();
    let pairs = pairs.filter_map(|((key, _), value)| Some(format!("{key}={}", form::encoded(value?))));
    pairs.collect::<Vec<_>>().join("&")
}
