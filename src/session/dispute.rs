//! Two upstreams that vouch for different players in one login.
//!
//! Only notices it. What follows is decided by `policy`, and told by `race`.

use crate::model::ProfileId;

/// The first player that was vouched for in a login.
#[derive(Debug, Default)]
pub(super) struct Dispute {
    first: Option<(usize, ProfileId)>,
    noticed: bool,
}

impl Dispute {
    /// Takes note of a "yes"; returns the first one when this is the first that differs from it.
    pub(super) fn hear(&mut self, place: usize, id: ProfileId) -> Option<(usize, ProfileId)> {
        let first = *self.first.get_or_insert((place, id));
        let differs = first.1 != id && !self.noticed;
        self.noticed |= differs;
        differs.then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_noticed_once_and_agreement_is_none() {
        let [notch, other] = ["069a79f444e94726a5befca90e38aaf5", "98c6e619f9815182856733f17c4a5e07"]
            .map(|id| ProfileId::parse(id).unwrap());
        let mut dispute = Dispute::default();
        assert_eq!(dispute.hear(0, notch), None);
        assert_eq!(dispute.hear(1, notch), None);
        assert_eq!(dispute.hear(2, other), Some((0, notch)));
        assert_eq!(dispute.hear(3, other), None);
    }
}
