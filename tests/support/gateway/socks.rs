//! SOCKS5 (RFC 1928, RFC 1929).

use std::{
    future::pending,
    io,
    net::{Ipv4Addr, Ipv6Addr},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Desk, Manner};
use crate::support::wire::invalid;

const OPEN: u8 = 0;
const LOGIN: u8 = 2;
const NONE: u8 = 0xff;

pub(super) async fn serve(desk: &Desk, mut near: TcpStream) -> io::Result<()> {
    if !greeted(desk, &mut near).await? {
        return Ok(());
    }
    let target = target(&mut near).await?;
    desk.asked(&target);
    match desk.rules.manner {
        Manner::Leads => {
            let far = desk.way(&target).await?;
            reply(&mut near, 0).await?;
            desk.carry(near, far).await
        }
        Manner::Refuses(code) => reply(&mut near, u8::try_from(code).unwrap()).await,
        Manner::Hangs => pending().await,
        Manner::Babbles => near.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await,
        Manner::Breaks => near.write_all(&[5, 0]).await,
    }
}

async fn greeted(desk: &Desk, near: &mut TcpStream) -> io::Result<bool> {
    let [5, count] = *bytes(near, 2).await? else { return Err(invalid("no SOCKS5")) };
    let offered = bytes(near, count.into()).await?;
    let method = match &desk.rules.login {
        None if offered.contains(&OPEN) => OPEN,
        Some(_) if offered.contains(&LOGIN) => LOGIN,
        _ => NONE,
    };
    near.write_all(&[5, method]).await?;
    if method != LOGIN {
        return Ok(method == OPEN && desk.admits(None));
    }
    let [1, length] = *bytes(near, 2).await? else { return Err(invalid("no login")) };
    let user = bytes(near, length.into()).await?;
    let [length] = *bytes(near, 1).await? else { return Err(invalid("no password")) };
    let password = bytes(near, length.into()).await?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let admitted = desk.admits(Some(format!("{}:{}", text(user), text(password))));
    near.write_all(&[1, u8::from(!admitted)]).await?;
    Ok(admitted)
}

async fn target(near: &mut TcpStream) -> io::Result<String> {
    let [5, 1, 0, kind] = *bytes(near, 4).await? else { return Err(invalid("no CONNECT")) };
    let host = match kind {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes(near, 4).await?).unwrap()).to_string(),
        4 => format!("[{}]", Ipv6Addr::from(<[u8; 16]>::try_from(bytes(near, 16).await?).unwrap())),
        _ => {
            let length = near.read_u8().await?;
            String::from_utf8(bytes(near, length.into()).await?).unwrap()
        }
    };
    Ok(format!("{host}:{}", near.read_u16().await?))
}

async fn reply(near: &mut TcpStream, code: u8) -> io::Result<()> {
    // The bound address as a name, which is the rarest of the three forms.
    near.write_all(&[&[5, code, 0, 3, 4], &b"here"[..], &[0, 80]].concat()).await
}

async fn bytes(near: &mut TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut read = vec![0; count];
    near.read_exact(&mut read).await?;
    Ok(read)
}
