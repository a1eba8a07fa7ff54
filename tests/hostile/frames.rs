//! Frames of HTTP/2, byte by byte: what no library would write.

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// SETTINGS with these identifiers and values.
pub(super) fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        values.iter().flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
    frame(4, 0, 0, &payload)
}

pub(super) fn ping(flags: u8) -> Vec<u8> {
    frame(6, flags, 0, b"whatever")
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())
}

/// A header list (RFC 7541): a GET of this path, no name of it indexed.
pub(super) fn get(path: &str) -> Vec<u8> {
    let path_length = u8::try_from(path.len()).unwrap();
    assert!(path_length < 127, "one byte of length");
    [&[0x82, 0x86, 0x01, 1, b'a', 0x04, path_length], path.as_bytes()].concat()
}

/// One more header for such a list, with a value of this length.
pub(super) fn filler(length: u16) -> Vec<u8> {
    // 127 + 7 bits + 7 bits: an integer of three bytes.
    let rest = length - 127;
    let value = [127, (rest & 0x7f) as u8 | 0x80, (rest >> 7) as u8 | if rest >> 14 > 0 { 0x80 } else { 0 }];
    [&[0x40, 1, b'x'][..], &value, &vec![b'y'; usize::from(length)]].concat()
}
