//! PROXY headers of both versions: read in one way, however they are cut, and never beyond their end.
#![no_main]

use hasjoined::server::Header;
use libfuzzer_sys::fuzz_target;
use std::net::{IpAddr, SocketAddr};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fuzz_target!(|bytes: &[u8]| {
    let whole = Header::read(bytes);
    // The first piece that decides, decides the same.
    let decided = (0..=bytes.len()).map(|cut| Header::read(&bytes[..cut])).find(|read| *read != Ok(None));
    assert_eq!(decided.unwrap_or(Ok(None)), whole);
    let Ok(Some(header)) = whole else { return };
    let (said, rest) = bytes.split_at(header.length);
    assert_eq!(Header::read(said), whole, "what follows is of no interest: {}", rest.len());
    match said.strip_prefix(SIGNATURE) {
        Some(said) => assert_eq!(header.client, second(said)),
        None => assert_eq!(header.client, first(said)),
    }
});

/// Whom a line names, word by word.
fn first(line: &[u8]) -> Option<SocketAddr> {
    let line = std::str::from_utf8(line).expect("a line is text");
    assert!(line.len() <= 107 && line.ends_with("\r\n") && line.starts_with("PROXY "), "{line:?}");
    let words: Vec<_> = line.trim_end().split(' ').collect();
    let [_, family, from, _, port, _] = words[..] else {
        assert_eq!(words[1], "UNKNOWN");
        return None;
    };
    let address: IpAddr = match family {
        "TCP4" => IpAddr::V4(from.parse().expect("an address")),
        "TCP6" => IpAddr::V6(from.parse().expect("an address")),
        _ => return None,
    };
    Some(SocketAddr::new(address, port.parse().expect("a port")))
}

/// Whom the sixteen bytes and what follows them name.
fn second(said: &[u8]) -> Option<SocketAddr> {
    let (version, command, family) = (said[0] >> 4, said[0] & 0xf, said[1]);
    assert_eq!(version, 2);
    assert_eq!(usize::from(said[2]) << 8 | usize::from(said[3]), said.len() - 4);
    let block = &said[4..];
    let port = |at: usize| u16::from(block[at]) << 8 | u16::from(block[at + 1]);
    match (command, family) {
        (1, 0x11) => Some(SocketAddr::new(<[u8; 4]>::try_from(&block[..4]).expect("four").into(), port(8))),
        (1, 0x21) => Some(SocketAddr::new(<[u8; 16]>::try_from(&block[..16]).expect("sixteen").into(), port(32))),
        _ => None,
    }
}
