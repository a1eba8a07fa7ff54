//! Where the program listens: at sockets that were passed on to it, else at the addresses of its configuration.
//!
//! A predecessor's own sockets are in place of binding: where its configuration said the same address, nobody has to let go of it first.

use super::Failed;
use crate::{
    cli::{Admin, ServeOptions},
    config::ServerSettings,
    server::{self, Inheritance, Listener, Passed, Predecessor},
};
use std::{io, net::SocketAddr, os::fd::OwnedFd};

/// What a socket is called that is for the operator; those of any other name are for game servers.
const ADMIN: &str = "admin";
/// What a socket is called that a predecessor has opened itself, as its configuration said.
const OWN: &str = "hasjoined.own";

/// The sockets that were passed on; nobody accepts at them yet.
pub(super) struct Sockets {
    public: Vec<Passed>,
    admin: Option<Passed>,
    /// Those of a predecessor, for whatever address they have.
    own: Vec<Passed>,
    predecessor: Option<Predecessor>,
}

/// The sockets that are accepted at.
pub(super) struct Open {
    /// For game servers.
    pub(super) public: Vec<Listener>,
    /// For the operator.
    pub(super) admin: Option<Listener>,
    /// All of them once more, by their names, for a successor.
    pub(super) shared: Vec<(String, OwnedFd)>,
    /// Who waits for this program to serve.
    pub(super) predecessor: Option<Predecessor>,
}

impl Sockets {
    /// Takes them out of the environment: before there are threads.
    pub(super) fn passed() -> Result<Self, Failed> {
        let unusable = |reason: &str| Failed::Unusable(format!("the sockets that were passed on: {reason}"));
        let passed = server::passed().map_err(|error| unusable(&error.to_string()))?;
        let Inheritance { sockets, predecessor } = passed;
        let (own, sockets): (Vec<_>, Vec<_>) = sockets.into_iter().partition(|socket| socket.name == OWN);
        let (mut admin, public): (Vec<_>, Vec<_>) = sockets.into_iter().partition(|socket| socket.name == ADMIN);
        if admin.len() > 1 {
            return Err(unusable("more than one is called \"admin\""));
        }
        Ok(Self { public, admin: admin.pop(), own, predecessor })
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
    pub(super) fn open(self, server: &ServerSettings) -> Result<Open, Failed> {
        let Self { public, admin, mut own, predecessor } = self;
        let public = match public.is_empty() {
            true => listen(&server.listen, &mut own)?,
            false => public.into_iter().map(adopt).collect::<io::Result<_>>()?,
        };
        let admin = match (admin, server.admin) {
            (Some(passed), _) => Some(adopt(passed)?),
            (None, Some(address)) => listen_admin(address, &mut own)?,
            (None, None) => None,
        };
        let share = |(name, listener): &(String, Listener)| Ok((name.clone(), listener.share()?));
        let shared = public.iter().chain(&admin).map(share).collect::<io::Result<_>>()?;
        let listeners = |named: Vec<(String, Listener)>| named.into_iter().map(|(_, listener)| listener);
        let admin = admin.map(|(_, listener)| listener);
        Ok(Open { public: listeners(public).collect(), admin, shared, predecessor })
    }
}

/// A listener, and what it is called when it is passed on.
type Named = (String, Listener);

fn adopt(passed: Passed) -> io::Result<Named> {
    Ok((passed.name.clone(), Listener::adopt(passed)?))
}

/// A predecessor's socket of this address; of any port, where any will do.
fn inherited(own: &mut Vec<Passed>, wanted: SocketAddr) -> Option<Passed> {
    let fits = |address: SocketAddr| match wanted.port() {
        0 => address.ip() == wanted.ip(),
        _ => address == wanted,
    };
    let place = own.iter().position(|socket| socket.address().is_ok_and(fits))?;
    Some(own.remove(place))
}

fn listen(addresses: &[SocketAddr], own: &mut Vec<Passed>) -> Result<Vec<Named>, Failed> {
    let listen = |address: &SocketAddr| {
        let listener = inherited(own, *address).map_or_else(|| Listener::bind(*address), Listener::adopt);
        listener.map(|listener| (OWN.to_owned(), listener)).map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::AddrInUse => "another program is listening there".to_owned(),
                _ => error.to_string(),
            };
            Failed::Listen(*address, reason)
        })
    };
    addresses.iter().map(listen).collect()
}

fn listen_admin(address: SocketAddr, own: &mut Vec<Passed>) -> Result<Option<Named>, Failed> {
    let listeners = listen(&[address], own).map_err(|failed| match failed {
        Failed::Listen(address, reason) => {
            Failed::Listen(address, format!("{reason}; server.admin or --admin can name another address, or false"))
        }
        other => other,
    })?;
    Ok(listeners.into_iter().next())
}
