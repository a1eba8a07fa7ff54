//! Profiles as Mojang's session server writes them, with a textures value and a signature of real size (1.5 KB).
//!
//! Decides ids and sizes; the signature is of the right form only, nobody here verifies it.

use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

/// Notch, as in the table of test cases.
pub(crate) fn notch() -> Vec<u8> {
    for_name("Notch")
}

/// The profile of `name`: the same name always gets the same bytes.
pub(crate) fn for_name(name: &str) -> Vec<u8> {
    with_id(name, &id_of(name))
}

/// A profile whose id is given as it should be written, so it may have dashes or be wrong.
pub(crate) fn with_id(name: &str, id: &str) -> Vec<u8> {
    let (textures, signature) = (textures(name, id), signature(name));
    format!(
        r#"{{"id":"{id}","name":"{name}","properties":[{{"name":"textures","value":"{textures}","signature":"{signature}"}}]}}"#
    )
    .into_bytes()
}

/// 32 hex digits without dashes.
pub(crate) fn id_of(name: &str) -> String {
    match name {
        "Notch" => "069a79f444e94726a5befca90e38aaf5".to_owned(),
        _ => Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string(),
    }
}

fn textures(name: &str, id: &str) -> String {
    let image = hex(name, 4);
    let json = format!(
        r#"{{
  "timestamp" : 1760000000000,
  "profileId" : "{id}",
  "profileName" : "{name}",
  "signatureRequired" : true,
  "textures" : {{
    "SKIN" : {{
      "url" : "http://textures.minecraft.net/texture/{image}"
    }},
    "CAPE" : {{
      "url" : "http://textures.minecraft.net/texture/{image}"
    }}
  }}
}}"#
    );
    STANDARD.encode(json)
}

/// As long as an RSA signature of 4096 bits.
fn signature(name: &str) -> String {
    STANDARD.encode(&hex(name, 32).as_bytes()[..512])
}

fn hex(seed: &str, uuids: u8) -> String {
    let part = |at: u8| Uuid::new_v5(&Uuid::NAMESPACE_URL, &[seed.as_bytes(), &[at]].concat());
    (0..uuids).map(|at| part(at).simple().to_string()).collect()
}
