//! How claims are written: their names and their order, in each form of token that this API itself reads.
//!
//! Whether they are true is decided by `read`.

use super::claims::{AccessClaims, BY_JOIN, JOIN_CLIENT, JoinClaims, MOJANG, Read, Span};
use crate::model::{ProfileId, Timestamp, UpstreamId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What every token of ours has, and what is compared before it is believed.
pub(super) trait Wire {
    /// `iss` and `aud`; `None` in older tokens, which have neither.
    fn parties(&self) -> Option<(&str, &str)>;
    /// `iat`, `nbf`, `exp` in seconds.
    fn times(&self) -> (i64, Option<i64>, i64);
}

/// The claims of a join token, in the order of the specification.
#[derive(Serialize, Deserialize)]
pub(super) struct JoinWire {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    sid: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csh: Option<String>,
    ver: u8,
}

/// The version of a join token's claims.
const JOIN_VERSION: u8 = 1;

/// The claims of an access token: RFC 9068, and whom it is about.
#[derive(Serialize, Deserialize)]
pub(super) struct AccessWire {
    iss: String,
    sub: String,
    aud: String,
    client_id: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
    jti: String,
    scope: String,
    auth_time: i64,
    amr: Vec<String>,
    idp: String,
    uid: String,
    name: String,
}

/// The claims of an access token of the older form.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OlderWire {
    pub(super) sub: String,
    pub(super) scopes: Vec<String>,
    pub(super) iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nbf: Option<i64>,
    pub(super) exp: i64,
    pub(super) jti: String,
}

impl JoinWire {
    pub(super) fn of(claims: &JoinClaims, (issuer, audience): (&str, &str), span: Span) -> Self {
        Self {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            iat: span.iat,
            nbf: span.iat,
            exp: span.exp,
            jti: claims.jti.clone(),
            sid: claims.server_id.clone(),
            scope: claims.scopes.join(" "),
            sub: claims.player.map(dashed),
            name: claims.name.clone(),
            csh: claims.secret_hash.clone(),
            ver: JOIN_VERSION,
        }
    }

    /// `None` when a claim is not what we would have written.
    pub(super) fn read(self) -> Option<Read<JoinClaims>> {
        let player = self.sub.as_deref().map(ProfileId::parse).transpose().ok()?;
        let claims = JoinClaims {
            jti: own_id(self.jti)?,
            server_id: self.sid,
            scopes: split(&self.scope),
            player,
            name: self.name,
            secret_hash: self.csh,
        };
        (self.ver == JOIN_VERSION).then(|| read(claims, self.iat, self.exp))
    }
}

impl AccessWire {
    pub(super) fn of(claims: &AccessClaims, (issuer, audience): (&str, &str), span: Span) -> Self {
        Self {
            iss: issuer.to_owned(),
            sub: dashed(claims.subject),
            aud: audience.to_owned(),
            client_id: claims.client.clone(),
            iat: span.iat,
            nbf: None,
            exp: span.exp,
            jti: claims.jti.clone(),
            scope: claims.scopes.join(" "),
            auth_time: claims.authenticated_at.seconds(),
            amr: claims.methods.clone(),
            idp: claims.idp.to_string(),
            uid: claims.user.to_string(),
            name: claims.name.clone(),
        }
    }

    /// `None` when a claim is not what we would have written.
    pub(super) fn read(self) -> Option<Read<AccessClaims>> {
        let claims = AccessClaims {
            jti: own_id(self.jti)?,
            user: UserId::parse(&self.uid).ok()?,
            subject: ProfileId::parse(&self.sub).ok()?,
            idp: UpstreamId::new(&self.idp).ok()?,
            name: self.name,
            scopes: split(&self.scope),
            client: self.client_id,
            methods: self.amr,
            authenticated_at: Timestamp::from_seconds(self.auth_time),
        };
        Some(read(claims, self.iat, self.exp))
    }
}

impl OlderWire {
    /// `None` for players of another upstream than Mojang: nothing in the token would say so.
    pub(super) fn of(claims: &AccessClaims, span: Span) -> Option<Self> {
        let wire = Self {
            sub: dashed(claims.subject),
            scopes: claims.scopes.clone(),
            iat: span.iat,
            nbf: None,
            exp: span.exp,
            jti: claims.jti.clone(),
        };
        (claims.idp.as_str() == MOJANG).then_some(wire)
    }

    /// `None` when a claim is not what we would have written. What is not among them is given.
    pub(super) fn read(
        self,
        player: ProfileId,
        idp: UpstreamId,
        (user, name): (UserId, String),
    ) -> Option<Read<AccessClaims>> {
        let claims = AccessClaims {
            jti: own_id(self.jti)?,
            user,
            subject: player,
            idp,
            name,
            scopes: self.scopes,
            client: JOIN_CLIENT.to_owned(),
            methods: vec![BY_JOIN.to_owned()],
            authenticated_at: Timestamp::from_seconds(self.iat),
        };
        Some(read(claims, self.iat, self.exp))
    }
}

impl Wire for JoinWire {
    fn parties(&self) -> Option<(&str, &str)> {
        Some((&self.iss, &self.aud))
    }

    fn times(&self) -> (i64, Option<i64>, i64) {
        (self.iat, Some(self.nbf), self.exp)
    }
}

impl Wire for AccessWire {
    fn parties(&self) -> Option<(&str, &str)> {
        Some((&self.iss, &self.aud))
    }

    fn times(&self) -> (i64, Option<i64>, i64) {
        (self.iat, self.nbf, self.exp)
    }
}

impl Wire for OlderWire {
    fn parties(&self) -> Option<(&str, &str)> {
        None
    }

    fn times(&self) -> (i64, Option<i64>, i64) {
        (self.iat, self.nbf, self.exp)
    }
}

fn read<T>(claims: T, iat: i64, exp: i64) -> Read<T> {
    Read { claims, issued_at: Timestamp::from_seconds(iat), expires_at: Timestamp::from_seconds(exp) }
}

/// As long as ours, so that no index has to hold more.
fn own_id(jti: String) -> Option<String> {
    Uuid::try_parse(&jti).is_ok_and(|_| jti.len() == 36).then_some(jti)
}

pub(super) fn split(scope: &str) -> Vec<String> {
    scope.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

pub(super) fn dashed(id: ProfileId) -> String {
    id.dashed().to_string()
}
