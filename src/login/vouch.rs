//! Who vouches for a player: the login upstreams, one after the other in the order of the file.
//!
//! A "no" of one leads to the next, and so does silence; but where one was silent, nobody's "no" is the answer.

use super::Logins;
use crate::{
    lifecycle::CancellationToken,
    model::{Profile, Question, UpstreamId},
    net,
    upstream::{Failure, Urgency, Verdict},
};
use http::HeaderValue;
use tokio::time::{Duration, Instant, timeout_at};

/// What the login upstreams say together.
#[derive(Debug)]
pub(super) enum Vouched {
    /// This one knows the player.
    Yes(UpstreamId, Profile),
    /// All of them said no.
    No,
    /// Nobody said yes, and one could not be asked.
    Unavailable,
    /// Nobody said yes, and one has said what means nothing.
    Invalid,
}

/// How this program names itself to them. No chain of proxies ends here, so there is none to tell of.
const VIA: HeaderValue = HeaderValue::from_static("1.1 hasjoined");

/// For all of them. Shorter than a lease, so that no second request asks while the first one does.
const DEADLINE: Duration = Duration::from_secs(8);

impl Logins {
    pub(super) async fn vouched(&self, question: &Question) -> Vouched {
        let deadline = Instant::now() + DEADLINE;
        let mut worst = Vouched::No;
        let via = VIA;
        for upstream in &self.0.upstreams {
            let given_up = CancellationToken::new();
            let asked = upstream.ask(question, &via, &given_up, Urgency::Usual);
            let verdict = timeout_at(deadline, asked).await;
            match verdict {
                Ok(Verdict::Joined(profile)) => return Vouched::Yes(upstream.id().clone(), profile),
                Ok(Verdict::NotJoined | Verdict::Barred(_)) => {}
                Ok(Verdict::Failed(failure)) => {
                    tracing::warn!(upstream = %upstream.id(), %failure, "a login upstream has given no answer");
                    worst = worse(worst, failure);
                }
                Err(_) => worst = Vouched::Unavailable,
            }
        }
        worst
    }
}

/// Who could not be asked may know the player still; what is malformed stays so.
fn worse(worst: Vouched, failure: Failure) -> Vouched {
    use net::Failure::{Encoding, TooLarge};
    let invalid = matches!(failure, Failure::Malformed(_) | Failure::Net(TooLarge | Encoding));
    match worst {
        Vouched::No | Vouched::Invalid if invalid => Vouched::Invalid,
        _ => Vouched::Unavailable,
    }
}
