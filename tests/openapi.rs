//! The description of the login API against the program: what is described is there, and what is there is described.

use hasjoined::web::edge::{Challenge, Code, Endpoint, Takes};
use http::Method;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One operation of the description, and the endpoint whose it is.
struct Operation {
    endpoint: Endpoint,
    path: &'static str,
    method: Method,
    described: Map<String, Value>,
}

fn description() -> Value {
    serde_json::from_str(include_str!("../src/web/openapi.json")).unwrap()
}

/// What a `$ref` leads to; anything else is what it is.
fn resolved<'a>(whole: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => {
            resolved(whole, whole.pointer(place.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{place}")))
        }
        None => value,
    }
}

fn operations(whole: &Value) -> Vec<Operation> {
    let all = Endpoint::ALL.into_iter().flat_map(|endpoint| endpoint.paths().iter().map(move |path| (endpoint, path)));
    let with_methods =
        all.flat_map(|(endpoint, path)| endpoint.methods().iter().map(move |method| (endpoint, path, method)));
    let described = with_methods.map(|(endpoint, path, method)| {
        let operation = &whole["paths"][*path][method.as_str().to_lowercase()];
        let described = operation.as_object().unwrap_or_else(|| panic!("{method} {path} is not described")).clone();
        Operation { endpoint, path, method: method.clone(), described }
    });
    described.collect()
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn responses<'a>(&'a self, whole: &'a Value) -> BTreeMap<&'a str, &'a Value> {
        let responses = self.described["responses"].as_object().unwrap();
        responses.iter().map(|(status, response)| (status.as_str(), resolved(whole, response))).collect()
    }
}

/// The codes that a response may have.
fn codes(response: &Value) -> Vec<&str> {
    let schema = &response["content"]["application/json"]["schema"];
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let named = parts.filter_map(|part| part.pointer("/properties/error/enum")?.as_array()).flatten();
    named.map(|code| code.as_str().unwrap()).collect()
}

fn code(name: &str) -> Code {
    Code::ALL.into_iter().find(|code| code.name() == name).unwrap_or_else(|| panic!("there is no code {name}"))
}

#[test]
fn every_route_is_described_and_every_described_one_exists() {
    let whole = description();
    let described: BTreeSet<_> = whole["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone()))
        })
        .collect();
    let existing: BTreeSet<_> = operations(&whole)
        .iter()
        .map(|operation| (operation.path.to_owned(), operation.method.as_str().to_lowercase()))
        .collect();
    assert_eq!(described, existing);
}

#[test]
fn errors_have_codes_of_their_status_and_all_codes_are_described() {
    let whole = description();
    let mut known = BTreeSet::new();
    let operations = operations(&whole);
    let of_operations = operations.iter().flat_map(|operation| {
        operation
            .responses(&whole)
            .into_iter()
            .map(|(status, response)| (operation.name(), status.to_owned(), response))
    });
    let anywhere = ["NotFound", "MethodNotAllowed"].map(|name| {
        let response = &whole["components"]["responses"][name];
        (name.to_owned(), code(codes(response)[0]).status().as_str().to_owned(), response)
    });
    for (name, status, response) in of_operations.chain(anywhere) {
        for code in codes(response).into_iter().map(code) {
            assert_eq!(code.status().as_str(), status, "{name}: {}", code.name());
            known.insert(code.name());
        }
        let is_error = status.parse().is_ok_and(|status: u16| status >= 400);
        assert_eq!(is_error, !codes(response).is_empty(), "{name}: {status}");
    }
    assert_eq!(known, Code::ALL.iter().map(|code| code.name()).collect());
}

#[test]
fn what_the_edge_does_is_described() {
    let whole = description();
    for operation in operations(&whole).iter().filter(|operation| operation.method != Method::HEAD) {
        let (name, endpoint, responses) = (operation.name(), operation.endpoint, operation.responses(&whole));
        let takes = endpoint.takes();
        assert_eq!(responses.contains_key("415"), takes != Takes::Nothing, "{name}");
        assert_eq!(responses.contains_key("429"), endpoint.limit().is_some(), "{name}");
        for always in ["400", "408", "413", "500"] {
            assert!(responses.contains_key(always), "{name}: {always}");
        }
        let content = operation.described.get("requestBody").map(|body| body["content"].as_object().unwrap());
        let types: Vec<_> = content.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        match takes {
            Takes::Nothing => assert!(types.is_empty(), "{name}"),
            Takes::Json => assert_eq!(types, ["application/json"], "{name}"),
            Takes::Form => {
                let form: &[&str] = &["application/x-www-form-urlencoded"];
                assert_eq!(types, if operation.method == Method::GET { &[] } else { form }, "{name}");
            }
            // Logging out says nothing by its body.
            Takes::JsonOrForm if types.is_empty() => assert_eq!(endpoint, Endpoint::Logout),
            Takes::JsonOrForm => assert_eq!(types, ["application/json", "application/x-www-form-urlencoded"], "{name}"),
        }
        if let Some(response) = responses.get("401") {
            let challenge = match endpoint.challenge() {
                Challenge::MinecraftJoin => "#/components/headers/JoinChallenge",
                Challenge::Basic => "#/components/headers/BasicChallenge",
                // Who has tried to prove to be a service is asked for that again.
                Challenge::Bearer if codes(response).contains(&"invalid_client") => "#/components/headers/AnyChallenge",
                Challenge::Bearer => "#/components/headers/BearerChallenge",
            };
            assert_eq!(response["headers"]["WWW-Authenticate"]["$ref"], challenge, "{name}");
        }
    }
}

#[test]
fn headers_of_every_answer_are_described() {
    let whole = description();
    for operation in operations(&whole) {
        for (status, response) in operation.responses(&whole) {
            let name = format!("{}: {status}", operation.name());
            let headers = response["headers"].as_object().unwrap_or_else(|| panic!("{name}"));
            for header in ["X-Request-Id", "X-Content-Type-Options", "Cache-Control"] {
                assert!(headers.contains_key(header), "{name}: {header}");
            }
            assert_eq!(headers.contains_key("Retry-After"), ["429", "503"].contains(&status), "{name}");
            if operation.method == Method::HEAD {
                assert!(response.get("content").is_none(), "{name}: HEAD is answered without a body");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let whole = description();
    let (mut places, mut rest) = (BTreeSet::new(), vec![&whole]);
    while let Some(value) = rest.pop() {
        if value["$ref"].is_string() {
            resolved(&whole, value);
            places.insert(value["$ref"].as_str().unwrap().to_owned());
        }
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(members) => rest.extend(members.values()),
            _ => {}
        }
    }
    for kind in ["headers", "responses", "schemas"] {
        for name in whole["components"][kind].as_object().unwrap().keys() {
            // These two are of no path.
            let is_everywhere = ["NotFound", "MethodNotAllowed"].contains(&name.as_str());
            assert!(is_everywhere || places.contains(&format!("#/components/{kind}/{name}")), "{kind}/{name}");
        }
    }
}
