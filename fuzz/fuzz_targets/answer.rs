//! Answers of upstreams in HTTP/1.1: heads and chunked bodies are read in the same way however they are cut, and where hyper's client
//! makes something of them, it makes the same.
#![no_main]

use bytes::BytesMut;
use hasjoined::net::{Chunks, Failure, Framing, Head, LARGEST_HEAD};
use hasjoined_fuzz::hyper_client;
use http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;

/// Bodies are read that far.
const LARGEST: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let [options, bytes @ ..] = input else { return };
    let bodiless = options & 0x80 != 0;
    let piece = usize::from(options & 0x7f).max(1);
    let ours = read(bytes, bodiless, bytes.len().max(1));
    assert_eq!(read(bytes, bodiless, piece), ours, "in pieces of {piece}");
    if let Some((status, body)) = ours {
        let method = if bodiless { Method::HEAD } else { Method::GET };
        if let Some((theirs, their_body)) = hyper_client::answer(bytes, method) {
            assert_eq!((theirs, &their_body[..]), (status, &body[..]), "hyper reads something else");
        }
    }
});

/// The answer in these bytes, as they come in pieces, up to the connection's end; nothing, when there is none.
fn read(bytes: &[u8], bodiless: bool, piece: usize) -> Option<(StatusCode, Vec<u8>)> {
    let (mut come, mut pieces) = (BytesMut::new(), bytes.chunks(piece));
    let head = loop {
        match Head::read(&come, bodiless).ok()? {
            Some(head) => {
                assert!(head.length <= come.len() && head.length <= LARGEST_HEAD);
                assert_eq!(Head::read(&come[..head.length], bodiless).ok()?.as_ref(), Some(&head), "it ends there");
                drop(come.split_to(head.length));
                if !head.is_interim() {
                    break head;
                }
            }
            None => {
                assert!(come.len() < LARGEST_HEAD);
                come.extend_from_slice(pieces.next()?);
            }
        }
    };
    let body = match head.body {
        Framing::Length(length) => {
            let length = usize::try_from(length).ok().filter(|length| *length <= LARGEST)?;
            pieces.for_each(|piece| come.extend_from_slice(piece));
            come.get(..length)?.to_vec()
        }
        Framing::Chunked => {
            let mut chunks = Chunks::new(LARGEST);
            loop {
                match chunks.take(&mut come) {
                    Ok(true) => break,
                    Ok(false) => come.extend_from_slice(pieces.next()?),
                    Err(failure) => {
                        assert!(matches!(failure, Failure::TooLarge | Failure::Reset));
                        return None;
                    }
                }
            }
            let whole = chunks.whole().to_vec();
            assert!(whole.len() <= LARGEST);
            whole
        }
        Framing::Close => {
            assert!(!head.keeps, "nothing can follow it");
            pieces.for_each(|piece| come.extend_from_slice(piece));
            come.to_vec()
        }
    };
    Some((head.status, body))
}
