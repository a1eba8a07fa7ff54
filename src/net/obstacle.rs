//! Why no connection came about, for whoever looks for the cause.
//!
//! A request only learns [`Failure::Refused`](super::Failure::Refused), whichever of these it was. None of them tells a credential.

use rustix::io::Errno;
use std::{error::Error, io, time::Duration};

/// What was in the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The name has no address, or nobody could be asked.
    #[error("the name {name} cannot be resolved: {fault}")]
    Name {
        /// Of the peer, or of the proxy in front of it.
        name: String,
        /// What the resolver says.
        fault: String,
    },
    /// Nobody listens, or the way there is closed.
    #[error("{address} cannot be connected to: {fault}")]
    Tcp {
        /// Of the peer, or of the proxy in front of it.
        address: String,
        /// What the kernel says.
        fault: String,
    },
    /// No address to come from fits the addresses to go to.
    #[error("{address} has no address of the same family as one in bind")]
    NoSource {
        /// Of the peer, or of the proxy in front of it.
        address: String,
    },
    /// An address to come from is not of this machine.
    #[error("no address in bind can be used: {0}")]
    Source(String),
    /// The proxy wants other credentials, or any.
    #[error("the proxy {proxy} does not accept the credentials: {said}")]
    ProxyCredentials {
        /// Host and port.
        proxy: String,
        /// In its own terms.
        said: String,
    },
    /// The proxy does not lead on.
    #[error("the proxy {proxy} refuses: {said}")]
    ProxyRefusal {
        /// Host and port.
        proxy: String,
        /// In its own terms.
        said: String,
    },
    /// The proxy broke off, or does not speak what it should.
    #[error("the proxy {proxy} cannot be understood: {fault}")]
    ProxySpeech {
        /// Host and port.
        proxy: String,
        /// What went wrong.
        fault: String,
    },
    /// The peer has no part in it.
    #[error("this process may open no more files and sockets: {0}")]
    Descriptors(String),
    /// The certificate is signed by nobody who is trusted.
    #[error("the certificate is signed by nobody who is trusted here")]
    UnknownIssuer,
    /// The certificate is not believed, for another reason.
    #[error("the certificate is not believed: {0}")]
    Certificate(String),
    /// TLS did not come about.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The peer ended the connection as soon as it was there.
    #[error("HTTP failed")]
    Http,
    /// It took too long.
    #[error("no {step} within {} ms", patience.as_millis())]
    Late {
        /// What was waited for.
        step: &'static str,
        /// For how long.
        patience: Duration,
    },
}

impl Obstacle {
    /// Whether the peer cannot be blamed: all that is missing is missing here.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Descriptors(_))
    }

    /// What the kernel says that would not open a socket, if that is because too many are open.
    pub(super) fn of_descriptors(error: &io::Error) -> Option<Self> {
        let cause = Errno::from_io_error(error)?;
        matches!(cause, Errno::MFILE | Errno::NFILE).then(|| Self::Descriptors(error.to_string()))
    }

    /// What TLS says, told apart.
    pub(super) fn of_tls(error: &io::Error) -> Self {
        use rustls::{CertificateError, Error as Tls};
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) {
            // A bad signature: somebody trusted has the name of who signed it, but not the key.
            Some(Tls::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
                Self::UnknownIssuer
            }
            Some(Tls::InvalidCertificate(fault)) => Self::Certificate(fault.to_string()),
            _ => Self::Tls(error.to_string()),
        }
    }
}

/// The error of this kind that an error is or stems from.
pub(super) fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
