use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::transformation::{Target, header_value};
use crate::template::RenderError;

/// A body to put in the place of the old one.
pub type NewBody = Option<String>;

/// What a transformation makes of a message.
#[derive(Debug, Default)]
pub struct Changes {
    /// `None` removes the header.
    pub headers: Vec<(HeaderName, Option<HeaderValue>)>,
    pub remove: Vec<HeaderName>,
    pub append: Vec<(HeaderName, HeaderValue)>,
    /// With the query.
    pub path: Option<String>,
    pub method: Option<Method>,
    pub status: Option<StatusCode>,
    /// An empty value removes the parameter.
    pub parameters: Vec<(String, String)>,
    pub body: NewBody,
}

/// Why a message cannot be transformed, and what of it. No value is in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    place: String,
    error: RenderError,
}

impl Failure {
    pub fn at(place: &str, error: RenderError) -> Self {
        Self { place: place.to_owned(), error }
    }

    /// For the caller, who need not know what the message becomes.
    pub fn reason(&self) -> &str {
        &self.error.0
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.error)
    }
}

impl Changes {
    /// Takes what was rendered for an entry of `headers`.
    ///
    /// # Errors
    /// A value that cannot be where it belongs.
    pub fn set(&mut self, target: &Target, text: String) -> Result<(), Failure> {
        let refused = |what: &str| Failure::at(target.as_str(), RenderError(what.to_owned()));
        match target {
            Target::Header(name) => {
                let value = if text.is_empty() { None } else { Some(header_value(name, &text)?) };
                self.headers.push((name.clone(), value));
            }
            // What the first line has cannot be removed.
            _ if text.is_empty() => {}
            Target::Path => self.path = Some(text),
            Target::Method => self.method = Some(method(&text).ok_or_else(|| refused("this is no method that can be set"))?),
            Target::Status => self.status = Some(status(&text).ok_or_else(|| refused("a status is 200 to 599"))?),
        }
        Ok(())
    }

    /// Sets, removes, then appends. `remove_all` removes every line that is taken for a header's.
    pub fn apply_headers(&self, headers: &mut HeaderMap, remove_all: impl Fn(&mut HeaderMap, &HeaderName)) {
        for (name, value) in &self.headers {
            remove_all(headers, name);
            if let Some(value) = value {
                headers.insert(name.clone(), value.clone());
            }
        }
        for name in &self.remove {
            remove_all(headers, name);
        }
        for (name, value) in &self.append {
            headers.append(name.clone(), value.clone());
        }
    }
}

fn method(text: &str) -> Option<Method> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    known.into_iter().find(|method| method.as_str() == text)
}

fn status(text: &str) -> Option<StatusCode> {
    let code = text.parse::<u16>().ok().filter(|code| (200..=599).contains(code))?;
    StatusCode::from_u16(code).ok()
}
