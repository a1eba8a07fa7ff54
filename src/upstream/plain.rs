//! Reads the head of a profile as session servers really write it: no escapes, no line breaks, nothing nested deeply.
//!
//! Decides nothing: whatever is not as plain as that is left to `inspect`, which reads all of JSON. What this one reads, that one reads the
//! same. It is here because every login reads a profile, most of which is two long strings that only have to end.

use super::inspect::{Head, Key};
use memchr::memchr;
use std::borrow::Cow;

/// A profile has three levels.
const DEEPEST: u32 = 6;

/// The head, if the whole text is plain.
pub(super) fn head(text: &str) -> Option<Head<'_>> {
    let bytes = text.as_bytes();
    // With neither in it, a string ends at the next quote.
    let least = bytes.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    if memchr(b'\\', bytes).is_some() || least < b' ' {
        return None;
    }
    let mut scan = Scan { text, at: 0 };
    let (mut id, mut name, mut properties) = (None, None, false);
    scan.object(|scan, key| {
        let new = match Key::of(key) {
            Key::Id => id.replace(scan.quoted()?).is_none(),
            Key::Name => name.replace(scan.string()?).is_none(),
            Key::Properties => {
                scan.list(Scan::property)?;
                !std::mem::replace(&mut properties, true)
            }
            Key::Lookalike => false,
            Key::Other => scan.any(DEEPEST).is_some(),
        };
        new.then_some(())
    })?;
    scan.spaces();
    let whole = scan.at == text.len();
    whole.then_some(Head { id: id?, name: Cow::Borrowed(name?), properties })
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether this sign comes next; then it is passed.
    fn has(&mut self, sign: u8) -> bool {
        self.spaces();
        let here = self.peek() == Some(sign);
        self.at += usize::from(here);
        here
    }

    fn string(&mut self) -> Option<&'a str> {
        let quoted = self.quoted()?;
        quoted.get(1..quoted.len() - 1)
    }

    fn quoted(&mut self) -> Option<&'a str> {
        if !self.has(b'"') {
            return None;
        }
        let start = self.at - 1;
        self.at += memchr(b'"', self.text.as_bytes().get(self.at..)?)? + 1;
        self.text.get(start..self.at)
    }

    fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.listed((b'{', b'}'), |scan| {
            let key = scan.string()?;
            scan.has(b':').then_some(())?;
            member(scan, key)
        })
    }

    fn list(&mut self, item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.listed((b'[', b']'), item)
    }

    fn listed(&mut self, (open, close): (u8, u8), mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.has(open).then_some(())?;
        if self.has(close) {
            return Some(());
        }
        loop {
            item(self)?;
            if self.has(close) {
                return Some(());
            }
            self.has(b',').then_some(())?;
        }
    }

    /// A property with nothing else in it than it should have, each once.
    fn property(&mut self) -> Option<()> {
        let mut seen = [false; 3];
        self.object(|scan, key| {
            let place = ["name", "value", "signature"].iter().position(|known| *known == key)?;
            scan.string()?;
            (!std::mem::replace(&mut seen[place], true)).then_some(())
        })?;
        (seen[0] && seen[1]).then_some(())
    }

    /// A value that is passed over.
    fn any(&mut self, levels: u32) -> Option<()> {
        let levels = levels.checked_sub(1)?;
        self.spaces();
        match self.peek()? {
            b'"' => self.quoted().map(drop),
            b'{' => self.object(|scan, _| scan.any(levels)),
            b'[' => self.list(|scan| scan.any(levels)),
            _ => ["true", "false", "null"].into_iter().find_map(|word| self.word(word)).or_else(|| self.digits()),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let here = self.text.get(self.at..)?.starts_with(word);
        self.at += if here { word.len() } else { 0 };
        here.then_some(())
    }

    /// A short whole number. Where something else follows, whoever asks for the next sign notices.
    fn digits(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = &rest[..length];
        self.at += length;
        (matches!(length, 1..=15) && (length == 1 || number[0] != b'0')).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn both(text: &str) -> (Option<Head<'_>>, Option<Head<'_>>) {
        (head(text), serde_json::from_str(text).ok())
    }

    #[test]
    fn profiles_as_they_are_sent_are_plain() {
        for text in [
            r#"{"id":"069a","name":"Notch","properties":[]}"#,
            r#"{ "id" : "069a" , "name" : "Notch", "properties" : [ {"name":"textures","value":"eyJ9","signature":"x"} ] } "#,
            r#"{"name":"é","id":"069a","properties":[{"value":"","name":""}],"profileActions":[],"x":{"y":[1,20,true,null,{}]}}"#,
            r#"{"name":"Notch","id":"069a","legacy":true}"#,
        ] {
            let (plain, whole) = both(text);
            assert_eq!(plain, whole, "{text}");
            assert!(plain.is_some(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_other() {
        for text in [
            "",
            "{}",
            r#"{"id":"\u0030","name":"Notch"}"#,
            "{\n\"id\":\"069a\",\"name\":\"Notch\"}",
            r#"{"id":"069a","name":"Notch","id":"1"}"#,
            r#"{"id":"069a","name":"Notch","ID":"1"}"#,
            r#"{"id":"069a","name":"Notch"},"#,
            r#"{"id":"069a","name":"Notch","x":01}"#,
            r#"{"id":"069a","name":"Notch","x":1.5}"#,
            r#"{"id":"069a","name":"Notch","x":[[[[[[[[]]]]]]]]}"#,
            r#"{"id":"069a","name":"Notch","properties":[{"name":"a","value":"b","name":"c"}]}"#,
            r#"{"id":"069a","name":"Notch","properties":[{"name":"a"}]}"#,
            r#"{"id":"069a","name":"Notch","properties":[{"name":"a","value":"b","signature":null}]}"#,
        ] {
            assert_eq!(head(text), None, "{text}");
        }
    }

    proptest! {
        /// Whatever it reads, the other reads the same.
        #[test]
        fn it_reads_nothing_that_the_other_reads_otherwise(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"", " ", "\"id\":", "\"name\":", "\"properties\":", "\"069a\"", "\"a\":", "1", "0", "-1",
                    "true", "null", "{\"name\":\"a\",\"value\":\"b\"}", "\"ID\":", "\\", "é", "\n", "{\"id\":\"0\",\"name\":\"N\"", "}",
                ]),
                0..12,
            ),
        ) {
            let text = parts.concat();
            for text in [text.clone(), format!("{{\"id\":\"0\",\"name\":\"N\"{text}"), format!("{{\"id\":\"0\",\"name\":\"N\",\"properties\":[{text}")] {
                let (plain, whole) = both(&text);
                prop_assert!(plain.is_none() || plain == whole, "{}", text);
            }
        }
    }
}
