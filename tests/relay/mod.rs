//! What is passed on to Mojang or the primary upstream, and what becomes of it on the way.

mod headers;
mod join;
mod stream;
mod tokens;

use crate::support::{proxy::Proxy, upstream::Upstream};

/// The lines of an upstream that has all hosts in one place.
fn hosts(upstream: &Upstream) -> String {
    let at = upstream.origin();
    format!("session_url = \"{at}\"\nservices_url = \"{at}\"\naccount_url = \"{at}/api\"\n")
}

/// The lines of Mojang's preset with all its addresses replaced, and without what the program asks of it by itself.
fn mojang(upstream: &Upstream) -> String {
    let quiet = "publish_keys = []\ndiscovery_url = \"http://127.0.0.1:9/minecraft/client\"\n";
    format!("preset = \"mojang\"\ntimeout = \"500ms\"\n{quiet}{}", hosts(upstream))
}

/// In front of a Mojang that speaks HTTP/1.1, or HTTP/2.
async fn before_mojang(http2: bool) -> (Proxy, Upstream) {
    let m = Upstream::builder().http2(http2).start().await;
    let lines = format!("{}http2 = {http2}\n", mojang(&m));
    let proxy = Proxy::builder().upstream("mojang", &m, &lines).start().await;
    (proxy, m)
}
