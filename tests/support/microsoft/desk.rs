//! The rules of each step: what a request has to look like, what it is given, and what it is told otherwise.
//!
//! A request of the wrong form is a fault, which a test can look for; a wrong secret, code or token is only refused, as anybody's is.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, header::HeaderName};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Said, Seen, Step};
use crate::support::profile;

/// The application as it is registered.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) client_id: String,
    /// `None`: it is a public one.
    pub(crate) client_secret: Option<String>,
    pub(crate) redirect_uri: String,
}

/// What a browser was sent back with.
struct Grant {
    challenge: String,
    scope: String,
    nonce: Option<String>,
}

pub(super) struct Desk {
    registration: Registration,
    pub(super) player: (String, String),
    pub(super) faults: Vec<String>,
    /// Every secret it has given out.
    pub(super) given: Vec<String>,
    grants: HashMap<String, Grant>,
    /// Tokens that are good for a step, and the user hash they are of.
    good: HashMap<(Step, String), String>,
}

/// `Ok`: the answer of a good request. `Err`: that of a bad one.
type Outcome = Result<Said, Said>;

impl Desk {
    pub(super) fn new(registration: Registration) -> Self {
        Self {
            registration,
            player: (profile::id_of("Notch"), "Notch".to_owned()),
            faults: Vec::new(),
            given: Vec::new(),
            grants: HashMap::new(),
            good: HashMap::new(),
        }
    }

    pub(super) fn answer(&mut self, step: Step, seen: &Seen, declines: Option<&str>) -> Said {
        if let Some(fault) = self.fault(step, seen) {
            let text = format!("{step:?}: {fault}");
            self.faults.push(text.clone());
            return Said::page(400, &text);
        }
        let outcome = match step {
            Step::Authorize => Ok(self.authorize(seen, declines)),
            Step::Token => self.token(seen),
            Step::Xbl => self.xbl(seen),
            Step::Xsts => self.xsts(seen),
            Step::LoginWithXbox => self.login(seen),
            Step::Entitlements => self.bearer(seen).map(|()| entitlements()),
            Step::Profile => self.bearer(seen).map(|()| {
                let (id, name) = &self.player;
                Said::json(200, json!({"id": id, "name": name, "skins": [], "capes": []}).to_string())
            }),
        };
        outcome.unwrap_or_else(|refused| refused)
    }

    /// What is wrong with the form of a request, whoever makes it.
    fn fault(&self, step: Step, seen: &Seen) -> Option<String> {
        let (method, kind) = match step {
            Step::Authorize => return self.fault_of_authorize(seen),
            Step::Entitlements | Step::Profile => (Method::GET, None),
            Step::Token => (Method::POST, Some("application/x-www-form-urlencoded")),
            Step::Xbl | Step::Xsts | Step::LoginWithXbox => (Method::POST, Some("application/json")),
        };
        if seen.method != method {
            return Some(format!("the method is {}", seen.method));
        }
        let contract = matches!(step, Step::Xbl | Step::Xsts).then_some("1");
        for (name, wanted) in
            [("accept", Some("application/json")), ("content-type", kind), ("x-xbl-contract-version", contract)]
        {
            if seen.header(name) != wanted {
                return Some(format!("{name} is {:?}", seen.header(name)));
            }
        }
        if seen.header("user-agent").is_none_or(str::is_empty) || !seen.query.is_empty() {
            return Some("nobody says who asks, or there is a query".to_owned());
        }
        fault_of_body(step, seen)
    }

    fn fault_of_authorize(&self, seen: &Seen) -> Option<String> {
        let query = form(seen.query.as_bytes());
        let of = |key: &str| query.get(key).map(String::as_str).unwrap_or_default();
        for (key, wanted) in [
            ("client_id", self.registration.client_id.as_str()),
            ("redirect_uri", &self.registration.redirect_uri),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ] {
            if of(key) != wanted {
                return Some(format!("{key} is {:?}", of(key)));
            }
        }
        let long = of("state").len() >= 43 && of("code_challenge").len() == 43;
        let scoped = of("scope").split(' ').any(|scope| scope == "XboxLive.signin");
        let expected = query.len() == 9 + usize::from(query.contains_key("nonce"));
        match seen.method == Method::GET && long && scoped && expected {
            true => None,
            false => Some(format!("{query:?}")),
        }
    }

    /// Approves at once.
    fn authorize(&mut self, seen: &Seen, declines: Option<&str>) -> Said {
        let query = form(seen.query.as_bytes());
        let mut back = form_urlencoded::Serializer::new(String::new());
        match declines {
            Some(error) => {
                back.append_pair("error", error).append_pair("error_description", "<script>AADSTS65004</script>");
            }
            None => {
                let code = self.give("M.C", 64);
                back.append_pair("code", &code);
                let grant = Grant {
                    challenge: query["code_challenge"].clone(),
                    scope: query["scope"].clone(),
                    nonce: query.get("nonce").cloned(),
                };
                self.grants.insert(code, grant);
            }
        }
        back.append_pair("state", &query["state"]);
        let location = format!("{}?{}", self.registration.redirect_uri, back.finish());
        Said { status: 302, headers: vec![("Location".to_owned(), location)], body: String::new() }
    }

    fn token(&mut self, seen: &Seen) -> Outcome {
        let form = form(&seen.body);
        let refused = |error: &str, number: u32| {
            let body = json!({
                "error": error,
                "error_description": format!("AADSTS{number}: upstream text, never to be shown. Trace ID: 0"),
                "error_codes": [number],
                "timestamp": "2026-01-01 00:00:00Z",
            });
            Said::json(if error == "invalid_client" { 401 } else { 400 }, body.to_string())
        };
        if form["client_id"] != self.registration.client_id {
            return Err(refused("unauthorized_client", 700_016));
        }
        match (&self.registration.client_secret, form.get("client_secret")) {
            (Some(wanted), Some(given)) if wanted == given => {}
            (None, None) => {}
            (None, Some(_)) => return Err(refused("invalid_client", 700_025)),
            (Some(_), None) => return Err(refused("invalid_client", 7_000_218)),
            _ => return Err(refused("invalid_client", 7_000_215)),
        }
        let Some(grant) = self.grants.remove(&form["code"]) else { return Err(refused("invalid_grant", 54_005)) };
        if form["redirect_uri"] != self.registration.redirect_uri {
            return Err(refused("invalid_grant", 50_011));
        }
        if challenge(&form["code_verifier"]) != grant.challenge || form["scope"] != grant.scope {
            return Err(refused("invalid_grant", 501_481));
        }
        let access = self.give("EwA", 600);
        self.good.insert((Step::Xbl, format!("d={access}")), String::new());
        let refresh = self.give("M.R3", 100);
        let mut body = json!({
            "token_type": "Bearer", "scope": grant.scope, "expires_in": 3600, "ext_expires_in": 3600,
            "access_token": access, "refresh_token": refresh,
        });
        if let Some(nonce) = grant.nonce {
            let claims = URL_SAFE_NO_PAD.encode(json!({"nonce": nonce, "sub": "x"}).to_string());
            body["id_token"] = format!("e30.{claims}.c2ln").into();
        }
        Ok(Said::json(200, body.to_string()))
    }

    fn xbl(&mut self, seen: &Seen) -> Outcome {
        let ticket = json(seen)["Properties"]["RpsTicket"].as_str().unwrap_or_default().to_owned();
        self.good.remove(&(Step::Xbl, ticket)).ok_or_else(|| Said::json(400, String::new()))?;
        let uhs = (Uuid::new_v4().as_u128() % 10_u128.pow(19)).to_string();
        let token = self.give("eyXBL", 300);
        self.good.insert((Step::Xsts, token.clone()), uhs.clone());
        Ok(ticket_of(&token, &uhs))
    }

    fn xsts(&mut self, seen: &Seen) -> Outcome {
        let token = json(seen)["Properties"]["UserTokens"][0].as_str().unwrap_or_default().to_owned();
        let uhs = self.good.remove(&(Step::Xsts, token)).ok_or_else(|| Said::json(401, String::new()))?;
        let token = self.give("eyXSTS", 300);
        self.good.insert((Step::LoginWithXbox, format!("XBL3.0 x={uhs};{token}")), uhs.clone());
        Ok(ticket_of(&token, &uhs))
    }

    fn login(&mut self, seen: &Seen) -> Outcome {
        let identity = json(seen)["identityToken"].as_str().unwrap_or_default().to_owned();
        let refused = || Said::json(401, r#"{"path":"/authentication/login_with_xbox"}"#.to_owned());
        self.good.remove(&(Step::LoginWithXbox, identity)).ok_or_else(refused)?;
        let access = self.give("eyMC", 300);
        self.good.insert((Step::Profile, format!("Bearer {access}")), String::new());
        let body = json!({
            "username": Uuid::new_v4().to_string(), "roles": [], "access_token": access, "token_type": "Bearer", "expires_in": 86400,
        });
        Ok(Said::json(200, body.to_string()))
    }

    fn bearer(&self, seen: &Seen) -> Result<(), Said> {
        let bearer = seen.header("authorization").unwrap_or_default().to_owned();
        match self.good.contains_key(&(Step::Profile, bearer)) {
            true => Ok(()),
            false => Err(Said::json(401, r#"{"path":"/minecraft/profile"}"#.to_owned())),
        }
    }

    /// A new secret, written down.
    fn give(&mut self, prefix: &str, length: usize) -> String {
        let random = std::iter::repeat_with(|| Uuid::new_v4().simple().to_string()).take(length.div_ceil(32));
        let secret = format!("{prefix}.{}", random.collect::<String>());
        self.given.push(secret.clone());
        secret
    }
}

fn fault_of_body(step: Step, seen: &Seen) -> Option<String> {
    let wanted = match step {
        Step::Token => {
            let form = form(&seen.body);
            let needed = ["client_id", "code", "redirect_uri", "code_verifier", "scope", "grant_type"];
            let whole = needed.iter().all(|key| form.contains_key(*key)) && form["grant_type"] == "authorization_code";
            return (!whole || form["code_verifier"].len() < 43).then(|| "the form is not whole".to_owned());
        }
        Step::Xbl => json!({
            "Properties": {
                "AuthMethod": "RPS", "SiteName": "user.auth.xboxlive.com", "RpsTicket": json(seen)["Properties"]["RpsTicket"],
            },
            "RelyingParty": "http://auth.xboxlive.com",
            "TokenType": "JWT",
        }),
        Step::Xsts => json!({
            "Properties": { "SandboxId": "RETAIL", "UserTokens": [json(seen)["Properties"]["UserTokens"][0]] },
            "RelyingParty": "rp://api.minecraftservices.com/",
            "TokenType": "JWT",
        }),
        Step::LoginWithXbox => json!({ "identityToken": json(seen)["identityToken"] }),
        _ => return (!seen.body.is_empty()).then(|| "a GET has a body".to_owned()),
    };
    (json(seen) != wanted).then(|| "the body is not as it should be".to_owned())
}

fn ticket_of(token: &str, uhs: &str) -> Said {
    let body = json!({
        "IssueInstant": "2026-01-01T00:00:00.0000000Z", "NotAfter": "2026-01-15T00:00:00.0000000Z",
        "Token": token, "DisplayClaims": { "xui": [{ "uhs": uhs }] },
    });
    Said::json(200, body.to_string())
}

fn entitlements() -> Said {
    let body =
        json!({ "items": [{"name": "product_minecraft"}, {"name": "game_minecraft"}], "signature": "x", "keyId": "1" });
    Said::json(200, body.to_string())
}

/// S256 of RFC 7636.
fn challenge(verifier: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}

fn form(bytes: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

fn json(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap_or_default()
}

impl Seen {
    /// The only value of a header; `None` when there is none, or more than one.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        let mut values = self.headers.get_all(HeaderName::from_static(name)).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }
}

impl Said {
    pub(super) fn json(status: u16, body: String) -> Self {
        Self { status, headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())], body }
    }

    pub(super) fn page(status: u16, body: &str) -> Self {
        let body = format!("<!DOCTYPE html><html><body>{}</body></html>", body.replace('<', "&lt;"));
        Self { status, headers: vec![("Content-Type".to_owned(), "text/html".to_owned())], body }
    }
}
