//! What is the same for everybody: the keys, the metadata, the description of the API.

use super::LoginApi;
use crate::web::{answer::Body, edge::Admitted};
use bytes::Bytes;
use http::Response;
use std::time::Duration;

/// No longer than a key is published before it signs.
const KEPT: Duration = Duration::from_secs(300);

/// The description is part of the program, so it can be compared with what the program does.
const DESCRIPTION: &[u8] = include_bytes!("../../openapi.json");

pub(super) fn keys(api: &LoginApi, admitted: &Admitted) -> Response<Body> {
    let keys = api.logins.tokens().key_set(api.logins.clock().now());
    admitted.envelope.public_json(keys, KEPT)
}

pub(super) fn metadata(api: &LoginApi, admitted: &Admitted) -> Response<Body> {
    admitted.envelope.public_json(api.logins.tokens().metadata(), KEPT)
}

pub(super) fn description(admitted: &Admitted) -> Response<Body> {
    admitted.envelope.public_json(Bytes::from_static(DESCRIPTION), KEPT)
}
