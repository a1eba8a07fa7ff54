//! What a scope lets a service do, in words.

use super::super::Html;

/// `None`: this program does not know it.
fn words(scope: &str) -> Option<&'static str> {
    Some(match scope {
        "profile:read" => "See your player name and UUID",
        "totem:read" => "See your Totem data",
        "totem:write" => "Change your Totem data",
        _ => return None,
    })
}

/// More than these are not read one by one.
const MANY: usize = 8;

/// The list, behind a line that says how many there are if they are many.
pub(super) fn folded(html: &mut Html, permissions: &[String]) {
    if permissions.len() <= MANY {
        return list(html, permissions);
    }
    html.markup("<details><summary>").text(&permissions.len().to_string()).markup(" permissions</summary>\n");
    list(html, permissions);
    html.markup("</details>\n");
}

/// All of them, as a list. A scope that has no words is shown as it is.
pub(super) fn list(html: &mut Html, permissions: &[String]) {
    html.markup(if permissions.len() > MANY {
        "<ul class=\"permissions many\">\n"
    } else {
        "<ul class=\"permissions\">\n"
    });
    for scope in permissions {
        html.markup("<li>");
        match words(scope) {
            Some(words) => html.text(words).markup(" <code>").text(scope).markup("</code>"),
            None => html.markup("<code class=\"unnamed\">").text(scope).markup("</code>"),
        };
        html.markup("</li>\n");
    }
    html.markup("</ul>\n");
}
