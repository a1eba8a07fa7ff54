//! A browser in front of the stage: it keeps cookies as browsers do, goes where it is sent, and says yes at Microsoft.

use super::{
    database::Database,
    stage::{Lines, NO_LIMITS, Stage},
};
use crate::support::{
    client::{Answer, Request, Target},
    microsoft::{Microsoft, Registration, Step},
};
use std::collections::BTreeMap;

pub(crate) const LOGIN: &str = "/v1/auth/microsoft/login";
pub(crate) const CALLBACK: &str = "/v1/auth/microsoft/callback";
pub(crate) const EXCHANGE: &str = "/v1/auth/session/exchange";
pub(crate) const ACCOUNT: &str = "/v1/account";
pub(crate) const FLOW: &str = "__Host-ms_flow";
pub(crate) const TOKEN: &str = "uebliche_token";

pub(crate) const PUBLIC_URL: &str = "https://login.example.net";
pub(crate) const REDIRECT_URI: &str = "https://login.example.net/v1/auth/microsoft/callback";
pub(crate) const CLIENT_ID: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const CLIENT_SECRET: &str = "Qx~8Q.client-secret_never-shown";

/// A stage that is registered with a fake of Microsoft.
pub(crate) struct Site {
    pub(crate) stage: Stage,
    pub(crate) microsoft: Microsoft,
}

impl Site {
    pub(crate) async fn start(database: Database) -> Self {
        Self::with(database, "", "").await
    }

    /// With these lines in `[login]`, and these after all others.
    pub(crate) async fn with(database: Database, lines: &str, sections: &str) -> Self {
        Self::of(database, PUBLIC_URL, (lines, sections)).await
    }

    /// At this address.
    pub(crate) async fn at(public_url: &str, database: Database) -> Self {
        Self::of(database, public_url, ("", "")).await
    }

    async fn of(database: Database, public_url: &str, (lines, sections): (&str, &str)) -> Self {
        let microsoft = microsoft().await;
        let login = format!("{lines}{NO_LIMITS}{}{sections}", registered(&microsoft));
        let server = format!("public_url = \"{public_url}\"");
        let stage = Stage::of(database, Lines { server: &server, login: &login, ..Lines::default() }).await;
        Self { stage, microsoft }
    }

    /// What Microsoft sends the browser back with: path and query of the callback.
    pub(crate) async fn approved(&self, authorize: &str) -> String {
        approved(&self.microsoft, authorize).await
    }

    /// Once over Microsoft and back, beginning here.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, query: &str) -> Answer {
        let answer = browser.get(&self.stage, &format!("{LOGIN}{query}")).await;
        assert_eq!(answer.status, 302, "{answer:?}");
        let back = self.approved(location(&answer)).await;
        browser.get(&self.stage, &back).await
    }

    /// How often the program has asked for a Microsoft token.
    pub(crate) fn codes_tried(&self) -> usize {
        self.microsoft.seen(Step::Token).len()
    }
}

/// Cookies, and what they are sent with.
#[derive(Clone, Default)]
pub(crate) struct Browser(pub(crate) BTreeMap<String, String>);

impl Browser {
    /// One that has this cookie.
    pub(crate) fn with(name: &str, value: &str) -> Self {
        Self(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    pub(crate) async fn get(&mut self, site: &impl Target, path: &str) -> Answer {
        self.send(site, Request::get(path).header("Accept", "text/html,*/*")).await
    }

    /// Sends a form of a page of this site.
    pub(crate) async fn submit(&mut self, site: &impl Target, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(site, Request::form(path, &body).header("Sec-Fetch-Site", "same-origin")).await
    }

    pub(crate) async fn send(&mut self, site: &impl Target, request: Request) -> Answer {
        let cookies: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("Cookie", &cookies.join("; ")) };
        let answer = request.send(site).await;
        for cookie in set_cookies(&answer) {
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            if attributes.contains("Max-Age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// A fake that knows this program.
pub(crate) async fn microsoft() -> Microsoft {
    let client_secret = Some(CLIENT_SECRET.to_owned());
    let (client_id, redirect_uri) = (CLIENT_ID.to_owned(), REDIRECT_URI.to_owned());
    Microsoft::start(Registration { client_id, client_secret, redirect_uri }).await
}

/// How the program is registered there, as lines of a configuration.
pub(crate) fn registered(microsoft: &Microsoft) -> String {
    format!(
        "[login.microsoft]\nclient_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\n\
        redirect_uri = \"{REDIRECT_URI}\"\n{}",
        microsoft.section()
    )
}

/// The player says yes at Microsoft: path and query of the callback.
pub(crate) async fn approved(microsoft: &Microsoft, authorize: &str) -> String {
    let path = authorize.strip_prefix(&microsoft.origin()).unwrap();
    let answer = Request::get(path).send(&microsoft.address()).await;
    assert_eq!(answer.status, 302, "{}", answer.text());
    answer.header("location").unwrap().strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

pub(crate) fn set_cookies(answer: &Answer) -> Vec<&str> {
    let set = answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.map(|(_, value)| value.as_str()).collect()
}

#[track_caller]
pub(crate) fn location(answer: &Answer) -> &str {
    answer.header("location").unwrap_or_else(|| panic!("it leads nowhere: {answer:?}"))
}

/// The parameters of an address' query or fragment.
#[track_caller]
pub(crate) fn parameters(address: &str, mark: char) -> BTreeMap<String, String> {
    let (_, pairs) = address.split_once(mark).unwrap_or_else(|| panic!("no {mark} in {address}"));
    form_urlencoded::parse(pairs.as_bytes()).into_owned().collect()
}

/// Where the page between two sites leads by itself.
#[track_caller]
pub(crate) fn leads_to(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("http-equiv=\"refresh\" content=\"0; url=").unwrap_or_else(|| panic!("{text}"));
    rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#39;", "'")
}

/// The value of a hidden field of a page.
#[track_caller]
pub(crate) fn hidden(page: &Answer, name: &str) -> String {
    let text = page.text();
    let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{text}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// A page with this status that leads nowhere and may do nothing.
#[track_caller]
pub(crate) fn assert_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.header("x-request-id").is_some());
    assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'sha256-"));
    assert_eq!(answer.header("location"), None, "{answer:?}");
    assert!(!answer.text().contains("<script"), "{}", answer.text());
}
