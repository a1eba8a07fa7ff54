//! Attacks on tokens, by the number of their case: what a token can be forged with, and what is believed.

mod claims;
mod form;
mod signature;

use super::*;
use crate::store::KeyState;
use crate::tokens::{
    Algorithm, Key, Lifetimes,
    ring::Entry,
    wire::{AccessWire, JoinWire, OlderWire},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ISSUER: &str = "https://login.example.net";
const JOIN_AUDIENCE: &str = "https://login.example.net/v1/auth/session/minecraft/verify";
const NOW: i64 = 1_768_739_696;
const LIFETIMES: Lifetimes = Lifetimes {
    join: Duration::from_secs(60),
    access: Duration::from_secs(2_592_000),
    feather: Duration::from_secs(64 * 3_600),
};

fn entry(key: Key) -> Entry {
    Entry { key: Arc::new(key), signs_from: Timestamp::default(), kept_until: None, recorded: KeyState::Active }
}

fn ring(algorithm: Algorithm) -> Ring {
    let key = |class| entry(Key::generate(class, algorithm).unwrap());
    Ring::new(vec![key(Class::Access), key(Class::Join)], LIFETIMES)
}

fn key(ring: &Ring, class: Class) -> &Key {
    &ring.youngest(class).unwrap().key
}

fn access() -> Wanted<'static> {
    let (early, late) = (Duration::ZERO, Duration::ZERO);
    Wanted { class: Class::Access, kind: "at+jwt", issuer: ISSUER, audience: ISSUER, early, late }
}

fn join() -> Wanted<'static> {
    Wanted { class: Class::Join, kind: "join+jwt", audience: JOIN_AUDIENCE, ..access() }
}

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

/// Why it is refused; `None` when it is believed.
fn flaw_of<T: Wire + DeserializeOwned>(ring: &Ring, token: &str, wanted: Wanted<'_>) -> Option<Refused> {
    let token = match Token::parse(token.as_bytes()) {
        Ok(token) => token,
        Err(flaw) => return Some(flaw.into()),
    };
    believed::<T>(&token, ring, wanted, now()).err()
}

fn refused(ring: &Ring, token: &str) -> Option<Refused> {
    flaw_of::<AccessWire>(ring, token, access())
}

#[track_caller]
fn assert_flaw(ring: &Ring, token: &str, flaw: Flaw) {
    match refused(ring, token) {
        Some(Refused::Invalid(found)) => assert_eq!(found, flaw, "{token}"),
        other => panic!("{other:?} instead of {flaw:?}"),
    }
}

/// A header and claims, changed at will and signed as wanted.
#[derive(Clone)]
struct Forged {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Forged {
    fn good(ring: &Ring) -> Self {
        let key = key(ring, Class::Access);
        let header = json!({"alg": key.algorithm().name(), "typ": "at+jwt", "kid": key.id()});
        let claims = json!({
            "iss": ISSUER, "sub": "069a79f4-44e9-4726-a5be-fca90e38aaf5", "aud": ISSUER, "client_id": "mc-join",
            "iat": NOW, "exp": NOW + 60, "jti": "019bd1a4-6fb5-7d3b-9c3a-0d5a4b8e7f10", "scope": "profile:read",
            "auth_time": NOW, "amr": ["mc_join"], "idp": "mojang", "uid": "019bd1a4-6fb5-7d3b-9c3a-0d5a4b8e7f11",
            "name": "Notch",
        });
        Self { header: header.as_object().unwrap().clone(), claims: claims.as_object().unwrap().clone() }
    }

    fn header(mut self, name: &str, value: Value) -> Self {
        self.header.insert(name.to_owned(), value);
        self
    }

    fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.header.remove(name);
        self.claims.remove(name);
        self
    }

    fn message(&self) -> String {
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    fn signed_by(&self, key: &Key) -> String {
        signed(key, &self.message())
    }

    /// By the key that signs access tokens.
    fn signed(&self, ring: &Ring) -> String {
        self.signed_by(key(ring, Class::Access))
    }
}

fn part(value: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}

fn signed(key: &Key, message: &str) -> String {
    format!("{message}.{}", key.signature_of(message.as_bytes()))
}

/// With HS256 by a secret of the attacker's choice.
fn signed_with_secret(forged: &Forged, secret: &[u8]) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    let message = forged.message();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}
