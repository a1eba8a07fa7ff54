//! Certificates with their keys, as the program under test has them on disk.
//!
//! Decides what they are called there.

use super::tls::{self, Ca, HERE};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, SerialNumber};
use rustls::{
    ClientConfig,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

impl Ca {
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

/// A client that trusts this certificate only.
pub(crate) fn trusting(pem: &str, alpn: &[&str]) -> Arc<ClientConfig> {
    tls::trusts(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap(), alpn, &[&TLS12, &TLS13])
}
