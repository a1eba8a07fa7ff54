//! One fake of Microsoft, Xbox Live and Minecraft's services, over plain HTTP on loopback, for programs and for browsers.
//!
//! Decides nothing about the program under test: it checks every request as the services do, answers as they do unless a step was told
//! otherwise, and remembers what it saw. `desk` knows the rules of each step, `knob` how an answer can be changed.

mod desk;
mod knob;

pub(crate) use self::{
    desk::Registration,
    knob::{Knob, Step},
};

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use self::desk::Desk;
use super::spawn;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Default)]
struct Book {
    knobs: HashMap<Step, Knob>,
    seen: Vec<(Step, Seen)>,
    connections: usize,
}

/// The running fake; it ends with the test.
#[derive(Clone)]
pub(crate) struct Microsoft {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
    book: Arc<Mutex<Book>>,
}

impl Microsoft {
    /// With one registered application, and Notch behind every account.
    pub(crate) async fn start(registration: Registration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Mutex::new(Desk::new(registration)));
        let fake = Self { address, desk, book: Arc::default() };
        let serving = fake.clone();
        spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                spawn(serving.clone().converse(tcp));
            }
        });
        fake
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where a step is asked.
    pub(crate) fn url(&self, step: Step) -> String {
        format!("{}{}", self.origin(), step.path())
    }

    /// The base of Minecraft's services.
    pub(crate) fn services(&self) -> String {
        format!("{}/mc", self.origin())
    }

    /// `[login.microsoft.endpoints]`, for a configuration.
    pub(crate) fn section(&self) -> String {
        format!(
            "[login.microsoft.endpoints]\nauthorize = \"{}\"\ntoken = \"{}\"\nxbl = \"{}\"\nxsts = \"{}\"\nmc_services = \"{}\"\n",
            self.url(Step::Authorize),
            self.url(Step::Token),
            self.url(Step::Xbl),
            self.url(Step::Xsts),
            self.services()
        )
    }

    /// From now on the step answers so.
    pub(crate) fn turn(&self, step: Step, knob: Knob) {
        self.book.lock().unwrap().knobs.insert(step, knob);
    }

    /// From now on every step answers as it should.
    pub(crate) fn mend(&self) {
        self.book.lock().unwrap().knobs.clear();
    }

    /// Whoever signs in from now on is this player.
    pub(crate) fn plays(&self, id: &str, name: &str) {
        self.desk.lock().unwrap().player = (id.to_owned(), name.to_owned());
    }

    /// What a step was asked.
    pub(crate) fn seen(&self, step: Step) -> Vec<Seen> {
        let book = self.book.lock().unwrap();
        book.seen.iter().filter(|(of, _)| *of == step).map(|(_, seen)| seen.clone()).collect()
    }

    /// What was wrong with the form of requests, by the rules of the services. Empty when all is well.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.desk.lock().unwrap().faults.clone()
    }

    /// Every code and token it has given out.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.desk.lock().unwrap().given.clone()
    }

    /// How many connections it was asked over.
    pub(crate) fn connections(&self) -> usize {
        self.book.lock().unwrap().connections
    }

    async fn converse(self, tcp: TcpStream) {
        self.book.lock().unwrap().connections += 1;
        let service = service_fn(|request| self.clone().attend(request));
        // How a conversation ends is the asker's doing, or a knob's.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(tcp), service).await;
    }

    /// An error closes the connection without an answer.
    async fn attend(self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let seen = Seen {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body,
        };
        let Some(step) = Step::at(&seen.path) else { return Ok(sent(Said::page(404, "nothing is here"))) };
        let knob = {
            let mut book = self.book.lock().unwrap();
            book.seen.push((step, seen.clone()));
            book.knobs.get(&step).cloned().unwrap_or_default()
        };
        let usual = self.desk.lock().unwrap().answer(step, &seen, knob.declines());
        knob.apply(usual).await.map(sent).ok_or_else(|| io::ErrorKind::ConnectionAborted.into())
    }
}

fn sent(said: Said) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(said.status);
    for (name, value) in said.headers {
        response = response.header(name, value);
    }
    response.body(Full::new(said.body.into())).unwrap()
}
