//! Where the program listens: at sockets that were passed on to it, else at the addresses of its configuration.

use super::Failed;
use crate::{
    cli::{Admin, ServeOptions},
    config::ServerSettings,
    server::{self, Listener, Passed},
};
use std::{io, net::SocketAddr};

/// What a socket is called that is for the operator; those of any other name are for game servers.
const ADMIN: &str = "admin";

/// The sockets that were passed on; nobody accepts at them yet.
pub(super) struct Sockets {
    public: Vec<Passed>,
    admin: Option<Passed>,
}

impl Sockets {
    /// Takes them out of the environment: before there are threads.
    pub(super) fn passed() -> Result<Self, Failed> {
        let unusable = |reason: &str| Failed::Unusable(format!("the sockets that were passed on: {reason}"));
        let passed = server::passed().map_err(|error| unusable(&error.to_string()))?;
        let (mut admin, public): (Vec<_>, Vec<_>) = passed.into_iter().partition(|socket| socket.name == ADMIN);
        if admin.len() > 1 {
            return Err(unusable("more than one is called \"admin\""));
        }
        Ok(Self { public, admin: admin.pop() })
    }

    /// The command line with the word of whoever opened the sockets over it: what was opened is what is listened on.
    pub(super) fn over(&self, options: &ServeOptions) -> io::Result<ServeOptions> {
        let mut options = options.clone();
        if !self.public.is_empty() {
            options.listen = self.public.iter().map(Passed::address).collect::<io::Result<_>>()?;
        }
        if let Some(admin) = &self.admin {
            options.admin = Some(Admin::At(admin.address()?));
        }
        Ok(options)
    }

    /// The listeners for game servers and for the operator: those that were passed on, and new ones in place of the others.
    pub(super) fn open(self, server: &ServerSettings) -> Result<(Vec<Listener>, Option<Listener>), Failed> {
        let public = match self.public.is_empty() {
            true => bind(&server.listen)?,
            false => self.public.into_iter().map(Listener::adopt).collect::<io::Result<_>>()?,
        };
        let admin = match (self.admin, server.admin) {
            (Some(passed), _) => Some(Listener::adopt(passed)?),
            (None, Some(address)) => bind_admin(address)?,
            (None, None) => None,
        };
        Ok((public, admin))
    }
}

fn bind(addresses: &[SocketAddr]) -> Result<Vec<Listener>, Failed> {
    let bind = |address: &SocketAddr| {
        Listener::bind(*address).map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::AddrInUse => "another program is listening there".to_owned(),
                _ => error.to_string(),
            };
            Failed::Listen(*address, reason)
        })
    };
    addresses.iter().map(bind).collect()
}

fn bind_admin(address: SocketAddr) -> Result<Option<Listener>, Failed> {
    let listeners = bind(&[address]).map_err(|failed| match failed {
        Failed::Listen(address, reason) => {
            Failed::Listen(address, format!("{reason}; server.admin or --admin can name another address, or false"))
        }
        other => other,
    })?;
    Ok(listeners.into_iter().next())
}
