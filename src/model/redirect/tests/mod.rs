//! Every address of the contract's table, by the number of its case.

mod any_text;

use super::*;

/// What is refused, and by which rule.
type Case<'a> = &'a [(&'a str, Denied)];

fn seeds_hosts() -> RedirectHosts {
    RedirectHosts::new(["localhost", "127.0.0.1", "*.uebliche.net"]).unwrap()
}

fn check(raw: &str) -> Result<Redirect, Denied> {
    check_redirect(raw, &seeds_hosts(), false)
}

#[track_caller]
fn denied(case: Case<'_>) {
    for (raw, rule) in case {
        assert_eq!(check(raw), Err(*rule), "{raw:?}");
        // A service's address has to be one of its own besides, so it passes no rule that this does not.
        let registered = check_registered(raw, &["https://build.moe/auth/callback"], true);
        assert!(registered.is_err(), "{raw:?}");
        if *rule != Denied::NotAllowed {
            assert_eq!(registered, Err(*rule), "{raw:?}");
        }
    }
}

#[test]
fn what_leads_home_is_allowed() {
    for (raw, sent) in [
        ("http://localhost:3000/cb", "http://localhost:3000/cb"),
        ("https://127.0.0.1/cb", "https://127.0.0.1/cb"),
        ("http://LOCALHOST/", "http://localhost/"),
        ("HTTPS://DASH.UEBLICHE.NET/x", "https://dash.uebliche.net/x"),
        ("https://dash.uebliche.net:443/", "https://dash.uebliche.net/"),
        ("https://a.b.c.uebliche.net/", "https://a.b.c.uebliche.net/"),
        ("https://xn--dsh-6cd.uebliche.net/", "https://xn--dsh-6cd.uebliche.net/"),
        ("https://dash.uebliche.net/a/../../b?x=1&y=2", "https://dash.uebliche.net/b?x=1&y=2"),
        ("https://dash.uebliche.net", "https://dash.uebliche.net/"),
        ("https://dash.uebliche.net?next=https://evil.com/@x", "https://dash.uebliche.net/?next=https://evil.com/@x"),
        ("http://dash.uebliche.net:80/", "http://dash.uebliche.net/"),
        ("http://localhost:65535/", "http://localhost:65535/"),
    ] {
        assert_eq!(check(raw).map(|redirect| redirect.to_string()), Ok(sent.to_owned()), "{raw}");
    }
}

#[test]
fn case_84_hosts_that_only_look_allowed() {
    denied(&[
        ("https://localhost.evil.com", Denied::NotAllowed),
        ("http://127.0.0.1.nip.io/", Denied::NotAllowed),
        ("https://xuebliche.net", Denied::NotAllowed),
        ("https://uebliche.net", Denied::NotAllowed),
        ("https://dash.uebliche.net.evil.com/", Denied::NotAllowed),
        ("https://evil-uebliche.net/", Denied::NotAllowed),
    ]);
}

#[test]
fn case_85_backslashes() {
    denied(&[
        (r"https://evil.com\@localhost", Denied::Backslash),
        (r"https://evil.com\.uebliche.net", Denied::Backslash),
        (r"/\evil.com", Denied::Backslash),
        (r"http:\\localhost\x", Denied::Backslash),
        (r"https://localhost/\evil.com", Denied::Backslash),
    ]);
}

#[test]
fn case_86_no_scheme_or_not_two_slashes() {
    denied(&[
        ("//evil.com", Denied::Scheme),
        ("///evil.com", Denied::Scheme),
        ("https:evil.com", Denied::Scheme),
        ("https:/evil.com", Denied::Scheme),
        ("https:///evil.com", Denied::Scheme),
        ("https:///localhost", Denied::Scheme),
        ("dash.uebliche.net", Denied::Scheme),
        ("dash.uebliche.net/https://localhost", Denied::Scheme),
        ("", Denied::Length),
    ]);
}

#[test]
fn case_87_other_schemes() {
    denied(&[
        ("javascript:alert(1)", Denied::Scheme),
        ("JaVaScRiPt://dash.uebliche.net/%0aalert(1)", Denied::Scheme),
        ("data:text/html,<script>alert(1)</script>", Denied::Scheme),
        ("blob:https://dash.uebliche.net/1", Denied::Scheme),
        ("ftp://localhost/", Denied::Scheme),
        ("httpss://localhost/", Denied::Scheme),
        ("x-https://localhost/", Denied::Scheme),
        ("://localhost/", Denied::Scheme),
    ]);
}

#[test]
fn case_88_credentials() {
    denied(&[
        ("https://dash.uebliche.net@evil.com/", Denied::Host),
        ("https://user:pw@dash.uebliche.net/", Denied::Port),
        ("https://user@dash.uebliche.net/", Denied::Host),
        ("https://@localhost/", Denied::Host),
        ("https://:@localhost/", Denied::Host),
        ("https://localhost:80@evil.com/", Denied::Port),
        ("https://dash.uebliche.net%5c@evil.com/", Denied::Host),
    ]);
}

#[test]
fn case_89_ipv6() {
    denied(&[
        ("https://[::1]/", Denied::Host),
        ("http://[::ffff:127.0.0.1]/", Denied::Host),
        ("http://[fe80::1%25eth0]/", Denied::Host),
        ("http://[::1]:8080/", Denied::Host),
        ("http://::1/", Denied::Host),
    ]);
}

#[test]
fn case_90_addresses_in_disguise() {
    denied(&[
        ("http://127.1/", Denied::NotCanonical),
        ("http://2130706433/", Denied::NotCanonical),
        ("http://0x7f.1/", Denied::NotCanonical),
        ("http://0177.0.0.1/", Denied::NotCanonical),
        ("http://127.0.0.01/", Denied::NotCanonical),
        ("http://1.2.3.4.5/", Denied::NotCanonical),
        ("https://xn--a.uebliche.net/", Denied::NotCanonical),
    ]);
}

#[test]
fn case_91_other_scripts() {
    denied(&[
        ("https://d\u{430}sh.uebliche.net/", Denied::Charset),
        ("https://uebl\u{456}che.net/", Denied::Charset),
        ("https://\u{ff44}ash.uebliche.net/", Denied::Charset),
        ("https://dash\u{3002}uebliche.net/", Denied::Charset),
        ("https://da\u{ad}sh.uebliche.net/", Denied::Charset),
        ("https://\u{202e}dash.uebliche.net/", Denied::Charset),
        ("https://\u{df}.uebliche.net/", Denied::Charset),
        ("https://dash.uebliche.net/\u{e4}", Denied::Charset),
    ]);
}

#[test]
fn case_92_what_parsers_drop() {
    denied(&[
        ("https://evil\t.com", Denied::Charset),
        ("ht\ntps://localhost/", Denied::Charset),
        ("  https://localhost/", Denied::Charset),
        ("https://localhost/ ", Denied::Charset),
        ("https://localhost/\r\nSet-Cookie: a=b", Denied::Charset),
        ("https://localhost\0.evil.com/", Denied::Charset),
        ("https://localhost/\u{7f}", Denied::Charset),
    ]);
}

#[test]
fn case_93_fragments() {
    denied(&[
        ("https://evil.com#.uebliche.net", Denied::Fragment),
        ("https://dash.uebliche.net/#frag", Denied::Fragment),
        ("https://dash.uebliche.net/#", Denied::Fragment),
        ("https://dash.uebliche.net/?a#b", Denied::Fragment),
    ]);
}

#[test]
fn case_94_the_allowed_host_elsewhere() {
    denied(&[
        ("https://evil.com?.uebliche.net", Denied::NotAllowed),
        ("https://evil.com/@localhost", Denied::NotAllowed),
        ("https://evil.com/https://localhost", Denied::NotAllowed),
    ]);
}

#[test]
fn case_95_percent_encoded_hosts() {
    denied(&[
        ("http://localhost%2eevil.com/", Denied::Host),
        ("http://loc%61lhost/", Denied::Host),
        ("https://evil.com%23.uebliche.net", Denied::Host),
        ("https://evil.com%2f.uebliche.net", Denied::Host),
        ("https://evil.com%00.uebliche.net", Denied::Host),
    ]);
}

#[test]
fn case_96_what_is_no_host_name() {
    let long = format!("https://{}.uebliche.net/", "a".repeat(64));
    let longer = format!("https://{}uebliche.net/", "a.".repeat(122));
    denied(&[
        ("https://*.uebliche.net/", Denied::Host),
        ("https://.uebliche.net/", Denied::Host),
        ("https://a..uebliche.net/", Denied::Host),
        ("https://dash.uebliche.net./", Denied::Host),
        ("http://localhost./", Denied::Host),
        ("http://127.0.0.1./", Denied::Host),
        ("https://evil.com;.uebliche.net", Denied::Host),
        ("https://evil.com,.uebliche.net", Denied::Host),
        ("https://dash_uebliche.net", Denied::Host),
        ("https://-dash.uebliche.net/", Denied::Host),
        ("https://dash-.uebliche.net/", Denied::Host),
        ("https://?x", Denied::Host),
        (&long, Denied::Host),
        (&longer, Denied::Host),
    ]);
}

#[test]
fn case_97_ports() {
    denied(&[
        ("http://localhost:0/", Denied::Port),
        ("http://localhost:65536/", Denied::Port),
        ("http://localhost:/", Denied::Port),
        ("http://localhost:080/", Denied::Port),
        ("http://localhost:+80/", Denied::Port),
        ("http://localhost:-80/", Denied::Port),
        ("http://localhost:8_0/", Denied::Port),
        ("https://dash.uebliche.net:8443/", Denied::NotAllowed),
        ("https://dash.uebliche.net:80/", Denied::NotAllowed),
    ]);
}

#[test]
fn case_98_too_long_or_encoded_twice() {
    let of_length = |length: usize| format!("https://localhost/{:a<1$}", "", length - 18);
    assert_eq!(of_length(2048).len(), 2048);
    assert!(check(&of_length(2048)).is_ok());
    denied(&[
        (&of_length(2049), Denied::Length),
        ("https%253A%252F%252Fdash.uebliche.net", Denied::Scheme),
        ("https%3A%2F%2Fdash.uebliche.net", Denied::Scheme),
    ]);
}

#[test]
fn https_may_be_asked_of_all_but_this_machine() {
    let strict = |raw| check_redirect(raw, &seeds_hosts(), true);
    assert_eq!(strict("http://dash.uebliche.net/"), Err(Denied::Insecure));
    assert!(strict("https://dash.uebliche.net/").is_ok());
    assert!(strict("http://localhost:3000/").is_ok() && strict("http://127.0.0.1:1/").is_ok());
}

#[test]
fn a_list_says_exactly_which_hosts() {
    let hosts = RedirectHosts::new(["Dash.example.net", "dev.example.net:8443", "*.Example.org"]).unwrap();
    let allowed = |raw| check_redirect(raw, &hosts, false).is_ok();
    assert!(allowed("https://dash.example.net/x") && allowed("https://dev.example.net:8443/"));
    assert!(allowed("https://a.b.example.org/"));
    for raw in [
        "https://dash.example.net:8443/",
        "https://dev.example.net/",
        "https://x.dash.example.net/",
        "https://example.org/",
        "https://localhost/",
    ] {
        assert!(!allowed(raw), "{raw}");
    }
    for entry in
        ["", "*", "*.", "*.net", "a b", "https://a.example", "a.example/x", "*.*.example.net", "127.1", "a:0", "[::1]"]
    {
        assert_eq!(RedirectHosts::new([entry]), Err(NotAHost), "{entry}");
    }
    assert!(
        RedirectHosts::default().is_empty()
            && check_redirect("https://localhost/", &RedirectHosts::default(), false).is_err()
    );
}

#[test]
fn a_service_is_sent_to_what_it_registered_and_nowhere_else() {
    let registered = ["https://build.moe/auth/callback", "https://build.moe/b?x=1"];
    let check = |raw| check_registered(raw, &registered, false);
    assert_eq!(check("https://build.moe/auth/callback").unwrap().as_str(), "https://build.moe/auth/callback");
    assert_eq!(check("https://build.moe/b?x=1").unwrap().as_str(), "https://build.moe/b?x=1");
    for raw in [
        "https://build.moe/auth/Callback",
        "https://build.moe/auth/callback/",
        "https://build.moe/auth/callback?x=1",
        "https://build.moe/auth/callback?",
        "https://build.moe/auth/x/../callback",
        "https://BUILD.moe/auth/callback",
        "https://build.moe:443/auth/callback",
        "http://build.moe/auth/callback",
        "https://build.moe/b?x=1&y=2",
        "https://build.moe/auth",
    ] {
        assert_eq!(check(raw), Err(Denied::NotRegistered), "{raw}");
    }
}

#[test]
fn only_a_native_service_may_listen_on_any_port_of_this_machine() {
    let registered =
        ["http://127.0.0.1/cb", "http://localhost:1/cb?x", "https://127.0.0.1/tls", "http://app.example:1/cb"];
    let native = |raw| check_registered(raw, &registered, true).is_ok();
    assert!(native("http://127.0.0.1:51004/cb") && native("http://127.0.0.1/cb"));
    assert!(native("http://localhost:2/cb?x") && native("http://localhost/cb?x"));
    for raw in [
        "http://127.0.0.1:51004/cb/",
        "http://127.0.0.1:51004/CB",
        "http://localhost:51004/cb",
        "http://localhost:2/cb?y",
        "https://127.0.0.1:51004/cb",
        "https://127.0.0.1:51004/tls",
        "https://localhost/",
        "http://app.example:2/cb",
        "http://127.0.0.1.nip.io/cb",
    ] {
        assert!(!native(raw), "{raw}");
    }
    assert!(check_registered("http://127.0.0.1:51004/cb", &registered, false).is_err());
}

#[test]
fn case_80_what_is_there_stays_whole() {
    let redirect = check("https://dash.uebliche.net/x?a=1&b=%26%20&c+d").unwrap();
    assert_eq!(
        redirect.with_query(&[("loginError", "No! \"ä\" & #so+on"), ("loginErrorCode", "x_y")]).as_str(),
        "https://dash.uebliche.net/x?a=1&b=%26%20&c+d&loginError=No%21%20%22%C3%A4%22%20%26%20%23so%2Bon&loginErrorCode=x_y"
    );
    assert_eq!(
        redirect
            .with_fragment(&[("authToken", "a.b-c_d"), ("expiresAt", "2026-01-26T12:00:00Z"), ("state", "a&b=c#d")])
            .as_str(),
        "https://dash.uebliche.net/x?a=1&b=%26%20&c+d#authToken=a.b-c_d&expiresAt=2026-01-26T12:00:00Z&state=a%26b%3Dc%23d"
    );
    let bare = check("https://dash.uebliche.net").unwrap();
    assert_eq!(bare.with_query(&[("a", "b")]).as_str(), "https://dash.uebliche.net/?a=b");
    assert_eq!(check("https://localhost/?").unwrap().with_query(&[("a", "b")]).as_str(), "https://localhost/?a=b");
    assert_eq!(bare.under("/auth/consent").as_str(), "https://dash.uebliche.net/auth/consent");
    assert_eq!(check("https://localhost/d/?q").unwrap().under("/c").as_str(), "https://localhost/d/c");
}
