//! Services that players may let use their account, as operators write them in the file.

use crate::support::proxy;
use hasjoined::config::{self, ConsentPage, Loaded, ServiceSecret};
use std::{fs, path::Path};

const MOJANG: &str = "[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\n";
const SERVICE: &str = "[[login.services]]\nslug = \"build-moe\"\nname = \"Build.moe\"\n\
    redirects = [\"https://build.moe/cb\", \"http://localhost/cb\"]\npermissions = [\"totem:read\", \"profile:read\", \"totem:read\"]\n";

fn good(text: &str, file: &Path) -> Loaded {
    config::parse(text, file).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn services_are_read_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "0123456789abcdef0123456789abcdef";
    fs::write(folder.path().join("a.secret"), format!("{secret}\n")).unwrap();
    let hash = "AB".repeat(32);
    let text = format!(
        "{MOJANG}consent = \"builtin\"\n{SERVICE}secret_file = \"a.secret\"\n\
        {SERVICE}verification_level = \"original\"\nverified = true\nnative = true\nenabled = false\nsecret_hash = \"{hash}\"\n"
    )
    .replacen("slug = \"build-moe\"", "slug = \"a\"", 1);
    let login = good(&text, &folder.path().join("my.toml")).settings.login;
    assert_eq!((login.consent, login.require_consent_request), (ConsentPage::BuiltIn, true));
    let [first, second] = login.services.as_slice() else { panic!("{:?}", login.services) };
    assert_eq!((first.slug.as_str(), first.name.as_str()), ("a", "Build.moe"));
    assert_eq!(first.redirects, ["https://build.moe/cb", "http://localhost/cb"]);
    assert_eq!(first.permissions, ["totem:read", "profile:read"], "each once, in this order");
    assert_eq!(
        (first.verified, first.native, first.enabled, first.verification_level.as_str()),
        (false, false, true, "")
    );
    assert!(matches!(&first.secret, Some(ServiceSecret::Text(text)) if text.reveal() == secret));
    assert!(!format!("{first:?}").contains(secret));
    assert_eq!((second.slug.as_str(), second.verification_level.as_str()), ("build-moe", "original"));
    assert_eq!((second.verified, second.native, second.enabled), (true, true, false));
    assert!(matches!(&second.secret, Some(ServiceSecret::Hash(text)) if *text == hash.to_lowercase()));
}

#[test]
fn a_request_is_needed_where_the_page_is_our_own() {
    for (lines, needed) in [
        ("", false),
        ("consent = \"dash\"\n", false),
        ("consent = \"builtin\"\n", true),
        ("consent = \"builtin\"\nrequire_consent_request = false\n", false),
        ("require_consent_request = true\n", true),
    ] {
        let login = good(&format!("{MOJANG}{lines}"), Path::new("my.toml")).settings.login;
        assert_eq!(login.require_consent_request, needed, "{lines}");
        assert!(login.services.is_empty());
    }
}

#[test]
fn risks_of_services_are_said() {
    let text = format!("{MOJANG}consent = \"builtin\"\n{SERVICE}").replace("http://localhost", "http://build.moe");
    let said = good(&text, Path::new("my.toml")).warnings;
    assert!(said.iter().any(|warning| warning.starts_with("login.consent: \"builtin\"")), "{said:#?}");
    assert!(said.iter().any(|warning| warning.contains("build-moe has http://build.moe/cb, plain http")), "{said:#?}");
    let said = good(&format!("{MOJANG}{SERVICE}"), Path::new("my.toml")).warnings;
    assert!(!said.iter().any(|warning| warning.contains("services") || warning.contains("consent")), "{said:#?}");
}

#[tokio::test]
async fn check_says_which_services_there_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my.toml"), format!("{MOJANG}{SERVICE}")).unwrap();
    let checked = proxy::run(folder.path(), ["check", "--config", "my.toml"]).await;
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    for says in [
        "lets https://dash.uebliche.net/auth/consent ask players",
        "knows service build-moe (Build.moe): totem:read, profile:read\n",
    ] {
        assert!(checked.output.contains(says), "{says}: {}", checked.output);
    }
}
