//! Whom an upstream may vouch for: its lists of players, as the operator wrote them.
//!
//! Decides whether a name, or an answer, is barred by them. Names that belong to players of other upstreams are `session`'s.

use super::Barred;
use crate::model::{Listed, PlayerName, ProfileId};
use std::collections::HashSet;

/// The lists of one upstream. The default lets everybody in.
#[derive(Clone, Debug, Default)]
pub struct Guests {
    allow: Option<List>,
    deny: List,
}

#[derive(Clone, Debug, Default)]
struct List {
    names: HashSet<Box<str>>,
    ids: HashSet<ProfileId>,
}

impl Guests {
    /// With an `allow` list only those on it; never those on the `deny` list.
    #[must_use]
    pub fn new(allow: Option<Vec<Listed>>, deny: Vec<Listed>) -> Self {
        Self { allow: allow.map(List::of), deny: List::of(deny) }
    }

    /// Whether the name alone bars the player, so that there is nothing to ask.
    pub(super) fn bars_name(&self, name: &PlayerName) -> Option<Barred> {
        if self.allow.is_none() && self.deny.names.is_empty() {
            return None;
        }
        match &self.allow {
            _ if self.deny.names(name) => Some(Barred::Denied),
            // Any name may turn out to have an id that is allowed.
            Some(allow) if allow.ids.is_empty() && !allow.names(name) => Some(Barred::NotAllowed),
            _ => None,
        }
    }

    /// Whether the player is barred. `ids` are all that the player goes by: the upstream's own and the one clients get.
    pub(super) fn bars(&self, name: &PlayerName, ids: &[ProfileId]) -> Option<Barred> {
        if self.allow.is_none() && self.deny.is_empty() {
            return None;
        }
        match &self.allow {
            _ if self.deny.has(name, ids) => Some(Barred::Denied),
            Some(allow) if !allow.has(name, ids) => Some(Barred::NotAllowed),
            _ => None,
        }
    }
}

impl List {
    fn of(listed: Vec<Listed>) -> Self {
        let mut list = Self::default();
        for player in listed {
            match player {
                Listed::Name(name) => list.names.insert(name),
                Listed::Id(id) => list.ids.insert(id),
            };
        }
        list
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.ids.is_empty()
    }

    fn names(&self, name: &PlayerName) -> bool {
        self.names.contains(&name.folded())
    }

    fn has(&self, name: &PlayerName, ids: &[ProfileId]) -> bool {
        self.names(name) || ids.iter().any(|id| self.ids.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "069a79f444e94726a5befca90e38aaf5";
    const DASHED: &str = "069A79F4-44E9-4726-A5BE-FCA90E38AAF5";
    const OTHER: &str = "98c6e619f9815182856733f17c4a5e07";

    fn listed(players: &[&str]) -> Vec<Listed> {
        players.iter().map(|player| player.parse().unwrap()).collect()
    }

    fn id(text: &str) -> ProfileId {
        ProfileId::parse(text).unwrap()
    }

    #[test]
    fn an_allow_list_lets_in_whom_it_names() {
        let guests = Guests::new(Some(listed(&["Notch", DASHED])), Vec::new());
        let [notch, steve] = ["nOTCH", "Steve"].map(|name| PlayerName::new(name).unwrap());
        assert_eq!(guests.bars(&notch, &[id(OTHER)]), None);
        assert_eq!(guests.bars(&steve, &[id(ID), id(OTHER)]), None, "by the upstream's id");
        assert_eq!(guests.bars(&steve, &[id(OTHER), id(ID)]), None, "by the id that clients get");
        assert_eq!(guests.bars(&steve, &[id(OTHER)]), Some(Barred::NotAllowed));
        assert_eq!(guests.bars_name(&steve), None, "Steve may have the id");
        let names_only = Guests::new(Some(listed(&["Notch"])), Vec::new());
        assert_eq!(names_only.bars_name(&steve), Some(Barred::NotAllowed));
        assert_eq!(names_only.bars_name(&notch), None);
    }

    #[test]
    fn a_deny_list_is_stronger() {
        let guests = Guests::new(Some(listed(&["Notch", "Steve"])), listed(&["NOTCH", ID]));
        let [notch, steve] = ["Notch", "steve"].map(|name| PlayerName::new(name).unwrap());
        assert_eq!(guests.bars_name(&notch), Some(Barred::Denied));
        assert_eq!(guests.bars(&notch, &[id(OTHER)]), Some(Barred::Denied));
        assert_eq!(guests.bars_name(&steve), None);
        assert_eq!(guests.bars(&steve, &[id(ID)]), Some(Barred::Denied));
        assert_eq!(guests.bars(&steve, &[id(OTHER)]), None);
        assert_eq!(Guests::default().bars(&steve, &[id(ID)]), None);
    }
}
