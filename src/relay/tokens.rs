//! Requests with a player's token in their head, passed through to one host of Mojang.
//!
//! Decides how many pass at a time, how large they may be and how long they may take. Redirects are passed back, never followed.

use super::{Broken, Refusal, headers, target};
use crate::{
    lifecycle::CancellationToken,
    net::{Download, Failure, Passing, Patience},
    upstream::Host,
};
use bytes::Bytes;
use http::{Request, Response, header::HeaderValue};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// Most that passes each way. A report with its chat messages is far smaller, as is a list of friends.
const LARGEST: u64 = 4 * 1024 * 1024;

/// From the first byte to the last.
const LONGEST: Duration = Duration::from_secs(30);

/// Requests to one host at a time: half of its connections, so that clients that dawdle leave look-ups the other half.
const MOST: usize = 8;

/// How long one too many waits for its place.
const PATIENCE: Duration = Duration::from_secs(4);

/// A host that tokens may go to.
pub(super) struct TokenHost {
    host: Host,
    places: Arc<Semaphore>,
}

/// The body of a relayed answer; breaks off with an error, or ends whole.
pub struct Relayed {
    download: Download,
    _place: OwnedSemaphorePermit,
}

impl TokenHost {
    pub(super) fn new(host: Host) -> Self {
        Self { host, places: Arc::new(Semaphore::new(MOST)) }
    }

    pub(super) async fn pass(
        &self,
        path: &[&str],
        request: Request<Incoming>,
        via: HeaderValue,
    ) -> Result<Response<Relayed>, Refusal> {
        let target = target::of(&self.host, path, request.uri().query())?;
        let (head, body) = request.into_parts();
        if body.size_hint().lower() > LARGEST {
            return Err(Refusal::TooLarge);
        }
        let patience = Patience { deadline: Instant::now() + LONGEST, given_up: CancellationToken::new() };
        let place = match timeout(PATIENCE, self.places.clone().acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) | Err(_) => return Err(Refusal::Down(Failure::Saturated)),
        };
        let headers = headers::onward(&head.headers, via);
        let passing = Passing { method: head.method, target, headers, body, largest: LARGEST };
        let answer = self.host.client().pass(passing, &patience).await.map_err(|failure| match failure {
            Failure::RequestTooLarge => Refusal::TooLarge,
            failure => Refusal::Down(failure),
        })?;
        // Nobody has offered to switch to anything.
        if answer.status().is_informational() {
            return Err(Refusal::Down(Failure::Reset));
        }
        let (head, download) = answer.into_parts();
        let mut response = Response::new(Relayed { download, _place: place });
        *response.status_mut() = head.status;
        *response.headers_mut() = headers::back(&head.headers);
        Ok(response)
    }
}

impl Body for Relayed {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        Pin::new(&mut self.download).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.download.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.download.size_hint()
    }
}
