//! The composition root: the one place that knows every module, and what the program's commands do.
//!
//! Decides the order of start, reload and end. Everything it puts together decides for itself.

mod api;
mod banner;
mod check;
mod desk;
mod doctor;
mod edge;
mod generated;
mod health;
mod keys;
mod ledger;
mod login;
mod microsoft;
mod players;
mod reload;
mod running;
mod secured;
mod serve;
mod services;
mod setup;
mod site;
mod sockets;
mod successor;
mod upstreams;

pub use edge::login_edge;
pub use microsoft::sign_in_with_microsoft;
pub use site::{Builder, Prepared};

use crate::{
    cli::{Cli, Command},
    config::ConfigError,
    store::StoreError,
    tokens::KeyringError,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Why a command did not do what it was asked to. Printed once, by [`run`].
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The configuration cannot be used; nothing was bound.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The configuration reads well, but what it names cannot be used; nothing was bound.
    #[error("{0}")]
    Unusable(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(std::net::SocketAddr, String),
    /// The running program cannot be asked.
    #[error("cannot ask the program that runs at {0}: {1}")]
    NotRunning(std::net::SocketAddr, String),
    /// There is no such thing.
    #[error("{0}")]
    Unknown(String),
    /// What was asked for, or a part of it, was not done, for a reason that is no failure.
    #[error("{0}")]
    Undone(String),
    /// The login API's store cannot be opened.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The keys of its tokens.
    #[error("{0}")]
    Keys(#[from] KeyringError),
    /// Some of what is configured does not work now; it has been told which and why.
    #[error("{0}")]
    Unwell(String),
    /// The machine refuses something that every machine has.
    #[error("{0}")]
    Machine(#[from] io::Error),
}

/// `EX_CONFIG` of sysexits: what init systems take for "do not try again before somebody has changed something".
const BAD_CONFIGURATION: u8 = 78;

impl Failed {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Unusable(_) => ExitCode::from(BAD_CONFIGURATION),
            Self::Listen(..)
            | Self::NotRunning(..)
            | Self::Unknown(_)
            | Self::Undone(_)
            | Self::Store(_)
            | Self::Keys(_)
            | Self::Unwell(_)
            | Self::Machine(_) => ExitCode::FAILURE,
        }
    }
}

/// Runs a command to its end.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command() {
        Command::Serve(options) => serve::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Setup(options) => setup::run(&options),
        Command::Explain(options) => players::explain(&options),
        Command::Bindings(options) => players::bindings(&options),
        Command::Keys(options) => keys::run(&options),
        Command::Services(options) => services::run(&options),
        Command::Health(program) => health::run(&program),
        Command::Completions(options) => generated::completions(&options),
        Command::Man(options) => generated::man(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("hasjoined: {failed}");
            failed.exit_code()
        }
    }
}

/// To the screen; a closed one is no reason to fail.
fn print(text: &str) {
    let mut screen = io::stdout().lock();
    let _ = screen.write_all(text.as_bytes()).and_then(|()| screen.flush());
}
