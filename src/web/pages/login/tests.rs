//! What holds for every page, whatever is written on it.

use super::{DOCUMENT, Failure, Problem, Target, field, problem::Remedy, response, sample::Texts};
use http::StatusCode;
use std::{fmt::Write, fs, path::Path, time::Duration};

const HOSTILE: [&str; 6] = [
    "a<script>alert(1)</script>",
    "a\"><img src=x onerror=alert(1)>",
    "a' onfocus='alert(1)' autofocus x='",
    "a</textarea></title></style><svg onload=alert(1)>-->]]>",
    "a&lt;b&#x3c;c&amp;",
    "a\u{202e}\u{2066}\u{0}\n<!--",
];

/// Tags, the names of their attributes, and what stands in the fields that programs read: all of a page but what people read.
fn structure(page: &str) -> Vec<String> {
    let page = page.replace(DOCUMENT.style, "");
    let mut found = Vec::new();
    for rest in page.split('<').skip(1) {
        let (tag, text) = rest.split_once('>').unwrap();
        assert!(!text.contains('>'), "{text}");
        let parts: Vec<_> = tag.split('"').step_by(2).collect();
        assert!(!tag.contains('\''), "only double quotes: {tag}");
        found.push(parts.concat());
    }
    found
}

#[test]
fn what_comes_from_elsewhere_is_text_wherever_it_stands() {
    let plain = Texts::all("abc").pages();
    let long = "\u{1f98a}x".repeat(20_000);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        for ((name, _, page), (_, _, wanted)) in Texts::all(text).pages().iter().zip(&plain) {
            let (head, page) = page.split_once("<title>").unwrap();
            let (_, wanted) = wanted.split_once("<title>").unwrap();
            assert_eq!(structure(page), structure(wanted), "{name}: {text}");
            assert!(head.starts_with("<!doctype html>\n<html lang=\"en\">"), "{name}");
        }
    }
}

#[test]
fn names_that_change_the_direction_end_with_themselves() {
    let texts = Texts { player: "\u{202e}x".to_owned(), service: "\u{202e}x".to_owned(), ..Texts::ordinary() };
    for (name, _, page) in texts.pages() {
        assert_eq!(page.matches('\u{202e}').count(), page.matches("<bdi>\u{202e}x</bdi>").count(), "{name}");
    }
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_a_main_part() {
    for texts in [Texts::ordinary(), Texts::much(), Texts::nothing()] {
        for (name, _, page) in texts.pages() {
            let (_, title) = page.split_once("<title>").unwrap();
            let (_, heading) = page.split_once("<h1>").unwrap();
            let site = format!(" · {}</title>", texts.site);
            let title = title.split_once(&site).unwrap().0;
            assert!(heading.starts_with(&format!("{title}</h1>")), "{name}");
            for once in ["<html lang=\"en\">", "<h1>", "<main", "</main>", "<title>", "</html>", "name=\"viewport\""] {
                assert_eq!(page.matches(once).count(), 1, "{name}: {once}");
            }
            for never in
                ["<script", "<link rel=\"stylesheet\"", " style=\"", "<img", "<iframe", "src=", "@import", "url("]
            {
                assert!(!page.contains(never), "{name}: {never}");
            }
            assert_eq!(page.matches("<form").count(), page.matches("name=\"csrf\"").count(), "{name}");
            assert_eq!(page.matches("<form").count(), page.matches("<form method=\"post\"").count(), "{name}");
        }
    }
}

#[test]
fn every_answer_has_strict_headers() {
    let response = response(StatusCode::CONFLICT, "<p>".to_owned());
    assert_eq!(response.status(), 409);
    let header = |name| response.headers()[name].to_str().unwrap();
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(header(name), value);
    }
    let policy: Vec<_> = header("content-security-policy").split("; ").collect();
    let [default, style, rest @ ..] = policy.as_slice() else { panic!("{policy:?}") };
    assert_eq!(*default, "default-src 'none'");
    assert!(style.starts_with("style-src 'sha256-") && style.ends_with("='"), "{style}");
    assert_eq!(rest, ["img-src data:", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]);
}

#[test]
fn every_problem_has_a_name_words_and_a_way_on() {
    let mut names: Vec<_> = Problem::ALL.iter().map(|problem| problem.words().name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Problem::ALL.len());
    let texts = Texts::ordinary();
    for problem in Problem::ALL {
        let words = problem.words();
        assert_eq!(Problem::named(words.name), Some(problem));
        assert!(words.text.ends_with('.') && !words.title.ends_with('.'), "{problem:?}");
        assert!(words.title.len() < 45 && words.text.len() < 130, "{problem:?}: short");
        let failure = texts.failure(problem);
        let (page, lost) = (failure.page(), Failure { again: None, ..failure }.page());
        match words.remedy {
            Remedy::Again(label) => {
                assert!(page.contains(&format!("href=\"{}\">{label}</a>", texts.path)), "{problem:?}");
                assert!(lost.contains("start there again.") && !lost.contains("<a "), "{problem:?}");
            }
            Remedy::Elsewhere(label, url) => {
                assert!(Target::new(url).is_some() && page.contains(&format!("href=\"{url}\">{label}</a>")));
                assert!(page.contains(">Sign in again</a>") && !lost.contains(">Sign in again</a>"));
            }
            Remedy::Read => assert!(!page.contains("<a "), "{problem:?}"),
        }
        assert!(page.contains(&texts.id), "the request is named");
    }
    assert_eq!(Problem::named("temporarily_unavailable"), Some(Problem::MicrosoftUnavailable));
    assert_eq!(Problem::named("<script>"), None);
}

#[test]
fn who_has_to_wait_is_told_for_how_long() {
    let texts = Texts::ordinary();
    for problem in Problem::ALL {
        let response = texts.failure(problem).response();
        assert_eq!(response.status(), problem.status());
        let waits = matches!(problem.status().as_u16(), 429 | 503);
        assert_eq!(response.headers().contains_key("retry-after"), waits, "{problem:?}");
    }
    for (wait, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60")] {
        let retry_after = Some(Duration::from_millis(wait));
        let limited = Failure { retry_after, ..texts.failure(Problem::RateLimited) }.response();
        assert_eq!(limited.headers()["retry-after"], seconds);
    }
}

/// The names and values of what is sent, in the order of the page.
fn sent(page: &str) -> Vec<(&str, &str)> {
    let fields = page.split(" name=\"").skip(1).filter_map(|rest| rest.split_once("\" value=\""));
    fields.map(|(name, rest)| (name, rest.split('"').next().unwrap())).collect()
}

#[test]
fn forms_send_what_routes_read() {
    let texts = Texts { id: "it".to_owned(), services: 1, ..Texts::ordinary() };
    let (csrf, request) = ((field::CSRF, "it"), (field::REQUEST, "it"));
    let decisions = [(field::DECISION, field::APPROVE), (field::DECISION, field::DENY)];
    let page = texts.consent();
    let forms = page.split_once("<body>").unwrap().1;
    assert_eq!(sent(forms), [csrf, request, csrf, request, decisions[0], decisions[1]]);
    let page = texts.account(None);
    let forms = page.split_once("<body>").unwrap().1;
    assert_eq!(sent(forms), [csrf, csrf, (field::SERVICE, "build-moe"), csrf]);
}

#[test]
fn a_redirect_leads_by_itself_and_by_a_link() {
    let texts = Texts { target: "https://build.moe/x?a=1&b='#authToken=e.y.J", ..Texts::ordinary() };
    let page = texts.redirecting(super::Purpose::SigningIn);
    let url = "https://build.moe/x?a=1&amp;b=&#39;#authToken=e.y.J";
    assert!(page.contains(&format!("<meta http-equiv=\"refresh\" content=\"0; url={url}\">\n</head>")));
    assert!(page.contains(&format!("<a href=\"{url}\">Continue to build.moe</a>")));
    assert_eq!(page.matches("authToken").count(), 2);
}

/// What `tests/page` opens: each page as a file, and beside it its status and headers.
#[test]
fn pages_to_look_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/page/login");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, status: StatusCode, page: String| {
        let answer = response(status, String::new());
        let mut head = format!("{}\n", status.as_u16());
        for (name, value) in answer.headers() {
            writeln!(head, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        fs::write(folder.join(format!("{name}.head")), head).unwrap();
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    };
    for (name, status, page) in Texts::ordinary().pages() {
        write(name, status, page);
    }
    for (suffix, texts) in [("much", Texts::much()), ("nothing", Texts::nothing()), ("hostile", Texts::all(HOSTILE[1]))]
    {
        write(&format!("consent-{suffix}"), StatusCode::OK, texts.consent());
        write(&format!("account-{suffix}"), StatusCode::OK, texts.account(None));
        write(&format!("token-{suffix}"), StatusCode::OK, texts.token());
    }
    for problem in Problem::ALL {
        let name = format!("error-{}", problem.words().name);
        write(&name, problem.status(), Texts::ordinary().failure(problem).page());
    }
}
