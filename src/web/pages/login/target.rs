//! Where a page may lead that is not of this site.

/// An absolute address of the web: nothing else can be a link, since browsers run some addresses instead of going there.
///
/// Whether a player may be sent there at all is decided before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) struct Target<'a> {
    url: &'a str,
    host: &'a str,
}

impl<'a> Target<'a> {
    /// `None` for everything but `http://` and `https://` with a host, in visible ASCII, without a password.
    pub(in crate::web) fn new(url: &'a str) -> Option<Self> {
        let rest = ["https://", "http://"].into_iter().find_map(|scheme| url.strip_prefix(scheme))?;
        let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
        let plain = url.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && !matches!(byte, b'\\' | b'"' | b'<' | b'>'));
        (plain && !host.contains('@')).then_some(Self { url, host })
    }

    /// All of it.
    pub(in crate::web) const fn as_str(self) -> &'a str {
        self.url
    }

    /// Its host, and its port if there is one.
    pub(in crate::web) const fn host(self) -> &'a str {
        self.host
    }

    /// Whether it is on the player's own computer.
    pub(in crate::web) fn is_local(self) -> bool {
        let name = self.host.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_led_to() {
        for (url, host) in [
            ("https://dash.example.net#authToken=a.b-c_d&expiresAt=2026-11-21T09:38:10Z", "dash.example.net"),
            ("http://localhost:3000/cb?a=1", "localhost:3000"),
            ("https://build.example/it's;here,", "build.example"),
        ] {
            let target = Target::new(url).unwrap();
            assert_eq!((target.as_str(), target.host()), (url, host));
        }
        for url in [
            "",
            "/v1",
            "//evil.example",
            "javascript:alert(1)",
            "JavaScript://dash.example.net/%0aalert(1)",
            "data:text/html,x",
            "https://",
            "https:///x",
            "https://#x",
            "https://dash.example.net@evil.example/",
            "https://evil.example\\@dash.example.net",
            "https://dash.example.net/\" onclick=\"x",
            "https://dash.example.net/<",
            "https://dash.example.net/ x",
            "https://dash.example.net/\n",
            "https://d\u{430}sh.example.net/",
        ] {
            assert_eq!(Target::new(url), None, "{url}");
        }
    }

    #[test]
    fn ones_own_computer_is_known() {
        for (url, local) in [
            ("http://localhost/", true),
            ("http://LOCALHOST:1/", true),
            ("http://127.0.0.1:3000", true),
            ("https://localhost.example.net/", false),
        ] {
            assert_eq!(Target::new(url).unwrap().is_local(), local, "{url}");
        }
    }
}
