use std::io;

use postern_cases::format::{Raw, RawPart};
use postern_cases::upstream::Upstreams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Reads a request's head, puts the script's bytes on the wire, and closes the connection.
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
    if let Ok(request) = request.body(()) {
        upstreams.recorder.begin(name, &request.into_parts().0).finish();
    }
    match upstreams.next_reply(name).raw {
        Some(Raw::Whole(text)) => stream.write_all(text.as_bytes()).await?,
        Some(Raw::Parts(parts)) => {
            for part in parts {
                match part {
                    RawPart::Text(text) => stream.write_all(text.as_bytes()).await?,
                    RawPart::Wait(gate) => upstreams.gates.wait(&gate).await,
                }
            }
        }
        None => {}
    }
    stream.shutdown().await
}
