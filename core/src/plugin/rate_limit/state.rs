use http::Response;

use super::headers;
use crate::limit::{Admission, Limit};
use crate::platform::Body;

/// What a limit says of a request that it counted.
#[derive(Debug, Clone)]
pub struct State {
    /// The plugin's.
    pub name: String,
    pub limit: Limit,
    pub admission: Admission,
}

/// All limits that counted a request, on its response.
#[derive(Debug, Clone, Default)]
struct Counted(Vec<State>);

impl State {
    /// Tells the caller, together with the limits that have told already. What an upstream says under the same names is about the
    /// gateway's own account there, which callers share, so it goes.
    pub fn add_to(self, response: &mut Response<Body>) {
        let mut counted = response.extensions_mut().remove::<Counted>().unwrap_or_default();
        counted.0.push(self);
        for (name, value) in headers::all(&counted.0) {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(counted);
    }
}
