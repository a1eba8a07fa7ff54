//! The command line: what can be typed, and nothing of what it does.

mod generated;

pub use generated::{CompletionsOptions, ManOptions, page, write_pages};

use crate::{
    config,
    model::{Redirect, ServiceSlug},
    setup::Software,
    telemetry::LogFormat,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use http::Uri;
use std::{net::SocketAddr, path::PathBuf};

/// One Minecraft session server in front of many: asks every upstream's hasJoined at once and returns the first true answer.
#[derive(Debug, Parser)]
#[command(name = "hasjoined", version, about, long_about = None, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

const EXAMPLES: &str = "\
Examples:
  hasjoined                                        run with ./upstreams.toml, or with Mojang and Minehut
  hasjoined serve --config /etc/hasjoined.toml     run with another file
  hasjoined check --config /etc/hasjoined.toml     what that file resolves to, and what is risky in it
  hasjoined doctor                                 whether every upstream works, and what to do about one that does not
  hasjoined setup velocity                         the line that points Velocity at this proxy

Exit codes: 0 done, 1 cannot run here or an upstream cannot be used, 2 wrong usage, 78 bad configuration.";

impl Cli {
    /// The command; `serve` when none is named.
    #[must_use]
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

/// What the program can be told to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the proxy (the default)
    Serve(ServeOptions),
    /// Check the configuration and print what it resolves to
    Check(CheckOptions),
    /// Ask every upstream a harmless question and say what works, and what to do about what does not
    Doctor(DoctorOptions),
    /// Print the lines that point a game server at this proxy
    Setup(SetupOptions),
    /// Say what would become of a player's login now, and what became of the last one
    Explain(ExplainOptions),
    /// Show or free the names that are bound to an upstream
    Bindings(BindingsOptions),
    /// Show, replace or remove the keys that login tokens are signed with
    Keys(KeysOptions),
    /// Show, add, switch off or remove services that players may let use their account
    Services(ServicesOptions),
    /// Ask the running program whether it is ready: exit code 0, or 1 and why not
    Health(ProgramOptions),
    /// Print the script that makes a shell complete this program's commands and options
    Completions(CompletionsOptions),
    /// Print the manual
    Man(ManOptions),
}

/// `hasjoined serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(long, env = "HASJOINED_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address to listen on instead of the file's; may be given several times
    #[arg(long, env = "HASJOINED_LISTEN", value_name = "ADDR", value_delimiter = ',')]
    pub listen: Vec<SocketAddr>,
    /// Address of /metrics and /status instead of the file's; false for none
    #[arg(long, env = "HASJOINED_ADMIN", value_name = "ADDR", value_parser = admin)]
    pub admin: Option<Admin>,
    /// What to log: error, warn, info, debug or trace, also per module as in "info,hasjoined::net=debug"
    #[arg(long, env = "HASJOINED_LOG", value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log: String,
    /// How a log line looks
    #[arg(long, env = "HASJOINED_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormatName,
}

/// Where the operator's own routes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admin {
    /// At this address.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl Admin {
    /// The address, if there is one.
    #[must_use]
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::At(address) => Some(address),
            Self::Off => None,
        }
    }
}

/// `hasjoined check`.
#[derive(Args, Debug)]
pub struct CheckOptions {
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(long, env = "HASJOINED_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `hasjoined doctor`.
#[derive(Args, Debug)]
pub struct DoctorOptions {
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(long, env = "HASJOINED_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `hasjoined setup`.
#[derive(Args, Debug)]
pub struct SetupOptions {
    /// The software whose players are to be verified here
    pub software: SoftwareName,
    /// How game servers reach this proxy, instead of the file's server.public_url
    #[arg(long, env = "HASJOINED_URL", value_parser = url)]
    pub url: Option<Uri>,
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(long, env = "HASJOINED_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `hasjoined explain`.
#[derive(Args, Debug)]
pub struct ExplainOptions {
    /// The player's name, in any case
    pub name: String,
    /// The program to ask.
    #[command(flatten)]
    pub program: ProgramOptions,
}

/// `hasjoined bindings`.
#[derive(Args, Debug)]
pub struct BindingsOptions {
    /// What to do with them
    #[command(subcommand)]
    pub command: BindingsCommand,
    /// The program to ask.
    #[command(flatten)]
    pub program: ProgramOptions,
}

/// Where the running program is found.
#[derive(Args, Debug)]
pub struct ProgramOptions {
    /// Its configuration file [default: ./upstreams.toml if it is there]
    #[arg(id = "file", long = "config", env = "HASJOINED_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Its admin listener, instead of the file's server.admin
    #[arg(id = "listener", long = "admin", env = "HASJOINED_ADMIN", value_name = "ADDR", global = true)]
    pub admin: Option<SocketAddr>,
}

/// What `hasjoined bindings` can do.
#[derive(Debug, Subcommand)]
pub enum BindingsCommand {
    /// Print every name and the upstream it is bound to
    List,
    /// Free a name: the next upstream that vouches for it gets it
    Release {
        /// The name, in any case
        name: String,
    },
}

/// `hasjoined keys`.
#[derive(Args, Debug)]
pub struct KeysOptions {
    /// What to do with them
    #[command(subcommand)]
    pub command: KeysCommand,
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(id = "file", long = "config", env = "HASJOINED_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// What `hasjoined keys` can do.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print every key, what it signs, and since or until when
    List,
    /// Make successors. They sign after a day, when whoever verifies tokens has seen them among the published keys
    Rotate {
        /// Only for these tokens
        #[arg(long)]
        class: Option<ClassName>,
        /// Sign with them at once: services that verify tokens themselves refuse new ones until they ask for the keys again
        #[arg(long)]
        now: bool,
    },
    /// Delete a key: every token it signed dies. Says which, and does it with --yes
    Remove {
        /// The key, as `keys list` prints it
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
}

/// `hasjoined services`.
#[derive(Args, Debug)]
pub struct ServicesOptions {
    /// What to do with them
    #[command(subcommand)]
    pub command: ServicesCommand,
    /// Configuration file [default: ./upstreams.toml if it is there]
    #[arg(id = "file", long = "config", env = "HASJOINED_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
}

/// What `hasjoined services` can do.
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// Print every service, what it may ask for, and how many players let it
    List,
    /// Add a service that no configuration file names
    Add(NewService),
    /// Switch a service on again
    Enable {
        /// The service
        #[arg(value_parser = slug)]
        slug: ServiceSlug,
    },
    /// Switch a service off: it can ask nobody, and its tokens are void until it is on again
    Disable {
        /// The service
        #[arg(value_parser = slug)]
        slug: ServiceSlug,
    },
    /// Remove a service: its tokens die, and what players have allowed it is forgotten. Says how many, and does it with --yes
    Remove {
        /// The service
        #[arg(value_parser = slug)]
        slug: ServiceSlug,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
}

/// `hasjoined services add`.
#[derive(Args, Clone, Debug)]
pub struct NewService {
    /// What programs call it: 1 to 63 of a-z, 0-9 and -. It is the `aud` of its tokens
    #[arg(value_parser = slug)]
    pub slug: ServiceSlug,
    /// What players call it
    #[arg(long, value_parser = name)]
    pub name: String,
    /// Where browsers may be sent with its tokens; may be given several times
    #[arg(long = "redirect", value_name = "URL", required = true, value_parser = redirect)]
    pub redirects: Vec<String>,
    /// What it may ask for, one of login.scopes.allowed; may be given several times
    #[arg(long = "permission", value_name = "SCOPE", required = true)]
    pub permissions: Vec<String>,
    /// How far you have looked into it: `verificationLevel` where its tokens are given
    #[arg(long, default_value = "", value_parser = level)]
    pub level: String,
    /// Tell players that you know who runs it
    #[arg(long)]
    pub verified: bool,
    /// It runs on players' own machines: a redirect to localhost or 127.0.0.1 may have any port
    #[arg(long)]
    pub native: bool,
    /// Make a secret for an OAuth client that can keep one, and print it once
    #[arg(long)]
    pub secret: bool,
}

/// The tokens that a key signs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ClassName {
    /// What players use the API with
    Access,
    /// What a login under way is known by
    Join,
    /// What one service is used with
    Service,
    /// What a Feather client first gets
    FeatherSession,
    /// What Feather's services read
    FeatherFull,
}

/// The names of [`LogFormat`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormatName {
    /// For eyes
    Text,
    /// For machines: one JSON object a line
    Json,
}

impl From<LogFormatName> for LogFormat {
    fn from(name: LogFormatName) -> Self {
        match name {
            LogFormatName::Text => Self::Text,
            LogFormatName::Json => Self::Json,
        }
    }
}

/// The names of [`Software`].
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(missing_docs, reason = "they are the names of programs")]
pub enum SoftwareName {
    Velocity,
    Paper,
    Waterfall,
    #[value(name = "bungeecord")]
    BungeeCord,
    Lilypad,
    Gate,
    Fabric,
    Pumpkin,
    AuthlibInjector,
}

impl From<SoftwareName> for Software {
    fn from(name: SoftwareName) -> Self {
        match name {
            SoftwareName::Velocity => Self::Velocity,
            SoftwareName::Paper => Self::Paper,
            SoftwareName::Waterfall => Self::Waterfall,
            SoftwareName::BungeeCord => Self::BungeeCord,
            SoftwareName::Lilypad => Self::Lilypad,
            SoftwareName::Gate => Self::Gate,
            SoftwareName::Fabric => Self::Fabric,
            SoftwareName::Pumpkin => Self::Pumpkin,
            SoftwareName::AuthlibInjector => Self::AuthlibInjector,
        }
    }
}

fn url(text: &str) -> Result<Uri, String> {
    crate::config::public_url(text).map_err(|fault| format!("it {fault}"))
}

fn slug(text: &str) -> Result<ServiceSlug, String> {
    ServiceSlug::new(text).map_err(|invalid| invalid.to_string())
}

fn name(text: &str) -> Result<String, &'static str> {
    config::is_service_name(text).then(|| text.to_owned()).ok_or("write 1 to 64 characters")
}

fn level(text: &str) -> Result<String, &'static str> {
    config::is_verification_level(text).then(|| text.to_owned()).ok_or("write up to 32 visible characters")
}

fn redirect(text: &str) -> Result<String, String> {
    text.parse::<Redirect>().map(|_| text.to_owned()).map_err(|denied| format!("it {denied}"))
}

fn admin(text: &str) -> Result<Admin, String> {
    match text {
        "false" => Ok(Admin::Off),
        _ => text.parse().map(Admin::At).map_err(|_| "neither an address with a port nor false".to_owned()),
    }
}

/// A mistyped level would be taken for the name of a module, and then nothing would be logged.
fn filter(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for directive in text.split(',') {
        let level = directive.rsplit('=').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !LEVELS.contains(&level.as_str()) {
            return Err(format!("\"{level}\" is none of {}", LEVELS.join(", ")));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, error::ErrorKind};
    use std::path::Path;

    fn parsed(line: &str) -> Result<Command, ErrorKind> {
        Cli::try_parse_from(line.split(' ')).map(Cli::command).map_err(|error| error.kind())
    }

    #[test]
    fn the_definition_is_sound() {
        <Cli as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_serves() {
        for line in ["hasjoined --config x --listen [::1]:0", "hasjoined serve --config x --listen [::1]:0"] {
            let Ok(Command::Serve(options)) = parsed(line) else { panic!("{line}") };
            assert_eq!(options.config.as_deref(), Some(Path::new("x")));
            assert_eq!(options.listen, ["[::1]:0".parse().unwrap()]);
        }
    }

    #[test]
    fn the_admin_listener_is_an_address_or_off() {
        for (typed, admin) in [("[::1]:0", Admin::At("[::1]:0".parse().unwrap())), ("false", Admin::Off)] {
            let Ok(Command::Serve(options)) = parsed(&format!("hasjoined --admin {typed}")) else { panic!("{typed}") };
            assert_eq!(options.admin, Some(admin));
        }
        for typed in ["true", "9090", "localhost:9090"] {
            assert_eq!(parsed(&format!("hasjoined --admin {typed}")).err(), Some(ErrorKind::ValueValidation));
        }
    }

    #[test]
    fn a_level_that_is_none_is_a_usage_error() {
        for filter in ["info", "WARN", "info,hasjoined::net=debug", "off"] {
            assert!(parsed(&format!("hasjoined --log {filter}")).is_ok(), "{filter}");
        }
        for filter in ["inof", "info,hasjoined=loud", "=[", "info,"] {
            assert_eq!(
                parsed(&format!("hasjoined --log {filter}")).err(),
                Some(ErrorKind::ValueValidation),
                "{filter}"
            );
        }
    }

    #[test]
    fn a_key_may_begin_with_a_hyphen() {
        for line in ["keys remove -h3x_a --yes", "keys remove --yes -h3x_a", "keys --config x remove -h3x_a --yes"] {
            let Ok(Command::Keys(options)) = parsed(&format!("hasjoined {line}")) else { panic!("{line}") };
            assert!(matches!(options.command, KeysCommand::Remove { kid, yes: true } if kid == "-h3x_a"), "{line}");
        }
        assert_eq!(parsed("hasjoined keys rotate --class other").err(), Some(ErrorKind::InvalidValue));
    }

    #[test]
    fn every_software_is_typed_as_it_names_itself() {
        for software in Software::ALL {
            let Ok(Command::Setup(options)) = parsed(&format!("hasjoined setup {}", software.name())) else {
                panic!("{software:?}")
            };
            assert_eq!(Software::from(options.software), software);
        }
    }

    #[test]
    fn a_url_is_checked_as_the_files_is() {
        assert!(matches!(parsed("hasjoined setup velocity --url https://login.example"), Ok(Command::Setup(_))));
        for url in ["login.example", "https://login.example/?a", "https://login.example/%s"] {
            let kind = parsed(&format!("hasjoined setup velocity --url {url}")).err();
            assert_eq!(kind, Some(ErrorKind::ValueValidation), "{url}");
        }
    }
}
