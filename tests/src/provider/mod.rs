//! A provider that speaks OpenAI's chat completions, streamed and not, and a little of Anthropic's and Google's APIs. It keeps what it
//! received.

mod chat;

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;
use std::rc::Rc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

use chat::ChatBody;

type Received = Rc<RefCell<Vec<Value>>>;

/// Serves until the process ends, and prints the address. Must run inside a `LocalSet`.
///
/// # Errors
/// The address cannot be opened.
pub async fn serve(address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let received = Received::default();
    loop {
        let (stream, _) = listener.accept().await?;
        let received = received.clone();
        spawn_local(async move {
            let service = service_fn(move |request| answer(request, received.clone()));
            // A client that breaks off is no concern of the provider's.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(request: Request<Incoming>, received: Received) -> Result<Response<ChatBody>, Infallible> {
    let (head, body) = request.into_parts();
    if head.method == Method::GET && head.uri.path() == "/received" {
        return Ok(json_response(StatusCode::OK, &Value::from(received.borrow().clone())));
    }
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into()));
    received.borrow_mut().push(json!({
        "method": head.method.as_str(),
        "path": head.uri.path(),
        "query": head.uri.query(),
        "headers": headers.collect::<serde_json::Map<String, Value>>(),
        "body": body,
    }));
    let path = head.uri.path();
    match (&head.method, path) {
        (&Method::GET, "/v1/models") => return Ok(json_response(StatusCode::OK, &chat::models())),
        (&Method::POST, "/v1/messages") => return Ok(json_response(StatusCode::OK, &chat::message(&body))),
        (&Method::POST, path) if path.ends_with(":generateContent") => return Ok(json_response(StatusCode::OK, &chat::content())),
        _ => {}
    }
    if head.method != Method::POST || !path.ends_with("/chat/completions") {
        let error = json!({"error": {"message": "no such endpoint", "type": "invalid_request_error", "param": null, "code": "not_found"}});
        return Ok(json_response(StatusCode::NOT_FOUND, &error));
    }
    Ok(chat::complete(&body))
}

fn json_response(status: StatusCode, json: &Value) -> Response<ChatBody> {
    let mut response = Response::new(ChatBody::Whole(Full::new(Bytes::from(json.to_string()))));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}
