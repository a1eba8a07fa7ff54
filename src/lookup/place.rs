//! Where each upstream is asked what: the routes of Mojang's hosts, of which other session servers have some.

use crate::{
    model::{PlayerName, ProfileId},
    session::Entrant,
    upstream::{Ask, Host, Hosts},
};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the letters of a URL that mean nothing (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The two generations of look-ups by name, on two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The older one, on the account host.
    Account,
    /// The newer one, on the services host.
    Services,
}

/// What is to be found out about one player.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Profile { id: ProfileId, unsigned: Option<bool> },
    Id { name: PlayerName, form: Form },
    Name { id: ProfileId },
}

impl Wanted {
    /// Where to ask this upstream, best first; nowhere, when it cannot know.
    pub(super) fn places<'a>(&self, Entrant { upstream, trusted }: &'a Entrant) -> Vec<(&'a Host, Ask)> {
        let hosts = upstream.hosts();
        let at = |host: &'a Option<Host>, path: String| host.as_ref().map(|host| (host, Ask::get(path)));
        let places = match self {
            Self::Profile { id, unsigned } => {
                let Some(own) = upstream.own_id(*id) else { return Vec::new() };
                let query = unsigned.map(|flag| format!("?unsigned={flag}")).unwrap_or_default();
                [at(&hosts.session, format!("/session/minecraft/profile/{own}{query}")), None]
            }
            Self::Id { name, .. } if *trusted && !may_be_mojangs(name) => [None, None],
            Self::Id { name, form } => {
                let name = utf8_percent_encode(name.as_str(), SEGMENT);
                let account = at(&hosts.account, format!("/users/profiles/minecraft/{name}"));
                let services = at(&hosts.services, format!("/minecraft/profile/lookup/name/{name}"));
                form.first(account, services)
            }
            Self::Name { id } => {
                let Some(own) = upstream.own_id(*id) else { return Vec::new() };
                let services = at(&hosts.services, format!("/minecraft/profile/lookup/{own}"));
                [services, at(&hosts.account, format!("/user/profile/{own}"))]
            }
        };
        places.into_iter().flatten().collect()
    }

    /// Whether the answer depends on nothing but who the player is, which no upstream can take from another by having a player of
    /// the same name.
    pub(super) fn by_id(&self) -> bool {
        !matches!(self, Self::Id { .. })
    }
}

impl Form {
    /// Where to ask for the UUIDs of `names`, a JSON array, best first.
    pub(super) fn places(self, hosts: &Hosts, names: Bytes) -> Vec<(&Host, Ask)> {
        // Asking twice does no harm.
        let ask = |path: &str| Ask { repeatable: true, ..Ask::post(path.to_owned(), names.clone()) };
        let account = hosts.account.as_ref().map(|host| (host, ask("/profiles/minecraft")));
        let services = hosts.services.as_ref().map(|host| (host, ask("/minecraft/profile/lookup/bulk/byname")));
        self.first(account, services).into_iter().flatten().collect()
    }

    fn first<T>(self, account: T, services: T) -> [T; 2] {
        match self {
            Self::Account => [account, services],
            Self::Services => [services, account],
        }
    }
}

/// Mojang refuses a whole batch for one name of another shape, so that one is not put to those who attest Mojang's accounts.
pub(super) fn may_be_mojangs(name: &PlayerName) -> bool {
    let name = name.as_str().as_bytes();
    name.len() <= 25 && name.iter().all(|sign| sign.is_ascii_alphanumeric() || *sign == b'_')
}
