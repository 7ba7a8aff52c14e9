use std::io;

use futures::future::{Either, select};
use postern_cases::format::{Raw, RawPart};
use postern_cases::upstream::{Slot, Upstreams};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::WriteHalf;

/// Reads a request's head, puts the script's bytes on the wire, and closes the connection. The call is open until the other side has
/// closed it too.
///
/// # Errors
/// The connection broke.
pub async fn serve(mut stream: TcpStream, name: &str, upstreams: &Upstreams) -> io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        head.extend_from_slice(buffer.get(..length).unwrap_or_default());
    }
    let text = String::from_utf8_lossy(&head);
    let mut words = text.split(' ');
    let request = http::Request::builder().method(words.next().unwrap_or_default()).uri(words.next().unwrap_or_default());
    let slot = request.body(()).ok().map(|request| upstreams.recorder.begin(name, &request.into_parts().0));
    let raw = upstreams.next_reply(name).raw;
    let (mut reading, writing) = stream.split();
    let answering = std::pin::pin!(answer(raw, writing, upstreams));
    // How the other side ends the connection says nothing, only that it does.
    let left = std::pin::pin!(async { while reading.read(&mut buffer).await.is_ok_and(|length| length > 0) {} });
    if let Either::Left((answered, left)) = select(answering, left).await {
        answered?;
        left.await;
        slot.into_iter().for_each(Slot::finish);
    }
    Ok(())
}

async fn answer(raw: Option<Raw>, mut writing: WriteHalf<'_>, upstreams: &Upstreams) -> io::Result<()> {
    match raw {
        Some(Raw::Whole(text)) => writing.write_all(text.as_bytes()).await?,
        Some(Raw::Parts(parts)) => {
            for part in parts {
                match part {
                    RawPart::Text(text) => writing.write_all(text.as_bytes()).await?,
                    RawPart::Wait(gate) => upstreams.gates.wait(&gate).await,
                }
            }
        }
        None => {}
    }
    writing.shutdown().await
}
