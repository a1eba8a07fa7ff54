//! Feather's two tokens: the one a login leads to, and the one that is got with it.
//!
//! Decides the names of their claims. In strict form they have those of the seed and nothing else, so that clients written for it read
//! them; otherwise also who issued them, for whom, and an id.

use super::{
    claims::{Read, Span},
    wire::{Wire, dashed},
};
use crate::model::{ProfileId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who has logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatherClaims {
    /// Who it is here.
    pub user: UserId,
    /// Who it is to others.
    pub player: ProfileId,
    /// The token's id; none in strict form.
    pub jti: Option<String>,
}

/// All that there is to say of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatherPlayer {
    /// Who it is here.
    pub user: UserId,
    /// Who it is to others.
    pub player: ProfileId,
    /// The player's name.
    pub name: String,
    /// When they first logged in.
    pub registered_at: Timestamp,
    /// What Feather's services allow them.
    pub permissions: BTreeMap<String, i64>,
}

/// What all of them say they are.
pub(super) const PLAYER: &str = "player";
/// What the first of them says it is.
const SESSION: &str = "user";

/// `iss`, `aud` and `jti`: all of them or none.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Origin {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

impl Origin {
    pub(super) fn of(issuer: &str, audience: &str, jti: &str) -> Self {
        Self { iss: Some(issuer.to_owned()), aud: Some(audience.to_owned()), jti: Some(jti.to_owned()) }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SessionWire {
    #[serde(rename = "userID")]
    user_id: String,
    kind: String,
    #[serde(rename = "mcID")]
    mc_id: String,
    #[serde(rename = "tokenKind")]
    token_kind: String,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    origin: Origin,
}

/// The claims of the second, in the order of the seed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FullWire {
    id: String,
    username: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    registered_at: String,
    activated_at: String,
    kind: &'static str,
    #[serde(rename = "mcID")]
    mc_id: String,
    mc_username: String,
    ranks: [String; 0],
    permissions: BTreeMap<String, i64>,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    origin: Origin,
}

impl SessionWire {
    pub(super) fn of(claims: &FeatherClaims, origin: Origin, span: Span) -> Self {
        Self {
            user_id: claims.user.to_string(),
            kind: PLAYER.to_owned(),
            mc_id: dashed(claims.player),
            token_kind: SESSION.to_owned(),
            iat: span.iat,
            exp: span.exp,
            origin,
        }
    }

    /// `None` when a claim is not what we would have written.
    pub(super) fn read(self, strict: bool) -> Option<Read<FeatherClaims>> {
        let Origin { iss, aud, jti } = self.origin;
        let whole = [iss.is_some(), aud.is_some(), jti.is_some()] == [!strict; 3];
        let claims = FeatherClaims {
            user: UserId::parse(&self.user_id).ok()?,
            player: ProfileId::parse(&self.mc_id).ok()?,
            jti,
        };
        let ours = whole && self.kind == PLAYER && self.token_kind == SESSION;
        let at = Timestamp::from_seconds;
        ours.then(|| Read { claims, issued_at: at(self.iat), expires_at: at(self.exp) })
    }
}

impl FullWire {
    /// Lives as long as the token it was got with, to the second.
    pub(super) fn of(player: FeatherPlayer, origin: Origin, span: Span) -> Self {
        let registered_at = player.registered_at.with_millis();
        Self {
            id: player.user.to_string(),
            username: None,
            email: None,
            first_name: None,
            last_name: None,
            activated_at: registered_at.clone(),
            registered_at,
            kind: PLAYER,
            mc_id: dashed(player.player),
            mc_username: player.name,
            ranks: [],
            permissions: player.permissions,
            iat: span.iat,
            exp: span.exp,
            origin,
        }
    }
}

impl Wire for SessionWire {
    fn parties(&self) -> Option<(&str, &str)> {
        self.origin.iss.as_deref().zip(self.origin.aud.as_deref())
    }

    fn times(&self) -> (i64, Option<i64>, i64) {
        (self.iat, None, self.exp)
    }
}
