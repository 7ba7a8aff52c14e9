use std::borrow::Cow;

use http::{HeaderMap, Response};

use crate::auth::holds_gateway_token;
use crate::platform::Body;
use crate::plugin::{Call, Draft};

/// The head of a message, as templates ask for it.
pub struct Head<'m> {
    headers: Cow<'m, HeaderMap>,
    /// What is in the message's first line.
    pseudo: Vec<(&'static str, String)>,
}

impl<'m> Head<'m> {
    pub fn of_request(call: &Call<'_>, draft: &'m Draft) -> Self {
        let path = match &draft.query {
            Some(query) => format!("{}?{query}", draft.path.as_str()),
            None => draft.path.as_str().to_owned(),
        };
        let pseudo = vec![
            (":path", path),
            (":method", draft.method.as_str().to_owned()),
            (":authority", call.context.request.host.to_owned()),
            (":scheme", call.context.request.scheme.to_owned()),
        ];
        Self { headers: Cow::Borrowed(&draft.headers), pseudo }
    }

    pub fn of_response(response: &'m Response<Body>) -> Self {
        let pseudo = vec![(":status", response.status().as_str().to_owned())];
        Self { headers: Cow::Borrowed(response.headers()), pseudo }
    }

    /// For as long as the response takes.
    pub fn kept(self) -> Head<'static> {
        Head { headers: Cow::Owned(self.headers.into_owned()), pseudo: self.pseudo }
    }

    /// The first value under a name, whose case does not matter. A token of the gateway is no template's business: before
    /// authentication it is still there.
    pub fn get(&self, name: &str) -> Option<String> {
        if name.starts_with(':') {
            let found = self.pseudo.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            return found.map(|(_, value)| value.clone()).filter(|value| !holds_gateway_token(value.as_bytes()));
        }
        let value = self.headers.get(name)?.as_bytes();
        if holds_gateway_token(value) { None } else { Some(String::from_utf8_lossy(value).into_owned()) }
    }
}
