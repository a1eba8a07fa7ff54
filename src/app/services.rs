//! Settings to services, and `hasjoined services`: what an operator does with those that no file names. It works on the store itself,
//! whether a program runs or not; one that runs asks the store each time.

mod command;

pub(super) use command::run;

use crate::{
    config::{LoginSettings, ServiceSecret, ServiceSettings},
    login::client_secret_hash,
    model::Timestamp,
    store::{Registration, Store, StoreError},
};

/// Makes the services of the file what it says. What is no more in it is switched off.
pub(super) async fn register(store: &Store, login: &LoginSettings, now: Timestamp) -> Result<(), StoreError> {
    let file: Vec<_> = login.services.iter().map(registration).collect();
    for slug in store.put_services(&file, now).await? {
        tracing::warn!(service = %slug, "stands in the configuration no more, and is switched off");
    }
    Ok(())
}

fn registration(settings: &ServiceSettings) -> Registration {
    let ServiceSettings { slug, name, redirects, permissions, verification_level, verified, native, enabled, secret } =
        settings.clone();
    let secret_hash = secret.map(|secret| match secret {
        ServiceSecret::Hash(hash) => hash,
        ServiceSecret::Text(text) => client_secret_hash(text.reveal()),
    });
    Registration {
        slug,
        name,
        redirects,
        permissions,
        verification_level,
        verified,
        native,
        secret_hash,
        disabled: !enabled,
    }
}
