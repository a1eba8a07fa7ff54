//! Codes: what a service's own server fetches a token with, so that no token passes through a browser (RFC 6749 §4.1, RFC 7636).

use super::{Denied, Logins, ServiceDenied, ServiceToken, challenge};
use crate::{
    model::{Redirect, Timestamp},
    store::{CodeToken, CodeUse, ConsentRequest, Service, ServiceCode, TokenStanding},
    tokens::{AccessClaims, Read, fresh_id, subject},
};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use std::{fmt::Write, ops::RangeInclusive, time::Duration};

/// How long a service has to use it.
const CODE: Duration = Duration::from_secs(60);
/// How late an expired token may still be believed by a replica.
const LATE: Duration = Duration::from_secs(60);
/// RFC 7636 §4.1.
const VERIFIER: RangeInclusive<usize> = 43..=128;

/// Who says to be which service.
#[derive(Clone, Copy)]
pub struct ClientProof<'a> {
    /// Its slug.
    pub slug: &'a str,
    /// Its secret, in each way that what was sent can be read. Nothing: none was sent.
    pub secrets: &'a [String],
}

/// What a service presents for its token.
#[derive(Clone, Copy)]
pub struct CodeProof<'a> {
    /// Who presents it.
    pub client: ClientProof<'a>,
    /// The code.
    pub code: &'a str,
    /// Where the code was sent.
    pub redirect: &'a str,
    /// What the challenge was made of.
    pub verifier: &'a str,
}

/// The hash of a service's secret, as it is registered: SHA-256 in hexadecimal.
#[must_use]
pub fn client_secret_hash(secret: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest(&SHA256, secret.as_bytes()).as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A secret for a service: 43 characters, of 32 random bytes.
///
/// # Errors
/// When the machine has no randomness.
pub fn fresh_client_secret() -> Result<String, challenge::NoRandomness> {
    challenge::nonce()
}

impl Logins {
    /// The address with a code, for a player who has said yes.
    pub(super) async fn approved_with_code(
        &self,
        player: &Read<AccessClaims>,
        (request, service): (&ConsentRequest, &Service),
        (redirect, permissions): (&Redirect, Vec<String>),
        now: Timestamp,
    ) -> Result<String, ServiceDenied> {
        let text = challenge::nonce().map_err(Denied::from)?;
        let claims = &player.claims;
        let code = ServiceCode {
            code_hash: challenge::secret_hash(text.as_bytes()),
            service: service.id.clone(),
            user: claims.user,
            redirect: request.redirect.clone(),
            permissions,
            challenge: request.challenge.clone().unwrap_or_default(),
            methods: claims.methods.clone(),
            authenticated_at: claims.authenticated_at,
            parent_jti: claims.jti.clone(),
            parent_issued_at: player.issued_at,
            expires_at: now.plus(CODE),
        };
        self.grant((player, service), &code.permissions, (Some(&request.id), Some(&code)), now).await?;
        let mut parameters = vec![("code", text.as_str())];
        parameters.extend(request.state.as_deref().map(|state| ("state", state)));
        parameters.push(("iss", self.0.tokens.parties().0));
        Ok(redirect.with_query(&parameters).into())
    }

    /// A code for a token, once. Who tries a code a second time ends the token that it was used for: one of the two is a thief.
    ///
    /// # Errors
    /// When there is no token for it. A code that a service has tried is used up, whatever was wrong besides.
    pub async fn redeem_code(&self, proof: CodeProof<'_>) -> Result<ServiceToken, ServiceDenied> {
        let now = self.0.clock.now();
        let service = self.client(proof.client).await?;
        let token = CodeToken { jti: fresh_id(now), until: now.plus(self.0.terms.access_ttl + LATE) };
        let hash = challenge::secret_hash(proof.code.as_bytes());
        let code = match self.0.store.use_code((&hash, &service.id), &token, now).await.map_err(Denied::from)? {
            CodeUse::First(code) => code,
            CodeUse::Again(CodeToken { jti, until }) => {
                tracing::warn!(service = %service.registered.slug, "a code was used twice: its token is revoked");
                self.0.tokens.revoke_id(&jti, until, "its code was used twice").await.map_err(Denied::from)?;
                return Err(ServiceDenied::Code);
            }
            CodeUse::Unknown => return Err(ServiceDenied::Code),
        };
        if code.redirect != proof.redirect || !is_of(&code.challenge, proof.verifier) {
            return Err(ServiceDenied::Code);
        }
        let player = self.approver(&code, token.jti, &service).await?;
        self.signed_for_service(player, (service, code.permissions), now)
    }

    /// The service that it is: with its secret, if it has one, and else with none.
    ///
    /// # Errors
    /// When it is not proved to be.
    async fn client(&self, proof: ClientProof<'_>) -> Result<Service, ServiceDenied> {
        let service = self.service(proof.slug).await.map_err(|denied| match denied {
            ServiceDenied::Unknown | ServiceDenied::Off => ServiceDenied::Client,
            other => other,
        })?;
        let good = match &service.registered.secret_hash {
            Some(hash) => proof.secrets.iter().any(|secret| is_hash_of(hash, secret)),
            None => proof.secrets.iter().all(String::is_empty),
        };
        if good { Ok(service) } else { Err(ServiceDenied::Client) }
    }

    /// The service that it is, which has a secret and knows it.
    ///
    /// # Errors
    /// When it is not proved to be.
    pub async fn confidential_client(&self, proof: ClientProof<'_>) -> Result<Service, ServiceDenied> {
        let service = self.client(proof).await?;
        if service.registered.secret_hash.is_some() { Ok(service) } else { Err(ServiceDenied::Client) }
    }

    /// The claims of the player who has approved, if they are still signed in.
    async fn approver(
        &self,
        code: &ServiceCode,
        jti: String,
        service: &Service,
    ) -> Result<AccessClaims, ServiceDenied> {
        let standing = self.0.store.standing(&code.user, &code.parent_jti).await.map_err(Denied::from)?;
        let TokenStanding { revoked, disabled, valid_after, begun_at, gone } = standing;
        let user = self.0.store.user(&code.user).await.map_err(Denied::from)?;
        let ended = revoked || disabled || gone || begun_at.unwrap_or(code.parent_issued_at) < valid_after;
        let user = user.filter(|_| !ended).ok_or(ServiceDenied::Code)?;
        Ok(AccessClaims {
            jti,
            user: user.id,
            subject: subject(&user.idp, user.player),
            idp: user.idp,
            name: user.name,
            scopes: code.permissions.clone(),
            client: service.registered.slug.to_string(),
            methods: code.methods.clone(),
            authenticated_at: code.authenticated_at,
        })
    }
}

fn is_hash_of(hash: &str, secret: &str) -> bool {
    verify_slices_are_equal(hash.as_bytes(), client_secret_hash(secret).as_bytes()).is_ok()
}

/// Whether a challenge is made of this verifier, by S256.
fn is_of(challenge: &str, verifier: &str) -> bool {
    let made = challenge::secret_hash(verifier.as_bytes());
    VERIFIER.contains(&verifier.len()) && verify_slices_are_equal(challenge.as_bytes(), made.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, Appendix B.
    #[test]
    fn a_challenge_is_that_of_the_standard() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_of(challenge, verifier));
        assert!(!is_of(challenge, challenge) && !is_of(verifier, verifier) && !is_of(challenge, ""));
        let short = "a".repeat(42);
        assert!(!is_of(&challenge::secret_hash(short.as_bytes()), &short));
    }

    /// The test vector of FIPS 180-2.
    #[test]
    fn a_secret_is_hashed_as_sha256sum_does() {
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(client_secret_hash("abc"), hash);
        assert_eq!(fresh_client_secret().unwrap().len(), 43);
    }
}
