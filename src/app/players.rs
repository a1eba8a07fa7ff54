//! `hasjoined bindings` and `hasjoined explain`: what the running program knows of players, for people.

use super::{
    Failed, print,
    running::{Running, ask},
};
use crate::cli::{BindingsCommand, BindingsOptions, ExplainOptions};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fmt::Write;

/// Lists names, or frees one.
pub(super) fn bindings(options: &BindingsOptions) -> Result<(), Failed> {
    ask(&options.program, async |running| match &options.command {
        BindingsCommand::List => list(&running).await,
        BindingsCommand::Release { name } => match running.ask(Method::DELETE, &place("bindings", name)).await? {
            Some(released) => {
                let (name, upstream) = (text(&released["name"]), text(&released["upstream"]));
                print(&format!("{name} was bound to {upstream}; the next upstream that vouches for it gets it\n"));
                Ok(())
            }
            None => Err(Failed::Unknown(format!("{name} is bound to no upstream"))),
        },
    })
}

/// Prints what would become of the player's next login, and what became of the last one.
pub(super) fn explain(options: &ExplainOptions) -> Result<(), Failed> {
    ask(&options.program, async |running| match running.ask(Method::GET, &place("explain", &options.name)).await? {
        Some(explanation) => {
            print(&explained(&explanation));
            Ok(())
        }
        None => Err(Failed::Unknown(format!("{} cannot be a player's name", options.name))),
    })
}

fn place(route: &str, name: &str) -> String {
    format!("/{route}/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

async fn list(running: &Running) -> Result<(), Failed> {
    let mut path = "/bindings".to_owned();
    loop {
        let page = running.ask(Method::GET, &path).await?.unwrap_or_default();
        let lines = page["bindings"].as_array().into_iter().flatten();
        let lines: Vec<_> = lines.map(|one| format!("{}\t{}\n", text(&one["name"]), text(&one["upstream"]))).collect();
        print(&lines.concat());
        let Some(next) = page["next"].as_str() else { return Ok(()) };
        path = format!("/bindings?after={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    }
}

fn explained(of: &Value) -> String {
    let mut said = format!("{}\n", text(&of["name"]));
    // Writing to a String cannot fail.
    let _ = match of["bound"].as_str() {
        Some(upstream) => writeln!(said, "  bound to {upstream}: no less trusted upstream may claim the name"),
        None => writeln!(said, "  bound to nobody: the first upstream that vouches for it gets it"),
    };
    if let Some(upstream) = of["vouched_last"].as_str() {
        let _ = writeln!(said, "  {upstream} vouched for it last");
    }
    said.push_str("the next login\n");
    for one in of["asked"].as_array().into_iter().flatten() {
        let _ = writeln!(said, "  {} {}", text(&one["upstream"]), part(one));
    }
    match &of["last_login"] {
        Value::Null => said.push_str("the last login is not remembered\n"),
        login => said.push_str(&last(login)),
    }
    said
}

/// What one upstream has to do with the next login.
fn part(one: &Value) -> String {
    if let Some(why) = one["not_asked"].as_str() {
        return format!("is not asked: {why}");
    }
    let when = match one["after_ms"].as_u64() {
        None | Some(0) => "is asked at once".to_owned(),
        Some(ms) => format!("is asked after {ms} ms, or when nobody before it says yes"),
    };
    let weight = match (one["bound_elsewhere"].as_bool(), one["trusted"].as_bool()) {
        (Some(true), _) => "; its \"yes\" counts for nothing, since the name is another's",
        (_, Some(false)) => "; its \"yes\" waits for those that are trusted more",
        _ => "",
    };
    format!("{when}{weight}")
}

fn last(login: &Value) -> String {
    let ago = login["seconds_ago"].as_u64().unwrap_or_default();
    let took = login["took_ms"].as_u64().unwrap_or_default();
    let outcome = match (login["outcome"].as_str(), login["winner"].as_str()) {
        (Some("joined"), Some(upstream)) => format!("{upstream} vouched for the player"),
        (Some("not_joined"), _) => "refused, since nobody vouches for the player".to_owned(),
        _ => "nobody said yes and not all said no: the player was told that the servers are down".to_owned(),
    };
    let mut said = format!("the last login, {ago} s ago, took {took} ms\n  {outcome}\n");
    for call in login["calls"].as_array().into_iter().flatten() {
        let (upstream, verdict) = (text(&call["upstream"]), text(&call["verdict"]));
        let _ = writeln!(said, "  {upstream}: {verdict} after {} ms", call["took_ms"]);
    }
    said
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
