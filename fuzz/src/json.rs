//! JSON (RFC 8259): strict, every member kept, also those that stand twice.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// A number, as it is spelled.
    Number(String),
    /// A string, decoded.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in the order of its members.
    Members(Vec<(String, Json)>),
}

/// What bytes are taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// One value, and nothing after it.
    Value(Json),
    /// The same by its grammar, but half of a surrogate pair in a string is no text. Who skips the string does not mind (RFC 8259 §8.2).
    Doubtful,
    /// Neither.
    Nothing,
}

impl Reading {
    /// Reads one value of at most so many levels of lists and objects.
    #[must_use]
    pub fn of(bytes: &[u8], deepest: usize) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::Nothing };
        let mut reader = Reader { rest: text, depth: deepest, is_doubtful: false };
        let value = reader.value();
        reader.blank();
        match value {
            Some(_) if reader.rest.is_empty() && reader.is_doubtful => Self::Doubtful,
            Some(value) if reader.rest.is_empty() => Self::Value(value),
            _ => Self::Nothing,
        }
    }
}

impl Json {
    /// The value, if there is no doubt.
    #[must_use]
    pub fn read(bytes: &[u8], deepest: usize) -> Option<Self> {
        if let Reading::Value(value) = Reading::of(bytes, deepest) { Some(value) } else { None }
    }

    /// The members of an object.
    #[must_use]
    pub fn members(&self) -> Option<&[(String, Self)]> {
        if let Self::Members(members) = self { Some(members) } else { None }
    }

    /// The text of a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The values of one key of an object.
    #[must_use]
    pub fn all(&self, key: &str) -> Vec<&Self> {
        self.members().unwrap_or_default().iter().filter(|(known, _)| known == key).map(|(_, value)| value).collect()
    }

    /// Whether a number in it is so large that only few can read it.
    #[must_use]
    pub fn overflows(&self) -> bool {
        match self {
            Self::Number(number) => number.parse().is_ok_and(|number: f64| number.abs() > 1e308),
            Self::List(items) => items.iter().any(Self::overflows),
            Self::Members(members) => members.iter().any(|(_, value)| value.overflows()),
            _ => false,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
    is_doubtful: bool,
}

impl Reader<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes this text, if it comes next.
    fn takes(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The same after white space.
    fn then(&mut self, text: &str) -> bool {
        self.blank();
        self.takes(text)
    }

    fn value(&mut self) -> Option<Json> {
        self.blank();
        match self.rest.bytes().next()? {
            b'n' => self.takes("null").then_some(Json::Null),
            b't' => self.takes("true").then_some(Json::Truth(true)),
            b'f' => self.takes("false").then_some(Json::Truth(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.deeper(Self::list).map(Json::List),
            b'{' => self.deeper(Self::object).map(Json::Members),
            _ => self.number().map(Json::Number),
        }
    }

    fn deeper<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<T> {
        self.depth = self.depth.checked_sub(1)?;
        let value = read(self);
        self.depth += 1;
        value
    }

    fn list(&mut self) -> Option<Vec<Json>> {
        let mut items = Vec::new();
        if !self.takes("[") || self.then("]") {
            return Some(items);
        }
        loop {
            items.push(self.value()?);
            if self.then("]") {
                return Some(items);
            }
            self.then(",").then_some(())?;
        }
    }

    fn object(&mut self) -> Option<Vec<(String, Json)>> {
        let mut members = Vec::new();
        if !self.takes("{") || self.then("}") {
            return Some(members);
        }
        loop {
            self.blank();
            let key = self.text()?;
            self.then(":").then_some(())?;
            members.push((key, self.value()?));
            if self.then("}") {
                return Some(members);
            }
            self.then(",").then_some(())?;
        }
    }

    fn number(&mut self) -> Option<String> {
        let start = self.rest;
        self.takes("-");
        if !self.takes("0") {
            self.digits()?;
        }
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            self.digits()?;
        }
        Some(start[..start.len() - self.rest.len()].to_owned())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some.then_some(())
    }

    fn text(&mut self) -> Option<String> {
        self.takes("\"").then_some(())?;
        let mut text = String::new();
        loop {
            let sign = self.rest.chars().next()?;
            self.rest = &self.rest[sign.len_utf8()..];
            match sign {
                '"' => return Some(text),
                '\\' => text.push(self.escaped()?),
                '\0'..='\u{1f}' => return None,
                other => text.push(other),
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let sign = self.rest.chars().next()?;
        self.rest = &self.rest[sign.len_utf8()..];
        Some(match sign {
            '"' | '\\' | '/' => sign,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                let after = self.rest;
                let second =
                    (0xd800..0xdc00).contains(&first).then(|| self.takes("\\u").then(|| self.unit()).flatten());
                let mut units = std::iter::once(first).chain(second.flatten());
                let sign = char::decode_utf16(&mut units).next()?;
                if sign.is_err() {
                    // What follows stands for itself.
                    self.rest = after;
                }
                self.is_doubtful |= sign.is_err();
                sign.unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|sign| sign.is_ascii_hexdigit()))?;
        let unit = u16::from_str_radix(digits, 16).ok();
        self.rest = &self.rest[4..];
        unit
    }
}
