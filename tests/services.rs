//! `hasjoined services`: what an operator does with services that no file names, in a store that a program is running on.

use crate::support::{
    client,
    proxy::{self, Finished, Proxy, Signal},
    upstream::Upstream,
};
use hasjoined::{
    login::client_secret_hash,
    model::ServiceSlug,
    store::{Location, Origin, Service, Store},
};
use tempfile::TempDir;

const LOGIN: &str = "[upstreams.mojang]\npreset = \"mojang\"\n[login]\nenabled = true\n";
const IN_FILE: &str = "[[login.services]]\nslug = \"from-file\"\nname = \"From the file\"\n\
    redirects = [\"https://a.example/\"]\npermissions = [\"profile:read\"]\n";
const ADD: &str = "services add build-moe --name Build.moe --redirect https://build.moe/cb --permission profile:read";

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("upstreams.toml"), config).unwrap();
    folder
}

/// The store of a program that has been started in that folder.
async fn running(folder: &TempDir) -> Store {
    Store::open(&Location::File(folder.path().join("data/login.db"))).await.unwrap()
}

async fn hasjoined(folder: &TempDir, line: &str) -> Finished {
    proxy::run(folder.path(), line.split(' ')).await
}

/// What it prints.
async fn done(folder: &TempDir, line: &str) -> String {
    let finished = hasjoined(folder, line).await;
    assert_eq!((finished.code, finished.log.as_str()), (Some(0), ""), "{finished:?}");
    finished.output
}

/// Why it does nothing.
async fn refused(folder: &TempDir, line: &str) -> String {
    let finished = hasjoined(folder, line).await;
    assert_eq!((finished.code, finished.output.as_str()), (Some(1), ""), "{finished:?}");
    finished.log
}

async fn found(store: &Store, slug: &str) -> Option<Service> {
    store.service(&ServiceSlug::new(slug).unwrap()).await.unwrap()
}

#[tokio::test]
async fn services_are_those_of_a_store_that_is_there() {
    for (config, why) in [
        (LOGIN.replace("true", "false"), "login.enabled is false: no service is served"),
        (
            format!("{LOGIN}database = \"memory\"\n"),
            "login.database is \"memory\": name services in the configuration file",
        ),
    ] {
        let refused = hasjoined(&folder(&config), "services list").await;
        assert_eq!((refused.code, refused.log), (Some(78), format!("hasjoined: {why}\n")));
    }
    let folder = folder(LOGIN);
    for command in ["services list", ADD, "services disable build-moe"] {
        assert!(refused(&folder, command).await.starts_with("hasjoined: there is no store yet: "));
        assert!(!folder.path().join("data").exists(), "{command} made the store");
    }
}

#[tokio::test]
async fn a_service_is_added_shown_switched_and_removed() {
    let folder = folder(LOGIN);
    let store = running(&folder).await;
    assert!(done(&folder, "services list").await.starts_with("there are no services: "));
    let more =
        format!("{ADD} --redirect http://localhost/cb --permission totem:read --level original --verified --native");
    assert_eq!(done(&folder, &more).await, "build-moe is added\n");
    let service = found(&store, "build-moe").await.unwrap();
    let new = &service.registered;
    assert_eq!(
        (service.origin, new.name.as_str(), new.verification_level.as_str()),
        (Origin::Command, "Build.moe", "original")
    );
    assert_eq!(
        (new.redirects.join(" "), new.permissions.join(" ")),
        ("https://build.moe/cb http://localhost/cb".into(), "profile:read totem:read".into())
    );
    assert_eq!((new.verified, new.native, new.disabled, &new.secret_hash), (true, true, false, &None));
    assert_eq!(
        done(&folder, "services list").await,
        "build-moe  enabled  by command  Build.moe, verified, native; no player has let it use their account\n  \
        may ask for profile:read totem:read\n  sends players to https://build.moe/cb http://localhost/cb\n"
    );
    assert!(refused(&folder, ADD).await.contains("there is a service build-moe already"));
    for (command, disabled) in [("disable", true), ("enable", false)] {
        assert!(done(&folder, &format!("services {command} build-moe")).await.contains("follows within 5 s"));
        assert_eq!(found(&store, "build-moe").await.unwrap().registered.disabled, disabled);
    }
    let why = refused(&folder, "services remove build-moe").await;
    assert!(
        why.contains("all tokens of build-moe die with it, and no player has let it") && why.contains("--yes"),
        "{why}"
    );
    assert!(found(&store, "build-moe").await.is_some());
    assert!(done(&folder, "services remove build-moe --yes").await.starts_with("build-moe is removed"));
    assert!(found(&store, "build-moe").await.is_none());
    for command in ["enable", "disable", "remove"] {
        assert_eq!(
            refused(&folder, &format!("services {command} build-moe")).await,
            "hasjoined: there is no service build-moe\n"
        );
    }
}

#[tokio::test]
async fn a_secret_is_printed_once_and_not_kept() {
    let folder = folder(LOGIN);
    let store = running(&folder).await;
    let said = done(&folder, &format!("{ADD} --secret")).await;
    let secret = said.trim_end().rsplit_once(": ").unwrap().1;
    assert_eq!(secret.len(), 43, "{said}");
    assert_eq!(found(&store, "build-moe").await.unwrap().registered.secret_hash, Some(client_secret_hash(secret)));
    let list = done(&folder, "services list").await;
    assert!(list.contains(", with a secret;") && !list.contains(secret), "{list}");
}

#[tokio::test]
async fn what_the_file_says_is_no_commands_business() {
    let folder = folder(&format!("{LOGIN}{IN_FILE}"));
    let store = running(&folder).await;
    let add = ADD.replace("build-moe", "from-file");
    for command in
        [add.as_str(), "services disable from-file", "services enable from-file", "services remove from-file --yes"]
    {
        let why = refused(&folder, command).await;
        assert!(why.starts_with("hasjoined: from-file stands in the configuration file"), "{why}");
    }
    assert!(found(&store, "from-file").await.is_none());
    let why = refused(&folder, &ADD.replace("profile:read", "admin")).await;
    assert!(why.contains("\"admin\" is none of login.scopes.allowed: profile:read, totem:read, totem:write"), "{why}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_a_wrong_usage() {
    let folder = folder(LOGIN);
    for (line, says) in [
        (ADD.replace("build-moe", "Build.moe"), "has something else than a-z, 0-9 and -"),
        (ADD.replace("https://build.moe/cb", "build.moe/cb"), "does not begin with https://"),
        (ADD.replace("https://build.moe/cb", "https://u@build.moe/cb"), "has no plain host name"),
        (ADD.replace(" --redirect https://build.moe/cb", ""), "--redirect"),
        (ADD.replace(" --permission profile:read", ""), "--permission"),
        (format!("{ADD} --level {}", "x".repeat(33)), "write up to 32 visible characters"),
        ("services".to_owned(), "Usage"),
    ] {
        let refused = hasjoined(&folder, &line).await;
        assert_eq!(refused.code, Some(2), "{line}: {refused:?}");
        assert!(refused.log.contains(says), "{line}: {}", refused.log);
    }
}

#[tokio::test]
async fn a_reload_takes_services_over_and_switches_off_who_is_gone() {
    let upstream = Upstream::start().await;
    let data = tempfile::tempdir().unwrap();
    let login = format!("[login]\nenabled = true\ndata_dir = \"{}\"\n{IN_FILE}", data.path().display());
    let proxy = Proxy::builder().upstream("mojang", &upstream, "preset = \"mojang\"").section(&login).start().await;
    let asked = async |slug: &str| {
        let ask = format!("/v1/auth/service/exchange?service={slug}&redirect=https%3A%2F%2Fa.example%2F");
        client::get(&proxy, &ask).await.status
    };
    assert_eq!((asked("from-file").await, asked("new").await), (302, 404));
    let file = std::fs::read_to_string(proxy.config_path()).unwrap();
    std::fs::write(proxy.config_path(), file.replace("from-file", "new")).unwrap();
    proxy.signal(Signal::HUP);
    proxy.logged("stands in the configuration no more, and is switched off").await;
    assert_eq!((asked("from-file").await, asked("new").await), (404, 302));
}
