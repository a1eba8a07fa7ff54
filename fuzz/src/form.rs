//! `application/x-www-form-urlencoded`, as bytes.

/// Name and value, decoded; whether they are text is not looked at.
pub type Pair = (Vec<u8>, Vec<u8>);

/// All pairs, in their order.
#[must_use]
pub fn pairs(encoded: &[u8]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for pair in encoded.split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || decoded(halves.next().unwrap_or_default());
        pairs.push((half(), half()));
    }
    pairs
}

/// The values of one name.
#[must_use]
pub fn values<'a>(pairs: &'a [Pair], name: &str) -> Vec<&'a [u8]> {
    pairs.iter().filter(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice()).collect()
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let [first, more @ ..] = rest {
        let (byte, after) = match (first, more) {
            (b'+', _) => (b' ', more),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, after),
                _ => (b'%', more),
            },
            (other, _) => (*other, more),
        };
        bytes.push(byte);
        rest = after;
    }
    bytes
}

fn digit(sign: u8) -> Option<u8> {
    char::from(sign).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes a text so that every decoder reads it back: all but letters and digits as `%XX`.
#[must_use]
pub fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
