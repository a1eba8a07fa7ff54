//! Tokens for one service: what a player has allowed it.

use super::{
    claims::{AccessClaims, Read, Span},
    wire::{AccessWire, Wire},
};
use serde::{Deserialize, Serialize};

/// A login that was passed on to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceClaims {
    /// Who it is about, and what is allowed. The client is the service.
    pub access: AccessClaims,
    /// The service's id; its slug is the audience.
    pub service: String,
}

/// The claims of an access token, and the service's id.
#[derive(Serialize, Deserialize)]
pub(super) struct ServiceWire {
    #[serde(flatten)]
    access: AccessWire,
    azp: String,
    svc: String,
}

impl ServiceWire {
    pub(super) fn of(claims: &ServiceClaims, issuer: &str, span: Span) -> Self {
        let slug = &claims.access.client;
        let access = AccessWire::of(&claims.access, (issuer, slug), span);
        Self { access, azp: slug.clone(), svc: claims.service.clone() }
    }

    /// `None` when a claim is not what we would have written.
    pub(super) fn read(self) -> Option<Read<ServiceClaims>> {
        let (service, party) = (self.svc, self.azp);
        let Read { claims, issued_at, expires_at } = self.access.read()?;
        (party == claims.client).then_some(Read {
            claims: ServiceClaims { access: claims, service },
            issued_at,
            expires_at,
        })
    }

    /// Whom the token is for.
    pub(super) fn slug(&self) -> &str {
        self.parties().map_or("", |(_, audience)| audience)
    }
}

impl Wire for ServiceWire {
    fn parties(&self) -> Option<(&str, &str)> {
        self.access.parties()
    }

    fn times(&self) -> (i64, Option<i64>, i64) {
        self.access.times()
    }
}
