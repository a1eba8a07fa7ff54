//! `POST /v1/auth/token`: a code for a token, as OAuth clients ask for it (RFC 6749 §4.1.3, RFC 7636 §4.5).

use super::{LoginApi, client::Client, denied::unserved};
use crate::{
    login::CodeProof,
    web::{
        answer::Body,
        edge::{Admitted, Code, Refusal},
    },
};
use http::Response;
use serde::Serialize;

/// RFC 6749 §5.1.
#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

pub(super) async fn token(api: &LoginApi, admitted: &Admitted) -> Result<Response<Body>, Refusal> {
    if needed(admitted, "grant_type")? != "authorization_code" {
        return Err(Code::UnsupportedGrantType.into());
    }
    let client = Client::read(admitted)?;
    let (code, redirect) = (needed(admitted, "code")?, needed(admitted, "redirect_uri")?);
    let verifier = needed(admitted, "code_verifier")?;
    let proof = CodeProof { client: client.proof(), code: &code, redirect: &redirect, verifier: &verifier };
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
