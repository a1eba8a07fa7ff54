//! Heads of HTTP/1 requests: the scan in front of the library finds the same lengths as the library, however the bytes are cut.
#![no_main]

use hasjoined::server::Head;
use httparse::{EMPTY_HEADER, Request, Status};
use libfuzzer_sys::fuzz_target;

const MOST_HEADERS: usize = 256;

fuzz_target!(|input: &[u8]| {
    // The first byte says how large the pieces are.
    let Some((size, bytes)) = input.split_first() else { return };
    let whole = Head::default().read(bytes);
    for size in [usize::from(*size).max(1), 1] {
        let mut head = Head::default();
        let read = bytes.chunks(size).find_map(|piece| head.read(piece));
        assert_eq!(read, whole, "in pieces of {size}");
    }
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(end)) => {
            let lengths = request.headers.iter().filter(|header| says_a_length(header.name)).count();
            assert_eq!(whole, Some(lengths < 2), "{lengths} lengths");
            assert_eq!(Head::default().read(&bytes[..end]), whole, "the head ends where the library sees it end");
            assert_eq!(Head::default().read(&bytes[..end - 1]), None, "and not before");
        }
        Ok(Status::Partial) => assert_eq!(whole, None, "it may go on"),
        // The library refuses it whatever is found here.
        Err(_) => {}
    }
});

fn says_a_length(name: &str) -> bool {
    ["content-length", "transfer-encoding"].iter().any(|known| known.eq_ignore_ascii_case(name))
}
