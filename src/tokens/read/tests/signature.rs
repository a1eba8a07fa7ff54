//! Keys, algorithms and signatures: cases 39 to 43.

use super::*;

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
