//! The question as a request target: decoded values in, freshly encoded ones out, so that nothing a client wrote reaches an
//! upstream as syntax.

use crate::model::Question;
use form_urlencoded::byte_serialize;
use http::{
    Uri,
    uri::{InvalidUri, PathAndQuery},
};

/// Path and query of an upstream's URL, ready to take the question.
#[derive(Debug)]
pub(super) struct Target {
    /// Ends in `?` or `&`.
    prefix: String,
    forward_ip: bool,
}

impl Target {
    pub(super) fn new(url: &Uri, forward_ip: bool) -> Self {
        let joint = match url.query() {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        let own = url.path_and_query().map_or("/", PathAndQuery::as_str);
        Self { prefix: format!("{own}{joint}"), forward_ip }
    }

    pub(super) fn of(&self, question: &Question) -> Result<PathAndQuery, InvalidUri> {
        let mut target = String::with_capacity(self.prefix.len() + 128);
        target.push_str(&self.prefix);
        push(&mut target, "username=", question.name.as_str());
        push(&mut target, "&serverId=", question.server_id.as_str());
        if let Some(ip) = question.ip.as_ref().filter(|_| self.forward_ip) {
            push(&mut target, "&ip=", ip.as_str());
        }
        PathAndQuery::from_maybe_shared(bytes::Bytes::from(target))
    }
}

fn push(target: &mut String, key: &str, value: &str) {
    target.push_str(key);
    // What needs no encoding is most of it.
    match value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'*')) {
        true => target.push_str(value),
        false => target.extend(byte_serialize(value.as_bytes())),
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
        Target::new(&url.parse().unwrap(), forward_ip).of(&question).unwrap().to_string()
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
