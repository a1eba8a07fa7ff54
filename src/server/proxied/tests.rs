//! Headers as the specification and its senders write them, and such as nobody does.

use super::*;
use proptest::prelude::*;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Of version 2, with this block behind it.
fn second(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [&SIGNATURE[..], &[command, family], &length, block].concat()
}

fn four() -> Vec<u8> {
    vec![203, 0, 113, 7, 192, 0, 2, 1, 0xdc, 0x04, 0x01, 0xbb]
}

/// What comes of a header, the same however it is cut, and whatever follows it.
fn read(bytes: &[u8]) -> Result<Option<SocketAddr>, NoHeader> {
    let whole = Header::read(&[bytes, b"GET / HTTP/1.1\r\n"].concat());
    for cut in 0..bytes.len() {
        let part = Header::read(&bytes[..cut]);
        match whole {
            Ok(_) => assert_eq!(part, Ok(None), "{cut} of {}", bytes.escape_ascii()),
            Err(_) => assert!(matches!(part, Ok(None) | Err(NoHeader)), "{cut} of {}", bytes.escape_ascii()),
        }
    }
    whole.map(|header| {
        let header = header.unwrap();
        assert_eq!(header.length, bytes.len(), "{}", bytes.escape_ascii());
        header.client
    })
}

#[test]
fn lines_of_version_1() {
    for (line, client) in [
        ("PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n", Some("203.0.113.7:56324")),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", Some("255.255.255.255:65535")),
        ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", Some("0.0.0.0:0")),
        ("PROXY TCP6 2001:db8::7 ::1 56324 443\r\n", Some("[2001:db8::7]:56324")),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            Some("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
        ),
        ("PROXY UNKNOWN\r\n", None),
        ("PROXY UNKNOWN 2001:db8::7 and whatever\r\n", None),
    ] {
        assert_eq!(read(line.as_bytes()), Ok(client.map(address)), "{line}");
    }
}

#[test]
fn what_is_no_line_of_version_1() {
    for line in [
        "POST / HTTP/1.1\r\n",
        "PROXY\r\n",
        "PROXY \r\n",
        "PROXY UDP4 203.0.113.7 192.0.2.1 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1 2 3\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1 2 \r\n",
        "PROXY TCP4  203.0.113.7 192.0.2.1 1 2\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1 65536\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 +1 2\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 01 2\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1 \r\n",
        "PROXY TCP4 203.0.113 192.0.2.1 1 2\r\n",
        "PROXY TCP4 203.0.113.07 192.0.2.1 1 2\r\n",
        "PROXY TCP4 2001:db8::7 ::1 1 2\r\n",
        "PROXY TCP6 203.0.113.7 192.0.2.1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP4 203.0.113.7 192.0.2.1 1 2\n",
        "PROXY TCP4\t203.0.113.7 192.0.2.1 1 2\r\n",
        "PROXY UNKNOWN \u{e9}\n",
        "proxy TCP4 203.0.113.7 192.0.2.1 1 2\r\n",
    ] {
        assert_eq!(read(line.as_bytes()), Err(NoHeader), "{line}");
    }
    let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(LONGEST_LINE - 16));
    assert_eq!((long.len(), read(long.as_bytes())), (LONGEST_LINE, Ok(None)));
    assert_eq!(read(format!("PROXY UNKNOWN {}\r\n", "x".repeat(LONGEST_LINE - 15)).as_bytes()), Err(NoHeader));
}

#[test]
fn headers_of_version_2() {
    let six = [&[0x20, 0x01, 0x0d, 0xb8][..], &[0; 11], &[7], &[0; 15], &[1], &[0xdc, 0x04, 0x01, 0xbb]].concat();
    let with_more = |block: &[u8]| [block, &[0x02, 0, 3, b'a', b'.', b'b', 0x04, 0, 1, 0]].concat();
    for (header, client) in [
        (second(0x21, 0x11, &four()), Some("203.0.113.7:56324")),
        (second(0x21, 0x11, &with_more(&four())), Some("203.0.113.7:56324")),
        (second(0x21, 0x21, &six), Some("[2001:db8::7]:56324")),
        (second(0x21, 0x21, &with_more(&six)), Some("[2001:db8::7]:56324")),
        (second(0x21, 0x11, &vec![1; MOST]), Some("1.1.1.1:257")),
        // The balancer's own: it asks whether we are well.
        (second(0x20, 0x00, &[]), None),
        (second(0x20, 0x11, &four()), None),
        (second(0x20, 0xff, b"whatever"), None),
        // No address, or one of another kind.
        (second(0x21, 0x00, &[]), None),
        (second(0x21, 0x00, b"whatever"), None),
        (second(0x21, 0x12, &four()), None),
        (second(0x21, 0x22, &six), None),
        (second(0x21, 0x31, &[0; 216]), None),
        (second(0x21, 0x32, &[0; 216]), None),
    ] {
        assert_eq!(read(&header), Ok(client.map(address)), "{}", header.escape_ascii());
    }
}

#[test]
fn what_is_no_header_of_version_2() {
    for header in [
        second(0x11, 0x11, &four()),
        second(0x31, 0x11, &four()),
        second(0x22, 0x11, &four()),
        second(0x2f, 0x11, &four()),
        second(0x21, 0x13, &four()),
        second(0x21, 0x41, &four()),
        second(0x21, 0xff, &four()),
        second(0x21, 0x11, &four()[..11]),
        second(0x21, 0x21, &four()),
        second(0x21, 0x21, &[0; 35]),
        second(0x21, 0x11, &vec![0; MOST + 1]),
        b"\r\n\r\n\0\r\nQUIX\n\x21\x11\0\x0c".to_vec(),
        b"GET / HTTP/1.1\r\n".to_vec(),
        b"\x16\x03\x01\x02\0\x01".to_vec(),
    ] {
        assert_eq!(read(&header), Err(NoHeader), "{}", header.escape_ascii());
    }
}

proptest! {
    #[test]
    fn whoever_is_named_is_read(from: SocketAddr, to: SocketAddr, more in prop::collection::vec(any::<u8>(), 0..64)) {
        let (SocketAddr::V4(from), SocketAddr::V4(to)) = (from, to) else {
            let six = |address: SocketAddr| match address.ip() {
                IpAddr::V4(address) => address.to_ipv6_mapped(),
                IpAddr::V6(address) => address,
            };
            let client = SocketAddr::from((six(from), from.port()));
            let line = format!("PROXY TCP6 {} {} {} {}\r\n", six(from), six(to), from.port(), to.port());
            prop_assert_eq!(read(line.as_bytes()), Ok(Some(client)));
            let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
            let block = [&six(from).octets()[..], &six(to).octets(), &ports, &more].concat();
            prop_assert_eq!(read(&second(0x21, 0x21, &block)), Ok(Some(client)));
            return Ok(());
        };
        let line = format!("PROXY TCP4 {} {} {} {}\r\n", from.ip(), to.ip(), from.port(), to.port());
        prop_assert_eq!(read(line.as_bytes()), Ok(Some(from.into())));
        let ports = [from.port().to_be_bytes(), to.port().to_be_bytes()].concat();
        let block = [&from.ip().octets()[..], &to.ip().octets(), &ports, &more].concat();
        prop_assert_eq!(read(&second(0x21, 0x11, &block)), Ok(Some(from.into())));
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), signed: bool) {
        let bytes = if signed { [&SIGNATURE[..], &bytes].concat() } else { bytes };
        if let Ok(Some(header)) = Header::read(&bytes) {
            prop_assert!(header.length <= bytes.len() && header.length >= 15);
            prop_assert_eq!(Header::read(&bytes[..header.length]), Ok(Some(header)));
        }
    }
}
