//! How players sign in with Microsoft, and where browsers may go then, as operators write it: in the file and in variables.

use crate::support::proxy;
use hasjoined::config::{self, ConfigError, Environment, Loaded};
use std::{fs, path::Path};

const MOJANG: &str = "[upstreams.mojang]\npreset = \"mojang\"\n";

/// What stands over the file in these tests: never the variables of whoever runs them.
fn with(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let look_up = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    config::parse_with(text, Path::new("upstreams.toml"), &Environment::of(look_up))
}

fn good(text: &str) -> Loaded {
    with(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn sign_in_is_as_the_seed_has_it_unless_said_otherwise() {
    let login = good(MOJANG).settings.login;
    let (microsoft, redirects) = (login.microsoft, login.redirects);
    assert_eq!((microsoft.client_id, microsoft.client_secret, login.cookie_domain), (None, None, None));
    assert_eq!(microsoft.redirect_uri, "https://api.uebliche.net/v1/auth/microsoft/callback");
    assert_eq!(microsoft.scopes, ["XboxLive.signin", "offline_access"]);
    assert_eq!(redirects.dash.as_str(), "https://dash.uebliche.net/");
    assert_eq!(redirects.build_moe.as_str(), "https://build.moe/signin");
    assert_eq!(redirects.consent.as_str(), "https://dash.uebliche.net/auth/consent");
    assert_eq!(redirects.hosts.to_string(), "localhost, 127.0.0.1, *.uebliche.net");
    assert!(!redirects.require_https);
    let endpoints = microsoft.endpoints;
    assert_eq!(endpoints.authorize, "https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize");
    assert_eq!(endpoints.token, "https://login.microsoftonline.com/consumers/oauth2/v2.0/token");
    assert_eq!(endpoints.xbl, "https://user.auth.xboxlive.com/user/authenticate");
    assert_eq!(endpoints.xsts, "https://xsts.auth.xboxlive.com/xsts/authorize");
    assert_eq!(endpoints.mc_services, "https://api.minecraftservices.com/");
}

/// All keys, with a secret in this file.
fn written(secret: &str) -> String {
    format!(
        "[server]\npublic_url = \"https://login.example.net\"\n[login]\nenabled = true\n\
        [login.microsoft]\nclient_id = \"{CLIENT_ID}\"\nclient_secret_file = \"{secret}\"\n\
        redirect_uri = \"https://login.example.net/v1/auth/microsoft/callback\"\ndash_redirect = \"https://dash.example.net/in?a=1\"\n\
        build_moe_redirect = \"https://b.example.net\"\nscopes = \"XboxLive.signin openid\"\n\
        [login.microsoft.endpoints]\nxbl = \"http://127.0.0.1:1/xbl\"\n\
        [login.redirects]\nhosts = [\"Dash.example.net\"]\nrequire_https = true\n[login.cookies]\ndomain = \".Example.net\"\n{MOJANG}"
    )
}

#[test]
fn sign_in_is_read_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "from-a-file\n").unwrap();
    let secret = secret.to_str().unwrap();
    let loaded = good(&written(secret));
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let login = loaded.settings.login;
    assert_eq!(login.microsoft.client_id.as_deref(), Some(CLIENT_ID));
    assert_eq!(login.microsoft.client_secret.as_ref().unwrap().reveal(), "from-a-file");
    assert!(!format!("{login:?}").contains("from-a-file"));
    assert_eq!(login.microsoft.scopes, ["XboxLive.signin", "openid"]);
    assert_eq!(login.redirects.dash.as_str(), "https://dash.example.net/in?a=1");
    assert_eq!(login.redirects.consent.as_str(), "https://dash.example.net/in/auth/consent");
    assert_eq!(login.redirects.hosts.to_string(), "dash.example.net");
    assert_eq!(login.cookie_domain.as_deref(), Some("example.net"));
    assert_eq!(login.microsoft.endpoints.xbl, "http://127.0.0.1:1/xbl");
}

#[test]
fn variables_stand_over_what_is_written_of_a_sign_in() {
    let over = with(
        &written("gone"),
        &[
            ("MICROSOFT_CLIENT_ID", "00000000abcdef12"),
            ("MICROSOFT_CLIENT_SECRET", "from~a.variable"),
            ("MICROSOFT_REDIRECT_URI", "http://localhost:1/v1/auth/microsoft/callback"),
            ("MICROSOFT_DASH_REDIRECT", "https://d.example.net"),
            ("MICROSOFT_BUILD_MOE_REDIRECT", "http://localhost:3000/b"),
            ("MICROSOFT_SCOPES", "XboxLive.signin  email"),
            ("AUTH_REDIRECT_HOSTS", "localhost, *.example.org,"),
            ("AUTH_COOKIE_DOMAIN", "login.example.net"),
            ("DASH_CONSENT_URL", "https://consent.example.net/x"),
            ("MICROSOFT_AUTHORITY", "http://127.0.0.1:2/tenant/"),
            ("XBOX_USER_AUTH_URL", "http://127.0.0.1:3/u"),
            ("XBOX_XSTS_URL", "http://127.0.0.1:4/x"),
            ("MINECRAFT_SERVICES_URL", "http://127.0.0.1:5"),
        ],
    );
    let login = over.unwrap().settings.login;
    assert_eq!(login.microsoft.client_id.as_deref(), Some("00000000abcdef12"));
    assert_eq!(login.microsoft.client_secret.as_ref().unwrap().reveal(), "from~a.variable");
    assert_eq!(login.microsoft.redirect_uri, "http://localhost:1/v1/auth/microsoft/callback");
    assert_eq!(login.redirects.dash.as_str(), "https://d.example.net/");
    assert_eq!(login.redirects.build_moe.as_str(), "http://localhost:3000/b");
    assert_eq!(login.microsoft.scopes, ["XboxLive.signin", "email"]);
    assert_eq!(login.redirects.hosts.to_string(), "localhost, *.example.org");
    assert_eq!(login.cookie_domain.as_deref(), Some("login.example.net"));
    assert_eq!(login.redirects.consent.as_str(), "https://consent.example.net/x");
    let endpoints = login.microsoft.endpoints;
    assert_eq!(endpoints.authorize, "http://127.0.0.1:2/tenant/oauth2/v2.0/authorize");
    assert_eq!(endpoints.token, "http://127.0.0.1:2/tenant/oauth2/v2.0/token");
    assert_eq!(
        (endpoints.xbl, endpoints.xsts),
        ("http://127.0.0.1:3/u".parse().unwrap(), "http://127.0.0.1:4/x".parse().unwrap())
    );
    assert_eq!(endpoints.mc_services, "http://127.0.0.1:5/");
}

#[test]
fn wrong_variables_of_a_sign_in_are_named_and_not_shown() {
    let text = format!("[server]\npublic_url = \"https://login.example.net\"\n[login]\nenabled = true\n{MOJANG}");
    for (variable, value, says) in [
        ("MICROSOFT_CLIENT_ID", "topsecret", "is not the id of an application"),
        ("MICROSOFT_CLIENT_SECRET", "top secret topsecret", "is empty, or has characters that no client secret has"),
        ("MICROSOFT_CLIENT_SECRET_FILE", "/gone", "/gone cannot be read"),
        ("MICROSOFT_REDIRECT_URI", "/topsecret", "does not begin with http"),
        ("MICROSOFT_REDIRECT_URI", "http://topsecret.example/", "is not https"),
        ("MICROSOFT_DASH_REDIRECT", "https://topsecret@dash.example.net", "has no plain host name"),
        ("MICROSOFT_BUILD_MOE_REDIRECT", "topsecret", "does not begin with https://"),
        ("MICROSOFT_SCOPES", "topsecret", "lacks XboxLive.signin"),
        ("AUTH_REDIRECT_HOSTS", "localhost,https://topsecret", "is not a host like"),
        ("AUTH_COOKIE_DOMAIN", "topsecret.example", "is not one that server.public_url is in"),
        ("AUTH_COOKIE_DOMAIN", "net", "is not a domain"),
        ("DASH_CONSENT_URL", "javascript:topsecret", "does not begin with https://"),
        ("MICROSOFT_AUTHORITY", "http://topsecret.example", "is not https"),
        ("XBOX_USER_AUTH_URL", "https://u:topsecret@x.example", "holds credentials"),
        ("XBOX_XSTS_URL", "topsecret", "does not begin with http"),
        ("MINECRAFT_SERVICES_URL", "https://x.example/?topsecret", "has a query"),
    ] {
        let message = with(&text, &[(variable, value)]).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{variable}: ")) && message.contains(says), "{message}");
        assert!(message.contains("\n     = ") && !message.contains("topsecret"), "{message}");
    }
    let anywhere = format!("{text}[login.microsoft]\nallow_insecure_endpoints = true\n");
    assert!(with(&anywhere, &[("MICROSOFT_AUTHORITY", "http://fake.example")]).is_ok());
}

#[test]
fn risks_of_a_sign_in_are_said() {
    let said = |public_url: &str, lines: &str| {
        let text = format!(
            "[server]\npublic_url = \"{public_url}\"\n[login]\nenabled = true\n[login.microsoft]\nclient_id = \"{CLIENT_ID}\"\n{lines}{MOJANG}"
        );
        good(&text).warnings
    };
    let about = |warnings: Vec<String>| {
        warnings.iter().filter_map(|warning| Some(warning.split_once(':')?.0.to_owned())).collect::<Vec<_>>()
    };
    let https = "login.redirects.require_https";
    assert_eq!(about(said("https://api.uebliche.net", "")), [https], "where the defaults are at home");
    let elsewhere = said("https://login.example.net", "");
    assert!(
        elsewhere[0].contains("api.uebliche.net, which is the default, and not to login.example.net"),
        "{elsewhere:#?}"
    );
    assert_eq!(about(elsewhere), ["login.microsoft.redirect_uri", "login.microsoft", https]);
    let all = said(
        "https://api.uebliche.net/base",
        "dash_redirect = \"http://dash.uebliche.net\"\nallow_insecure_endpoints = true\n\
        [login.microsoft.endpoints]\nxbl = \"http://x.example/\"\n",
    );
    assert!(all[0].contains("is not /base/v1/auth/microsoft/callback"), "{all:#?}");
    let pages = ["login.microsoft.dash_redirect", "login.redirects.consent_url"];
    assert_eq!(about(all), ["login.microsoft.redirect_uri", pages[0], pages[1], https, "login.microsoft.endpoints"]);
}

#[tokio::test]
async fn check_says_how_players_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let said = async |lines: &str| {
        let text = format!(
            "{MOJANG}[login]\nenabled = true\n[login.microsoft]\n{lines}[login.cookies]\ndomain = \"example.net\"\n"
        );
        fs::write(folder.path().join("my.toml"), text).unwrap();
        let checked = proxy::run(folder.path(), ["check", "--config", "my.toml"]).await;
        assert_eq!(checked.code, Some(0), "{}", checked.log);
        checked.output
    };
    let without = said("").await;
    assert!(without.contains("signs nobody in with Microsoft: login.microsoft.client_id is not set"), "{without}");
    let with = said(&format!("client_id = \"{CLIENT_ID}\"\nclient_secret = \"never-shown\"\n")).await;
    for says in [
        &format!("as application {CLIENT_ID}, with a secret; they come back to https://api.uebliche.net/v1/auth"),
        "sends browsers to https://dash.uebliche.net/ or https://build.moe/signin",
        "on localhost, 127.0.0.1, *.uebliche.net",
        "shows its cookie to all of example.net",
        "warning: login.redirects.require_https",
    ] {
        assert!(with.contains(says), "{says}: {with}");
    }
    assert!(!with.contains("never-shown"), "{with}");
}
