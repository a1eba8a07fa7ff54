//! A throw-away certificate authority, so that TLS is tested with real handshakes.
//!
//! Decides keys and certificates; who trusts it is up to the test (`ca_file`).

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The names of a certificate under which a fake on this machine is reached.
pub(crate) const HERE: &[&str] = &["localhost", "127.0.0.1"];

/// An authority nobody trusts unless told to. Clones are the same authority.
#[derive(Clone)]
pub(crate) struct Ca(pub(super) Arc<CertifiedIssuer<'static, KeyPair>>);

impl Ca {
    /// A new authority with a new key.
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Were it called as what it signs is, OpenSSL would take that for signed by itself.
        params.distinguished_name.push(DnType::CommonName, "an authority of these tests");
        Self(Arc::new(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()))
    }

    /// The authority's certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes the authority's certificate into `folder`, for `ca_file`.
    pub(crate) fn pem_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        fs::write(&path, self.pem()).unwrap();
        path
    }

    /// A server with a fresh certificate for `names`, offering `alpn` in this order (empty: no ALPN).
    pub(crate) fn server(&self, names: &[&str], alpn: &[&str]) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = protocols(alpn);
        Arc::new(config)
    }

    /// A client that trusts this authority only.
    pub(crate) fn client(&self, alpn: &[&str]) -> Arc<ClientConfig> {
        self.client_of(alpn, &[&TLS12, &TLS13])
    }

    /// The same of these versions alone.
    pub(crate) fn client_of(&self, alpn: &[&str], versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
        trusts(self.0.der().clone(), alpn, versions)
    }
}

/// A client of these versions that trusts this certificate only.
pub(super) fn trusts(
    certificate: CertificateDer<'static>,
    alpn: &[&str],
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols(alpn);
    Arc::new(config)
}

fn protocols(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}
