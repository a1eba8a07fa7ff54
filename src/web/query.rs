//! The query of a hasJoined request: decoded once, here, so that this program and its upstreams never read it differently.

use crate::model::{ClientAddress, Invalid, PlayerName, Question, ServerId};
use std::borrow::Cow;

/// Why a query is no question. Nothing of its values is repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A key that every question has.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A key whose second value another program might read.
    #[error("{0} stands twice")]
    Twice(&'static str),
    /// Bytes that are no text.
    #[error("{0} is not UTF-8")]
    NotUtf8(&'static str),
    /// A value that cannot be one.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// Reads `username`, `serverId` and perhaps `ip`, in any order. Other keys are left aside and go nowhere.
///
/// # Errors
/// When a key is missing or stands twice, or a value cannot be what it is taken for.
pub fn question(query: &str) -> Result<Question, Fault> {
    let (mut name, mut server_id, mut ip) = (None, None, None);
    for (key, value) in query.split('&').filter(|pair| !pair.is_empty()).flat_map(decoded) {
        match &*key {
            "username" => take(&mut name, "username", &value, PlayerName::new)?,
            "serverId" => take(&mut server_id, "serverId", &value, ServerId::new)?,
            "ip" => take(&mut ip, "ip", &value, ClientAddress::new)?,
            _ => {}
        }
    }
    let name = name.ok_or(Fault::Missing("username"))?;
    let server_id = server_id.ok_or(Fault::Missing("serverId"))?;
    Ok(Question { name, server_id, ip })
}

/// A pair of the query. Most have nothing to decode.
fn decoded(pair: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    match pair.split_once('=') {
        Some((key, value)) if pair.bytes().fold(true, |plain, byte| plain & (byte != b'%') & (byte != b'+')) => {
            Some((key.into(), value.into()))
        }
        _ => form_urlencoded::parse(pair.as_bytes()).next(),
    }
}

fn take<T>(
    slot: &mut Option<T>,
    key: &'static str,
    value: &str,
    checked: impl FnOnce(&str) -> Result<T, Invalid>,
) -> Result<(), Fault> {
    // The decoder puts this in place of bytes that are no text.
    if !value.is_ascii() && value.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Fault::NotUtf8(key));
    }
    match slot.replace(checked(value)?) {
        Some(_) => Err(Fault::Twice(key)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_and_encoding_is_read() {
        let asked = question("ip=2001%3Adb8%3A0%3A1%25eth0&x=y&serverId=-1a&username=No+tch%2B%C3%A9%26x").unwrap();
        assert_eq!(asked.name.as_str(), "No tch+é&x");
        assert_eq!(asked.server_id.as_str(), "-1a");
        assert_eq!(asked.ip.unwrap().as_str(), "2001:db8:0:1%eth0");
    }

    #[test]
    fn what_no_client_sends_is_refused() {
        for (query, fault) in [
            ("", "username is missing"),
            ("username=Notch", "serverId is missing"),
            ("serverId=s", "username is missing"),
            ("username=&serverId=s", "username is empty"),
            ("username=a&username=a&serverId=s", "username stands twice"),
            ("username=a&serverId=s&serverId=t", "serverId stands twice"),
            ("username=a&serverId=s&ip=1&ip=1", "ip stands twice"),
            ("username=a%00&serverId=s", "username has a control character"),
            ("username=a%0d%0ax&serverId=s", "username has a control character"),
            ("username=%ff&serverId=s", "username is not UTF-8"),
        ] {
            assert_eq!(question(query).unwrap_err().to_string(), fault, "{query}");
        }
        let long = format!("username={}&serverId=s", "a".repeat(65));
        assert_eq!(question(&long).unwrap_err().to_string(), "username is too long");
    }
}
