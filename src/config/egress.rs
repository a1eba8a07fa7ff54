//! `proxy`, `proxy_password_file` and `bind` of an upstream: how connections to it leave this machine.
//!
//! No fault repeats anything of a proxy's URL: it may hold a password.

use super::{
    section::{At, Section},
    settings::{ProxyKind, ProxyLogin, ProxySettings},
};
use http::uri::Authority;
use percent_encoding::percent_decode_str;
use std::{net::IpAddr, path::Path};

const PROXY_REMEDY: &str = "write \"http://host:port\", \"socks5://host:port\" or \"socks5h://host:port\", with user:password@ before the host";
const FILE_REMEDY: &str = "name a readable file that holds the password and nothing else";

/// SOCKS5 has one byte for each length.
const LONGEST: usize = 255;

/// Reads both keys of a proxy. A password file that nobody will use need not be there yet.
pub(super) fn proxy(section: &Section<'_>, folder: &Path, used: bool) -> Option<ProxySettings> {
    let (text, file) = (section.text("proxy"), section.text("proxy_password_file"));
    let Some(text) = text else {
        if let Some(file) = file {
            section.note("proxy_password_file", file.span, "stands without a proxy", "add proxy, or remove it");
        }
        return None;
    };
    let noted = |what| section.note("proxy", text.span.clone(), what, PROXY_REMEDY);
    let (mut proxy, complete) = parsed(text.value).map_err(noted).ok()?;
    match (file, &mut proxy.login) {
        (None, _) => {}
        (Some(file), None) => {
            let remedy = "write the user before the host, as in \"http://user@host:port\"";
            section.note("proxy_password_file", file.span, "belongs to no user: proxy names none", remedy);
        }
        (Some(file), Some(_)) if complete => {
            let remedy = "keep one of the two: take the password out of proxy";
            section.note("proxy_password_file", file.span, "stands beside a password in proxy", remedy);
        }
        (Some(_), Some(_)) if !used => {}
        (Some(file), Some(login)) => login.password = password(section, folder, &file)?,
    }
    let fit = proxy.login.as_ref().is_none_or(|login| login_fits(proxy.kind, login));
    if used && !fit {
        noted("needs a password of 1 to 255 bytes for SOCKS5");
        return None;
    }
    Some(proxy)
}

/// What a URL says, and whether it holds a password.
fn parsed(url: &str) -> Result<(ProxySettings, bool), &'static str> {
    let (scheme, rest) = url.split_once("://").ok_or("does not begin with http://, socks5:// or socks5h://")?;
    let kind = match scheme.to_ascii_lowercase().as_str() {
        "http" => ProxyKind::Http,
        "socks5" => ProxyKind::Socks5,
        "socks5h" => ProxyKind::Socks5h,
        "https" => return Err("is a proxy over TLS, which this program does not speak"),
        "socks" | "socks4" | "socks4a" => return Err("is a SOCKS proxy of an unknown or older kind: 5 is spoken here"),
        _ => return Err("does not begin with http://, socks5:// or socks5h://"),
    };
    let (login, address) = match rest.rsplit_once('@') {
        Some((login, address)) => (Some(login), address),
        None => (None, rest),
    };
    let address = address.strip_suffix('/').unwrap_or(address);
    if address.contains(['/', '?', '#']) {
        return Err("has a path, a query or an unencoded sign in its password: write %2F for /, %3F for ?, %23 for #");
    }
    let address: Authority = address.parse().map_err(|_| "names no host and port")?;
    if address.host().is_empty() || !matches!(address.port_u16(), Some(1..)) {
        return Err("names no host and port");
    }
    let complete = login.is_some_and(|login| login.contains(':'));
    let login = login.map(|login| credentials(kind, login)).transpose()?;
    Ok((ProxySettings { kind, address, login }, complete))
}

fn credentials(kind: ProxyKind, text: &str) -> Result<ProxyLogin, &'static str> {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    let decoded = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(text) if !text.contains(char::is_control) => Ok(text.into_owned()),
        _ => Err("has a user or a password with signs that none has"),
    };
    let login = ProxyLogin { user: decoded(user)?, password: decoded(password)? };
    if login.user.is_empty() || login.user.len() > LONGEST {
        return Err("needs a user of 1 to 255 bytes before the password");
    }
    if kind == ProxyKind::Http && login.user.contains(':') {
        return Err("has a user with a colon, which HTTP cannot tell from the password");
    }
    Ok(login)
}

fn login_fits(kind: ProxyKind, login: &ProxyLogin) -> bool {
    kind == ProxyKind::Http || (1..=LONGEST).contains(&login.password.len())
}

/// The file's only line. The folder of the configuration is where a relative path starts from.
fn password(section: &Section<'_>, folder: &Path, text: &At<&str>) -> Option<String> {
    let file = folder.join(text.value);
    let noted = |what| section.note("proxy_password_file", text.span.clone(), what, FILE_REMEDY);
    let content = match std::fs::read_to_string(&file) {
        Ok(content) => content,
        Err(error) => {
            noted(format!("{} cannot be read: {error}", file.display()));
            return None;
        }
    };
    let line = content.strip_suffix('\n').unwrap_or(&content);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(char::is_control) {
        noted(format!("{} holds no password, or more than one line", file.display()));
        return None;
    }
    Some(line.to_owned())
}

/// One address of this machine or a list of them.
pub(super) fn bind(section: &Section<'_>) -> Vec<IpAddr> {
    let remedy = "write an address of this machine, or a list, as in [\"203.0.113.7\", \"2001:db8::7\"], without ports";
    let Some(addresses) = section.list::<IpAddr>("bind", remedy) else { return Vec::new() };
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_canonical).collect();
    let span = || section.span_of("bind").unwrap_or_default();
    if addresses.is_empty() {
        section.note("bind", span(), "names no address", remedy);
    }
    if let Some(wrong) = addresses.iter().find(|address| address.is_unspecified() || address.is_multicast()) {
        section.note("bind", span(), format!("{wrong} is no address to come from"), remedy);
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let of = |url: &str| parsed(url).unwrap().0;
        let plain = of("http://proxy.example:3128/");
        assert_eq!((plain.kind, plain.address.as_str(), plain.login), (ProxyKind::Http, "proxy.example:3128", None));
        let login = |user: &str, password: &str| Some(ProxyLogin { user: user.into(), password: password.into() });
        let coded = of("SOCKS5H://us%40er:p%2Fa%3As%25s@[2001:db8::1]:1080");
        assert_eq!(coded.kind, ProxyKind::Socks5h);
        assert_eq!(coded.address, "[2001:db8::1]:1080");
        assert_eq!(coded.login, login("us@er", "p/a:s%s"));
        assert_eq!(of("socks5://u:p@w@h:1").login, login("u", "p@w"), "the last @ ends the login");
        assert_eq!(of("http://u:p/w?d@h:1").login, login("u", "p/w?d"));
        assert_eq!(of("http://u@h:1").login, login("u", ""));
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for url in [
            "proxy.example:3128",
            "https://h:1",
            "socks4://h:1",
            "ftp://h:1",
            "http://",
            "http://h",
            "http://h:0",
            "http://h:99999",
            "http://h:1/path",
            "http://h:1?query",
            "http://:p@h:1",
            "http://@h:1",
            "http://a%3Ab:p@h:1",
            "http://u:p%0d%0aX@h:1",
            "http://u:%ff@h:1",
        ] {
            assert!(parsed(url).is_err(), "{url}");
        }
        assert!(parsed(&format!("socks5://{}:p@h:1", "u".repeat(256))).is_err());
    }

    #[test]
    fn what_is_said_of_a_login_is_nothing() {
        let proxy = parsed("http://user:secret@proxy.example:3128").unwrap().0;
        let said = format!("{proxy:?}");
        assert!(said.contains("proxy.example") && !said.contains("secret") && !said.contains("user:"), "{said}");
    }
}
