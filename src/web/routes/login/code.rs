//! `POST /v1/auth/token`: a code for a token, as OAuth clients ask for it (RFC 6749 §4.1.3, RFC 7636 §4.5).

use super::{LoginApi, denied::unserved};
use crate::{
    login::CodeProof,
    web::{
        answer::Body,
        edge::{Admitted, Code, Refusal},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, Response, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;
use serde::Serialize;

/// RFC 6749 §5.1.
#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

/// Who says to be which service.
struct Client {
    slug: String,
    secret: Option<String>,
}

pub(super) async fn token(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    if needed(admitted, "grant_type")? != "authorization_code" {
        return Err(Code::UnsupportedGrantType.into());
    }
    let client = client(admitted)?;
    let (code, redirect) = (needed(admitted, "code")?, needed(admitted, "redirect_uri")?);
    let verifier = needed(admitted, "code_verifier")?;
    let proof = CodeProof {
        client: &client.slug,
        secret: client.secret.as_deref(),
        code: &code,
        redirect: &redirect,
        verifier: &verifier,
    };
    let token = api.logins.redeem_code(proof).await.map_err(unserved)?;
    Ok(admitted.envelope.json(&Answer {
        access_token: &token.issued.token,
        token_type: "Bearer",
        expires_in: token.expires_in,
        scope: token.permissions.join(" "),
    }))
}

fn needed(admitted: &Admitted, field: &'static str) -> Result<String, Refusal> {
    admitted.text(field)?.filter(|text| !text.is_empty()).ok_or(Refusal::field(field))
}

/// Who asks: by the header, or by the body, but not by both (RFC 6749 §2.3).
fn client(admitted: &Admitted) -> Result<Client, Refusal> {
    let (id, secret) = (admitted.text("client_id")?, admitted.text("client_secret")?);
    let Some(basic) = basic(admitted.headers())? else {
        return Ok(Client { slug: id.ok_or(Refusal::from(Code::InvalidClient))?, secret });
    };
    if secret.is_some() || id.is_some_and(|id| id != basic.slug) {
        return Err(Code::InvalidRequest.into());
    }
    Ok(basic)
}

/// `Authorization: Basic`, either part percent-encoded as RFC 6749 has it. `None` when there is no such header.
fn basic(headers: &HeaderMap) -> Result<Option<Client>, Refusal> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let encoded = value.to_str().ok().and_then(|text| text.split_once(' '));
    let encoded = encoded.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).map(|(_, encoded)| encoded.trim());
    let pair = encoded.and_then(|encoded| String::from_utf8(STANDARD.decode(encoded).ok()?).ok());
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned());
    let client = pair.as_deref().and_then(|pair| {
        let (slug, secret) = pair.split_once(':')?;
        Some(Client { slug: decoded(slug)?, secret: Some(decoded(secret)?) })
    });
    client.map(Some).ok_or(Code::InvalidClient.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderValue;

    fn read(value: &str) -> Result<Option<(String, Option<String>)>, Refusal> {
        let headers = [(AUTHORIZATION, HeaderValue::from_str(value).unwrap())].into_iter().collect();
        basic(&headers).map(|client| client.map(|client| (client.slug, client.secret)))
    }

    #[test]
    fn credentials_are_read_as_clients_write_them() {
        for (pair, secret) in [("a:b+c/d=", "b+c/d="), ("a:b%2Bc%3A", "b+c:"), ("a:b:c", "b:c"), ("a:", "")] {
            let header = format!("bAsIc {}", STANDARD.encode(pair));
            assert_eq!(read(&header), Ok(Some(("a".to_owned(), Some(secret.to_owned())))), "{pair}");
        }
        for wrong in ["Bearer x", "Basic", "Basic x", "Basic YQ==", "Basic //8="] {
            assert_eq!(read(wrong), Err(Code::InvalidClient.into()), "{wrong}");
        }
        assert!(basic(&HeaderMap::new()).unwrap().is_none());
    }
}
