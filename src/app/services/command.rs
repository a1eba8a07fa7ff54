//! `hasjoined services list|add|enable|disable|remove`.

use crate::{
    app::{Failed, login::existing_store, print},
    cli::{NewService, ServicesCommand, ServicesOptions},
    config::{self, LoginSettings},
    lifecycle::Clock,
    login::{client_secret_hash, fresh_client_secret},
    model::ServiceSlug,
    store::{Origin, Registration, Service, Store},
};
use std::fmt::Write;

const FOLLOWS: &str = "a program that runs follows within 5 s\n";

/// Lists, adds, switches or removes.
pub(in crate::app) fn run(options: &ServicesOptions) -> Result<(), Failed> {
    let login = config::load(options.config.as_deref())?.settings.login;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = store(&login).await?;
        let done = obey(&options.command, &login, &store).await;
        store.close().await;
        done
    })
}

async fn store(login: &LoginSettings) -> Result<Store, Failed> {
    let off = "login.enabled is false: no service is served";
    let memory = "login.database is \"memory\": name services in the configuration file";
    existing_store(login, (off, memory), "there is no store yet").await
}

async fn obey(command: &ServicesCommand, login: &LoginSettings, store: &Store) -> Result<(), Failed> {
    match command {
        ServicesCommand::List => list(store).await,
        ServicesCommand::Add(new) => add(new, login, store).await,
        ServicesCommand::Enable { slug } => switch(slug, false, login, store).await,
        ServicesCommand::Disable { slug } => switch(slug, true, login, store).await,
        ServicesCommand::Remove { slug, yes } => remove(slug, *yes, login, store).await,
    }
}

async fn list(store: &Store) -> Result<(), Failed> {
    let services = store.services().await?;
    if services.is_empty() {
        print(
            "there are no services: write [[login.services]] in the configuration file, or use hasjoined services add\n",
        );
    }
    print(&services.iter().map(|(service, players)| line(service, *players)).collect::<String>());
    Ok(())
}

fn line(service: &Service, players: u64) -> String {
    let Registration { slug, name, redirects, permissions, verified, native, secret_hash, disabled, .. } =
        &service.registered;
    let state = if *disabled { "disabled" } else { "enabled" };
    let origin = match service.origin {
        Origin::File => "file",
        Origin::Command => "command",
    };
    let traits = [(*verified, ", verified"), (*native, ", native"), (secret_hash.is_some(), ", with a secret")];
    let traits: String = traits.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
    let (permissions, redirects) = (permissions.join(" "), redirects.join(" "));
    format!(
        "{slug}  {state}  by {origin}  {name}{traits}; {}\n  may ask for {permissions}\n  sends players to {redirects}\n",
        allowed_by(players)
    )
}

fn allowed_by(players: u64) -> String {
    match players {
        0 => "no player has let it use their account".to_owned(),
        1 => "1 player lets it use their account".to_owned(),
        _ => format!("{players} players let it use their account"),
    }
}

async fn add(new: &NewService, login: &LoginSettings, store: &Store) -> Result<(), Failed> {
    let NewService { slug, name, redirects, permissions, level, verified, native, secret } = new.clone();
    not_in_file(&slug, login, "is added already")?;
    if let Some(wrong) = permissions.iter().find(|permission| !login.scopes.allowed.contains(permission)) {
        let allowed = login.scopes.allowed.join(", ");
        return Err(Failed::Undone(format!("{wrong:?} is none of login.scopes.allowed: {allowed}")));
    }
    let secret = secret.then(fresh_client_secret).transpose().map_err(|error| Failed::Undone(error.to_string()))?;
    let registration = Registration {
        slug: slug.clone(),
        name,
        redirects,
        permissions,
        verification_level: level,
        verified,
        native,
        secret_hash: secret.as_deref().map(client_secret_hash),
        disabled: false,
    };
    if !store.add_service(&registration, Clock::system().now()).await? {
        let why = format!("there is a service {slug} already: remove it first, or choose another slug");
        return Err(Failed::Undone(why));
    }
    let mut said = format!("{slug} is added\n");
    if let Some(secret) = secret {
        // Writing to a String cannot fail.
        let _ = writeln!(said, "its secret, which is shown only now: {secret}");
    }
    print(&said);
    Ok(())
}

async fn switch(slug: &ServiceSlug, disabled: bool, login: &LoginSettings, store: &Store) -> Result<(), Failed> {
    let (what, done) = match disabled {
        true => ("is switched off by enabled = false there", "disabled: its tokens are void while it is"),
        false => ("is switched on there", "enabled"),
    };
    not_in_file(slug, login, what)?;
    if !store.set_service_disabled(slug, disabled).await? {
        return Err(unknown(slug));
    }
    print(&format!("{slug} is {done}; {FOLLOWS}"));
    Ok(())
}

async fn remove(slug: &ServiceSlug, yes: bool, login: &LoginSettings, store: &Store) -> Result<(), Failed> {
    not_in_file(slug, login, "is removed by taking it out there, then here")?;
    let services = store.services().await?;
    let found = services.into_iter().find(|(service, _)| service.registered.slug == *slug);
    let (_, players) = found.ok_or_else(|| unknown(slug))?;
    if !yes {
        let dies = format!("all tokens of {slug} die with it, and {}", allowed_by(players));
        return Err(Failed::Undone(format!("{dies}; nothing was removed: add --yes to do it")));
    }
    if !store.remove_service(slug).await? {
        return Err(unknown(slug));
    }
    print(&format!("{slug} is removed; {FOLLOWS}"));
    Ok(())
}

/// What is in the file is what the file says: a command would hold until the next start only.
fn not_in_file(slug: &ServiceSlug, login: &LoginSettings, what: &str) -> Result<(), Failed> {
    match login.services.iter().any(|service| service.slug == *slug) {
        true => Err(Failed::Undone(format!("{slug} stands in the configuration file, and {what}"))),
        false => Ok(()),
    }
}

fn unknown(slug: &ServiceSlug) -> Failed {
    Failed::Unknown(format!("there is no service {slug}"))
}
