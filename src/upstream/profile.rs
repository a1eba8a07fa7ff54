//! A body to a [`Profile`]: checked for this player, repaired where every client can be helped by it, otherwise untouched.

use super::{inspect::Head, plain};
use crate::model::{PlayerName, Profile, ProfileId, UpstreamId};
use bytes::Bytes;
use memchr::memchr2_iter;

/// Who a body tells of.
#[derive(Debug)]
pub struct Presented {
    /// The player's name in the upstream's spelling.
    pub name: String,
    /// The id that clients get, and the body with it.
    pub profile: Profile,
    /// The id that the upstream itself uses.
    pub(super) own: ProfileId,
}

/// What becomes of a body without `properties`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Properties {
    /// It gets empty ones: clients need the array.
    Required,
    /// It stays as it is: an answer to a look-up by name has none.
    Optional,
}

/// A profile has three levels; the most careful of parsers stop at a hundred and some.
const DEEPEST: usize = 64;

/// Checks that `body` is a profile of `name` which every known client reads the same way. With a `namespace` its id is replaced
/// by one within it. The error says why not, without repeating anything of the body.
pub(super) fn checked(
    body: &Bytes,
    name: &PlayerName,
    namespace: Option<&UpstreamId>,
) -> Result<Presented, &'static str> {
    let presented = read(body, namespace, Properties::Required)?;
    match name.names(&presented.name) {
        true => Ok(presented),
        false => Err("another name"),
    }
}

/// The same without a name to compare with.
pub(super) fn read(
    body: &Bytes,
    namespace: Option<&UpstreamId>,
    properties: Properties,
) -> Result<Presented, &'static str> {
    let text = std::str::from_utf8(body).map_err(|_| "not UTF-8")?;
    let head = match plain::head(text) {
        Some(head) => head,
        None => inspected(text)?,
    };
    let own = spelled_id(head.id)?;
    let id = namespace.map_or(own, |upstream| own.within(upstream));
    // 32 digits and two quotes: the one spelling that all clients take.
    let id_stays = id == own && head.id.len() == 34;
    let properties_stay = head.properties || properties == Properties::Optional;
    let body = match id_stays && properties_stay {
        true => body.clone(),
        false => repaired(body, (!id_stays).then_some(head.id), id, properties_stay),
    };
    Ok(Presented { name: head.name.into_owned(), profile: Profile { id, body }, own })
}

/// The head of a body that is not as plain as most.
fn inspected(text: &str) -> Result<Head<'_>, &'static str> {
    if is_too_deep(text) {
        return Err("too deep");
    }
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "not a profile",
        _ => "not JSON",
    })
}

/// From the id as it stands in the body, quotes and all.
fn spelled_id(written: &str) -> Result<ProfileId, &'static str> {
    let between = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match between.map(ProfileId::parse) {
        Some(Ok(id)) => Ok(id),
        _ => {
            let spelled: String = serde_json::from_str(written).map_err(|_| "id is not a string")?;
            ProfileId::parse(&spelled).map_err(|_| "id is not a UUID")
        }
    }
}

/// The name in a profile that has been checked, as its upstream spells it.
#[must_use]
pub fn spelled_name(profile: &Profile) -> Option<String> {
    let text = std::str::from_utf8(&profile.body).ok()?;
    serde_json::from_str::<Head<'_>>(text).ok().map(|head| head.name.into_owned())
}

/// Whether values lie deeper in one another than any parser of a client is sure to follow, some of which go down by recursion.
/// Members that nobody looks at here pass through to them all the same.
fn is_too_deep(text: &str) -> bool {
    // Nearly every body has fewer brackets than that in all.
    if memchr2_iter(b'[', b'{', text.as_bytes()).nth(DEEPEST).is_none() {
        return false;
    }
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest > DEEPEST
}

/// The same bytes with another id and, if there were none, with empty properties.
fn repaired(body: &[u8], old_id: Option<&str>, id: ProfileId, has_properties: bool) -> Bytes {
    let mut fixed = Vec::with_capacity(body.len() + 32);
    let mut rest = body;
    if let Some(old) = old_id {
        // `old` is borrowed from `body`.
        let start = old.as_ptr().addr() - body.as_ptr().addr();
        fixed.extend_from_slice(&body[..start]);
        fixed.extend_from_slice(format!("\"{id}\"").as_bytes());
        rest = &body[start + old.len()..];
    }
    let end = rest.iter().rposition(|byte| *byte == b'}').filter(|_| !has_properties).unwrap_or(rest.len());
    fixed.extend_from_slice(&rest[..end]);
    if !has_properties {
        fixed.extend_from_slice(b",\"properties\":[]");
    }
    fixed.extend_from_slice(&rest[end..]);
    fixed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "069a79f444e94726a5befca90e38aaf5";
    const DASHED: &str = "069a79f4-44e9-4726-a5be-fca90e38aaf5";

    fn check(body: &str) -> Result<String, &'static str> {
        let name = PlayerName::new("Notch").unwrap();
        let profile = checked(&Bytes::copy_from_slice(body.as_bytes()), &name, None)?.profile;
        assert_eq!(profile.id.to_string(), ID);
        assert!(name.names(&spelled_name(&profile).unwrap()));
        Ok(String::from_utf8(profile.body.to_vec()).unwrap())
    }

    #[test]
    fn a_good_body_stays_as_it_is() {
        for body in [
            format!(r#"{{"id":"{ID}","name":"Notch","properties":[]}}"#),
            format!(
                " {{ \"name\" : \"nOTCH\" ,\n\"properties\":[{{\"name\":\"textures\",\"value\":\"eyJ9\",\"signature\":null,\"x\":1}}], \"id\":\"{ID}\"}}\n"
            ),
            format!(
                r#"{{"id":"{}","name":"Notch","properties":[],"profileActions":[{{"action":"X"}}],"x":{{"id":1}}}}"#,
                ID.to_uppercase()
            ),
        ] {
            assert_eq!(check(&body).as_deref(), Ok(body.as_str()));
        }
    }

    #[test]
    fn a_dashed_id_and_missing_properties_are_repaired_and_nothing_else() {
        let cases = [
            (
                r#"{"id" : "069a79f4-44e9-4726-a5be-fca90e38aaf5", "name":"Notch","properties":[ ]}"#,
                r#"{"id" : "069a79f444e94726a5befca90e38aaf5", "name":"Notch","properties":[ ]}"#,
            ),
            (
                r#"{"name":"Notch","id":"069a79f444e94726a5befca90e38aaf5" } "#,
                r#"{"name":"Notch","id":"069a79f444e94726a5befca90e38aaf5" ,"properties":[]} "#,
            ),
            (
                r#"{"name":"Notch","id":"069a79f4-44e9-4726-a5be-fca90e38aaf5"}"#,
                r#"{"name":"Notch","id":"069a79f444e94726a5befca90e38aaf5","properties":[]}"#,
            ),
            (r#"{"id":"\u0030"#, "not JSON"),
        ];
        for (body, wanted) in &cases[..3] {
            assert_eq!(check(body).as_deref(), Ok(*wanted));
        }
        assert_eq!(check(cases[3].0).unwrap_err(), cases[3].1);
        let escaped = format!(r#"{{"id":"\u0030{}","name":"Notch","properties":[]}}"#, &ID[1..]);
        assert_eq!(check(&escaped).unwrap(), format!(r#"{{"id":"{ID}","name":"Notch","properties":[]}}"#));
    }

    #[test]
    fn what_clients_would_choke_on_is_no_profile() {
        let whole = |id: &str, name: &str, properties: &str| {
            format!(r#"{{"id":{id},"name":{name},"properties":{properties}}}"#)
        };
        let id = format!("\"{ID}\"");
        for (body, why) in [
            (String::new(), "not JSON"),
            ("null".into(), "not a profile"),
            ("{}".into(), "not a profile"),
            ("[]".into(), "not a profile"),
            ("<html></html>".into(), "not JSON"),
            (format!("\u{feff}{}", whole(&id, "\"Notch\"", "[]")), "not JSON"),
            (whole(&id, "\"Notch\"", "[]") + "{}", "not JSON"),
            (whole(&id, "\"Steve\"", "[]"), "another name"),
            (whole(&id, "\"\"", "[]"), "another name"),
            (whole(&id, "null", "[]"), "not a profile"),
            (whole("null", "\"Notch\"", "[]"), "id is not a string"),
            (whole("7", "\"Notch\"", "[]"), "id is not a string"),
            (whole("\"zzz\"", "\"Notch\"", "[]"), "id is not a UUID"),
            (whole(&format!("\"{{{DASHED}}}\""), "\"Notch\"", "[]"), "id is not a UUID"),
            (whole(&id, "\"Notch\"", "null"), "not a profile"),
            (whole(&id, "\"Notch\"", "[\"textures\"]"), "not a profile"),
            (whole(&id, "\"Notch\"", r#"[{"name":"textures"}]"#), "not a profile"),
            (whole(&id, "\"Notch\"", r#"[{"name":"textures","value":1}]"#), "not a profile"),
            (whole(&id, "\"Notch\"", r#"[["textures","eyJ9",null]]"#), "not a profile"),
        ] {
            assert_eq!(check(&body), Err(why), "{body}");
        }
    }

    #[test]
    fn a_body_that_two_parsers_read_differently_is_no_profile() {
        for second in ["id", "ID", "Id", "name", "NAME", "properties", "Properties", "propertie\u{17f}", r"\u0069d"] {
            let body = format!(r#"{{"id":"{ID}","name":"Notch","properties":[],"{second}":[]}}"#);
            assert_eq!(check(&body), Err("not a profile"), "{second}");
        }
    }

    #[test]
    fn a_body_that_some_parsers_cannot_follow_is_no_profile() {
        let body = |more: &str| format!(r#"{{"x":{more},"id":"{ID}","name":"Notch","properties":[]}}"#);
        let nested = |levels: usize| body(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
        assert_eq!(check(&nested(DEEPEST - 1)), Ok(nested(DEEPEST - 1)));
        assert_eq!(check(&nested(DEEPEST)), Err("too deep"));
        assert_eq!(check(&body(&format!("{}1{}", r#"{"a":"#.repeat(DEEPEST), "}".repeat(DEEPEST)))), Err("too deep"));
        let wide = body(&format!("[{}]", ["[]"; 500].join(",")));
        assert_eq!(check(&wide), Ok(wide.clone()), "wide is not deep");
        let text = body(&format!(r#""\\\"{}""#, "[{".repeat(500)));
        assert_eq!(check(&text), Ok(text.clone()), "brackets in a text are none");
        let name = PlayerName::new("Notch").unwrap();
        let bytes = [&b"{\"x\":\"\xff\","[..], &body("1").as_bytes()[7..]].concat();
        assert_eq!(checked(&bytes.into(), &name, None).unwrap_err(), "not UTF-8");
    }

    #[test]
    fn a_namespaced_id_is_stable_and_differs_by_upstream() {
        let body = Bytes::from(format!(r#"{{"id":"{ID}","name":"Notch"}}"#));
        let name = PlayerName::new("Notch").unwrap();
        let within = |upstream: &str| {
            let upstream = UpstreamId::new(upstream).unwrap();
            checked(&body, &name, Some(&upstream)).unwrap().profile
        };
        let drasl = within("drasl");
        // Worked out with another program: players' data hangs on it.
        assert_eq!(drasl.id.to_string(), "98c6e619f9815182856733f17c4a5e07");
        assert_eq!(drasl.body, format!(r#"{{"id":"{}","name":"Notch","properties":[]}}"#, drasl.id));
        assert_ne!(within("elyby").id, drasl.id);
    }
}
