//! Settings to the store, the keys and the tokens of the login API.

use super::Failed;
use crate::{
    config::{Algorithm, Database, LoginSettings, Secret, Settings},
    store::{Location, Store},
    tokens::{self, FeatherKeys, Kek, KeySettings, Lifetimes, TokenSettings},
};
use http::Uri;
use std::{path::PathBuf, time::Duration};

/// The store's file, in `login.data_dir`.
const FILE: &str = "login.db";

/// How far apart the clocks of replicas may be.
const APART: Duration = Duration::from_secs(30);

/// Opens the store; one that is not there yet is made.
pub(super) async fn open_store(login: &LoginSettings) -> Result<Store, Failed> {
    let location = match &login.database {
        Database::Embedded(folder) => Location::File(folder.join(FILE)),
        Database::Memory => Location::Memory,
        Database::Postgres(url) => Location::Postgres(url.reveal().into()),
    };
    Ok(Store::open(&location).await?)
}

/// The store, for a command. One that is not there is not made: it would belong to whoever typed the command.
pub(super) async fn existing_store(
    login: &LoginSettings,
    (off, memory): (&str, &str),
    missing: &str,
) -> Result<Store, Failed> {
    if !login.enabled {
        return Err(Failed::Unusable(off.to_owned()));
    }
    if login.database == Database::Memory {
        return Err(Failed::Unusable(memory.to_owned()));
    }
    if let Some(file) = store_file(login).filter(|file| !file.exists()) {
        let file = file.display();
        return Err(Failed::Unknown(format!("{missing}: {file} is made when the program starts")));
    }
    open_store(login).await
}

/// The file of a store that is one.
fn store_file(login: &LoginSettings) -> Option<PathBuf> {
    match &login.database {
        Database::Embedded(folder) => Some(folder.join(FILE)),
        Database::Memory | Database::Postgres(_) => None,
    }
}

/// How keys are made and kept.
pub(super) fn key_settings(login: &LoginSettings) -> Result<KeySettings, Failed> {
    let signing = &login.signing;
    let algorithm = if signing.legacy_tokens { Algorithm::Hs256 } else { signing.alg };
    let secret = signing.hs256_secret.as_ref().filter(|_| algorithm == Algorithm::Hs256);
    let kek = signing.kek.as_ref().map(|kek| Kek::parse(kek.reveal())).transpose();
    Ok(KeySettings {
        algorithm: match algorithm {
            Algorithm::Es256 => tokens::Algorithm::Es256,
            Algorithm::EdDsa => tokens::Algorithm::EdDsa,
            Algorithm::Rs256 => tokens::Algorithm::Rs256,
            Algorithm::Hs256 => tokens::Algorithm::Hs256,
        },
        secret: secret.map(|secret: &Secret| secret.reveal().as_bytes().to_vec().into()),
        feather: login.feather.enabled.then(|| FeatherKeys {
            algorithm: if login.feather.secret.is_some() { tokens::Algorithm::Hs256 } else { tokens::Algorithm::Es256 },
            secret: login.feather.secret.as_ref().map(|secret| secret.reveal().as_bytes().to_vec().into()),
        }),
        services: true,
        kek: kek.map_err(|error| Failed::Unusable(format!("login.kek_file: {error}")))?,
        lifetimes: Lifetimes { join: login.join_ttl, access: login.access_ttl, feather: login.feather.ttl },
    })
}

/// What tokens say of this program, when it is reached at this URL.
pub(super) fn token_settings(settings: &Settings, public_url: &Uri) -> TokenSettings {
    let login = &settings.login;
    let issuer = public_url.to_string().trim_end_matches('/').to_owned();
    TokenSettings {
        audience: login.audience.clone().unwrap_or_else(|| issuer.clone()),
        issuer,
        leeway: if matches!(login.database, Database::Postgres(_)) { APART } else { Duration::ZERO },
        older: login.signing.legacy_tokens,
        feather_strict: login.feather.strict,
        scopes: login.scopes.allowed.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Environment};
    use secrecy::ExposeSecret;
    use std::path::Path;

    const SECRET: &str = "a secret of at least 32 bytes, as asked";

    fn settings(lines: &str) -> Settings {
        let variables = |name: &str| match name {
            "HASJOINED_LOGIN_HS256_SECRET" => Some(SECRET.to_owned()),
            "HASJOINED_LOGIN_KEK" => Some("A".repeat(43)),
            _ => None,
        };
        let text = format!("[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\n{lines}");
        let loaded = config::parse_with(&text, Path::new("/etc/upstreams.toml"), &Environment::of(variables));
        loaded.unwrap_or_else(|error| panic!("{error}")).settings
    }

    #[test]
    fn the_issuer_is_the_public_url_without_a_slash_at_the_end() {
        for (url, issuer) in [
            ("https://login.example.net", "https://login.example.net"),
            ("https://login.example.net/", "https://login.example.net"),
            ("https://login.example.net/base/", "https://login.example.net/base"),
        ] {
            let tokens = token_settings(&settings(""), &url.parse().unwrap());
            assert_eq!((tokens.issuer.as_str(), tokens.audience.as_str()), (issuer, issuer));
            assert_eq!((tokens.leeway, tokens.older), (Duration::ZERO, false));
        }
        let other = settings("audience = \"urn:api\"\n[login.scopes]\nallowed = [\"a\"]\n");
        let tokens = token_settings(&other, &"https://login.example.net".parse().unwrap());
        assert_eq!((tokens.audience.as_str(), &tokens.scopes[..]), ("urn:api", &["a".to_owned()][..]));
    }

    #[test]
    fn only_replicas_have_clocks_that_differ() {
        let shared = settings("database = \"postgres://u:p@db.example.net/d\"\n");
        assert_eq!(token_settings(&shared, &Uri::from_static("https://a.example")).leeway, APART);
        assert_eq!(store_file(&shared.login), None);
        assert_eq!(store_file(&settings("").login).unwrap(), Path::new("/etc/data/login.db"));
    }

    #[test]
    fn a_secret_is_for_hs256_alone_and_the_older_form_needs_it() {
        let keys = |lines| key_settings(&settings(lines).login).unwrap();
        let today = keys("access_ttl = \"1h\"\njoin_ttl = \"30s\"\n");
        assert!(today.algorithm == tokens::Algorithm::Es256 && today.secret.is_none() && today.kek.is_some());
        let lifetimes = Lifetimes {
            join: Duration::from_secs(30),
            access: Duration::from_secs(3600),
            feather: Duration::from_secs(64 * 3_600),
        };
        assert_eq!(today.lifetimes, lifetimes);
        assert_eq!(keys("[login.signing]\nalg = \"EdDSA\"\n").algorithm, tokens::Algorithm::EdDsa);
        for lines in ["[login.signing]\nalg = \"HS256\"\n", "[login.uebliche]\nlegacy_tokens = true\n"] {
            let hs256 = keys(lines);
            assert_eq!(hs256.algorithm, tokens::Algorithm::Hs256);
            assert_eq!(hs256.secret.unwrap().expose_secret(), SECRET.as_bytes());
        }
    }
}
