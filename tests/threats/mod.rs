//! One test for each threat to a session proxy with many upstreams, named by its number. The README says in a line what each is.
//!
//! Each attacks as whoever would gain by it could: an upstream that lies, a client that asks in odd ways, somebody on the way.

mod keys;
mod liars;
mod load;
mod logins;
mod names;
mod operation;
mod questions;
mod tokens;

use crate::support::{profile, upstream::Upstream};
use std::time::Duration;

/// Whom every attacker would like to be. His UUID is Mojang's.
const ADMIN: &str = "Notch";
const ADMIN_ID: &str = "069a79f444e94726a5befca90e38aaf5";
/// The id under which the upstream "drasl" may present somebody whom it knows by that UUID.
const ADMIN_ID_IN_DRASL: &str = "98c6e619f9815182856733f17c4a5e07";

const OWN: &str = "attests = \"own\"\n";

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The question of a game server.
fn question(name: &str, server_id: &str) -> String {
    format!("/session/minecraft/hasJoined?username={name}&serverId={server_id}")
}

/// Lines of an upstream that is Mojang with all its hosts here, and is asked nothing that no client asked for.
fn quiet_mojang(upstream: &Upstream) -> String {
    let quiet = "publish_keys = []\ndiscovery_url = \"http://127.0.0.1:9/minecraft/client\"\n";
    format!("preset = \"mojang\"\n{quiet}{}", hosts(upstream))
}

/// Lines of an upstream that has all hosts there are.
fn hosts(upstream: &Upstream) -> String {
    let at = upstream.origin();
    format!("session_url = \"{at}\"\nservices_url = \"{at}\"\naccount_url = \"{at}\"\n")
}

/// How often this login was asked about.
fn asked_about(upstream: &Upstream, server_id: &str) -> usize {
    upstream.requests().iter().filter(|asked| asked.query("serverId").as_deref() == Some(server_id)).count()
}

/// The admin's profile as Mojang has it, in as few bytes as will do.
fn bare(id: &str, name: &str) -> String {
    format!(r#"{{"id":"{id}","name":"{name}","properties":[]}}"#)
}

#[test]
fn the_fixture_is_the_admin() {
    assert_eq!(profile::id_of(ADMIN), ADMIN_ID);
}
