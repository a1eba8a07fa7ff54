//! The page on which an operator picks a software and copies its lines.
//!
//! It needs no script: a radio button shows the guide that follows it. The script adds buttons that copy.

use super::{Document, Html};
use crate::setup::{self, Guide, Note, Snippet, Software};
use http::Uri;

/// The page without what is on it.
pub(in crate::web) const DOCUMENT: Document = Document {
    style: concat!(include_str!("base.css"), "\n", include_str!("index.css")),
    script: Some(include_str!("index.js")),
    renewed: false,
    forms: false,
};

const INTRODUCTION: &str = "<header>
<p class=\"mark\">hasjoined</p>
<h1>Point your game server here</h1>
<p class=\"lead\">One session server in front of many. Pick your software, paste its lines, restart it.</p>
<p class=\"address\"><span>This proxy is reached at</span> <code>";

/// The page of a proxy that is reached at this address.
pub(in crate::web) fn page(public_url: &Uri) -> String {
    let mut html = DOCUMENT.begin("Point your game server here", "");
    html.markup(INTRODUCTION);
    html.text(public_url.to_string().trim_end_matches('/')).markup("</code></p>\n");
    if let Some(warning) = setup::only_here(public_url) {
        html.markup("<p class=\"warning\">").text(warning).markup("</p>\n");
    }
    html.markup("</header>\n<main>\n<fieldset>\n<legend>Your software</legend>\n<div class=\"software\">\n");
    for software in Software::ALL {
        pick(&mut html, software);
        guide(&mut html, software, &setup::guide(software, public_url));
    }
    html.markup("</div>\n</fieldset>\n</main>\n<footer><p>The same in a terminal: <code>hasjoined setup</code> and the name of the software.</p></footer>\n");
    html.markup("<p id=\"status\" role=\"status\" class=\"unseen\"></p>\n");
    DOCUMENT.end(html)
}

fn pick(html: &mut Html, software: Software) {
    let checked = if software == Software::ALL[0] { "\" checked>" } else { "\">" };
    html.markup("<input type=\"radio\" name=\"software\" class=\"unseen\" id=\"pick-").text(software.name());
    html.markup("\" value=\"").text(software.name()).markup(checked);
    html.markup("<label for=\"pick-").text(software.name()).markup("\">").text(software.title()).markup("</label>\n");
}

fn guide(html: &mut Html, software: Software, guide: &Guide) {
    html.markup("<section id=\"guide-").text(software.name()).markup("\" aria-labelledby=\"title-");
    html.text(software.name()).markup("\">\n<h2 id=\"title-").text(software.name()).markup("\">");
    html.text(software.title()).markup("</h2>\n");
    for (at, part) in guide.snippets.iter().enumerate() {
        snippet(html, &format!("{}-{at}", software.name()), part);
    }
    html.markup("<h3>See to this as well</h3>\n<ul class=\"notes\">\n");
    for each in &guide.notes {
        note(html, each);
    }
    html.markup("</ul>\n</section>\n");
}

fn snippet(html: &mut Html, id: &str, Snippet { place, lines }: &Snippet) {
    html.markup("<div class=\"snippet\">\n<div class=\"bar\"><p class=\"place\" id=\"place-").text(id).markup("\">");
    html.text(place).markup("</p><button type=\"button\" class=\"copy\" hidden data-copies=\"lines-").text(id);
    html.markup("\" aria-describedby=\"place-").text(id).markup("\">Copy</button></div>\n");
    // A single line may be broken to fit the screen. Several are a file's, whose breaks have a meaning: they scroll.
    let several = lines.contains('\n');
    html.markup(if several { "<pre class=\"several\" tabindex=\"0\" role=\"group\"" } else { "<pre" });
    html.markup(" aria-labelledby=\"place-").text(id).markup("\"><code id=\"lines-").text(id).markup("\">");
    match several {
        true => html.text(lines),
        false => flags(html, lines),
    };
    html.markup("</code></pre>\n</div>\n");
}

/// A flag that fits on a line of its own is not broken.
fn flags<'h>(html: &'h mut Html, line: &str) -> &'h mut Html {
    for (at, flag) in line.split(' ').enumerate() {
        html.markup(if at > 0 { " <span>" } else { "<span>" }).text(flag).markup("</span>");
    }
    html
}

fn note(html: &mut Html, note: &Note) {
    html.markup("<li>");
    match note {
        Note::Setting { file, line, otherwise } => {
            html.markup("<code class=\"line\">").text(line).markup("</code> in <span class=\"file\">").text(file);
            html.markup("</span>");
            if let Some(otherwise) = otherwise {
                html.markup("<p>Otherwise <span class=\"otherwise\">").text(otherwise).markup("</span>.</p>");
            }
        }
        Note::Remark(remark) => {
            html.markup("<span class=\"remark\">").prose(remark).markup("</span>.");
        }
    }
    html.markup("</li>\n");
}
