//! Reads the few members of a profile that clients rely on, without copying the rest.
//!
//! Clients parse the same bytes with other parsers: Gson takes the last of two equal keys, Go's takes keys in any case. A body
//! that two parsers could read differently is therefore refused, or an upstream could show us one identity and them another.

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// The members of a profile. Wire format: <https://minecraft.wiki/w/Mojang_API#Verify_login_session_on_server_(server)>.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// `id` as it stands in the body, quotes included.
    pub(super) id: &'a str,
    /// `name`, decoded.
    pub(super) name: Cow<'a, str>,
    /// Whether there is a `properties` array.
    pub(super) properties: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Head<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a profile")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head<'de>, A::Error> {
        let (mut id, mut name, mut properties) = (None, None, None);
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Id => once(&mut id, map.next_value::<&RawValue>()?.get())?,
                Key::Name => once(&mut name, map.next_value::<Decoded<'_>>()?.0)?,
                Key::Properties => once(&mut properties, map.next_value::<Vec<Property>>()?)?,
                Key::Lookalike => return Err(A::Error::custom("a key that some parsers take for another")),
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let id = id.ok_or_else(|| A::Error::missing_field("id"))?;
        let name = name.ok_or_else(|| A::Error::missing_field("name"))?;
        Ok(Head { id, name, properties: properties.is_some() })
    }
}

fn once<T, E: Error>(slot: &mut Option<T>, value: T) -> Result<(), E> {
    match slot.replace(value) {
        Some(_) => Err(E::custom("a key that stands twice")),
        None => Ok(()),
    }
}

/// A member's key.
pub(super) enum Key {
    Id,
    Name,
    Properties,
    Lookalike,
    Other,
}

impl Key {
    pub(super) fn of(text: &str) -> Self {
        match text {
            "id" => Self::Id,
            "name" => Self::Name,
            "properties" => Self::Properties,
            _ if ["id", "name", "properties"].iter().any(|key| looks_like(text, key)) => Self::Lookalike,
            _ => Self::Other,
        }
    }
}

/// Equal under the simple folding that Go's JSON package applies: case, and the two letters outside ASCII that fold into it.
fn looks_like(text: &str, key: &str) -> bool {
    let folded = text.chars().map(|letter| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    });
    folded.eq(key.chars())
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
                Ok(Key::of(text))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A string, borrowed when it has no escapes.
#[derive(Deserialize)]
struct Decoded<'a>(#[serde(borrow)] Cow<'a, str>);

/// A property as Velocity's and authlib's parsers insist on it: an object. What is derived below would take a list of the values, too.
struct Property;

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PropertyVisitor;
        impl<'de> Visitor<'de> for PropertyVisitor {
            type Value = Property;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a property")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Property, A::Error> {
                Members::deserialize(MapAccessDeserializer::new(map)).map(|_| Property)
            }
        }
        deserializer.deserialize_map(PropertyVisitor)
    }
}

/// The members of a property; its texts are not looked at.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only its shape is checked")]
struct Members {
    name: Text,
    value: Text,
    signature: Option<Text>,
}

/// Any string.
struct Text;

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Text, E> {
                Ok(Text)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
