//! TLS of a running program: what it begins with, and the files of its certificate when they change.
//!
//! A pair that cannot be used changes nothing: clients go on being shown the one before.

use super::Failed;
use crate::{
    config::{self, ServerSettings, TlsSettings, Watch},
    server::Tls,
};
use std::{future, path::Path, sync::Arc};

/// What clients are shown, and whether it is still what the files hold.
pub(super) struct Secured {
    tls: Option<Arc<Tls>>,
    watch: Option<Watch>,
}

impl Secured {
    /// As these settings say.
    pub(super) fn open(settings: &ServerSettings) -> Result<Self, Failed> {
        let Some(pair) = &settings.tls else { return Ok(Self { tls: None, watch: None }) };
        let tls = Tls::new(&pair.identity).map_err(|error| Failed::Unusable(format!("server.tls: {error}")))?;
        Ok(Self { tls: Some(Arc::new(tls)), watch: watched(pair) })
    }

    /// What speaks TLS, if it is spoken.
    pub(super) fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// Waits until one of the files holds something else. Loses nothing when given up and called again.
    pub(super) async fn changed(&mut self) {
        match &mut self.watch {
            Some(watch) => watch.changed().await,
            None => future::pending().await,
        }
    }

    /// Takes over what the files hold now.
    pub(super) fn renew(&self, running: &mut ServerSettings) {
        let (Some(tls), Some(pair)) = (&self.tls, &mut running.tls) else { return };
        match pair.again() {
            Ok(renewed) => {
                for warning in renewed.warnings(running.public_url.as_ref()) {
                    tracing::warn!("{warning}");
                }
                shown(tls, &renewed);
                *pair = renewed;
            }
            Err(error) => tracing::error!("the certificate stays as it was: {error}"),
        }
    }

    /// Takes over what another configuration says.
    pub(super) fn take_over(&mut self, running: &ServerSettings, wanted: &ServerSettings) {
        match (&self.tls, &wanted.tls) {
            (Some(tls), Some(pair)) => {
                if running.tls.as_ref() != Some(pair) {
                    shown(tls, pair);
                }
                let files = |pair: &TlsSettings| (pair.cert.clone(), pair.key.clone());
                if running.tls.as_ref().map(files) != Some(files(pair)) {
                    self.watch = watched(pair);
                }
            }
            (None, None) => {}
            _ => tracing::warn!("server.tls has come or gone: restart for it to hold"),
        }
    }
}

fn shown(tls: &Tls, pair: &TlsSettings) {
    tls.replace(&pair.identity);
    tracing::info!(until = pair.last_day(), "certificate renewed");
}

fn watched(pair: &TlsSettings) -> Option<Watch> {
    let files: [&Path; 2] = [&pair.cert, &pair.key];
    let unseen = |error: &_| tracing::warn!(%error, "changes of the certificate go unnoticed");
    config::watch_all(&files).inspect_err(unseen).ok()
}
