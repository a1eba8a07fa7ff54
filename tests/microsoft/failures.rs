//! Each way a step can fail, and the code it gets. By the numbers of the contract where it has one.

use serde_json::json;

use super::stage::Stage;
use crate::support::microsoft::{Knob, Step};

#[tokio::test]
async fn case_75_microsofts_failures() {
    let stage = Stage::start().await;
    let of = |error: &str, number: u32| {
        json!({"error": error, "error_codes": [number], "error_description": format!("AADSTS{number}: no")}).to_string()
    };
    for (knob, code) in [
        (Knob::json(400, &of("invalid_grant", 70_008)), "microsoft_code_invalid"),
        (Knob::json(401, &of("invalid_client", 7_000_215)), "microsoft_misconfigured"),
        (Knob::json(400, &of("invalid_client", 700_025)), "microsoft_misconfigured"),
        (Knob::json(400, &of("unauthorized_client", 700_016)), "microsoft_misconfigured"),
        (Knob::json(400, &of("invalid_scope", 70_011)), "microsoft_misconfigured"),
        (Knob::json(400, &of("invalid_request", 90_023)), "microsoft_misconfigured"),
        (Knob::json(400, &of("invalid_request", 9_002_327)), "microsoft_misconfigured"),
        (Knob::json(400, &of("invalid_grant", 9_002_327)), "microsoft_misconfigured"),
        (
            Knob::json(400, r#"{"error":"invalid_grant","error_description":"AADSTS90023: no"}"#),
            "microsoft_misconfigured",
        ),
        (Knob::json(400, r#"{"error":"invalid_grant"}"#), "microsoft_code_invalid"),
        (Knob::json(400, r#"{"error":"consent_required"}"#), "consent_required"),
        (Knob::json(400, r#"{"error":"temporarily_unavailable"}"#), "microsoft_unavailable"),
        (Knob::json(400, r#"{"error":"something_new"}"#), "microsoft_error"),
        (Knob::json(500, &of("invalid_grant", 1)), "microsoft_unavailable"),
        (Knob::json(429, "{}"), "microsoft_unavailable"),
        (Knob::html(500, "down"), "microsoft_unavailable"),
        (Knob::html(403, "blocked"), "microsoft_unavailable"),
        (Knob::html(200, "a captive portal"), "microsoft_unavailable"),
        (Knob::json(400, "{"), "microsoft_unavailable"),
        (Knob::json(200, "{"), "microsoft_unavailable"),
        (Knob::json(200, "{}"), "microsoft_unavailable"),
        (Knob::json(200, r#"{"access_token":""}"#), "microsoft_unavailable"),
        (Knob::json(200, r#"{"access_token":"a b"}"#), "microsoft_unavailable"),
        (Knob::json(200, r#"{"access_token":"x","token_type":"pop"}"#), "microsoft_unavailable"),
        (Knob::padded(64 * 1024), "microsoft_unavailable"),
        (Knob::empty(302).header("Location", "/user/authenticate"), "microsoft_unavailable"),
    ] {
        assert_eq!(stage.when(Step::Token, knob.clone()).await, code, "{knob:?}");
    }
    assert!(stage.fake.seen(Step::Xbl).is_empty(), "nobody else was asked");
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
}

/// As the contract's table has it.
const XERR: [(u64, &str); 9] = [
    (2_148_916_227, "xbox_banned"),
    (2_148_916_229, "xbox_parental_restriction"),
    (2_148_916_233, "xbox_no_account"),
    (2_148_916_234, "xbox_terms"),
    (2_148_916_235, "xbox_region"),
    (2_148_916_236, "xbox_age_verification"),
    (2_148_916_237, "xbox_age_verification"),
    (2_148_916_238, "xbox_child_account"),
    (2_148_916_999, "xbox_error"),
];

#[tokio::test]
async fn case_76_what_xbox_live_has_against_an_account() {
    let stage = Stage::start().await;
    let body = |number: u64| {
        json!({"Identity": "0", "XErr": number, "Message": "", "Redirect": "https://x.example"}).to_string()
    };
    for step in [Step::Xbl, Step::Xsts] {
        for (number, code) in XERR {
            assert_eq!(stage.when(step, Knob::json(401, &body(number))).await, code, "{number} in the body");
            let header = |status, value: String| Knob::empty(status).header("X-Err", &value);
            assert_eq!(stage.when(step, header(401, number.to_string())).await, code, "{number} in the header");
            assert_eq!(stage.when(step, header(400, format!("0x{number:X}"))).await, code, "{number} in hexadecimal");
        }
        let both = Knob::json(403, &body(2_148_916_233)).header("X-Err", "2148916227");
        assert_eq!(stage.when(step, both).await, "xbox_no_account", "the body first");
        let zero = Knob::json(401, &body(0)).header("X-Err", "2148916227");
        assert_eq!(stage.when(step, zero).await, "xbox_banned");
        for (knob, code) in [
            (Knob::empty(401).header("X-Err", "many"), "xbox_error"),
            (Knob::empty(401), "xbox_error"),
            (Knob::json(400, "{"), "xbox_error"),
            (Knob::empty(429), "xbox_unavailable"),
            (Knob::empty(503), "xbox_unavailable"),
            (Knob::html(403, "blocked"), "xbox_unavailable"),
            (Knob::json(200, "{"), "xbox_unavailable"),
            (Knob::json(200, r#"{"Token":"x"}"#), "xbox_unavailable"),
            (Knob::json(200, r#"{"Token":"x","DisplayClaims":{"xui":[]}}"#), "xbox_unavailable"),
            (Knob::json(200, r#"{"Token":"x","DisplayClaims":{"xui":[{"uhs":"1;2"}]}}"#), "xbox_unavailable"),
            (Knob::padded(64 * 1024), "xbox_unavailable"),
            (Knob::empty(307).header("Location", "/xsts/authorize"), "xbox_unavailable"),
        ] {
            assert_eq!(stage.when(step, knob.clone()).await, code, "{step:?} {knob:?}");
        }
    }
    assert!(stage.fake.seen(Step::LoginWithXbox).is_empty(), "nobody else was asked");
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn case_77_both_tokens_have_to_be_of_one_user() {
    let stage = Stage::start().await;
    let other = r#"{"Token":"x","DisplayClaims":{"xui":[{"uhs":"1234567890"}]}}"#;
    assert_eq!(stage.when(Step::Xsts, Knob::json(200, other)).await, "xbox_error");
    assert!(stage.fake.seen(Step::LoginWithXbox).is_empty());
}

#[tokio::test]
async fn case_78_minecrafts_failures() {
    let stage = Stage::start().await;
    let unregistered = r#"{"path":"/authentication/login_with_xbox","error":"FORBIDDEN","errorMessage":"Invalid app registration, see https://aka.ms/AppRegInfo for more information"}"#;
    let shared = [
        (Knob::json(401, "{}"), "minecraft_rejected"),
        (Knob::empty(401), "minecraft_rejected"),
        (Knob::json(403, "{}"), "minecraft_rejected"),
        (Knob::json(400, "{}"), "minecraft_rejected"),
        (Knob::html(403, "Request blocked. AppRegInfo. Generated by cloudfront"), "minecraft_unavailable"),
        (Knob::html(404, "not here"), "minecraft_unavailable"),
        (Knob::html(429, "slow down"), "minecraft_rate_limited"),
        (Knob::json(429, "{}"), "minecraft_rate_limited"),
        (Knob::json(500, "{}"), "minecraft_unavailable"),
        (Knob::empty(503), "minecraft_unavailable"),
        (Knob::html(200, "maintenance"), "minecraft_unavailable"),
        (Knob::json(200, "{"), "minecraft_unavailable"),
        (Knob::json(200, "{}"), "minecraft_unavailable"),
        (Knob::padded(64 * 1024), "minecraft_unavailable"),
        (Knob::empty(302).header("Location", "/mc/minecraft/profile"), "minecraft_unavailable"),
    ];
    for step in [Step::LoginWithXbox, Step::Profile] {
        for (knob, code) in shared.clone() {
            assert_eq!(stage.when(step, knob.clone()).await, code, "{step:?} {knob:?}");
        }
    }
    assert_eq!(stage.when(Step::LoginWithXbox, Knob::json(403, unregistered)).await, "app_not_approved");
    assert_eq!(
        stage.when(Step::LoginWithXbox, Knob::json(200, r#"{"access_token":"a\nb"}"#)).await,
        "minecraft_unavailable"
    );
    assert_eq!(stage.fake.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn case_79_without_a_profile_there_is_no_player() {
    let stage = Stage::start().await;
    let none = r#"{"path":"/minecraft/profile","errorType":"NOT_FOUND","error":"NOT_FOUND","errorMessage":"The server has not found anything"}"#;
    assert_eq!(stage.when(Step::Profile, Knob::json(404, none)).await, "no_minecraft_profile");
    assert_eq!(stage.when(Step::Profile, Knob::empty(404)).await, "no_minecraft_profile");
    for profile in [
        r#"{"id":"not-hex","name":"Notch"}"#,
        r#"{"id":"069a79f4-44e9-4726-a5be-fca90e38aaf5","name":"Notch"}"#,
        r#"{"id":"069a79f444e94726a5befca90e38aaf5"}"#,
        r#"{"id":"069a79f444e94726a5befca90e38aaf5","name":""}"#,
        r#"{"id":"069a79f444e94726a5befca90e38aaf5","name":"Seventeen_letters"}"#,
        r#"{"id":"069a79f444e94726a5befca90e38aaf5","name":"<b> x"}"#,
        r#"{"id":1,"name":"Notch"}"#,
    ] {
        assert_eq!(stage.when(Step::Profile, Knob::json(200, profile)).await, "minecraft_unavailable", "{profile}");
    }
}
