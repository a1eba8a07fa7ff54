//! The PROXY protocol, versions 1 and 2: what a load balancer writes in front of a connection that it passes on.
//!
//! Decides what is such a header, where it ends, and whom it names. Who may write one is decided by the listener's owner; how long one
//! may take, by `arrival`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest line of version 1, with its end.
const LONGEST_LINE: usize = 107;
/// What every header of version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, command, family and the length of what follows.
const FIXED: usize = 16;
/// What may follow: addresses, and the extensions (TLVs) behind them. A client's certificate is the longest there are.
const MOST: usize = 16 * 1024;

/// A header that has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of it; what the client itself has said begins there.
    pub length: usize,
    /// Whose connection it is. `None`: the sender's own, as when it asks after our health, or one that has no such address.
    pub client: Option<SocketAddr>,
}

/// What stands there is no header of either version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoHeader;

impl Header {
    /// Reads the header at the beginning of `bytes`; `None` when it goes on.
    ///
    /// # Errors
    /// When no header begins like this.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, NoHeader> {
        match bytes.first() {
            None => Ok(None),
            Some(b'P') => line(bytes),
            Some(_) => binary(bytes),
        }
    }
}

/// Version 1: `PROXY TCP4 203.0.113.7 192.0.2.1 56324 443`, CR and LF.
fn line(bytes: &[u8]) -> Result<Option<Header>, NoHeader> {
    const OPENING: &[u8] = b"PROXY ";
    let compared = bytes.len().min(OPENING.len());
    if bytes[..compared] != OPENING[..compared] {
        return Err(NoHeader);
    }
    let room = &bytes[..bytes.len().min(LONGEST_LINE)];
    let Some(end) = room.iter().position(|byte| *byte == b'\n') else {
        return if room.len() < LONGEST_LINE { Ok(None) } else { Err(NoHeader) };
    };
    let text = room[..end].strip_suffix(b"\r").and_then(|line| line.strip_prefix(OPENING)).ok_or(NoHeader)?;
    let text = str::from_utf8(text).map_err(|_| NoHeader)?;
    let mut words = text.split(' ');
    let client = match words.next() {
        // Whatever follows means nothing.
        Some("UNKNOWN") => None,
        Some("TCP4") => Some(ends::<Ipv4Addr>(words)?),
        Some("TCP6") => Some(ends::<Ipv6Addr>(words)?),
        _ => return Err(NoHeader),
    };
    Ok(Some(Header { length: end + 1, client }))
}

/// Two addresses and two ports: the client's end, and the one that it has connected to, which is of no interest but has to be right.
fn ends<'a, A: std::str::FromStr + Into<IpAddr>>(words: impl Iterator<Item = &'a str>) -> Result<SocketAddr, NoHeader> {
    let words: Vec<_> = words.take(5).collect();
    let [from, to, from_port, to_port] = words[..] else { return Err(NoHeader) };
    let address = |word: &str| word.parse::<A>().map_err(|_| NoHeader);
    let port = |word: &str| match word.as_bytes() {
        [b'0'] => Ok(0),
        [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => word.parse().map_err(|_| NoHeader),
        _ => Err(NoHeader),
    };
    let (client, _) = ((address(from)?.into(), port(from_port)?), (address(to)?, port(to_port)?));
    Ok(client.into())
}

/// Version 2: sixteen bytes, addresses, extensions.
fn binary(bytes: &[u8]) -> Result<Option<Header>, NoHeader> {
    let compared = bytes.len().min(SIGNATURE.len());
    if bytes[..compared] != SIGNATURE[..compared] {
        return Err(NoHeader);
    }
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else { return Ok(None) };
    let follows = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if follows > MOST {
        return Err(NoHeader);
    }
    let Some(block) = rest.get(..follows) else {
        // What can be said now of a header that goes on, is.
        return named(fixed[12], fixed[13], &vec![0; follows]).map(|_| None);
    };
    let client = named(fixed[12], fixed[13], block)?;
    Ok(Some(Header { length: FIXED + follows, client }))
}

/// Whom a header of version 2 names.
fn named(command: u8, family: u8, block: &[u8]) -> Result<Option<SocketAddr>, NoHeader> {
    match command {
        // LOCAL: whatever else stands there is not looked at.
        0x20 => return Ok(None),
        0x21 => {}
        _ => return Err(NoHeader),
    }
    match family {
        0x11 => {
            let [a, b, c, d, _, _, _, _, high, low, _, _, ..] = *block else { return Err(NoHeader) };
            Ok(Some((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low])).into()))
        }
        0x21 => {
            let (address, rest) = block.split_first_chunk::<16>().ok_or(NoHeader)?;
            let [high, low, _, _, ..] = *rest.get(16..).ok_or(NoHeader)? else { return Err(NoHeader) };
            Ok(Some((Ipv6Addr::from(*address), u16::from_be_bytes([high, low])).into()))
        }
        // No family or no protocol said, datagrams, sockets of Unix: a connection that arrived here all the same.
        family if family >> 4 <= 3 && family & 0x0f <= 2 => Ok(None),
        _ => Err(NoHeader),
    }
}

#[cfg(test)]
mod tests;
