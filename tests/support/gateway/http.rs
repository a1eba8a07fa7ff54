//! HTTP CONNECT.

use std::{future::pending, io};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{Desk, Manner};
use crate::support::wire::{self, Buffered, invalid};

pub(super) async fn serve(desk: &Desk, tcp: TcpStream) -> io::Result<()> {
    let mut wire = Buffered::new(tcp);
    let Some(head) = wire.head().await? else { return Ok(()) };
    let mut near = wire.stream;
    let mut headers = [httparse::EMPTY_HEADER; 20];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(&head).map_err(|error| invalid(error.to_string()))?;
    let target = request.path.unwrap_or_default().to_owned();
    let headers = wire::owned(request.headers);
    if request.method != Some("CONNECT") || wire::first(&headers, "host") != Some(&*target) {
        return near.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    }
    let login = wire::first(&headers, "proxy-authorization").and_then(|value| value.strip_prefix("Basic "));
    let login = login.map(|code| String::from_utf8(BASE64_STANDARD.decode(code).unwrap()).unwrap());
    desk.asked(&target);
    if !desk.admits(login) {
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"here\"\r\n\r\n";
        return near.write_all(answer.as_bytes()).await;
    }
    match desk.rules.manner {
        Manner::Leads => {
            let far = desk.way(&target).await?;
            // As real ones do: more than one line, and lengths that mean nothing.
            near.write_all(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 here\r\nContent-Length: 5\r\n\r\n")
                .await?;
            desk.carry(near, far).await
        }
        Manner::Refuses(status) => {
            near.write_all(format!("HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\nno").as_bytes()).await
        }
        Manner::Hangs => pending().await,
        Manner::Babbles => {
            near.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                near.write_all(b"X-More: and more\r\n").await?;
            }
        }
        Manner::Breaks => near.write_all(b"HTTP/1.1 200 O").await,
    }
}
