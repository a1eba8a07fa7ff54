//! The question as a request target: decoded values in, freshly encoded ones out, so that nothing a client wrote reaches an
//! upstream as syntax.

use crate::{model::Question, net};
use http::{Uri, uri::PathAndQuery};

/// A question with a name, a serverId and an address of usual lengths.
const ROOM: usize = 160;

/// What some servers still read of a target, and the library that speaks HTTP/2 at all.
const LONGEST: usize = u16::MAX as usize - 1;

/// Path and query of an upstream's URL, ready to take the question.
#[derive(Debug)]
pub(super) struct Target {
    /// Ends in `?` or with a parameter. `None` where there is no room for that.
    prefix: Option<net::Target>,
    forward_ip: bool,
}

impl Target {
    pub(super) fn new(url: &Uri, forward_ip: bool) -> Self {
        let joint = if url.query().is_some() { "" } else { "?" };
        let own = url.path_and_query().map_or("/", PathAndQuery::as_str);
        let prefix = PathAndQuery::try_from(format!("{own}{joint}")).ok();
        Self { prefix: prefix.map(net::Target::from), forward_ip }
    }

    /// `None` when it is longer than a target may be.
    pub(super) fn of(&self, question: &Question) -> Option<net::Target> {
        let target = self.prefix.as_ref()?.roomy(ROOM).with("username", question.name.as_str());
        let target = target.with("serverId", question.server_id.as_str());
        let target = match question.ip.as_ref().filter(|_| self.forward_ip) {
            Some(ip) => target.with("ip", ip.as_str()),
            None => target,
        };
        (target.as_str().len() <= LONGEST).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClientAddress, PlayerName, ServerId};

    fn target(url: &str, forward_ip: bool) -> String {
        let question = Question {
            name: PlayerName::new("No tch+é&x").unwrap(),
            server_id: ServerId::new("-1a2b").unwrap(),
            ip: Some(ClientAddress::new("2001:db8::1%eth0").unwrap()),
        };
        Target::new(&url.parse().unwrap(), forward_ip).of(&question).unwrap().as_str().to_owned()
    }

    #[test]
    fn values_are_encoded_and_the_urls_own_query_stays() {
        let asked = "username=No+tch%2B%C3%A9%26x&serverId=-1a2b";
        assert_eq!(target("http://h/s/hasJoined", false), format!("/s/hasJoined?{asked}"));
        assert_eq!(target("http://h/s?key=1", false), format!("/s?key=1&{asked}"));
        assert_eq!(target("http://h/s?", false), format!("/s?{asked}"));
        assert_eq!(target("http://h", true), format!("/?{asked}&ip=2001%3Adb8%3A%3A1%25eth0"));
    }
}
