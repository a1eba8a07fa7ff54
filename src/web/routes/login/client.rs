//! Which service asks, and how it proves that: by the header, or by the body, but not by both (RFC 6749 §2.3).

use super::{LoginApi, denied::unserved};
use crate::{
    login::ClientProof,
    store::Service,
    web::edge::{Admitted, Code, Refusal},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header::AUTHORIZATION};
use percent_encoding::percent_decode_str;

/// Who says to be which service.
pub(super) struct Client {
    slug: String,
    /// In each way it can be meant.
    secrets: Vec<String>,
}

impl Client {
    /// Reads it; the slug may stand alone, for a service without a secret.
    pub(super) fn read(admitted: &Admitted) -> Result<Self, Refusal> {
        let (id, secret) = (admitted.text("client_id")?, admitted.text("client_secret")?);
        let Some(basic) = basic(admitted.headers())? else {
            let secrets = secret.into_iter().collect();
            return Ok(Self { slug: id.ok_or(Refusal::from(Code::InvalidClient))?, secrets });
        };
        if secret.is_some() || id.is_some_and(|id| id != basic.slug) {
            return Err(Code::InvalidRequest.into());
        }
        Ok(basic)
    }

    pub(super) fn proof(&self) -> ClientProof<'_> {
        ClientProof { slug: &self.slug, secrets: &self.secrets }
    }
}

/// The service that asks and has proved it by its secret; `None` when it is no service that asks.
///
/// # Errors
/// `invalid_client`, when it has tried to.
pub(super) async fn service(api: &LoginApi, admitted: &Admitted) -> Result<Option<Service>, Refusal> {
    let scheme = admitted.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().get(..6));
    let basic = scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "));
    if !basic && admitted.text("client_secret")?.is_none() {
        return Ok(None);
    }
    let client = Client::read(admitted)?;
    api.logins.confidential_client(client.proof()).await.map(Some).map_err(unserved)
}

/// `Authorization: Basic`. `None` when there is no such header.
fn basic(headers: &HeaderMap) -> Result<Option<Client>, Refusal> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let encoded = value.to_str().ok().and_then(|text| text.split_once(' '));
    let encoded = encoded.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).map(|(_, encoded)| encoded.trim());
    let pair = encoded.and_then(|encoded| String::from_utf8(STANDARD.decode(encoded).ok()?).ok());
    let client = pair.as_deref().and_then(|pair| pair.split_once(':')).map(|(slug, secret)| {
        // Slugs have nothing to encode. Of secrets, clients send what RFC 6749 makes of them, or what they are.
        let mut secrets = vec![secret.to_owned()];
        let spaced = secret.replace('+', " ");
        secrets.extend(
            percent_decode_str(&spaced).decode_utf8().ok().filter(|decoded| *decoded != secret).map(Into::into),
        );
        Client { slug: slug.to_owned(), secrets }
    });
    client.map(Some).ok_or(Code::InvalidClient.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderValue;

    fn read(value: &str) -> Result<Option<(String, Vec<String>)>, Refusal> {
        let headers = [(AUTHORIZATION, HeaderValue::from_str(value).unwrap())].into_iter().collect();
        basic(&headers).map(|client| client.map(|client| (client.slug, client.secrets)))
    }

    #[test]
    fn credentials_are_read_as_clients_write_them() {
        for (pair, secrets) in [
            ("a:b/d=", &["b/d="][..]),
            ("a:b%2Bc%3A", &["b%2Bc%3A", "b+c:"]),
            ("a:b+c", &["b+c", "b c"]),
            ("a:b%zz", &["b%zz"]),
            ("a:b%ff", &["b%ff"]),
            ("a:b:c", &["b:c"]),
            ("a:", &[""]),
        ] {
            let header = format!("bAsIc {}", STANDARD.encode(pair));
            let secrets = secrets.iter().map(|secret| (*secret).to_owned()).collect();
            assert_eq!(read(&header), Ok(Some(("a".to_owned(), secrets))), "{pair}");
        }
        for wrong in ["Bearer x", "Basic", "Basic x", "Basic YQ==", "Basic //8="] {
            assert_eq!(read(wrong), Err(Code::InvalidClient.into()), "{wrong}");
        }
        assert!(basic(&HeaderMap::new()).unwrap().is_none());
    }
}
