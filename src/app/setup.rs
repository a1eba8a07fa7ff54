//! `hasjoined setup`: the lines that point a game server at this proxy.

use super::{Failed, print};
use crate::{cli::SetupOptions, config, setup};

/// Prints them for the address on the command line, or the one the configuration leads to.
pub(super) fn run(options: &SetupOptions) -> Result<(), Failed> {
    let url = match &options.url {
        Some(url) => url.clone(),
        None => {
            let server = config::load(options.config.as_deref())?.settings.server;
            let first =
                server.listen.first().copied().ok_or(Failed::Unusable("server.listen names no address".to_owned()))?;
            server.reached_at(first)
        }
    };
    print(&setup::instructions(options.software.into(), &url));
    Ok(())
}
