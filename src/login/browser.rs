//! A signed-in browser: how long it stays so without signing in again, which forms are its own, and how all of a player's end.

use super::{Denied, LoggedIn, Logins, Platform};
use crate::{
    microsoft::Player,
    model::UserId,
    store::{SignIn, StoreError},
    tokens::{AccessClaims, Read},
};
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{net::IpAddr, time::Duration};

/// So that the hash of a token is of use for nothing else.
const FORM: &[u8] = b"hasjoined form\0";

impl Logins {
    /// Another token for a player who has one. `None` when they have to sign in again: a token that can be renewed for ever is of use
    /// for ever to whoever steals it.
    ///
    /// # Errors
    /// When there is no token for another reason.
    pub async fn renew(
        &self,
        read: &Read<AccessClaims>,
        platform: Platform<'_>,
        client: (IpAddr, Option<String>),
    ) -> Result<Option<LoggedIn>, Denied> {
        let (old, now, terms) = (&read.claims, self.0.clock.now(), &self.0.terms);
        let ends = old.authenticated_at.plus(terms.max_session);
        if ends.seconds() <= now.seconds() {
            return Ok(None);
        }
        let scopes = old.scopes.iter().filter(|scope| terms.allowed_scopes.contains(scope)).cloned().collect();
        let player = Player { id: old.subject, name: old.name.clone() };
        let login = self.browser_login(&old.idp, player, scopes, client, now);
        self.0.store.renew(&old.user, &login, &old.jti, now).await?;
        let client = platform.name().map_or_else(|| old.client.clone(), str::to_owned);
        let claims = AccessClaims { jti: login.token_jti, scopes: login.scopes, client, ..old.clone() };
        self.issued(claims, Some(ends), now).map(Some)
    }

    /// What a form of a browser with this token carries: no other site can know it.
    #[must_use]
    pub fn form_token(&self, token: &str) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(FORM);
        context.update(token.as_bytes());
        URL_SAFE_NO_PAD.encode(context.finish())
    }

    /// Whether a form is one of a browser with this token. How long that takes tells nothing.
    #[must_use]
    pub fn is_form_token(&self, presented: &str, token: &str) -> bool {
        verify_slices_are_equal(presented.as_bytes(), self.form_token(token).as_bytes()).is_ok()
    }

    /// The newest logins of a user, however they logged in, and which of them this token is from.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_ins(&self, claims: &AccessClaims, limit: u32) -> Result<(Vec<SignIn>, String), StoreError> {
        let sign_ins = self.0.store.sign_ins(&claims.user, limit).await?;
        Ok((sign_ins, self.0.store.first_of(&claims.jti).await?))
    }

    /// Ends every token that a user has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out_everywhere(&self, user: &UserId) -> Result<(), StoreError> {
        // A token of this very moment is one of before.
        self.0.store.invalidate_tokens(user, self.0.clock.now().plus(Duration::from_millis(1))).await?;
        self.0.tokens.forget();
        tracing::info!("a player has signed out everywhere");
        Ok(())
    }
}
