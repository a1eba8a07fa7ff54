//! The variants of §7.5 against services: an address passes that is registered, sign by sign, and no other.

use super::{
    Database, on_both,
    services::{CALLBACK, NATIVE, page, refused, stage},
};
use serde_json::json;

on_both! {
    cases_84_to_98_a_redirect_is_one_that_is_registered,
    a_native_service_may_have_any_port,
}

/// The variants of §7.5, and those of an address that is registered.
const VARIANTS: &[&str] = &[
    "https://build.moe.evil.com/auth/callback",
    "https://xbuild.moe/auth/callback",
    "https://evil.com/auth/callback",
    "https://evil.com\\@build.moe/auth/callback",
    "https://build.moe\\auth/callback",
    "/\\evil.com",
    "http:\\\\localhost\\x",
    "//build.moe/auth/callback",
    "///evil.com",
    "https:build.moe",
    "https:/build.moe/auth/callback",
    "build.moe",
    "/auth/callback",
    "javascript:alert(1)",
    "JaVaScRiPt://build.moe/%0aalert(1)",
    "data:text/html,x",
    "blob:https://build.moe/",
    "ftp://localhost/",
    "https://build.moe@evil.com/",
    "https://user:pw@build.moe/auth/callback",
    "https://build.moe%5c@evil.com/",
    "https://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "https://bu\u{456}ld.moe/auth/callback",
    "https://build\u{ff0e}moe/auth/callback",
    "https://build.mo\u{ad}e/auth/callback",
    "https://evil\t.com",
    "ht\ntps://build.moe/auth/callback",
    " https://build.moe/auth/callback",
    "https://build.moe/auth/callback\0",
    "https://build.moe/auth/callback ",
    "https://evil.com#.build.moe",
    "https://build.moe/auth/callback#frag",
    "https://evil.com?https://build.moe/auth/callback",
    "https://build%2emoe/auth/callback",
    "https://b%75ild.moe/auth/callback",
    "https://*.build.moe/auth/callback",
    "https://.build.moe/",
    "https://build.moe./auth/callback",
    "https://build.moe;.evil.com/",
    "https://build.moe:0/auth/callback",
    "https://build.moe:65536/auth/callback",
    "https://build.moe:443/auth/callback",
    "https://build.moe:8443/auth/callback",
    "https%3A%2F%2Fbuild.moe%2Fauth%2Fcallback",
    // Registered, but not sign by sign.
    "http://build.moe/auth/callback",
    "HTTPS://build.moe/auth/callback",
    "https://BUILD.moe/auth/callback",
    "https://build.moe/auth/Callback",
    "https://build.moe/auth/callback/",
    "https://build.moe/auth/callback?",
    "https://build.moe/auth/callback?a=1",
    "https://build.moe/auth/./callback",
    "https://build.moe/auth/%63allback",
    "https://build.moe//auth/callback",
    "https://build.moe/auth/",
    "https://build.moe/Second",
    "https://build.moe/Second?a=1&b=2",
    "https://build.moe/Second?a=2",
    "https://gone.example/",
];

async fn cases_84_to_98_a_redirect_is_one_that_is_registered(database: Database) {
    let stage = stage(database, "").await;
    let token = stage.token().await;
    let long = format!("{CALLBACK}?{}", "a".repeat(2_049 - CALLBACK.len() - 1));
    for variant in VARIANTS.iter().copied().chain([&*long]) {
        let answer = stage.asked("build-moe", variant).await;
        page(&answer, 400, "invalid_redirect");
        assert!(!answer.text().contains("evil.com") && !answer.text().contains("alert"), "{}", answer.text());
        let answer = stage.service_token_for(&token, &json!({ "service": "build-moe", "redirect": variant })).await;
        refused(&answer, 400, "invalid_redirect");
    }
    for registered in [CALLBACK, "https://build.moe/Second?a=1"] {
        assert_eq!(stage.asked("build-moe", registered).await.status, 302);
        stage.granted(&token, "build-moe", registered).await;
    }
}

async fn a_native_service_may_have_any_port(database: Database) {
    let stage = stage(database, "").await;
    for (redirect, status) in [
        ("http://localhost:1/cb", 302),
        ("http://localhost/cb", 302),
        (NATIVE, 302),
        ("http://127.0.0.1:4000/cb", 400),
        ("http://localhost:4000/other", 400),
        ("https://localhost:4000/cb", 400),
        ("https://desk.example:8443/cb", 400),
    ] {
        assert_eq!(stage.asked("desk", redirect).await.status, status, "{redirect}");
    }
}
