//! The admin listener of a running program.

use crate::{
    admin::Admin,
    lifecycle::{CancellationToken, Tasks},
    server::{Listener, Server},
};
use hyper::service::service_fn;
use std::{convert::Infallible, sync::Arc, time::Duration};

/// A browser, a scraper, a prober: more than this many connections is somebody's mistake.
const MOST_CONNECTIONS: usize = 256;

/// For answers under way when the program ends: none takes long.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// Serves it until it is closed: longer than game servers are served, so that a drain can be watched.
pub(super) struct Desk {
    stop: CancellationToken,
    tasks: Tasks,
}

impl Desk {
    pub(super) fn open(listener: Option<Listener>, admin: Admin) -> Self {
        let (stop, tasks) = (CancellationToken::new(), Tasks::default());
        if let Some(listener) = listener {
            let admin = Arc::new(admin);
            let service = move |_peer| {
                let admin = admin.clone();
                service_fn(move |request| {
                    let admin = admin.clone();
                    async move { Ok::<_, Infallible>(admin.answer(&request)) }
                })
            };
            tasks.spawn(Server::new(MOST_CONNECTIONS, tasks.clone(), stop.clone()).serve(listener, service));
        }
        Self { stop, tasks }
    }

    pub(super) async fn close(self) {
        self.stop.cancel();
        self.tasks.ended(LAST_ANSWERS).await;
    }
}
