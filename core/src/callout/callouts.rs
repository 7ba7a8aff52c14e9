use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use http::Uri;

use super::{Origin, OriginFault, Origins};
use crate::auth::holds_gateway_token;
use crate::platform::HttpError;

/// Where one plugin may call, for one request.
#[derive(Debug, Clone)]
pub struct Callouts<'a> {
    allowed: Vec<&'a Origins>,
    /// Calls that are left to all plugins of the request together.
    left: Rc<Cell<u32>>,
}

/// Calls that all plugins of a request may make together, redirects included.
const CALLS: u32 = 16;

/// How much a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For everything: connections, redirects, and the body of the response.
    pub timeout: Duration,
    /// Bytes of the response's body.
    pub body: usize,
    pub redirects: u32,
}

impl Default for Limits {
    /// 6 seconds, 4 MiB, 5 redirects.
    fn default() -> Self {
        Self { timeout: Duration::from_secs(6), body: 4 << 20, redirects: 5 }
    }
}

/// Why a URL may not be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    Fault(OriginFault),
    /// The configuration does not name the origin.
    Unnamed(Origin),
    /// The URL holds a token of this gateway's.
    Token,
}

/// Why a call has no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalloutError {
    Refused(Refused),
    /// The plugins of this request have made as many as they may.
    TooMany,
    TooManyRedirects,
    /// A redirect without a target that could be read.
    BadRedirect,
    Http(HttpError),
}

impl<'a> Callouts<'a> {
    /// For a new request; nothing is allowed yet.
    pub fn new() -> Self {
        Self { allowed: Vec::new(), left: Rc::new(Cell::new(CALLS)) }
    }

    /// Allows these too. The count of calls stays common.
    #[must_use]
    pub fn with(&self, origins: &'a Origins) -> Self {
        Self { allowed: self.allowed.iter().copied().chain([origins]).collect(), left: self.left.clone() }
    }

    /// The origin of a URL that may be called.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn check(&self, uri: &Uri) -> Result<Origin, Refused> {
        let origin = Origin::of(uri).map_err(Refused::Fault)?;
        if !self.allowed.iter().any(|origins| origins.contains(&origin)) {
            return Err(Refused::Unnamed(origin));
        }
        if uri.path_and_query().is_some_and(|path| holds_gateway_token(path.as_str().as_bytes())) {
            return Err(Refused::Token);
        }
        Ok(origin)
    }

    /// Counts a call.
    pub(super) fn spend(&self) -> Result<(), CalloutError> {
        let left = self.left.get().checked_sub(1).ok_or(CalloutError::TooMany)?;
        self.left.set(left);
        Ok(())
    }
}

impl Default for Callouts<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Fault(fault) => fault.fmt(f),
            Refused::Unnamed(origin) if origin.is_internal() => {
                write!(f, "{origin} is an internal address that the configuration does not name")
            }
            Refused::Unnamed(origin) => write!(f, "the configuration does not allow calls to {origin}"),
            Refused::Token => f.write_str("the URL holds an access token of this gateway"),
        }
    }
}

impl fmt::Display for CalloutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalloutError::Refused(refused) => refused.fmt(f),
            CalloutError::TooMany => write!(f, "more than {CALLS} calls for one request"),
            CalloutError::TooManyRedirects => f.write_str("too many redirects"),
            CalloutError::BadRedirect => f.write_str("a redirect to nothing that could be read"),
            CalloutError::Http(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}
impl std::error::Error for CalloutError {}
