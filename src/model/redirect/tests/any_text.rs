//! What holds for any text.

use super::{super::*, check};
use proptest::prelude::*;

/// Pieces that parsers have disagreed about, in any order, and plain noise between them.
fn nearly_an_address() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("https://"),
        Just("http://"),
        Just("HTTP://"),
        Just("//"),
        Just("localhost"),
        Just("127.0.0.1"),
        Just("evil.com"),
        Just(".uebliche.net"),
        Just("dash"),
        Just("@"),
        Just(":"),
        Just(":8080"),
        Just("/"),
        Just("\\"),
        Just("?"),
        Just("#"),
        Just("%2e"),
        Just("%00"),
        Just("."),
        Just(".."),
        Just("xn--"),
        Just("0x7f.1"),
        Just("["),
        Just("]"),
        Just("\t"),
        Just("ß"),
        Just("a=1&b"),
        Just("*"),
        Just(";"),
        Just("user:pw@"),
    ];
    let pieces =
        prop::collection::vec(prop_oneof![4 => piece.prop_map(str::to_owned), 1 => "[ -~]{1,3}".prop_map(|s| s)], 0..8);
    (prop_oneof![3 => Just("https://dash.uebliche.net"), 1 => Just("http://localhost"), 2 => Just("https://"), 2 => Just("")], pieces)
        .prop_map(|(start, pieces)| format!("{start}{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever passes leads to an allowed host for every parser, stays what it is, and takes parameters without changing otherwise.
    #[test]
    fn nothing_leads_elsewhere(raw in nearly_an_address()) {
        let Ok(redirect) = check(&raw) else { return Ok(()) };
        let host = redirect.host().to_owned();
        prop_assert!(matches!(host.as_str(), "localhost" | "127.0.0.1") || host.ends_with(".uebliche.net"), "{host}");
        let other: http::Uri = redirect.as_str().parse().unwrap();
        prop_assert_eq!(other.host(), Some(host.as_str()), "another parser agrees");
        prop_assert!(!redirect.as_str().contains('#') && redirect.url().username().is_empty());
        prop_assert!(redirect.url().password().is_none());
        prop_assert_eq!(check(redirect.as_str()), Ok(redirect.clone()), "checked again");
        let sent = redirect.with_fragment(&[("authToken", "a.b.c")]);
        prop_assert_eq!(sent.as_str(), format!("{redirect}#authToken=a.b.c"));
        let told = redirect.with_query(&[("loginError", "x y")]);
        prop_assert_eq!(told.host_str(), Some(host.as_str()));
        let pairs = |url: &Url| url.query_pairs().into_owned().collect::<Vec<_>>();
        let mut wanted = pairs(redirect.url());
        wanted.push(("loginError".to_owned(), "x y".to_owned()));
        prop_assert_eq!(pairs(&told), wanted);
    }

    /// No text makes it panic, and only what is registered passes.
    #[test]
    fn registered_is_registered(raw in nearly_an_address()) {
        let known = "https://dash.uebliche.net/cb";
        prop_assert_eq!(check_registered(&raw, &[known], false).is_ok(), raw == known);
    }
}
