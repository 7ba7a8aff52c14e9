use std::net::SocketAddr;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use postern_cases::target::{Answer, Call, Conversation};
use postern_cases::upstream::Upstreams;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{accept_hdr_async, client_async};

/// Sends texts over a WebSocket, and receives as many.
///
/// # Errors
/// What became of the connection.
pub async fn talk(address: SocketAddr, call: Call, texts: Vec<String>) -> Result<Conversation, String> {
    let mut request = format!("ws://{}{}", call.host, call.target).into_client_request().map_err(text)?;
    for (name, value) in call.headers {
        let name = http::HeaderName::try_from(name).map_err(text)?;
        request.headers_mut().append(name, http::HeaderValue::from_bytes(&value).map_err(text)?);
    }
    let stream = TcpStream::connect(address).await.map_err(text)?;
    let mut socket = match client_async(request, stream).await {
        Ok((socket, _)) => socket,
        Err(Error::Http(response)) => return Ok(Conversation::Refused(refusal(*response))),
        Err(error) => return Err(error.to_string()),
    };
    let mut received = Vec::new();
    for sent in texts {
        socket.send(Message::text(sent)).await.map_err(text)?;
        match socket.next().await {
            Some(Ok(Message::Text(answer))) => received.push(answer.as_str().to_owned()),
            other => return Err(format!("instead of a text came {other:?}")),
        }
    }
    socket.close(None).await.map_err(text)?;
    Ok(Conversation::Opened(received))
}

/// Accepts a WebSocket, and sends every text back until the other side closes it.
///
/// # Errors
/// What became of the connection.
pub async fn echo(stream: TcpStream, name: &str, upstreams: &Upstreams) -> Result<(), Error> {
    let mut slot = None;
    // The error of the callback is a whole response, as the library has it.
    #[allow(clippy::result_large_err)]
    let record = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        slot = Some(upstreams.recorder.begin(name, &request.clone().into_parts().0));
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, record).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => socket.send(Message::Text(text)).await?,
            Message::Close(_) => break,
            _ => {}
        }
    }
    if let Some(slot) = slot {
        slot.finish();
    }
    Ok(())
}

fn refusal(response: http::Response<Option<Vec<u8>>>) -> Answer {
    let (head, body) = response.into_parts();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
    let frame = http_body::Frame::data(Bytes::from(body.unwrap_or_default()));
    let body = Box::pin(futures::stream::once(async { Ok(frame) }));
    Answer { status: head.status.as_u16(), headers: headers.collect(), informational: Vec::new(), body }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
