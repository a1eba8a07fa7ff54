//! What `hasjoined setup` prints, and that what is pasted arrives as it was meant.

use hasjoined::setup::{Software, in_short, instructions};
use http::Uri;
use std::process::Command;

fn url(text: &str) -> Uri {
    text.parse().unwrap()
}

/// The words that a shell makes of a line.
fn words(line: &str) -> Vec<String> {
    let out = Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
    assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What `String.format` and `Sprintf` make of a format whose placeholders are all `%s`.
fn formatted(format: &str, values: &[&str]) -> String {
    let (mut out, mut values, mut signs) = (String::new(), values.iter(), format.chars());
    while let Some(sign) = signs.next() {
        match sign {
            '%' => match signs.next() {
                Some('%') => out.push('%'),
                Some('s') => out.push_str(values.next().expect("more placeholders than values")),
                other => panic!("placeholder %{other:?} in {format}"),
            },
            _ => out.push(sign),
        }
    }
    assert!(values.next().is_none(), "fewer placeholders than values in {format}");
    out
}

#[test]
fn instructions_for_every_software() {
    for software in Software::ALL {
        let name = format!("setup_{}", software.name());
        insta::assert_snapshot!(name, instructions(software, &url("https://login.example.net/auth/")));
    }
}

#[test]
fn instructions_begin_with_what_is_pasted() {
    for software in Software::ALL {
        let here = url("https://login.example.net");
        let (short, whole) = (in_short(software, &here), instructions(software, &here));
        assert_eq!(whole.split("\n\n").nth(1), Some(&*short), "{software:?}: a paragraph of its own");
        assert!(whole.ends_with('\n') && !whole.ends_with("\n\n"));
        assert!(short.is_ascii() && !short.ends_with('\n'), "{short}");
    }
}

#[test]
fn a_loopback_address_is_said_to_be_one() {
    for (address, local) in [
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080/", true),
        ("http://localhost", true),
        ("http://10.0.0.5:8080", false),
        ("https://localhost.example", false),
    ] {
        let said = instructions(Software::Velocity, &url(address)).contains("this machine only");
        assert_eq!(said, local, "{address}");
    }
}

#[test]
fn no_slash_is_doubled_whatever_the_url_ends_in() {
    for software in Software::ALL {
        let bare = instructions(software, &url("https://login.example.net"));
        for ending in ["/", "//"] {
            assert_eq!(bare, instructions(software, &url(&format!("https://login.example.net{ending}"))));
        }
        assert!(!bare.replace("://", "").contains("//"), "{bare}");
    }
}

/// A path may hold signs that mean something to a shell or to a format.
const AWKWARD: &str = "https://login.example.net/a%20b/it's&$HOME;(x)";

#[test]
fn flags_pass_a_shell_and_a_format() {
    let has_joined = format!("{AWKWARD}/session/minecraft/hasJoined");
    let asked = format!("{has_joined}?username=Notch&serverId=-1a&ip=::1");

    let flag = words(&in_short(Software::Velocity, &url(AWKWARD))).remove(0);
    let property = flag.strip_prefix("-Dmojang.sessionserver=").unwrap();
    let format = format!("{property}?username=%s&serverId=%s&ip=%s");
    assert_eq!(formatted(&format, &["Notch", "-1a", "::1"]), asked);

    let flag = words(&in_short(Software::Waterfall, &url(AWKWARD))).remove(0);
    let template = flag.strip_prefix("-Dwaterfall.auth.url=").unwrap();
    assert_eq!(formatted(template, &["Notch", "-1a", "&ip=::1"]), asked);

    let line = in_short(Software::Lilypad, &url(AWKWARD));
    let variable = words(line.strip_prefix("export ").unwrap()).remove(0);
    let format = variable.strip_prefix("LILYPAD_MOJANG_SESSIONSERVER_URL=").unwrap();
    assert_eq!(formatted(format, &[]), has_joined);
}

#[test]
fn a_batch_file_gets_its_percent_signs_doubled() {
    let text = instructions(Software::Waterfall, &url("https://login.example.net/a%20b"));
    let wanted = "\"-Dwaterfall.auth.url=https://login.example.net/a%%%%20b/session/minecraft/hasJoined?username=%%s&serverId=%%s%%s\"";
    assert!(text.lines().any(|line| line == wanted), "{text}");
}

#[test]
fn plain_addresses_need_no_quotes() {
    use Software::{AuthlibInjector, BungeeCord, Fabric, Lilypad, Paper, Velocity};
    for software in [Velocity, Lilypad, Paper, Fabric, BungeeCord, AuthlibInjector] {
        let line = in_short(software, &url("https://login.example.net:8443/auth"));
        assert!(!line.contains(['\'', '"']), "{line}");
    }
}

#[test]
fn gate_reads_the_url_as_it_is() {
    let text = in_short(Software::Gate, &url("https://login.example.net/a\"b\\c%20d"));
    let quoted = text.lines().last().unwrap().trim_start().strip_prefix("sessionServerUrl: ").unwrap();
    // A YAML string in double quotes with only these escapes is a JSON string as well.
    let read: String = serde_json::from_str(quoted).unwrap();
    assert_eq!(read, "https://login.example.net/a\"b\\c%20d/session/minecraft/hasJoined");
}

/// Each generation of authlib ignores the hosts unless its whole set is there.
#[test]
fn authlib_gets_every_host_that_any_generation_wants() {
    for software in [Software::Paper, Software::Fabric] {
        let mut flags = words(&in_short(software, &url("https://login.example.net/auth")));
        flags.sort();
        let host = |name: &str| format!("-Dminecraft.api.{name}.host=https://login.example.net/auth");
        let mut wanted = vec![
            "-Dminecraft.api.env=custom".to_owned(),
            "-Dminecraft.api.discovery.host=https://login.example.net/auth/minecraft/client".to_owned(),
        ];
        wanted.extend(["auth", "account", "session", "services", "profiles"].map(host));
        wanted.sort();
        assert_eq!(flags, wanted);
    }
}

#[test]
fn the_agent_gets_its_root_and_nothing_beside_it() {
    for software in [Software::AuthlibInjector, Software::BungeeCord] {
        let flags = words(&in_short(software, &url("https://login.example.net/auth/")));
        assert_eq!(flags, ["-javaagent:authlib-injector.jar=https://login.example.net/auth/authlib-injector/"]);
    }
}

#[test]
fn pumpkin_asks_here_whatever_it_asks() {
    let base = "https://login.example.net/a\"b\\c%20d";
    let lines = in_short(Software::Pumpkin, &url(base));
    let (head, keys) = lines.split_once('\n').unwrap();
    assert_eq!(head, "[networking.java.authentication]");
    let keys = keys.lines().map(|line| {
        let (key, value) = line.split_once(" = ").unwrap();
        // A TOML string with only these escapes is a JSON string as well.
        (key, serde_json::from_str::<String>(value).unwrap())
    });
    let has_joined = format!("{base}/session/minecraft/hasJoined?username={{username}}&serverId={{server_hash}}");
    let wanted = [
        ("url", has_joined.clone()),
        ("prevent_proxy_connection_auth_url", format!("{has_joined}&ip={{ip}}")),
        ("services_url", base.to_owned()),
        ("profile_by_name_url", format!("{base}/users/profiles/minecraft/{{username}}")),
        ("profile_by_uuid_url", format!("{base}/session/minecraft/profile/{{uuid}}")),
    ];
    assert_eq!(keys.collect::<Vec<_>>(), wanted);
}
