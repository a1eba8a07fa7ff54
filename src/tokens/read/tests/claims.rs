//! Times, parties and claims: cases 44 to 46 and 54.

use super::*;

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
