//! Files as operators write them: the reference, good ones, risky ones, and wrong ones with the message each gets.

use crate::support::proxy;
use hasjoined::config::{
    self, Attests, ConfigError, Database, Environment, Ids, IpBinding, IpMode, Loaded, RateSettings, Source,
};
use std::{fs, path::Path, time::Duration};

fn parse(text: &str) -> Result<Loaded, ConfigError> {
    config::parse(text, Path::new("upstreams.toml"))
}

fn good(text: &str) -> Loaded {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Every file of the folder is wrong, and its message is kept beside it.
#[test]
fn wrong_files_are_refused_with_place_key_and_remedy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 20);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let error = config::parse(&fs::read_to_string(&file).unwrap(), Path::new("upstreams.toml"));
            let message = error.map(|_| name.to_owned()).expect_err("a wrong file was accepted").to_string();
            for part in message.trim_end().split("\n\n") {
                assert!(part.starts_with("upstreams.toml:"), "no place: {part}");
                assert!(part.contains("\n     = "), "no remedy: {part}");
            }
            insta::assert_snapshot!(name, message);
        }
    });
}

#[test]
fn the_reference_file_reads_and_shows_every_key() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("upstreams.toml")).unwrap();
    let loaded = good(&text);
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let ids: Vec<_> = loaded.settings.upstreams.iter().map(|upstream| upstream.id.as_str()).collect();
    assert_eq!(ids, ["mojang", "minehut"], "what a first start asks");
    // The program's own list of keys, as it names them when one is unknown.
    let known = |text: &str| {
        let message = parse(text).unwrap_err().to_string();
        let list = message.split_once("known are: ").unwrap_or_else(|| panic!("{message}")).1;
        list.lines().next().unwrap().split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    let mut keys = known("[server]\nzzzzzzzzzzzz = 1\n");
    keys.extend(known("[server.tls]\nzzzzzzzzzzzz = 1\n"));
    keys.extend(known("[race]\nzzzzzzzzzzzz = 1\n"));
    keys.extend(known("[upstreams.x]\nzzzzzzzzzzzz = 1\n"));
    keys.extend(known("[login]\nzzzzzzzzzzzzzzzzzz = 1\n"));
    for table in [
        "scopes",
        "signing",
        "uebliche",
        "sessions",
        "limits",
        "cors",
        "microsoft",
        "microsoft.endpoints",
        "redirects",
        "cookies",
    ] {
        keys.extend(known(&format!("[login.{table}]\nzzzzzzzzzzzzzzzzzz = 1\n")));
    }
    keys.extend(known("[[login.services]]\nzzzzzzzzzzzzzzzzzz = 1\n"));
    keys.extend(known("[upstreams.x]\npreset = \"zzzzzzzzzzzzzzzz\"\n"));
    for key in keys {
        assert!(text.contains(&key), "{key} is not in the reference");
    }
}

#[test]
fn the_reference_file_shows_the_defaults() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("upstreams.toml")).unwrap();
    let written = good(&text.replace("enabled = false\n# The whole", "# The whole")).settings;
    let bare = good("[upstreams.mojang]\npreset = \"mojang\"\n[upstreams.example]\nurl = \"https://example.net/session/minecraft/hasJoined\"\n").settings;
    assert_eq!(written.server, bare.server);
    assert_eq!(written.race, bare.race);
    assert_eq!(written.login, bare.login);
    for id in ["mojang", "example"] {
        let of = |settings: &config::Settings| {
            settings.upstreams.iter().find(|upstream| upstream.id.as_str() == id).cloned()
        };
        assert_eq!(of(&written), of(&bare), "{id}");
    }
}

#[test]
fn without_a_file_mojang_and_minehut_are_asked_on_loopback() {
    let folder = tempfile::tempdir().unwrap();
    // `load` looks into the working directory, which all tests share: the program itself is asked.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let checked = runtime.block_on(proxy::run(folder.path(), ["check"]));
    assert_eq!(checked.code, Some(0), "{}", checked.log);
    assert!(checked.output.contains("there is no upstreams.toml here"), "{}", checked.output);
    assert!(checked.output.contains("listens on http://127.0.0.1:8080"), "{}", checked.output);
    assert_eq!(checked.output.matches("\nupstream ").count(), 2, "{}", checked.output);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written to disk");
}

#[test]
fn a_key_wins_over_its_preset() {
    let text = "[upstreams.mojang]\npreset = \"mojang\"\nurl = \"http://127.0.0.1:9/x?k=1\"\ntimeout = \"1.5s\"\nnegative = [404]\n";
    let mojang = &good(text).settings.upstreams[0];
    assert_eq!(mojang.url, "http://127.0.0.1:9/x?k=1");
    assert_eq!((mojang.timeout, &mojang.negative[..]), (Duration::from_millis(1500), &[404][..]));
    assert_eq!((mojang.attests, mojang.ids), (Attests::Mojang, Ids::Keep));
}

#[test]
fn presets_know_their_services() {
    let of = |preset: &str, more: &str| {
        good(&format!("[upstreams.x]\npreset = \"{preset}\"\n{more}")).settings.upstreams[0].clone()
    };
    let elyby = of("elyby", "");
    assert!(elyby.single_use && elyby.negative == [403] && elyby.ids == Ids::Namespace);
    assert_eq!(elyby.url, "https://authserver.ely.by/session/hasJoined");
    let drasl = of("drasl", "api_root = \"https://drasl.example/authlib-injector/\"\n");
    assert_eq!(drasl.url, "https://drasl.example/authlib-injector/sessionserver/session/minecraft/hasJoined");
    assert!(drasl.negative == [403] && !drasl.single_use);
    assert_eq!(of("minekeep", "").url, "https://sessionserver.minekeep.net/session/minecraft/hasJoined");
    assert_eq!(of("mojang", "").timeout, Duration::from_millis(4400));
    assert_eq!(of("minehut", "").attests, Attests::Mojang);
    assert_eq!(of("connect", "url = \"https://c.example/hasJoined\"\n").attests, Attests::Mojang);
    assert_eq!(of("yggdrasil", "url = \"https://y.example/hasJoined\"\n").attests, Attests::Own);
}

#[test]
fn upstreams_keep_the_order_of_the_file() {
    let text: String =
        ["zeta", "alpha", "mid"].map(|id| format!("[upstreams.{id}]\nurl = \"https://{id}.example/\"\n")).concat();
    let settings = good(&text).settings;
    let ids: Vec<_> = settings.upstreams.iter().map(|upstream| upstream.id.as_str()).collect();
    assert_eq!(ids, ["zeta", "alpha", "mid"]);
}

#[test]
fn keys_that_nobody_gets_are_said() {
    let said = |text: &str| good(text).warnings.join("\n");
    let own = "[upstreams.own]\nurl = \"https://own.example/hasJoined\"\npublish_keys = [\"profile\"]\n";
    let services = "services_url = \"https://own.example\"\n";
    let mojang = "[upstreams.mojang]\npreset = \"mojang\"\n";
    assert!(said(own).contains("there is no services_url"), "{}", said(own));
    assert!(said(own).contains("without Mojang's keys none are served"), "{}", said(own));
    assert_eq!(said(&format!("{own}{services}{mojang}")), "");
}

#[test]
fn what_is_risky_is_said() {
    let text = "[server]\nlisten = [\"0.0.0.0:8080\", \"127.0.0.1:8081\"]\nadmin = \"[::]:9090\"\n[race]\ndeadline = \"6s\"\n\
        [upstreams.a]\nurl = \"http://session.example/\"\nids = \"keep\"\ntimeout = \"7s\"\n\
        [upstreams.b]\nurl = \"http://127.0.0.1:9/hasJoined\"\n";
    let loaded = good(text);
    assert!(matches!(loaded.source, Source::File(_)));
    let said: Vec<_> = loaded.warnings.iter().filter_map(|warning| warning.split(':').next()).collect();
    let about = [
        "race.deadline",
        "server.listen",
        "server.admin",
        "upstreams.a",
        "upstreams.a.url does not end in hasJoined",
        "upstreams.a",
        "upstreams.a.timeout is longer than race.deadline, when nobody waits any more",
    ];
    assert_eq!(said, about, "{:#?}", loaded.warnings);
}

#[test]
fn what_nobody_wrote_is_no_risk() {
    let loaded = good("[race]\ndeadline = \"2s\"\n[upstreams.mojang]\npreset = \"mojang\"\n");
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert_eq!(loaded.settings.upstreams[0].timeout, Duration::from_secs(2), "shortened with the deadline");
}

#[test]
fn a_certificate_that_nobody_uses_need_not_be_there() {
    let loaded = good(
        "[upstreams.mojang]\npreset = \"mojang\"\n[upstreams.later]\nenabled = false\nurl = \"https://later.example/hasJoined\"\nca_file = \"none.pem\"\n",
    );
    assert_eq!(loaded.settings.disabled.len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for file in [folder.path().join("absent.toml"), folder.path().to_owned()] {
        let message = config::load(Some(&file)).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{}: cannot be read", file.display())), "{message}");
        assert!(message.contains("--config"), "{message}");
    }
}

const MOJANG: &str = "[upstreams.mojang]\npreset = \"mojang\"\n";

#[test]
fn login_is_off_and_its_needs_are_nobodys_unless_it_is_on() {
    let own = "[upstreams.own]\nurl = \"https://own.example/hasJoined\"\n";
    assert!(!good(own).settings.login.enabled, "without mojang");
    let unused = "[login]\nkek_file = \"gone.kek\"\ndatabase = \"postgres://db/x\"\n[login.signing]\nalg = \"HS256\"\n";
    assert!(!good(&format!("{own}{unused}")).settings.login.enabled);
    let message = parse(&format!("{own}[login]\nenabled = true\n")).unwrap_err().to_string();
    assert!(message.contains("login.upstreams: \"mojang\" is not an enabled upstream"), "{message}");
}

#[test]
fn login_is_read_as_written() {
    let text = "[server]\npublic_url = \"https://api.example.net\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\
        [upstreams.own]\nurl = \"https://own.example/hasJoined\"\n\
        [login]\nenabled = true\ndata_dir = \"/srv/x\"\nupstreams = [\"own\", \"mojang\"]\nmax_body = 4096\njoin_ttl = \"2m\"\nip_binding = \"enforce\"\n\
        [login.scopes]\nallowed = [\"a\", \"b\", \"a\"]\n[login.sessions]\nip_retention = \"0d\"\nip_mode = \"none\"\n\
        [login.limits]\njoin = \"5/10s burst 2\"\n[login.cors]\norigins = [\"https://dash.example.net\", \"http://localhost:3000\"]\n";
    let loaded = good(&format!("{text}{MOJANG}"));
    let login = loaded.settings.login;
    assert_eq!(login.upstreams.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["own", "mojang"]);
    assert_eq!(login.database, Database::Embedded("/srv/x".into()));
    assert_eq!(
        (login.max_body, login.join_ttl, login.ip_binding),
        (4096, Duration::from_secs(120), IpBinding::Enforce)
    );
    assert_eq!(
        (&login.scopes.allowed[..], &login.scopes.default[..]),
        (&["a".to_owned(), "b".to_owned()][..], &["a".to_owned(), "b".to_owned()][..])
    );
    assert_eq!((login.sessions.ip_retention, login.sessions.ip_mode), (Duration::ZERO, IpMode::None));
    let join = RateSettings { requests: 5, per: Duration::from_secs(10), burst: 2 };
    assert_eq!(login.limits.unwrap().join, join);
    assert_eq!(login.cors_origins, ["https://dash.example.net", "http://localhost:3000"]);
    assert_eq!(loaded.warnings, ["login.upstreams: own attests accounts of its own, which log in beside Mojang's"]);
    assert!(loaded.settings.server.trusted_proxies[0].contains("10.9.9.9".parse().unwrap()));
}

#[test]
fn variables_stand_over_the_file_and_show_nothing_of_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let kek = folder.path().join("kek");
    fs::write(&kek, format!("{}=\n", "k".repeat(43))).unwrap();
    let text = format!("[login]\nenabled = true\n{MOJANG}");
    let with = |variables: &[(&str, &str)]| {
        let look_up =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        config::parse_with(&text, Path::new("upstreams.toml"), &Environment::of(look_up))
    };
    let kek = kek.to_str().unwrap();
    let login = with(&[("HASJOINED_LOGIN_DATABASE", "postgres://u:secret@h/d"), ("HASJOINED_LOGIN_KEK_FILE", kek)]);
    let login = login.unwrap().settings.login;
    let Database::Postgres(url) = &login.database else { panic!("{:?}", login.database) };
    assert_eq!(url.reveal(), "postgres://u:secret@h/d");
    assert_eq!(login.signing.kek.as_ref().unwrap().reveal().len(), 44);
    let shown = format!("{login:?}");
    assert!(!shown.contains("secret@") && !shown.contains("kkk"), "{shown}");
    let folder = with(&[("HASJOINED_LOGIN_DATA_DIR", "/srv/y")]).unwrap().settings.login.database;
    assert_eq!(folder, Database::Embedded("/srv/y".into()));
    for (variables, says) in [
        (&[("HASJOINED_LOGIN_DATABASE", "mysql://u:topsecret@h/d")][..], "HASJOINED_LOGIN_DATABASE: is no database"),
        (&[("HASJOINED_LOGIN_KEK", "topsecret")], "HASJOINED_LOGIN_KEK: is not 32 bytes in base64"),
        (&[("HASJOINED_LOGIN_KEK_FILE", "/gone")], "HASJOINED_LOGIN_KEK_FILE: /gone cannot be read"),
        (
            &[("HASJOINED_LOGIN_KEK", "topsecret"), ("HASJOINED_LOGIN_KEK_FILE", kek)],
            "stands beside HASJOINED_LOGIN_KEK_FILE",
        ),
        (&[("HASJOINED_LOGIN_HS256_SECRET", "topsecret")], "HASJOINED_LOGIN_HS256_SECRET: is shorter than 32 bytes"),
        (&[("HASJOINED_LOGIN_DATABASE", "postgres://u:topsecret@h/d")], "login.database: is shared"),
    ] {
        let message = with(variables).unwrap_err().to_string();
        assert!(message.contains(says) && message.contains("\n     = "), "{message}");
        assert!(!message.contains("topsecret"), "{message}");
    }
}

#[test]
fn risks_of_a_login_are_said() {
    let text = "[login]\nenabled = true\ndatabase = \"memory\"\n[login.limits]\nenabled = false\n";
    let said: Vec<_> = good(&format!("{text}{MOJANG}")).warnings;
    let about: Vec<_> = said.iter().filter_map(|warning| warning.split(':').next()).collect();
    assert_eq!(about, ["login.database", "login.limits"], "{said:#?}");
}
