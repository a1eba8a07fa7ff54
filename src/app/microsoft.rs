//! Settings to the chain that signs players in with Microsoft.

use crate::{
    config::{LoginSettings, MicrosoftEndpoints, MicrosoftSettings},
    lifecycle::Tasks,
    microsoft::{Endpoints, Limits, Microsoft, Setup},
    net::{PeerError, Roots},
};

/// The chain as these settings have it; `None` when there is no login API, or no client id.
///
/// # Errors
/// When the platform's certificates cannot be read.
pub fn sign_in_with_microsoft(
    login: &LoginSettings,
    roots: &Roots,
    tasks: &Tasks,
) -> Result<Option<Microsoft>, PeerError> {
    let MicrosoftSettings { client_id, client_secret, redirect_uri, scopes, endpoints } = &login.microsoft;
    let Some(client_id) = client_id.as_ref().filter(|_| login.enabled) else { return Ok(None) };
    let MicrosoftEndpoints { authorize, token, xbl, xsts, mc_services } = endpoints.clone();
    let setup = Setup {
        client_id: client_id.clone(),
        client_secret: client_secret.as_ref().map(|secret| secret.reveal().into()),
        redirect_uri: redirect_uri.clone(),
        scopes: scopes.clone(),
        endpoints: Endpoints { authorize, token, xbl, xsts, mc_services },
        limits: Limits::default(),
    };
    Microsoft::new(setup, roots, tasks).map(Some)
}
