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
        let (watch, pair) = watched(pair);
        let tls = Tls::new(&pair.identity).map_err(|error| Failed::Unusable(format!("server.tls: {error}")))?;
        Ok(Self { tls: Some(Arc::new(tls)), watch })
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
        let told = running.told();
        let (Some(tls), Some(pair)) = (&self.tls, &mut running.tls) else { return };
        match pair.again() {
            Ok(renewed) => {
                for warning in renewed.warnings(&told) {
                    tracing::warn!("{warning}");
                }
                shown(tls, &renewed);
                *pair = renewed;
            }
            Err(error) => tracing::error!("the certificate stays as it was: {error}"),
        }
    }

    /// Takes over what another configuration says.
    pub(super) fn take_over(&mut self, running: &ServerSettings, wanted: &mut ServerSettings) {
        match (&self.tls, &mut wanted.tls) {
            (Some(tls), Some(pair)) => {
                let same = |old: &TlsSettings| (&old.cert, &old.key) == (&pair.cert, &pair.key);
                if !running.tls.as_ref().is_some_and(same) {
                    (self.watch, *pair) = watched(pair);
                }
                if running.tls.as_ref() != Some(pair) {
                    shown(tls, pair);
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

/// A watch on the files of a pair, and what they hold by then: they may have changed since they were read.
fn watched(pair: &TlsSettings) -> (Option<Watch>, TlsSettings) {
    let files: [&Path; 2] = [&pair.cert, &pair.key];
    let unseen = |error: &_| tracing::warn!(%error, "changes of the certificate go unnoticed");
    let watch = config::watch_all(&files).inspect_err(unseen).ok();
    (watch, pair.again().unwrap_or_else(|_| pair.clone()))
}
