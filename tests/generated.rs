//! What the program writes of itself: completions for shells, and the manual.

use crate::support::proxy;
use std::fs;
use tempfile::tempdir;

/// Every command, as one types it.
const COMMANDS: &[&str] = &[
    "serve",
    "check",
    "doctor",
    "setup",
    "explain",
    "bindings",
    "bindings list",
    "bindings release",
    "keys",
    "keys list",
    "keys rotate",
    "keys remove",
    "services",
    "services list",
    "services add",
    "services enable",
    "services disable",
    "services remove",
    "health",
    "completions",
    "man",
];

#[tokio::test]
async fn every_shell_learns_every_command() {
    let folder = tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = proxy::run(folder.path(), ["completions", shell]).await;
        assert_eq!((ended.code, ended.log.as_str()), (Some(0), ""), "{shell}");
        for command in COMMANDS {
            let name = command.rsplit(' ').next().unwrap();
            assert!(ended.output.contains(name), "{shell} does not know {command}");
        }
        assert!(ended.output.contains("log-format"), "{shell} does not know the options");
    }
    let unknown = proxy::run(folder.path(), ["completions", "tcsh"]).await;
    assert_eq!((unknown.code, unknown.output.as_str()), (Some(2), ""));
}

#[tokio::test]
async fn the_manual_has_a_page_for_every_command() {
    let folder = tempdir().unwrap();
    let ended = proxy::run(folder.path(), ["man", "--folder", "deep/man1"]).await;
    assert_eq!((ended.code, ended.output.as_str()), (Some(0), ""), "{}", ended.log);
    let pages = folder.path().join("deep/man1");
    for command in COMMANDS {
        let file = pages.join(format!("hasjoined-{}.1", command.replace(' ', "-")));
        let page = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    let whole = fs::read_to_string(pages.join("hasjoined.1")).unwrap();
    assert_eq!(fs::read_dir(&pages).unwrap().count(), COMMANDS.len() + 1);
    let printed = proxy::run(folder.path(), ["man"]).await;
    assert_eq!((printed.code, printed.output), (Some(0), whole.clone()));
    for command in COMMANDS.iter().filter(|command| !command.contains(' ')) {
        assert!(whole.contains(&format!("hasjoined\\-{command}(1)")), "the page does not lead to {command}: {whole}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_one_readable_line() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let ended = proxy::run(folder.path(), ["man", "--folder", "file"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.starts_with("hasjoined: cannot write to file: "), "{}", ended.log);
}
