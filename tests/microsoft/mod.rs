//! Signing in with Microsoft: the chain from a code to a player, against a fake of all the services, over real sockets.

mod codes;
mod failures;
mod patience;
mod silence;
mod stage;
