//! JSON bodies of the login API: one object, every known member once and of its type, the same for every reader.
#![no_main]

use hasjoined::web::edge::{Code, Object, Refusal};
use hasjoined_fuzz::json::Json;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const FIELDS: [&str; 8] =
    ["userId", "name", "scopes", "clientSecretHash", "serverId", "joinToken", "clientSecret", "token"];
/// As deep as the library goes.
const DEEPEST: usize = 127;

fuzz_target!(|body: &[u8]| {
    let own = Json::read(body, DEEPEST);
    let object = match Object::read(body) {
        Ok(object) => object,
        Err(refusal) => {
            assert_eq!(refusal.code, Code::InvalidJson);
            assert!(own.is_none_or(|own| own.members().is_none() || own.overflows()), "one object is refused");
            return;
        }
    };
    let own = own.expect("only JSON is read");
    assert!(own.members().is_some(), "only objects are read");
    assert!(matches!(serde_json::from_slice(body), Ok(Value::Object(_))));
    for field in FIELDS {
        let values = own.all(field);
        let value = match values.as_slice() {
            [] | [Json::Null] => Ok(None),
            [value] => Ok(Some(*value)),
            _ => Err(Code::InvalidJson.into()),
        };
        let wrong = Refusal::field(field);
        let text = value.and_then(|value| value.map(|value| value.text().ok_or(wrong)).transpose());
        assert_eq!(object.text(field), text, "{field}");
        assert_eq!(object.needed_text(field), text.and_then(|text| text.ok_or(wrong)), "{field}");
        let texts = value.and_then(|value| value.map(|value| texts(value).ok_or(wrong)).transpose());
        assert_eq!(object.texts(field), texts, "{field}");
    }
});

fn texts(value: &Json) -> Option<Vec<&str>> {
    let Json::List(items) = value else { return None };
    items.iter().map(Json::text).collect()
}
