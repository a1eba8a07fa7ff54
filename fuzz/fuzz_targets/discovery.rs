//! Mojang's discovery document: what game servers are sent is usable, and only this proxy's addresses are changed in it.
#![no_main]

use hasjoined::discovery::Document;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const BASE: &str = "https://login.example/base";
const GROUPS: [&str; 5] = ["authentication", "session", "player", "profiles", "telemetry"];
const OURS: [(&str, &str); 3] =
    [("session", "verify"), ("session", "getProfileById"), ("authentication", "getPublicKeys")];

fuzz_target!(|body: &[u8]| {
    let Ok(document) = Document::read(body) else { return };
    let mut came: Value = serde_json::from_slice(body).expect("only JSON is read");
    let bytes = document.at(BASE);
    let mut served: Value = serde_json::from_slice(&bytes).expect("JSON is served");
    let environment = served["environment"].as_str().expect("an environment");
    assert!(!environment.eq_ignore_ascii_case("offline"));
    for group in GROUPS {
        for endpoint in endpoints(&mut served, group).values() {
            assert!(endpoint.get("uri").is_none_or(is_address));
        }
    }
    assert_eq!(Document::read(&bytes).expect("what is served is usable").at(BASE), bytes);
    for (group, endpoint) in OURS {
        let ours = endpoints(&mut served, group).remove(endpoint).expect("our address");
        assert!(ours["uri"].as_str().is_some_and(|uri| uri.starts_with(&format!("{BASE}/"))));
        endpoints(&mut came, group).remove(endpoint);
    }
    assert_eq!(came, served, "nothing else is changed");
});

fn endpoints<'a>(document: &'a mut Value, group: &str) -> &'a mut Map<String, Value> {
    document["discovery"][group]["endpoints"].as_object_mut().expect("endpoints")
}

fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("https://") || text.starts_with("http://"))
}
