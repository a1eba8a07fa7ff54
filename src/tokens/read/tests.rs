//! Attacks on tokens, by the number of their case.

use super::*;
use crate::store::KeyState;
use crate::tokens::{
    Algorithm, Key, Lifetimes,
    claims::{AccessWire, JoinWire, OlderWire},
    ring::Entry,
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
const LIFETIMES: Lifetimes = Lifetimes { join: Duration::from_secs(60), access: Duration::from_secs(2_592_000) };

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

#[test]
fn what_is_not_forged_is_believed() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let token = Forged::good(&ring).signed(&ring);
        assert!(refused(&ring, &token).is_none(), "{algorithm:?}");
    }
}

#[test]
fn case_39_no_algorithm_is_none_of_ours() {
    let ring = ring(Algorithm::Es256);
    for alg in ["none", "None", "NONE", "nOnE", "", "es256", "ES256 "] {
        let forged = Forged::good(&ring).header("alg", json!(alg));
        assert_flaw(&ring, &format!("{}.", forged.message()), Flaw::OtherAlgorithm);
        assert_flaw(&ring, &forged.signed(&ring), Flaw::OtherAlgorithm);
    }
    for alg in [json!(null), json!(["ES256"]), json!({}), json!(0)] {
        assert_flaw(&ring, &Forged::good(&ring).header("alg", alg).signed(&ring), Flaw::Header);
    }
    assert_flaw(&ring, &format!("{}.", Forged::good(&ring).message()), Flaw::Signature);
}

#[test]
fn case_40_a_public_key_is_no_secret() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256] {
        let ring = ring(algorithm);
        let jwk = serde_json::to_value(key(&ring, Class::Access).public().unwrap()).unwrap();
        let decoded = |name: &str| jwk.get(name).map(|text| URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap());
        let raw = [decoded("x"), decoded("y"), decoded("n")].into_iter().flatten().flatten().collect::<Vec<_>>();
        let point = [&[4], raw.as_slice()].concat();
        // SubjectPublicKeyInfo of P-256; for the others, the bytes that such a key would come as.
        let der = [STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE").unwrap(), raw.clone()].concat();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
        let document = serde_json::to_vec(&jwk).unwrap();
        for secret in [&raw, &point, &der, pem.as_bytes(), pem.trim_end().as_bytes(), &document, b"".as_slice()] {
            let forged = Forged::good(&ring).header("alg", json!("HS256"));
            assert_flaw(&ring, &signed_with_secret(&forged, secret), Flaw::OtherAlgorithm);
            assert_flaw(&ring, &signed_with_secret(&Forged::good(&ring), secret), Flaw::Signature);
        }
    }
}

#[test]
fn case_41_a_key_is_named_exactly_or_not_known() {
    let ring = ring(Algorithm::Es256);
    let ours = key(&ring, Class::Access).id().to_owned();
    let almost = format!("{ours} ");
    let unknown = Key::generate(Class::Access, Algorithm::Es256).unwrap();
    for kid in [unknown.id(), "../../etc/passwd", "' OR 1=1", "", &ours[1..], &almost, &ours.to_lowercase()] {
        assert_flaw(&ring, &Forged::good(&ring).header("kid", json!(kid)).signed(&ring), Flaw::UnknownKey);
    }
    assert_flaw(&ring, &Forged::good(&ring).header("kid", json!(unknown.id())).signed_by(&unknown), Flaw::UnknownKey);
    let join_key = key(&ring, Class::Join);
    let forged = Forged::good(&ring).header("kid", json!(join_key.id()));
    assert_flaw(&ring, &forged.signed_by(join_key), Flaw::OtherClass);
    assert_flaw(&ring, &forged.signed(&ring), Flaw::OtherClass);
    assert_flaw(&ring, &Forged::good(&ring).without("kid").signed(&ring), Flaw::UnknownKey);
    assert_flaw(&ring, &Forged::good(&ring).header("kid", json!(null)).signed(&ring), Flaw::UnknownKey);
    for kid in [json!(1), json!([ours]), json!({})] {
        assert_flaw(&ring, &Forged::good(&ring).header("kid", kid).signed(&ring), Flaw::Header);
    }
}

#[test]
fn case_41_without_a_key_only_the_older_form_is_read() {
    let secret = || Key::generate(Class::Access, Algorithm::Hs256).unwrap();
    let (older, other) = (ring(Algorithm::Hs256), secret());
    let wanted = Wanted { kind: OLDER_KIND, ..access() };
    let forged = |alg: &str| Forged {
        header: json!({"alg": alg, "typ": "JWT"}).as_object().unwrap().clone(),
        claims: json!({"sub": "a", "scopes": ["b"], "iat": NOW, "exp": NOW + 60, "jti": "c"})
            .as_object()
            .unwrap()
            .clone(),
    };
    let flaw = |ring: &Ring, token: &str| match flaw_of::<OlderWire>(ring, token, wanted) {
        Some(Refused::Invalid(flaw)) => Some(flaw),
        None => None,
        Some(other) => panic!("{other:?}"),
    };
    let token = forged("HS256").signed(&older);
    assert_eq!(flaw(&older, &token), None);
    // The key that signs is the only one that is tried.
    assert_eq!(flaw(&older, &forged("HS256").signed_by(&other)), Some(Flaw::Signature));
    assert_eq!(flaw(&older, &forged("HS256").signed_by(key(&older, Class::Join))), Some(Flaw::Signature));
    assert_eq!(flaw(&older, &forged("none").signed(&older)), Some(Flaw::OtherAlgorithm));
    assert_eq!(flaw(&older, &forged("HS256").header("typ", json!("at+jwt")).signed(&older)), Some(Flaw::OtherType));
    // Nor is it in a ring that signs otherwise, or where tokens of today are wanted.
    let today = ring(Algorithm::Es256);
    assert_eq!(flaw(&today, &forged("ES256").signed(&today)), Some(Flaw::UnknownKey));
    assert_flaw(&older, &token, Flaw::UnknownKey);
}

#[test]
fn case_42_the_algorithm_is_the_keys() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        for alg in ["HS256", "HS384", "HS512", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "EdDSA", "Ed25519"]
        {
            let token = Forged::good(&ring).header("alg", json!(alg)).signed(&ring);
            if alg != algorithm.name() {
                assert_flaw(&ring, &token, Flaw::OtherAlgorithm);
            }
        }
    }
}

#[test]
fn case_43_no_bit_can_be_changed() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let token = Forged::good(&ring).signed(&ring);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for bit in 0..bytes.len() * 8 {
            // RSA takes its time.
            if algorithm != Algorithm::Rs256 || bit % 97 == 0 {
                let mut other = bytes.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                assert_flaw(&ring, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(other)), Flaw::Signature);
            }
        }
        for wrong in [
            vec![0; bytes.len()],
            vec![0xff; bytes.len()],
            Vec::new(),
            bytes[1..].to_vec(),
            [&bytes[..], &[0]].concat(),
        ] {
            assert_flaw(&ring, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(wrong)), Flaw::Signature);
        }
        let letters = token.find('.').unwrap() + 1..message.len();
        for at in letters.step_by(7) {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(refused(&ring, str::from_utf8(&other).unwrap()).is_some(), "{algorithm:?} {at}");
        }
    }
}

#[test]
fn case_43_a_signature_in_der_is_none() {
    let ring = ring(Algorithm::Es256);
    let token = Forged::good(&ring).signed(&ring);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let integer = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let sign: &[u8] = if bytes[zeros] > 0x7f { &[0] } else { &[] };
        let number = [sign, &bytes[zeros..]].concat();
        [&[2, u8::try_from(number.len()).unwrap()], number.as_slice()].concat()
    };
    let body = [integer(&bytes[..32]), integer(&bytes[32..])].concat();
    let der = [&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat();
    assert_flaw(&ring, &format!("{message}.{}", URL_SAFE_NO_PAD.encode(der)), Flaw::Signature);
}

#[test]
fn case_44_its_time_is_over_at_the_second_it_names() {
    let ring = ring(Algorithm::Es256);
    let with = |exp: Value| Forged::good(&ring).claim("exp", exp).signed(&ring);
    let wide = |exp: i64| Forged::good(&ring).claim("iat", json!(exp - 60)).claim("exp", json!(exp)).signed(&ring);
    for exp in [NOW - 1, NOW, -1, 0, i64::MIN + 60] {
        assert!(matches!(refused(&ring, &wide(exp)), Some(Refused::Expired)), "{exp}");
    }
    assert!(refused(&ring, &wide(NOW + 1)).is_none());
    for exp in
        [json!(NOW.to_string()), json!(1e300), json!(f64::from(2_000_000_000) + 0.5), json!(null), json!([NOW + 60])]
    {
        assert_flaw(&ring, &with(exp), Flaw::Claims);
    }
    assert_flaw(&ring, &with(json!(u64::MAX)), Flaw::Claims);
    assert_flaw(&ring, &with(json!(i64::MAX)), Flaw::Lifetime);
    assert_flaw(&ring, &Forged::good(&ring).without("exp").signed(&ring), Flaw::Claims);
    // Within the second, the fraction counts.
    let token = wide(NOW + 1);
    let token = Token::parse(token.as_bytes()).unwrap();
    let at =
        |millis| believed::<AccessWire>(&token, &ring, access(), Timestamp::from_millis(NOW * 1000 + millis)).err();
    assert!(at(999).is_none());
    assert!(matches!(at(1000), Some(Refused::Expired)));
}

#[test]
fn case_44_replicas_may_be_given_leeway() {
    let ring = ring(Algorithm::Es256);
    let wanted = Wanted { early: Duration::from_secs(2), late: Duration::from_secs(2), ..access() };
    let with = |exp: i64| Forged::good(&ring).claim("iat", json!(NOW - 60)).claim("exp", json!(exp)).signed(&ring);
    assert!(flaw_of::<AccessWire>(&ring, &with(NOW - 1), wanted).is_none());
    assert!(matches!(flaw_of::<AccessWire>(&ring, &with(NOW - 2), wanted), Some(Refused::Expired)));
    let early = Forged::good(&ring).claim("nbf", json!(NOW + 2));
    assert!(flaw_of::<AccessWire>(&ring, &early.signed(&ring), wanted).is_none());
    assert_flaw(&ring, &early.signed(&ring), Flaw::Future);
}

#[test]
fn case_45_it_is_of_today_and_lives_no_longer_than_its_class() {
    let ring = ring(Algorithm::Es256);
    let signed = |forged: Forged| forged.signed(&ring);
    let good = || Forged::good(&ring);
    assert_flaw(&ring, &signed(good().claim("nbf", json!(NOW + 1))), Flaw::Future);
    assert!(refused(&ring, &signed(good().claim("nbf", json!(NOW)))).is_none());
    assert_flaw(&ring, &signed(good().claim("nbf", json!("0"))), Flaw::Claims);
    assert_flaw(&ring, &signed(good().claim("iat", json!(NOW + 3600)).claim("exp", json!(NOW + 7200))), Flaw::Future);
    assert!(refused(&ring, &signed(good().claim("iat", json!(NOW + 60)).claim("exp", json!(NOW + 90)))).is_none());
    assert_flaw(&ring, &signed(good().claim("exp", json!(NOW + 10 * 365 * 86_400))), Flaw::Lifetime);
    assert_flaw(&ring, &signed(good().claim("iat", json!(i64::MIN)).claim("exp", json!(i64::MAX))), Flaw::Lifetime);
    for name in ["iat", "jti", "sub", "iss", "aud"] {
        assert_flaw(&ring, &signed(good().without(name)), Flaw::Claims);
        assert_flaw(&ring, &signed(good().claim(name, json!(null))), Flaw::Claims);
    }
}

#[test]
fn case_46_issuer_and_audience_are_ours_to_the_letter() {
    let ring = ring(Algorithm::Es256);
    let with = |name: &str, value: Value| Forged::good(&ring).claim(name, value).signed(&ring);
    for other in
        ["https://login.example.net/", "https://LOGIN.example.net", "http://login.example.net", "", JOIN_AUDIENCE]
    {
        assert_flaw(&ring, &with("iss", json!(other)), Flaw::Issuer);
        assert_flaw(&ring, &with("aud", json!(other)), Flaw::Audience);
    }
    for array in [json!([ISSUER]), json!([ISSUER, "https://other.example"]), json!([]), json!(1), json!({})] {
        assert_flaw(&ring, &with("aud", array.clone()), Flaw::Claims);
        assert_flaw(&ring, &with("iss", array), Flaw::Claims);
    }
}

#[test]
fn case_47_no_extension_is_understood_and_no_key_is_fetched() {
    let ring = ring(Algorithm::Es256);
    let with = |name: &str, value: Value| Forged::good(&ring).header(name, value).signed(&ring);
    assert_flaw(&ring, &with("crit", json!(["x"])), Flaw::Critical);
    assert_flaw(&ring, &with("b64", json!(false)), Flaw::Critical);
    // The key that an attacker brings along is not looked at: a token signed by ours is good, one signed by it is not.
    let theirs = Key::generate(Class::Access, Algorithm::Es256).unwrap();
    let jwk = serde_json::to_value(theirs.public().unwrap()).unwrap();
    let url = json!("http://127.0.0.1:1/keys");
    for (name, value) in [("jwk", jwk), ("jwk", json!(1)), ("jku", url.clone()), ("x5u", url), ("x5c", json!(["MIIB"]))]
    {
        assert!(refused(&ring, &with(name, value.clone())).is_none(), "{name}");
        let forged = Forged::good(&ring).header(name, value);
        assert_flaw(&ring, &forged.signed_by(&theirs), Flaw::Signature);
        assert_flaw(&ring, &forged.header("kid", json!(theirs.id())).signed_by(&theirs), Flaw::UnknownKey);
    }
}

#[test]
fn case_48_no_class_passes_for_another() {
    let ring = ring(Algorithm::Es256);
    let join_token = Forged::good(&ring)
        .header("typ", json!("join+jwt"))
        .header("kid", json!(key(&ring, Class::Join).id()))
        .claim("aud", json!(JOIN_AUDIENCE))
        .claim("nbf", json!(NOW))
        .claim("sid", json!("8f"))
        .claim("ver", json!(1));
    let token = join_token.signed_by(key(&ring, Class::Join));
    assert!(flaw_of::<JoinWire>(&ring, &token, join()).is_none());
    assert_flaw(&ring, &token, Flaw::OtherClass);
    let other = |token: &str| flaw_of::<JoinWire>(&ring, token, join());
    assert!(matches!(other(&Forged::good(&ring).signed(&ring)), Some(Refused::Invalid(Flaw::OtherClass))));
    // Each of the three marks alone is enough to tell them apart.
    let by_access_key = |forged: Forged| forged.header("kid", json!(key(&ring, Class::Access).id())).signed(&ring);
    assert!(matches!(other(&by_access_key(join_token.clone())), Some(Refused::Invalid(Flaw::OtherClass))));
    assert_flaw(&ring, &by_access_key(join_token.clone()), Flaw::OtherType);
    assert_flaw(&ring, &by_access_key(join_token.header("typ", json!("at+jwt"))), Flaw::Audience);
}

#[test]
fn case_49_an_access_token_says_that_it_is_one() {
    let ring = ring(Algorithm::Es256);
    for typ in ["JWT", "", "at", "at+jwt ", "join+jwt"] {
        assert_flaw(&ring, &Forged::good(&ring).header("typ", json!(typ)).signed(&ring), Flaw::OtherType);
    }
    assert_flaw(&ring, &Forged::good(&ring).without("typ").signed(&ring), Flaw::OtherType);
    assert!(refused(&ring, &Forged::good(&ring).header("typ", json!("application/AT+jwt")).signed(&ring)).is_none());
}

#[test]
fn case_51_a_retired_key_verifies_until_its_tokens_are_over_and_a_deleted_one_does_not() {
    let of = |from: i64| {
        Key::generate(Class::Access, Algorithm::Es256)
            .map(|key| Entry { signs_from: Timestamp::from_seconds(from), ..entry(key) })
    };
    let retired = of(0).unwrap();
    let kept = retired.key.private().to_vec();
    let forged = Forged::good(&Ring::new(vec![retired], LIFETIMES)).claim("exp", json!(NOW + 2_592_000));
    let again = || entry(Key::of(Class::Access, Algorithm::Es256, kept.clone().into()).unwrap());
    let with = |successor: i64| Ring::new(vec![again(), of(successor).unwrap()], LIFETIMES);
    let token = forged.signed_by(&again().key);
    assert!(refused(&with(NOW - 2_592_000), &token).is_none());
    assert_flaw(&with(NOW - 2_592_000 - 3600), &token, Flaw::UnknownKey);
    assert_flaw(&Ring::new(vec![of(NOW - 1).unwrap()], LIFETIMES), &token, Flaw::UnknownKey);
}

#[test]
fn case_53_base64_has_one_form() {
    let ring = ring(Algorithm::Es256);
    // Claims whose base64 has both letters that the alphabets write differently, and that would be padded.
    let forged = Forged::good(&ring).claim("name", json!("???>>>~~~"));
    let key = key(&ring, Class::Access);
    let (header, claims) = (serde_json::to_vec(&forged.header).unwrap(), serde_json::to_vec(&forged.claims).unwrap());
    for spaces in 0..3 {
        let claims = [claims.as_slice(), &b"   "[..spaces]].concat();
        let padded = format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE.encode(&claims));
        let standard = format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), STANDARD.encode(&claims));
        for message in [padded, standard] {
            let good = message == format!("{}.{}", URL_SAFE_NO_PAD.encode(&header), URL_SAFE_NO_PAD.encode(&claims));
            assert_eq!(refused(&ring, &signed(key, &message)).is_none(), good, "{message}");
        }
    }
    let token = forged.signed(&ring);
    for after in ["=", "==", " ", "\n", "\r\n", "\0", "\t", "A"] {
        assert!(refused(&ring, &format!("{token}{after}")).is_some(), "{after:?}");
        assert!(refused(&ring, &format!("{after}{token}")).is_some(), "{after:?}");
    }
    // The last letter of 64 bytes has four bits to spare.
    let (rest, last) = token.split_at(token.len() - 1);
    for other in 'A'..='z' {
        let other = other.to_string();
        if other != last {
            assert!(refused(&ring, &format!("{rest}{other}")).is_some(), "{other}");
        }
    }
}

#[test]
fn case_54_no_claim_is_there_twice() {
    let ring = ring(Algorithm::Es256);
    let good = Forged::good(&ring);
    let claims = serde_json::to_string(&good.claims).unwrap();
    for twice in
        [r#""sub":"069a79f4-44e9-4726-a5be-fca90e38aaf6""#, r#""\u0073ub":"a""#, r#""exp":9999999999"#, r#""aud":"a""#]
    {
        for claims in [claims.replacen('{', &format!("{{{twice},"), 1), claims.replacen('}', &format!(",{twice}}}"), 1)]
        {
            let message = format!("{}.{}", part(&good.header), URL_SAFE_NO_PAD.encode(claims));
            assert_flaw(&ring, &signed(key(&ring, Class::Access), &message), Flaw::Claims);
        }
    }
}

#[test]
fn claims_are_an_object() {
    let ring = ring(Algorithm::Es256);
    let good = Forged::good(&ring);
    let values = [ISSUER, "sub", ISSUER, "mc-join"].map(|text| json!(text));
    let array =
        [&values[..], &[json!(NOW), json!(null), json!(NOW + 60)], &["a", "b"].map(|text| json!(text))].concat();
    let array = [&array[..], &[json!(NOW), json!([]), json!("mojang"), json!("c"), json!("d")]].concat();
    let message = |claims: &str| format!("{}.{}", part(&good.header), URL_SAFE_NO_PAD.encode(claims));
    for claims in [&serde_json::to_string(&array).unwrap(), "", "null", "1", "\"a\"", "{", "{}{}", "[]"] {
        assert!(refused(&ring, &signed(key(&ring, Class::Access), &message(claims))).is_some(), "{claims}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_changed_in_a_token_it_is_refused(at: proptest::sample::Index, byte: u8) {
        let ring = ring(Algorithm::EdDsa);
        let token = Forged::good(&ring).signed(&ring);
        let mut other = token.clone().into_bytes();
        let at = at.index(other.len());
        other[at] = byte;
        let is_same = other == token.as_bytes();
        let read = Token::parse(&other).ok();
        let is_believed = read.is_some_and(|token| believed::<AccessWire>(&token, &ring, access(), now()).is_ok());
        proptest::prop_assert_eq!(is_believed, is_same);
    }
}
