//! Queries and forms of the login API: every known name has one value, the same for every reader, or none is believed.
#![no_main]

use hasjoined::web::edge::{Code, Parameters};
use hasjoined_fuzz::form;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 6] = ["limit", "before", "token", "token_type_hint", "a", "é"];

fuzz_target!(|encoded: &[u8]| {
    let pairs = form::pairs(encoded);
    let is_text = pairs.iter().flat_map(|(name, value)| [name, value]).all(|text| std::str::from_utf8(text).is_ok());
    let parameters = match Parameters::read(encoded) {
        Ok(parameters) => parameters,
        Err(refusal) => {
            assert_eq!((refusal.code, is_text), (Code::InvalidRequest, false));
            return;
        }
    };
    assert!(is_text);
    let mut again = Vec::new();
    for name in NAMES {
        let values = form::values(&pairs, name);
        let read = parameters.get(name).map_err(|refusal| refusal.code);
        let expected = match values.as_slice() {
            [] => Ok(None),
            [value] => Ok(Some(*value)),
            _ => Err(Code::DuplicateParameter),
        };
        assert_eq!(read.map(|value| value.map(str::as_bytes)), expected, "{name}");
        if let Ok(Some(value)) = read {
            again.push((name, value.to_owned()));
        }
    }
    let written: Vec<_> =
        again.iter().map(|(name, value)| format!("{}={}", form::encoded(name), form::encoded(value))).collect();
    let reread = Parameters::read(written.join("&").as_bytes()).expect("what was read can be written");
    for (name, value) in &again {
        assert_eq!(reread.get(name), Ok(Some(value.as_str())));
    }
});
