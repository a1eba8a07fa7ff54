//! The JSON object of a request's body: each known field at most once, of the type that was wanted.

use super::refusal::{Code, Refusal};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Fields in the order of the body. Unknown ones are not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// Reads a body that is one object in UTF-8, without a byte order mark, and nothing after it.
    ///
    /// # Errors
    /// `invalid_json`.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body).map_err(|_| Code::InvalidJson.into())
    }

    /// A text; `None` when it is not there or null.
    ///
    /// # Errors
    /// When it is of another type, or there twice.
    pub fn text(&self, field: &'static str) -> Result<Option<&str>, Refusal> {
        match self.get(field)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::field(field)),
        }
    }

    /// A text that has to be there.
    ///
    /// # Errors
    /// As [`Object::text`], and when it is not there.
    pub fn needed_text(&self, field: &'static str) -> Result<&str, Refusal> {
        self.text(field)?.ok_or(Refusal::field(field))
    }

    /// A list of texts; `None` when it is not there or null.
    ///
    /// # Errors
    /// When it, or one of its items, is of another type, or it is there twice.
    pub fn texts(&self, field: &'static str) -> Result<Option<Vec<&str>>, Refusal> {
        match self.get(field)? {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts: Option<_> = items.iter().map(Value::as_str).collect();
                texts.map(Some).ok_or(Refusal::field(field))
            }
            Some(_) => Err(Refusal::field(field)),
        }
    }

    fn get(&self, field: &'static str) -> Result<Option<&Value>, Refusal> {
        let mut values = self.0.iter().filter(|(name, _)| name == field).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Code::InvalidJson.into()),
            (value, None) => Ok(value.filter(|value| !value.is_null())),
        }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_type() {
        let read = Object::read(br#" {"a":"x\u00e9","b":null,"c":["x","y"],"d":1,"e":[1],"f":{},"a2":true} "#).unwrap();
        assert_eq!(read.text("a"), Ok(Some("xé")));
        assert_eq!((read.text("b"), read.text("z"), read.texts("z")), (Ok(None), Ok(None), Ok(None)));
        assert_eq!(read.texts("c"), Ok(Some(vec!["x", "y"])));
        for field in ["c", "d", "e", "f", "a2"] {
            assert_eq!(read.text(field), Err(Refusal::field(field)));
        }
        for field in ["a", "d", "e", "f"] {
            assert_eq!(read.texts(field), Err(Refusal::field(field)));
        }
        assert_eq!((read.needed_text("a"), read.needed_text("b")), (Ok("xé"), Err(Refusal::field("b"))));
    }

    #[test]
    fn cases_9_and_10_anything_but_one_object_is_refused() {
        let deep = [b"{\"a\":".to_vec(), vec![b'['; 4_000]].concat();
        for body in [
            &b""[..],
            b"[]",
            b"\"x\"",
            b"{}{}",
            b"{} x",
            b"{\"a\":",
            b"\xef\xbb\xbf{}",
            b"\xff\xfe",
            b"{\"a\":\"\xff\"}",
            b"{\"a\":\"\\ud800\"}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"{\"a\":NaN}",
            b"null",
            &deep,
        ] {
            assert_eq!(Object::read(body), Err(Code::InvalidJson.into()), "{:?}", body.escape_ascii().to_string());
        }
        let twice = Object::read(br#"{"name":"A","x":1,"x":2,"n\u0061me":"A"}"#).unwrap();
        assert_eq!(twice.text("name"), Err(Code::InvalidJson.into()));
        assert_eq!(twice.text("other"), Ok(None), "who does not know x does not mind");
    }
}
