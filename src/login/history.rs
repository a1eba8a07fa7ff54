//! What a player can see of their own logins, and what is kept of the clients'.

use super::Logins;
use crate::{
    model::UserId,
    store::{Page, Session, StoreError},
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How much of a client's address is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKept {
    /// All of it.
    Full,
    /// Its network: /24 of IPv4, /48 of IPv6.
    Network,
    /// Nothing.
    Nothing,
}

impl AddressKept {
    /// An address as it is kept.
    pub(super) fn of(self, client: IpAddr) -> Option<String> {
        match self {
            Self::Full => Some(client.to_string()),
            Self::Network => Some(network(client).to_string()),
            Self::Nothing => None,
        }
    }
}

fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8)).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 80)).into(),
    }
}

impl Logins {
    /// A page of a user's logins.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn history(&self, user: &UserId, page: &Page) -> Result<Vec<Session>, StoreError> {
        self.0.store.sessions(user, page).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_of_an_address_is_kept_as_is_wanted() {
        for (client, network) in [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::")] {
            let address: IpAddr = client.parse().unwrap();
            assert_eq!(AddressKept::Full.of(address).as_deref(), Some(client));
            assert_eq!(AddressKept::Network.of(address).as_deref(), Some(network));
            assert_eq!(AddressKept::Nothing.of(address), None);
        }
    }
}
