use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyStream, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::TokioIo;
use postern_cases::target::{Answer, Call, CallBody, Conversation};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, spawn_local};

use super::{LocalExecutor, web_socket};

/// A client that opens a connection for each request, so that dropping the answer closes it.
pub struct Client {
    address: SocketAddr,
}

type SendBody = Pin<Box<dyn http_body::Body<Data = Bytes, Error = std::convert::Infallible>>>;

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// # Errors
    /// What became of the connection when there is no response.
    pub async fn send(&self, call: Call) -> Result<Answer, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("cannot connect: {error}"))?;
        let (mut sender, connection) = connect(stream, call.http2).await.map_err(|error| error.to_string())?;
        let informational = Arc::new(Mutex::new(Vec::new()));
        let mut request = request(call)?;
        let seen = informational.clone();
        hyper::ext::on_informational(&mut request, move |interim| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(interim.status().as_u16());
        });
        let response = sender.send(request).await.map_err(|error| format!("no response: {error}"))?;
        let (head, body) = response.into_parts();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
        let body = BodyStream::new(body).map(move |frame| {
            let _open = (&connection, &sender);
            frame.map_err(|error| error.to_string())
        });
        let informational = informational.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Answer { status: head.status.as_u16(), headers: headers.collect(), informational, body: Box::pin(body) })
    }

    /// Opens a WebSocket, sends texts, receives as many, and closes it.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn web_socket(&self, call: Call, texts: Vec<String>) -> Result<Conversation, String> {
        web_socket::talk(self.address, call, texts).await
    }

    /// Puts bytes on the wire, and reads one response.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn send_raw(&self, bytes: Bytes) -> Result<Answer, String> {
        let text = |error: io::Error| error.to_string();
        let mut stream = TcpStream::connect(self.address).await.map_err(text)?;
        stream.write_all(&bytes).await.map_err(text)?;
        let mut received = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            // A server that closes at once may reset the connection under what it has not read.
            let length = stream.read(&mut buffer).await.unwrap_or(0);
            received.extend_from_slice(buffer.get(..length).unwrap_or_default());
            match parse(&received) {
                Some((answer, true)) => return Ok(answer),
                Some((answer, false)) if length == 0 => return Ok(answer),
                None if length == 0 => return Err("the connection was closed without a response".into()),
                _ => {}
            }
        }
    }
}

enum Sender {
    Http1(http1::SendRequest<SendBody>),
    Http2(http2::SendRequest<SendBody>),
}

impl Sender {
    async fn send(&mut self, request: http::Request<SendBody>) -> hyper::Result<http::Response<Incoming>> {
        match self {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        }
    }
}

async fn connect(stream: TcpStream, http2: bool) -> hyper::Result<(Sender, Closing)> {
    // How a connection ended shows in the response.
    if http2 {
        let (sender, connection) = http2::handshake(LocalExecutor, TokioIo::new(stream)).await?;
        return Ok((Sender::Http2(sender), Closing(spawn_local(async { drop(connection.await) }).abort_handle())));
    }
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    Ok((Sender::Http1(sender), Closing(spawn_local(async { drop(connection.await) }).abort_handle())))
}

/// Closes the connection when it is dropped.
struct Closing(AbortHandle);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn request(call: Call) -> Result<http::Request<SendBody>, String> {
    let body: SendBody = match call.body {
        CallBody::None => Box::pin(Empty::new()),
        CallBody::Whole(bytes) => Box::pin(Full::new(bytes)),
        CallBody::Chunks(frames) => Box::pin(StreamBody::new(frames)),
    };
    let mut request = http::Request::builder().method(call.method.as_str());
    request = if call.http2 {
        request.uri(format!("http://{}{}", call.host, call.target)).version(http::Version::HTTP_2)
    } else {
        request.uri(call.target).header(http::header::HOST, call.host)
    };
    for (name, value) in call.headers {
        request = request.header(name, value.as_ref());
    }
    request.body(body).map_err(|error| error.to_string())
}

/// A response so far, and whether it is complete. Refusals of malformed requests have a length or end with the connection.
fn parse(received: &[u8]) -> Option<(Answer, bool)> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(received.get(..end)?).into_owned();
    let body = Bytes::copy_from_slice(received.get(end + 4..)?);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, Bytes)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), Bytes::copy_from_slice(value.trim().as_bytes())))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
    let complete = length.is_some_and(|length: usize| body.len() >= length);
    let frame = futures::stream::once(async { Ok(http_body::Frame::data(body)) });
    Some((Answer { status, headers, informational: Vec::new(), body: Box::pin(frame) }, complete))
}
