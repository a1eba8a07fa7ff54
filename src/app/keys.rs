//! `hasjoined keys`: what an operator does with the keys of tokens. It works on the store itself, whether a program runs or not; one
//! that runs looks at its keys every few seconds.

use super::{
    Failed,
    login::{existing_store, key_settings},
    print,
};
use crate::{
    cli::{ClassName, KeysCommand, KeysOptions},
    config::{self, LoginSettings},
    lifecycle::Clock,
    model::Timestamp,
    store::Store,
    tokens::{Class, Keyring, KeyringError, Listed, Phase, Removed, Rotated, Rotation},
};
use std::fmt::Write;

/// Lists, replaces or removes.
pub(super) fn run(options: &KeysOptions) -> Result<(), Failed> {
    let login = config::load(options.config.as_deref())?.settings.login;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = store(&login).await?;
        let done = obey(&options.command, &Keyring::of(store.clone(), key_settings(&login)?)).await;
        store.close().await;
        done
    })
}

async fn obey(command: &KeysCommand, keyring: &Keyring) -> Result<(), Failed> {
    let now = Clock::system().now();
    match command {
        KeysCommand::List => list(keyring, now).await,
        KeysCommand::Rotate { class, now: at_once } => {
            let class = class.map(Class::from);
            rotate(keyring, Rotation { class, at_once: *at_once }, now).await
        }
        KeysCommand::Remove { kid, yes } => remove(keyring, (kid, *yes), now).await,
    }
}

async fn store(login: &LoginSettings) -> Result<Store, Failed> {
    let off = "login.enabled is false: nothing is signed";
    let memory = "login.database is \"memory\": only the program that runs knows its keys";
    existing_store(login, (off, memory), "there are no keys yet").await
}

async fn list(keyring: &Keyring, now: Timestamp) -> Result<(), Failed> {
    let keys = keyring.list(now).await?;
    if keys.is_empty() {
        print("there are no keys yet: they are made when the program starts\n");
    }
    print(&keys.iter().map(line).collect::<String>());
    Ok(())
}

fn line(key: &Listed) -> String {
    let Listed { id, class, algorithm, phase, signs_from, over_at } = key;
    let (state, what) = match phase {
        Ok(phase) => (phase.to_string(), told(*phase, *signs_from, *over_at)),
        Err(fault) => ("unusable".to_owned(), fault.to_string()),
    };
    format!("{class:<15}  {state:<8}  {algorithm:<5}  {id}  {what}\n")
}

fn told(phase: Phase, signs_from: Timestamp, over_at: Option<Timestamp>) -> String {
    match (phase, over_at) {
        (Phase::Pending, _) => format!("signs from {signs_from} on"),
        (Phase::Active, _) => format!("signs since {signs_from}"),
        (Phase::Retired, Some(over_at)) => format!("verifies until {over_at}"),
        (Phase::Retired | Phase::Expired, _) => "verifies nothing any more".to_owned(),
    }
}

async fn rotate(keyring: &Keyring, wanted: Rotation, now: Timestamp) -> Result<(), Failed> {
    let Rotated { successors, sealed, given } = keyring.rotate(wanted, now).await?;
    let mut said = String::new();
    // Writing to a String cannot fail.
    for id in &sealed {
        let _ = writeln!(said, "{id} lay open in the store and is sealed now");
    }
    for Listed { id, class, algorithm, phase, signs_from, .. } in &successors {
        let _ = match phase {
            Ok(Phase::Pending) => writeln!(said, "{id} ({algorithm}) signs {class} tokens from {signs_from} on"),
            _ => writeln!(said, "{id} ({algorithm}) signs {class} tokens now"),
        };
    }
    let is_sudden = |key: &Listed| key.class == Class::Access.name() && key.phase != Ok(Phase::Pending);
    if successors.iter().any(is_sudden) {
        said.push_str("services that verify tokens themselves refuse new ones until they ask for the keys again\n");
    }
    print(&said);
    match given.first() {
        Some(class) => Err(Failed::Undone(format!(
            "{} tokens are signed with the secret of login.hs256_secret_file: put another one there and restart",
            class.name()
        ))),
        None => Ok(()),
    }
}

async fn remove(keyring: &Keyring, (id, yes): (&str, bool), now: Timestamp) -> Result<(), Failed> {
    let keys = keyring.list(now).await?;
    let key = keys.iter().find(|key| key.id == id).ok_or_else(|| KeyringError::NoSuch(id.to_owned()))?;
    let dies = what_dies(key);
    if !yes {
        return Err(Failed::Undone(format!("{dies}; nothing was removed: add --yes to do it")));
    }
    let Removed { replaced_by } = keyring.remove(id, now).await?;
    let mut said = format!("{id} is removed; a program that runs follows within 5 s\n");
    if let Some(other) = replaced_by {
        let _ = writeln!(said, "{other} signs {} tokens now", key.class);
    }
    print(&said);
    Ok(())
}

/// What removing a key ends.
fn what_dies(Listed { id, class, phase, signs_from, .. }: &Listed) -> String {
    let after = match Class::named(class) {
        Some(Class::Access | Class::FeatherSession | Class::FeatherFull) => ": their owners have to log in again",
        Some(Class::Service) => ": services have to ask their users anew",
        Some(Class::Join) => ": logins under way have to begin anew",
        None => "",
    };
    match phase {
        Ok(Phase::Pending) => format!("{id} has signed nothing yet, so no token dies with it"),
        Ok(Phase::Active) => format!(
            "{id} has signed {class} tokens since {signs_from}, and all of them die with it{after}. A new key takes over"
        ),
        Ok(Phase::Retired) => format!("{id} no longer signs, but {class} tokens it signed die with it{after}"),
        Ok(Phase::Expired) => format!("all that {id} signed is over, so no token dies with it"),
        Err(fault) => format!("{id} cannot be used here: {fault}. All {class} tokens it signed die with it{after}"),
    }
}

impl From<ClassName> for Class {
    fn from(name: ClassName) -> Self {
        match name {
            ClassName::Access => Self::Access,
            ClassName::Join => Self::Join,
            ClassName::Service => Self::Service,
            ClassName::FeatherSession => Self::FeatherSession,
            ClassName::FeatherFull => Self::FeatherFull,
        }
    }
}
