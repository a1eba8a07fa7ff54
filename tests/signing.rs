//! `hasjoined keys`: the keys of tokens, in a store that a program is running on.

use crate::support::proxy::{self, Finished};
use hasjoined::{
    lifecycle::Clock,
    model::Timestamp,
    store::{Location, Store},
    tokens::{Algorithm, JoinClaims, KeySettings, Keyring, Lifetimes, Refused, TokenSettings, Tokens, fresh_id},
};
use std::{path::Path, time::Duration};
use tempfile::TempDir;

const LOGIN: &str = "[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\nfeather.enabled = false\n";
/// For so long a running program may not know of a change.
const LAG: Duration = Duration::from_secs(5);

/// A folder with this configuration.
fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("upstreams.toml"), config).unwrap();
    folder
}

async fn hasjoined(folder: &TempDir, line: &str) -> Finished {
    proxy::run(folder.path(), line.split(' ')).await
}

/// What a running program has open: its store, in that folder, and its tokens.
async fn running(folder: &Path) -> Tokens {
    let store = Store::open(&Location::File(folder.join("data/login.db"))).await.unwrap();
    let lifetimes = Lifetimes {
        join: Duration::from_secs(60),
        access: Duration::from_secs(2_592_000),
        feather: Duration::from_secs(230_400),
    };
    let keys =
        KeySettings { algorithm: Algorithm::Es256, secret: None, feather: None, services: true, kek: None, lifetimes };
    let keyring = Keyring::open(store.clone(), keys, now()).await.unwrap();
    let issuer = "https://login.example.net".to_owned();
    let settings = TokenSettings {
        audience: issuer.clone(),
        issuer,
        leeway: Duration::ZERO,
        older: false,
        feather_strict: false,
        scopes: Vec::new(),
    };
    Tokens::new(settings, keyring, store)
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn join_token(tokens: &Tokens, now: Timestamp) -> String {
    let claims = JoinClaims {
        jti: fresh_id(now),
        server_id: "b3f0".to_owned(),
        scopes: Vec::new(),
        player: None,
        name: None,
        secret_hash: None,
    };
    tokens.issue_join(&claims, now).unwrap().token
}

/// One line of `keys list`: class, state, algorithm, id, and what it does.
type Line = [String; 5];

async fn listed(folder: &TempDir) -> Vec<Line> {
    let list = hasjoined(folder, "keys list").await;
    assert_eq!((list.code, list.log.as_str()), (Some(0), ""), "{list:?}");
    let line = |line: &str| {
        let mut rest = line;
        let mut word = || {
            let (word, after) = rest.split_once("  ").unwrap();
            rest = after.trim_start();
            word.trim().to_owned()
        };
        let [class, state, algorithm, id] = [word(), word(), word(), word()];
        [class, state, algorithm, id, rest.to_owned()]
    };
    list.output.lines().map(line).collect()
}

/// Class and state of every key but those of services, which fare as the others do.
fn states(lines: &[Line]) -> Vec<String> {
    lines.iter().filter(|[class, ..]| class != "service").map(|[class, state, ..]| format!("{class} {state}")).collect()
}

fn id<'a>(lines: &'a [Line], what: &str) -> &'a str {
    let is_it = |line: &&Line| format!("{} {}", line[0], line[1]) == what;
    lines.iter().find(is_it).map(|line| line[3].as_str()).unwrap_or_else(|| panic!("no {what} in {lines:?}"))
}

#[tokio::test]
async fn keys_are_those_of_a_store_that_is_there() {
    for (config, code, why) in [
        (LOGIN.replace("true", "false"), 78, "login.enabled is false: nothing is signed"),
        (
            format!("{LOGIN}database = \"memory\"\n"),
            78,
            "login.database is \"memory\": only the program that runs knows its keys",
        ),
    ] {
        let folder = folder(&config);
        let refused = hasjoined(&folder, "keys list").await;
        assert_eq!((refused.code, refused.log), (Some(code), format!("hasjoined: {why}\n")));
    }
    let folder = folder(LOGIN);
    for command in ["keys list", "keys rotate", "keys remove x --yes"] {
        let refused = hasjoined(&folder, command).await;
        assert_eq!(refused.code, Some(1));
        assert!(refused.log.starts_with("hasjoined: there are no keys yet: "), "{refused:?}");
        assert!(!folder.path().join("data").exists(), "{command} made the store");
    }
}

#[tokio::test]
async fn a_successor_is_shown_for_a_day_and_a_running_program_shows_it_within_seconds() {
    let folder = folder(LOGIN);
    let tokens = running(folder.path()).await;
    let before = listed(&folder).await;
    assert_eq!(states(&before), ["access active", "join active"]);
    let rotated = hasjoined(&folder, "keys rotate --class access").await;
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    let after = listed(&folder).await;
    assert_eq!(states(&after), ["access active", "access pending", "join active"]);
    let next = id(&after, "access pending");
    assert!(rotated.output.starts_with(&format!("{next} (ES256) signs access tokens from ")), "{rotated:?}");
    assert_eq!(id(&after, "access active"), id(&before, "access active"));
    assert!(after[1][4].starts_with("signs from "), "{after:?}");
    let later = now().plus(LAG);
    tokens.tend(later).await.unwrap();
    let keys = String::from_utf8(tokens.key_set(later).to_vec()).unwrap();
    assert!(keys.contains(next) && keys.contains(id(&before, "access active")), "{keys}");
    let again = hasjoined(&folder, "keys rotate --class access").await;
    assert_eq!(again.output, rotated.output, "there is one already");
    assert_eq!(listed(&folder).await, after);
}

#[tokio::test]
async fn a_successor_signs_at_once_when_it_has_to_and_what_was_signed_before_is_good_on() {
    let folder = folder(LOGIN);
    let tokens = running(folder.path()).await;
    let before = listed(&folder).await;
    let old = join_token(&tokens, now());
    let rotated = hasjoined(&folder, "keys rotate --now").await;
    let after = listed(&folder).await;
    assert_eq!(states(&after), ["access retired", "access active", "join retired", "join active"]);
    assert_eq!(
        rotated.output,
        format!(
            "{} (ES256) signs access tokens now\n{} (ES256) signs join tokens now\n{} (ES256) signs service tokens now\nservices that verify tokens themselves refuse \
             new ones until they ask for the keys again\n",
            id(&after, "access active"),
            id(&after, "join active"),
            id(&after, "service active"),
        )
    );
    assert_eq!(id(&after, "access retired"), id(&before, "access active"));
    assert!(after[0][4].starts_with("verifies until "), "{after:?}");
    let later = now().plus(LAG);
    tokens.tend(later).await.unwrap();
    let new = join_token(&tokens, later);
    assert_ne!(old.split('.').next(), new.split('.').next(), "another key");
    for token in [old, new] {
        assert!(tokens.read_join(&token, later).await.is_ok());
    }
}

#[tokio::test]
async fn a_removed_key_takes_its_tokens_along() {
    let folder = folder(LOGIN);
    let tokens = running(folder.path()).await;
    let before = listed(&folder).await;
    let (access, join) = (id(&before, "access active"), id(&before, "join active"));
    let token = join_token(&tokens, now());
    let asked = hasjoined(&folder, &format!("keys remove {access}")).await;
    assert_eq!((asked.code, asked.output.as_str()), (Some(1), ""));
    assert!(asked.log.starts_with(&format!("hasjoined: {access} has signed access tokens since ")), "{asked:?}");
    assert!(
        asked.log.ends_with(
            ", and all of them die with it: their owners have to log in again. A new key takes over; nothing was removed: add --yes to do it\n"
        ),
        "{asked:?}"
    );
    assert_eq!(listed(&folder).await, before);
    let removed = hasjoined(&folder, &format!("keys remove {join} --yes")).await;
    let after = listed(&folder).await;
    assert_eq!(states(&after), ["access active", "join active"]);
    assert_eq!(id(&after, "access active"), access);
    assert_eq!(
        removed.output,
        format!(
            "{join} is removed; a program that runs follows within 5 s\n{} signs join tokens now\n",
            id(&after, "join active")
        )
    );
    let later = now().plus(LAG);
    tokens.tend(later).await.unwrap();
    assert!(matches!(tokens.read_join(&token, later).await, Err(Refused::Invalid(_))));
    assert!(tokens.read_join(&join_token(&tokens, later), later).await.is_ok());
    let gone = hasjoined(&folder, &format!("keys remove {join} --yes")).await;
    assert_eq!((gone.code, gone.log), (Some(1), format!("hasjoined: there is no signing key {join}\n")));
}

#[tokio::test]
async fn keys_that_lie_open_are_sealed_by_a_rotation_and_no_key_is_ever_printed() {
    let folder = folder(LOGIN);
    drop(running(folder.path()).await);
    let kek = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    std::fs::write(folder.path().join("login.kek"), kek).unwrap();
    let sealed = LOGIN.replace("enabled = true", "kek_file = \"login.kek\"\nenabled = true");
    std::fs::write(folder.path().join("upstreams.toml"), sealed).unwrap();
    let open = listed(&folder).await;
    assert_eq!(states(&open), ["access unusable", "join unusable"]);
    assert!(open[0][4].starts_with("it lies open in the store"), "{open:?}");
    let rotated = hasjoined(&folder, "keys rotate").await;
    for line in &open {
        let told = format!("{} lay open in the store and is sealed now\n", line[3]);
        assert!(rotated.output.contains(&told), "{rotated:?}");
    }
    let after = listed(&folder).await;
    assert_eq!(states(&after), ["access active", "access pending", "join active", "join pending"]);
    assert_eq!(id(&after, "access active"), open[0][3]);
    assert!(!format!("{rotated:?} {after:?}").contains(&kek[..20]));
    // Another key of keys opens none.
    std::fs::write(folder.path().join("login.kek"), "A".repeat(43)).unwrap();
    let shut = listed(&folder).await;
    assert!(shut.iter().all(|line| line[1] == "unusable"), "{shut:?}");
}

#[tokio::test]
async fn a_secret_of_the_operator_is_replaced_by_the_operator() {
    let folder = folder(LOGIN);
    drop(running(folder.path()).await);
    std::fs::write(folder.path().join("secret"), "a secret of at least 32 bytes, as asked").unwrap();
    let config = format!("{LOGIN}hs256_secret_file = \"secret\"\n[login.signing]\nalg = \"HS256\"\n");
    std::fs::write(folder.path().join("upstreams.toml"), config).unwrap();
    let refused = hasjoined(&folder, "keys rotate --class access").await;
    assert_eq!(
        (refused.code, refused.output.as_str(), refused.log.as_str()),
        (
            Some(1),
            "",
            "hasjoined: access tokens are signed with the secret of login.hs256_secret_file: put another one there and restart\n"
        )
    );
    let all = hasjoined(&folder, "keys rotate").await;
    assert!(all.output.contains(" signs join tokens from "), "{all:?}");
    assert_eq!(states(&listed(&folder).await), ["access active", "join active", "join pending"]);
}
