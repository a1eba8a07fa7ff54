//! `[login.microsoft]` and `[login.redirects]` as everyone else sees them: complete, checked, immutable.

use crate::{
    config::secret::Secret,
    model::{Redirect, RedirectHosts},
};
use http::Uri;

/// `[login.microsoft]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MicrosoftSettings {
    /// The application that the operator has registered. `None`: nobody signs in this way.
    pub client_id: Option<String>,
    /// How it proves itself. `None`: it is a public one.
    pub client_secret: Option<Secret>,
    /// Where browsers come back to, byte by byte as it is registered.
    pub redirect_uri: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where to ask.
    pub endpoints: MicrosoftEndpoints,
}

/// `[login.microsoft.endpoints]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MicrosoftEndpoints {
    /// Where browsers are sent.
    pub authorize: Uri,
    /// Code to Microsoft token.
    pub token: Uri,
    /// Microsoft token to Xbox Live token.
    pub xbl: Uri,
    /// Xbox Live token to one for Minecraft.
    pub xsts: Uri,
    /// The base address of Minecraft's services.
    pub mc_services: Uri,
}

/// Where browsers may be sent with a token: `[login.redirects]`, and the pages that `[login.microsoft]` names.
#[derive(Clone, Debug, PartialEq)]
pub struct RedirectSettings {
    /// Hosts of pages that a browser itself may ask to be sent to.
    pub hosts: RedirectHosts,
    /// Whether only this machine may be reached over plain http.
    pub require_https: bool,
    /// `platform=dash`.
    pub dash: Redirect,
    /// `platform=build-moe`.
    pub build_moe: Redirect,
    /// Where players are asked whether a service may know them.
    pub consent: Redirect,
}
