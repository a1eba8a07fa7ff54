//! A chunked body (RFC 9112 §7.1), put together.
//!
//! Decides how much there may be of it, of what surrounds it, and of the trailers, which are of one hop and dropped.

use super::Failure;
use bytes::{Buf, BytesMut};

/// The line before a chunk, its extensions included. No sender of ours has any.
const LONGEST_LINE: usize = 1024;

/// Trailers are read that far.
const MOST_TRAILERS: usize = 16 * 1024;

/// A body on its way.
#[derive(Debug)]
pub struct Chunks {
    whole: BytesMut,
    largest: usize,
    next: Next,
    trailers: usize,
}

/// What comes next.
#[derive(Debug)]
enum Next {
    Size,
    /// So many bytes of a chunk, and the end of its line.
    Data(usize),
    EndOfData,
    Trailer,
}

impl Chunks {
    /// A body of at most `largest` bytes.
    #[must_use]
    pub fn new(largest: usize) -> Self {
        Self { whole: BytesMut::new(), largest, next: Next::Size, trailers: 0 }
    }

    /// Takes what has come. Whether that was all of it.
    ///
    /// # Errors
    /// When it is no chunked body, or too large a one.
    pub fn take(&mut self, read: &mut BytesMut) -> Result<bool, Failure> {
        loop {
            match self.next {
                Next::Size => match httparse::parse_chunk_size(read) {
                    // The same bound however it came.
                    Ok(httparse::Status::Complete((line, _))) if line > LONGEST_LINE => return Err(Failure::Reset),
                    Ok(httparse::Status::Complete((line, 0))) => {
                        read.advance(line);
                        self.next = Next::Trailer;
                    }
                    Ok(httparse::Status::Complete((line, size))) => {
                        read.advance(line);
                        let room = self.largest - self.whole.len();
                        let size = usize::try_from(size).ok().filter(|size| *size <= room).ok_or(Failure::TooLarge)?;
                        self.next = Next::Data(size);
                    }
                    Ok(httparse::Status::Partial) if read.len() < LONGEST_LINE => return Ok(false),
                    _ => return Err(Failure::Reset),
                },
                Next::Data(left) => {
                    let here = left.min(read.len());
                    self.whole.extend_from_slice(&read.split_to(here));
                    self.next = if here == left { Next::EndOfData } else { Next::Data(left - here) };
                    if here < left {
                        return Ok(false);
                    }
                }
                Next::EndOfData => match read.get(..2) {
                    Some(b"\r\n") => {
                        read.advance(2);
                        self.next = Next::Size;
                    }
                    Some(_) => return Err(Failure::Reset),
                    None => return Ok(false),
                },
                Next::Trailer => {
                    let Some(end) = read.windows(2).position(|pair| pair == b"\r\n") else {
                        return if read.len() < LONGEST_LINE { Ok(false) } else { Err(Failure::Reset) };
                    };
                    read.advance(end + 2);
                    self.trailers += end;
                    match end {
                        0 => return Ok(true),
                        _ if end + 2 > LONGEST_LINE || self.trailers > MOST_TRAILERS => return Err(Failure::Reset),
                        _ => {}
                    }
                }
            }
        }
    }

    /// All of it.
    #[must_use]
    pub fn whole(self) -> BytesMut {
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body and what follows it.
    type Taken = (Vec<u8>, Vec<u8>);

    /// The same however the bytes are cut.
    fn taken(bytes: &[u8], largest: usize) -> Result<Option<Taken>, Failure> {
        // Small pieces, and all in one.
        let mut results = (1..=bytes.len().min(64)).chain([bytes.len()]).map(|size| {
            let (mut chunks, mut read) = (Chunks::new(largest), BytesMut::new());
            let mut pieces = bytes.chunks(size);
            while let Some(piece) = pieces.next() {
                read.extend_from_slice(piece);
                if chunks.take(&mut read)? {
                    let rest: Vec<u8> = pieces.flatten().copied().collect();
                    return Ok(Some((chunks.whole().to_vec(), [&read[..], &rest].concat())));
                }
            }
            Ok(None)
        });
        let first = results.next().unwrap();
        assert!(results.all(|result| result == first), "{}", bytes.escape_ascii());
        first
    }

    #[test]
    fn chunks_come_together_and_what_follows_is_left() {
        let all = |body: &[u8], rest: &[u8]| Ok(Some((body.to_vec(), rest.to_vec())));
        assert_eq!(taken(b"2\r\n{\"\r\n3;x=y\r\na\"}\r\n0\r\n\r\nHTTP", 9), all(b"{\"a\"}", b"HTTP"));
        assert_eq!(taken(b"0\r\nDate: now\r\nX: y\r\n\r\n", 9), all(b"", b""));
        assert_eq!(taken(b"A\r\n0123456789\r\n", 10), Ok(None));
    }

    #[test]
    fn what_is_no_chunk_or_too_much_ends_it() {
        assert_eq!(taken(b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 9), Err(Failure::TooLarge));
        assert_eq!(taken(b"ffffffffffffffff\r\n", 9), Err(Failure::TooLarge));
        assert_eq!(taken(b"2\r\nabc\r\n", 9), Err(Failure::Reset));
        assert_eq!(taken(b"-2\r\nab\r\n", 9), Err(Failure::Reset));
        // A line has one bound, in one piece or in many.
        let line = |length: usize| format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(length - 4)).into_bytes();
        assert_eq!(taken(&line(LONGEST_LINE), 9), Ok(Some((b"x".to_vec(), Vec::new()))));
        assert_eq!(taken(&line(LONGEST_LINE + 1), 9), Err(Failure::Reset));
        let trailer = |length: usize| format!("0\r\n{}\r\n\r\n", "t".repeat(length - 2)).into_bytes();
        assert_eq!(taken(&trailer(LONGEST_LINE), 9), Ok(Some((Vec::new(), Vec::new()))));
        assert_eq!(taken(&trailer(LONGEST_LINE + 1), 9), Err(Failure::Reset));
        assert_eq!(
            taken(format!("0\r\n{}", "X: y\r\n".repeat(MOST_TRAILERS)).as_bytes().get(..40_000).unwrap(), 9),
            Err(Failure::Reset)
        );
    }
}
