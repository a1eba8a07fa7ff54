//! Who this program is to clients that speak TLS: a certificate chain and the private key to its first certificate.
//!
//! Decides what is a pair that clients can be shown. Where its files lie is decided by `config`, when it is shown by `server`.

mod validity;

use crate::model::Timestamp;
pub use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, Error, InconsistentKeys,
    client::verify_server_name,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
};
use std::{fmt, sync::Arc};
use validity::Validity;

/// A pair that was read, and fits together.
#[derive(Clone)]
pub struct Identity {
    certified: Arc<CertifiedKey>,
    validity: Validity,
}

/// Why there is none, and which of its two parts is to blame: a sentence without its subject, which is that part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The chain.
    Certificate(String),
    /// The key.
    Key(String),
}

impl Identity {
    /// Reads a chain, the server's own certificate first, and its key: both as PEM, the key as PKCS#8, SEC1 or PKCS#1.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub fn read(chain: &[u8], key: &[u8]) -> Result<Self, Fault> {
        let certificates = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
        let certificates = certificates.map_err(|error| Fault::Certificate(format!("is damaged: {error}")))?;
        let Some(own) = certificates.first() else {
            return Err(Fault::Certificate("holds no certificate".to_owned()));
        };
        let validity =
            Validity::of(own).ok_or_else(|| Fault::Certificate("does not say how long it holds".to_owned()))?;
        let found = PrivateKeyDer::from_pem_slice(key).map_err(|_| Fault::Key(without_key(key).to_owned()))?;
        match CertifiedKey::from_der(certificates, found, &aws_lc_rs::default_provider()) {
            Ok(certified) => Ok(Self { certified: Arc::new(certified), validity }),
            Err(error) => Err(unfit(&error)),
        }
    }

    /// For whoever shows it.
    #[must_use]
    pub fn certified(&self) -> Arc<CertifiedKey> {
        self.certified.clone()
    }

    /// From when on the server's own certificate holds.
    #[must_use]
    pub fn begins(&self) -> Timestamp {
        self.validity.begins
    }

    /// Until when it holds.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.validity.ends
    }

    /// Whether clients that want to reach this host, a name or an address, believe it.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        let own = self.certified.end_entity_cert().and_then(ParsedCertificate::try_from);
        let host = ServerName::try_from(host.trim_start_matches('[').trim_end_matches(']'));
        matches!((own, host), (Ok(own), Ok(host)) if verify_server_name(&own, &host).is_ok())
    }
}

/// Why a file has no key, as far as its text tells.
fn without_key(key: &[u8]) -> &'static str {
    let says = |words: &[u8]| key.windows(words.len()).any(|window| window == words);
    match () {
        () if says(b"ENCRYPTED") => "is locked with a password, and nobody is there to type it",
        () if says(b"PRIVATE KEY") => "is damaged",
        () if says(b"BEGIN CERTIFICATE") => "holds a certificate and no private key",
        () => "holds no private key",
    }
}

fn unfit(error: &Error) -> Fault {
    match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            Fault::Key("is not the key to the first certificate of the chain".to_owned())
        }
        Error::InvalidCertificate(CertificateError::BadEncoding) => {
            Fault::Certificate("is no certificate in a form that is in use".to_owned())
        }
        Error::InvalidCertificate(error) => Fault::Certificate(format!("cannot be used: {error:?}")),
        error => Fault::Key(format!("cannot be used: {error}")),
    }
}

/// Whether clients see the same. Two keys to one certificate are one key.
impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.certified.cert == other.certified.cert
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("validity", &self.validity).finish_non_exhaustive()
    }
}
