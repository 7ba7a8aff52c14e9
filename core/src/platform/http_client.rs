use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use super::{Body, BodyError, Deadlines, LocalBoxFuture, PlatformSecret};

/// The host's way out. It follows no redirects, adds no headers of its own where it can help it, and pools connections.
pub trait HttpClient {
    /// Sends a request whose URI is absolute. Dropping the future, or later the response's body, cancels the call.
    fn send(&self, request: http::Request<Body>, options: SendOptions) -> LocalBoxFuture<'_, Result<http::Response<Body>, HttpError>>;
}

/// How one call is to be made.
#[derive(Debug, Clone, Default)]
pub struct SendOptions {
    /// Time until the response's head, or until its end where it is read whole; `None` leaves it to the host.
    pub timeout: Option<Duration>,
    /// What the response's body has to keep to; a host may have a limit of its own where there is none.
    pub deadlines: Deadlines,
    /// Read the response's body before it is returned, as bytes, at most this many. Otherwise it is a stream, to which
    /// the deadlines apply.
    pub whole: Option<usize>,
    /// The value of `Host` when it is not the URL's, for hosts with [`super::Capability::HostOverride`].
    pub host: Option<String>,
    /// Speak HTTP/2 with prior knowledge (`h2c` without TLS).
    pub http2: bool,
    /// Send the request to a container and not over the network, for hosts with [`super::Capability::Container`].
    pub container: Option<Rc<ContainerCall>>,
}

/// One of the instances of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCall {
    /// What its deployment calls it: lower-case letters and digits.
    pub id: String,
    /// From 0.
    pub instance: u32,
    /// Where it listens.
    pub port: u16,
    pub start: ContainerStart,
}

/// What an instance is started with, if it does not run.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContainerStart {
    /// The command and its arguments; empty for those of the image.
    pub entrypoint: Vec<String>,
    /// Variables by name.
    pub env: Vec<(String, PlatformSecret)>,
    /// A path that must answer before the instance gets requests; without one it must listen.
    pub ready_path: Option<String>,
}

/// Variables hold secrets.
impl fmt::Debug for ContainerStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ContainerStart").field("entrypoint", &self.entrypoint).field("env", &names).finish_non_exhaustive()
    }
}

/// Why there is no response. The texts are for the log, never for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// No connection: name, TCP or TLS.
    Connect(String),
    /// No answer, from a host that does not tell a connection that failed from one that broke.
    Lost(String),
    /// The host's rules forbid this destination (Spin's `allowed_outbound_hosts`).
    Forbidden(String),
    /// The connection broke, or the answer was not HTTP.
    Broken(String),
    /// The answer did not begin in time.
    Timeout,
    /// The client's own body broke while it was sent on.
    RequestBody(String),
    /// The response has more bytes than [`SendOptions::whole`] allows.
    TooLarge { limit: usize },
    /// The deployment does not have the container that is called.
    NoContainer(String),
}

impl SendOptions {
    /// Until when there must be a head: what has to be over by then has to begin by then. `own` is the host's, where none is asked for.
    pub fn head_timeout(&self, own: Option<Duration>) -> Option<Duration> {
        self.timeout.or(own).into_iter().chain(self.deadlines.total).min()
    }

    /// What they say of the response's body. A host calls it within the time limit.
    ///
    /// # Errors
    /// [`HttpError::TooLarge`], and [`HttpError::Broken`] for a body that broke off.
    pub async fn read(&self, response: http::Response<Body>) -> Result<http::Response<Body>, HttpError> {
        let Some(limit) = self.whole else { return Ok(response) };
        let (head, body) = response.into_parts();
        match body.buffer(limit).await {
            Ok((bytes, _)) => Ok(http::Response::from_parts(head, Body::from(bytes))),
            Err(BodyError::TooLarge { limit }) => Err(HttpError::TooLarge { limit }),
            Err(BodyError::Broken(why)) => Err(HttpError::Broken(why)),
            Err(BodyError::Timeout(_)) => Err(HttpError::Timeout),
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpError::Connect(why) => write!(f, "cannot connect: {why}"),
            HttpError::Lost(why) => write!(f, "no connection, or one that broke: {why}"),
            HttpError::Forbidden(why) => write!(f, "the host's rules forbid this destination: {why}"),
            HttpError::Broken(why) => write!(f, "the connection broke: {why}"),
            HttpError::Timeout => f.write_str("no answer in time"),
            HttpError::TooLarge { limit } => write!(f, "the response has more than {limit} bytes"),
            HttpError::RequestBody(why) => write!(f, "the request's body broke off: {why}"),
            HttpError::NoContainer(why) => write!(f, "the deployment does not have the container: {why}"),
        }
    }
}

impl std::error::Error for HttpError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn a_head_comes_before_the_end_of_its_body() {
        let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
        for (timeout, own, total, limit) in [
            (None, None, None, None),
            (None, Some(600), None, Some(600)),
            (Some(30), Some(600), None, Some(30)),
            (Some(3000), Some(600), None, Some(3000)),
            (None, Some(600), Some(9000), Some(600)),
            (Some(30), None, Some(9000), Some(30)),
            (Some(30), Some(600), Some(5), Some(5)),
            (None, None, Some(5), Some(5)),
        ] {
            let deadlines = Deadlines { idle: None, total: seconds(total) };
            let options = SendOptions { timeout: seconds(timeout), deadlines, ..SendOptions::default() };
            assert_eq!(options.head_timeout(seconds(own)), seconds(limit), "{timeout:?} {own:?} {total:?}");
        }
    }
}
