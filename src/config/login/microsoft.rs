//! `[login.microsoft]`: how this program is registered with Microsoft, and where the steps of a sign-in are asked.

use super::{MicrosoftEndpoints, MicrosoftSettings, over::Over, secrets::Sources};
use crate::config::{environment::Environment, secret::Secret, section::Section, url};
use http::Uri;
use std::path::Path;
use uuid::Uuid;

/// Where a sign-in ends, under the public URL.
pub(in crate::config) const CALLBACK: &str = "/v1/auth/microsoft/callback";

pub(super) const REDIRECT_URI: &str = "https://api.uebliche.net/v1/auth/microsoft/callback";
/// Without it, Xbox Live has nothing to check.
const NEEDED_SCOPE: &str = "XboxLive.signin";
const SCOPES: [&str; 2] = [NEEDED_SCOPE, "offline_access"];

const AUTHORIZE: &str = "https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize";
const TOKEN: &str = "https://login.microsoftonline.com/consumers/oauth2/v2.0/token";
const XBL: &str = "https://user.auth.xboxlive.com/user/authenticate";
const XSTS: &str = "https://xsts.auth.xboxlive.com/xsts/authorize";
const MC_SERVICES: &str = "https://api.minecraftservices.com";

const ID_REMEDY: &str = "copy the application (client) id of the registration: a UUID, or 16 hexadecimal digits";
const SECRET_REMEDY: &str =
    "copy the value of a client secret into a file of its own, and name it in client_secret_file";
const URI_REMEDY: &str =
    "write the redirect URI of the registration, as in \"https://login.example.net/v1/auth/microsoft/callback\"";
const SCOPES_REMEDY: &str = "list scopes, XboxLive.signin among them, as in [\"XboxLive.signin\", \"offline_access\"]";
const ENDPOINT_REMEDY: &str =
    "write an https address; http is for this machine, or for login.microsoft.allow_insecure_endpoints = true";

/// Reads the section, but not to its end: two of its keys are pages. Files that nobody will use need not be there yet.
pub(super) fn microsoft(
    section: &Section<'_>,
    folder: &Path,
    environment: &Environment<'_>,
    used: bool,
) -> MicrosoftSettings {
    let keys = Over { section, environment };
    let client_id = keys.text("client_id", "MICROSOFT_CLIENT_ID", ID_REMEDY, client_id);
    let insecure = section.flag("allow_insecure_endpoints").unwrap_or(false);
    let safe = |text: &str| endpoint(text, insecure);
    let redirect_uri =
        keys.text("redirect_uri", "MICROSOFT_REDIRECT_URI", URI_REMEDY, |text| safe(text).map(|_| text.to_owned()));
    let apart = ("scopes", "MICROSOFT_SCOPES", char::is_whitespace as fn(char) -> bool);
    let scopes = keys.words(apart, SCOPES_REMEDY, scopes);
    let sources = Sources { section, folder, environment, used: used && client_id.is_some() };
    MicrosoftSettings {
        client_secret: secret(section, &sources),
        client_id,
        redirect_uri: redirect_uri.unwrap_or_else(|| REDIRECT_URI.to_owned()),
        scopes: scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).into()),
        endpoints: endpoints(&section.section("endpoints"), environment, insecure),
    }
}

fn client_id(text: &str) -> Result<String, &'static str> {
    let short = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    match short || (text.len() == 36 && Uuid::try_parse(text).is_ok()) {
        true => Ok(text.to_owned()),
        false => Err("is not the id of an application"),
    }
}

fn scopes(words: &[&str]) -> Result<Vec<String>, String> {
    let whole = |scope: &&str| scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if !words.iter().all(whole) {
        return Err("names what is no scope".to_owned());
    }
    match words.contains(&NEEDED_SCOPE) {
        true => Ok(words.iter().map(|scope| (*scope).to_owned()).collect()),
        false => Err(format!("lacks {NEEDED_SCOPE}, without which Xbox Live lets nobody in")),
    }
}

fn secret(section: &Section<'_>, sources: &Sources<'_>) -> Option<Secret> {
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let what = "is empty, or has characters that no client secret has";
    let in_file = sources.secret(
        (section, "client_secret_file", sources.used),
        "MICROSOFT_CLIENT_SECRET",
        (whole, what, SECRET_REMEDY),
    );
    let Some(text) = section.text("client_secret") else { return in_file };
    if section.span_of("client_secret_file").is_some() {
        section.note("client_secret", text.span.clone(), "stands beside client_secret_file", "keep one of the two");
    }
    if !whole(text.value) {
        section.note("client_secret", text.span, what, SECRET_REMEDY);
    }
    // A variable stands over the file.
    in_file.or_else(|| Some(Secret::new(text.value.to_owned())))
}

fn endpoints(section: &Section<'_>, environment: &Environment<'_>, insecure: bool) -> MicrosoftEndpoints {
    let keys = Over { section, environment };
    let safe = |text: &str| endpoint(text, insecure);
    let read = |key, variable, default| {
        keys.text(key, variable, ENDPOINT_REMEDY, safe).unwrap_or_else(|| Uri::from_static(default))
    };
    // One variable leads to both of Microsoft's own endpoints.
    let authority = keys.variable("MICROSOFT_AUTHORITY", ENDPOINT_REMEDY).and_then(|text| {
        let noted = |what| section.faults().note_variable("MICROSOFT_AUTHORITY", what, ENDPOINT_REMEDY);
        safe(&text).and_then(base).map_err(noted).ok()
    });
    let of_authority = |path| authority.as_ref().and_then(|authority| url::under(authority, path));
    let settings = MicrosoftEndpoints {
        authorize: of_authority("/oauth2/v2.0/authorize")
            .unwrap_or_else(|| written(&keys, "authorize", AUTHORIZE, safe)),
        token: of_authority("/oauth2/v2.0/token").unwrap_or_else(|| written(&keys, "token", TOKEN, safe)),
        xbl: read("xbl", "XBOX_USER_AUTH_URL", XBL),
        xsts: read("xsts", "XBOX_XSTS_URL", XSTS),
        mc_services: keys
            .text("mc_services", "MINECRAFT_SERVICES_URL", ENDPOINT_REMEDY, |text| safe(text).and_then(base))
            .unwrap_or_else(|| Uri::from_static(MC_SERVICES)),
    };
    section.finish();
    settings
}

/// A key that no variable of its own stands over.
fn written(
    keys: &Over<'_>,
    key: &'static str,
    default: &'static str,
    read: impl Fn(&str) -> Result<Uri, &'static str>,
) -> Uri {
    let text = keys.section.text(key);
    let noted = |text: crate::config::section::At<&str>| {
        read(text.value).map_err(|what| keys.section.note(key, text.span, what, ENDPOINT_REMEDY)).ok()
    };
    text.and_then(noted).unwrap_or_else(|| Uri::from_static(default))
}

/// An address that tokens and secrets may be sent to.
fn endpoint(text: &str, insecure: bool) -> Result<Uri, &'static str> {
    match url::absolute(text)? {
        uri if insecure || uri.scheme_str() == Some("https") || url::is_loopback(&uri) => Ok(uri),
        _ => Err("is not https, over which secrets would travel in the clear"),
    }
}

/// An address that paths are appended to.
fn base(uri: Uri) -> Result<Uri, &'static str> {
    match uri.query() {
        Some(_) => Err("has a query, where a path is appended"),
        None => Ok(uri),
    }
}
