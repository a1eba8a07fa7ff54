//! A throw-away certificate authority, so that TLS is tested with real handshakes.
//!
//! Decides keys and certificates; who trusts it is up to the test (`ca_file`).

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// The names of a certificate under which a fake on this machine is reached.
pub(crate) const HERE: &[&str] = &["localhost", "127.0.0.1"];

/// An authority nobody trusts unless told to. Clones are the same authority.
#[derive(Clone)]
pub(crate) struct Ca(Arc<CertifiedIssuer<'static, KeyPair>>);

impl Ca {
    /// A new authority with a new key.
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
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

    /// A fresh pair for the names of this machine, which `change` has a say in.
    pub(crate) fn pair(&self, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = CertificateParams::new(HERE.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
        change(&mut params);
        let cert = params.signed_by(&key, &self.0).unwrap();
        Pair { cert: cert.pem(), key: key.serialize_pem() }
    }

    /// A fresh pair with this serial number, by which a client knows it again.
    pub(crate) fn numbered(&self, serial: u64) -> Pair {
        self.pair(KeyPair::generate().unwrap(), |params| params.serial_number = Some(SerialNumber::from(serial)))
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

/// A client that trusts this certificate only.
pub(crate) fn trusting(pem: &str, alpn: &[&str]) -> Arc<ClientConfig> {
    trusts(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap(), alpn, &[&TLS12, &TLS13])
}

fn trusts(
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

/// A certificate and its key, as a server has them on disk.
pub(crate) struct Pair {
    /// PEM.
    pub(crate) cert: String,
    /// PEM, PKCS#8.
    pub(crate) key: String,
}

impl Pair {
    /// Writes both where `Proxy`'s builder says that they are, each in one go.
    pub(crate) fn write(&self, folder: &Path) {
        for (name, text) in [(CERT, &self.cert), (KEY, &self.key)] {
            let beside = folder.join(format!("{name}.new"));
            let options = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
            options.unwrap().write_all(text.as_bytes()).unwrap();
            fs::rename(beside, folder.join(name)).unwrap();
        }
    }
}

/// What certbot calls them.
pub(crate) const CERT: &str = "fullchain.pem";
pub(crate) const KEY: &str = "privkey.pem";

/// An RSA key, as older authorities sign them: slow to make.
pub(crate) fn rsa() -> KeyPair {
    KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap()
}

fn protocols(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}
