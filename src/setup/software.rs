//! The software that can be pointed at this proxy, by name.

/// Software that verifies players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// The proxy of PaperMC.
    Velocity,
    /// A server of its own; Spigot and their kin read the same flags.
    Paper,
    /// The fork of BungeeCord whose session server can be chosen.
    Waterfall,
    /// The proxy that has no setting for the session server.
    BungeeCord,
    /// GoLilyPad's proxy.
    Lilypad,
    /// Minekube's proxy.
    Gate,
    /// A server of its own; vanilla reads the same flags.
    Fabric,
    /// A server of its own, in Rust.
    Pumpkin,
    /// The agent that rewrites Mojang's addresses in any Java server or proxy.
    AuthlibInjector,
}

impl Software {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Velocity,
        Self::Paper,
        Self::Waterfall,
        Self::BungeeCord,
        Self::Lilypad,
        Self::Gate,
        Self::Fabric,
        Self::Pumpkin,
        Self::AuthlibInjector,
    ];

    /// As it is typed: `hasjoined setup NAME`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Velocity => "velocity",
            Self::Paper => "paper",
            Self::Waterfall => "waterfall",
            Self::BungeeCord => "bungeecord",
            Self::Lilypad => "lilypad",
            Self::Gate => "gate",
            Self::Fabric => "fabric",
            Self::Pumpkin => "pumpkin",
            Self::AuthlibInjector => "authlib-injector",
        }
    }

    /// As its makers write it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Velocity => "Velocity",
            Self::Paper => "Paper",
            Self::Waterfall => "Waterfall",
            Self::BungeeCord => "BungeeCord",
            Self::Lilypad => "LilyPad",
            Self::Gate => "Gate",
            Self::Fabric => "Fabric and vanilla",
            Self::Pumpkin => "Pumpkin",
            Self::AuthlibInjector => "authlib-injector",
        }
    }
}
