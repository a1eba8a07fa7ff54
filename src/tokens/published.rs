//! What others are told, so that they can verify tokens themselves: the document of keys, and that of the endpoints.
//!
//! Decides their form. Where they are served is decided by `web`.

use super::ring::Ring;
use crate::model::Timestamp;
use bytes::Bytes;
use jsonwebtoken::jwk::Jwk;
use serde::Serialize;

/// RFC 7517: the public keys, of tokens that others read.
pub(super) fn key_set(ring: &Ring, now: Timestamp) -> Bytes {
    #[derive(Serialize)]
    struct KeySet<'a> {
        keys: Vec<&'a Jwk>,
    }
    let set = KeySet { keys: ring.published(now) };
    // Strings and nothing else: it can be written.
    serde_json::to_vec(&set).unwrap_or_default().into()
}

/// RFC 8414: where things are. `scopes` are all that can be asked for.
pub(super) fn metadata(issuer: &str, scopes: &[String]) -> Bytes {
    #[derive(Serialize)]
    struct Metadata<'a> {
        issuer: &'a str,
        jwks_uri: String,
        scopes_supported: &'a [String],
        authorization_endpoint: String,
        token_endpoint: String,
        token_endpoint_auth_methods_supported: [&'a str; 3],
        /// A token in an address is for services that were written for it, not for OAuth clients: it is not told here.
        response_types_supported: [&'a str; 1],
        response_modes_supported: [&'a str; 1],
        grant_types_supported: [&'a str; 1],
        code_challenge_methods_supported: [&'a str; 1],
        authorization_response_iss_parameter_supported: bool,
        revocation_endpoint: String,
        revocation_endpoint_auth_methods_supported: [&'a str; 3],
        introspection_endpoint: String,
        introspection_endpoint_auth_methods_supported: [&'a str; 3],
    }
    let at = |path: &str| format!("{issuer}{path}");
    let metadata = Metadata {
        issuer,
        jwks_uri: at("/.well-known/jwks.json"),
        scopes_supported: scopes,
        authorization_endpoint: at("/v1/auth/service/exchange"),
        token_endpoint: at("/v1/auth/token"),
        token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        revocation_endpoint: at("/v1/auth/revoke"),
        revocation_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
        introspection_endpoint: at("/v1/auth/introspect"),
        introspection_endpoint_auth_methods_supported: ["Bearer", "client_secret_basic", "client_secret_post"],
    };
    serde_json::to_vec(&metadata).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KeyState;
    use crate::tokens::{Algorithm, Class, Key, Lifetimes, ring::Entry};
    use serde_json::{Value, json};
    use std::{collections::BTreeSet, sync::Arc, time::Duration};

    fn set(keys: Vec<Key>) -> Value {
        let lifetimes = Lifetimes {
            join: Duration::from_secs(60),
            access: Duration::from_secs(60),
            feather: Duration::from_secs(64 * 3_600),
        };
        let entry = |key| Entry {
            key: Arc::new(key),
            signs_from: Timestamp::default(),
            kept_until: None,
            recorded: KeyState::Active,
        };
        let ring = Ring::new(keys.into_iter().map(entry).collect(), lifetimes);
        serde_json::from_slice(&key_set(&ring, Timestamp::default())).unwrap()
    }

    #[test]
    fn the_keys_are_public_parts_of_access_tokens_keys() {
        for (algorithm, members) in [
            (Algorithm::Es256, "alg crv kid kty use x y"),
            (Algorithm::EdDsa, "alg crv kid kty use x"),
            (Algorithm::Rs256, "alg e kid kty n use"),
        ] {
            let key = Key::generate(Class::Access, algorithm).unwrap();
            let id = key.id().to_owned();
            let document = set(vec![key, Key::generate(Class::Join, algorithm).unwrap()]);
            let [only] = document["keys"].as_array().unwrap().as_slice() else { panic!("{document}") };
            let names: BTreeSet<_> = only.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(names, members.split(' ').collect::<BTreeSet<_>>());
            assert_eq!(
                (&only["kid"], &only["use"], &only["alg"]),
                (&json!(id), &json!("sig"), &json!(algorithm.name()))
            );
        }
    }

    #[test]
    fn a_secret_is_never_among_them() {
        assert_eq!(set(vec![Key::generate(Class::Access, Algorithm::Hs256).unwrap()]), json!({"keys": []}));
    }

    #[test]
    fn the_metadata_names_what_rfc_8414_requires() {
        let document: Value =
            serde_json::from_slice(&metadata("https://a.example/base", &["profile:read".to_owned()])).unwrap();
        assert_eq!(
            document,
            json!({
                "issuer": "https://a.example/base",
                "jwks_uri": "https://a.example/base/.well-known/jwks.json",
                "scopes_supported": ["profile:read"],
                "authorization_endpoint": "https://a.example/base/v1/auth/service/exchange",
                "token_endpoint": "https://a.example/base/v1/auth/token",
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
                "revocation_endpoint": "https://a.example/base/v1/auth/revoke",
                "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "introspection_endpoint": "https://a.example/base/v1/auth/introspect",
                "introspection_endpoint_auth_methods_supported": ["Bearer", "client_secret_basic", "client_secret_post"],
            })
        );
    }
}
