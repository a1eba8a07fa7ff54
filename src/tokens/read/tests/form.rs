//! Headers, classes, keys that are gone, and base64: cases 47 to 53.

use super::*;

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
