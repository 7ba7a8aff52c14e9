//! What the shim tells a task: the head of a request, and the answers to commands.

use std::net::IpAddr;

use bytes::Bytes;
use http::{Method, Request, Uri, Version};
use postern_core::platform::{Attempts, BodyError, HttpError, Timestamp};

use crate::headers;

/// The answer to a command.
#[derive(Debug)]
pub struct Answer {
    /// 0 for success; what the others mean depends on the command.
    pub code: u32,
    pub bytes: Bytes,
}

/// What comes next of a body.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Data(Bytes),
    Late,
    End,
}

/// The head of a client's request, from lines: method, URL, client address, protocol, whether there is a body, headers.
pub struct Head {
    pub request: Request<()>,
    pub client: Option<IpAddr>,
    pub has_body: bool,
}

impl Head {
    /// `None` when a part is not what HTTP allows.
    pub fn read(message: &[u8]) -> Option<Self> {
        let mut lines = lines(message);
        let mut request = Request::new(());
        *request.method_mut() = Method::from_bytes(lines.next()?).ok()?;
        *request.uri_mut() = Uri::try_from(lines.next()?).ok()?;
        let client = std::str::from_utf8(lines.next()?).ok()?.parse().ok();
        *request.version_mut() = match lines.next()? {
            b"HTTP/2" => Version::HTTP_2,
            b"HTTP/3" => Version::HTTP_3,
            _ => Version::HTTP_11,
        };
        let has_body = lines.next()? == b"1";
        *request.headers_mut() = headers::read(lines)?;
        Some(Self { request, client, has_body })
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Words: the time in ms, then number and count of each span.
    pub fn attempts(&self) -> Option<Attempts> {
        let mut numbers = std::str::from_utf8(&self.bytes).ok()?.split(' ').map(|word| word.parse().ok());
        let at = Timestamp(numbers.next()??);
        let mut spans = Vec::new();
        while let Some(number) = numbers.next() {
            spans.push((number?, numbers.next()??));
        }
        Some(Attempts { at, spans })
    }

    /// 1: more than `limit` bytes. Any other failure: the sender broke off.
    pub fn body(self, limit: usize) -> Result<Bytes, BodyError> {
        match self.code {
            0 => Ok(self.bytes),
            1 => Err(BodyError::TooLarge { limit }),
            _ => Err(BodyError::Broken(self.text())),
        }
    }

    /// 3: none in time, 4: the end. Any other failure: the sender broke off.
    pub fn piece(self) -> Result<Piece, BodyError> {
        match self.code {
            0 => Ok(Piece::Data(self.bytes)),
            3 => Ok(Piece::Late),
            4 => Ok(Piece::End),
            _ => Err(BodyError::Broken(self.text())),
        }
    }

    /// The code is the status, 599 at most; below 100 it is a failure: 1 no connection or one that broke, 2 broken, 3 no answer in time,
    /// 4 the client's body, 5 no such container, 6 more bytes than the `whole` of the command's options.
    pub fn response(self, whole: Option<usize>) -> Result<http::Response<()>, HttpError> {
        match self.code {
            1 => return Err(HttpError::Lost(self.text())),
            3 => return Err(HttpError::Timeout),
            4 => return Err(HttpError::RequestBody(self.text())),
            5 => return Err(HttpError::NoContainer(self.text())),
            6 => return Err(HttpError::TooLarge { limit: whole.unwrap_or_default() }),
            0..100 => return Err(HttpError::Broken(self.text())),
            _ => {}
        }
        // The runtime makes no response of a status that HTTP does not have (RFC 9110 §15).
        let code = u16::try_from(self.code).ok().filter(|code| *code < 600);
        let status = code.and_then(|code| http::StatusCode::from_u16(code).ok());
        let mut response = http::Response::new(());
        *response.status_mut() = status.ok_or_else(|| HttpError::Broken(format!("status {}", self.code)))?;
        *response.headers_mut() =
            headers::read(lines(&self.bytes)).ok_or_else(|| HttpError::Broken("the response has malformed headers".into()))?;
        Ok(response)
    }
}

/// The end of the message ends the last line; an empty message has none.
fn lines(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    message.strip_suffix(b"\n").into_iter().flat_map(|text| text.split(|byte| *byte == b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_head() {
        let head = Head::read(b"POST\nhttp://a.example/x%2Fy?q=1\n203.0.113.7\nHTTP/2\n1\naccept\n*/*\nx-empty\n\n").expect("a head");
        assert_eq!(head.request.uri(), "http://a.example/x%2Fy?q=1");
        assert_eq!(head.request.version(), Version::HTTP_2);
        assert_eq!(head.client, Some(IpAddr::from([203, 0, 113, 7])));
        assert!(head.has_body);
        assert_eq!(head.request.headers().len(), 2);
    }

    #[test]
    fn refuses_a_malformed_head() {
        for message in ["", "GET\n", "G T\nhttp://a/\n\n\n0\n", "GET\nhttp://a b/\n\n\n0\n", "GET\nhttp://a/\n\n\n0\nname\n"] {
            assert!(Head::read(message.as_bytes()).is_none(), "{message:?}");
        }
    }

    #[test]
    fn reads_attempts() {
        let read = |text: &'static str| Answer { code: 0, bytes: Bytes::from_static(text.as_bytes()) }.attempts();
        assert_eq!(read("5 1 2 4 1"), Some(Attempts { at: Timestamp(5), spans: vec![(1, 2), (4, 1)] }));
        for malformed in ["", "x", "5 1", "5 1 2 4", "5 1 -2", "5  1 2"] {
            assert_eq!(read(malformed), None, "{malformed:?}");
        }
    }

    #[test]
    fn reads_a_piece() {
        let piece = |code, text: &'static str| Answer { code, bytes: Bytes::from_static(text.as_bytes()) }.piece();
        assert_eq!(piece(0, "a"), Ok(Piece::Data(Bytes::from_static(b"a"))));
        assert_eq!(piece(3, ""), Ok(Piece::Late));
        assert_eq!(piece(4, ""), Ok(Piece::End));
        assert_eq!(piece(2, "gone"), Err(BodyError::Broken("gone".into())));
    }

    #[test]
    fn reads_a_response() {
        let answer = |code, text: &'static str| {
            Answer { code, bytes: Bytes::from_static(text.as_bytes()) }.response(Some(9)).map(|r| r.status().as_u16())
        };
        assert_eq!(answer(204, ""), Ok(204));
        assert_eq!(answer(200, "content-type\ntext/plain\n"), Ok(200));
        assert_eq!(answer(3, ""), Err(HttpError::Timeout));
        assert_eq!(answer(5, "none"), Err(HttpError::NoContainer("none".into())));
        assert_eq!(answer(6, ""), Err(HttpError::TooLarge { limit: 9 }));
        assert_eq!(answer(2, "gone"), Err(HttpError::Broken("gone".into())));
        assert_eq!(answer(599, ""), Ok(599));
        assert_eq!(answer(600, ""), Err(HttpError::Broken("status 600".into())));
        assert_eq!(answer(70_000, ""), Err(HttpError::Broken("status 70000".into())));
    }
}
