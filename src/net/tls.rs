//! TLS towards a peer: whom we trust and what we offer.
//!
//! One configuration per peer, so that session tickets of one are never offered to another.

use super::{Peer, PeerError};
use rustls::{
    ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier,
    client::WantsClientCert,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use std::{
    path::Path,
    sync::{Arc, OnceLock},
};
use tokio_rustls::TlsConnector;

/// The platform's trusted roots, read when the first peer needs them and shared by all that do.
#[derive(Debug, Default)]
pub struct Roots(OnceLock<Result<Arc<Verifier>, String>>);

impl Roots {
    fn platform(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<Verifier>, PeerError> {
        let verifier =
            self.0.get_or_init(|| Verifier::new(provider.clone()).map(Arc::new).map_err(|error| error.to_string()));
        verifier.clone().map_err(PeerError::PlatformRoots)
    }
}

/// A prepared TLS client for one host.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) tls: TlsConnector,
    pub(super) name: ServerName<'static>,
}

impl Connector {
    pub(super) fn new(host: &str, peer: &Peer, roots: &Roots) -> Result<Self, PeerError> {
        // An IPv6 host stands in brackets in a URL and without them in a certificate.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(|_| PeerError::Origin(peer.origin.clone()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| PeerError::PlatformRoots(error.to_string()))?;
        let trusting = match &peer.ca_file {
            Some(file) => trust_file(builder, file)?,
            None => builder.dangerous().with_custom_certificate_verifier(roots.platform(&provider)?),
        };
        let mut config = trusting.with_no_client_auth();
        config.alpn_protocols = match peer.http2 {
            true => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            false => vec![b"http/1.1".to_vec()],
        };
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), name })
    }
}

fn trust_file(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    file: &Path,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, PeerError> {
    let wrong = |fault: String| PeerError::CaFile { file: file.to_owned(), fault };
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))? {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    match store.is_empty() {
        true => Err(wrong("holds no certificate".to_owned())),
        false => Ok(builder.with_root_certificates(store)),
    }
}
