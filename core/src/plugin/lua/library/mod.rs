//! The functions that scripts have beside the language.

mod arguments;
mod base64;
pub(super) mod http;
mod json;
mod regexp;
mod req;
mod strings;

use postern_lua::{Call, ClassId, Library, Outcome, Raise};

use super::host::{Ask, ScriptHost};

/// A call of one of them, and what comes of it.
pub(super) type ScriptCall<'c> = Call<'c, ScriptHost>;
pub(super) type Result = std::result::Result<Outcome<Ask>, Raise>;

/// The classes of objects that scripts hold.
const CLIENT: ClassId = ClassId(1);
const REQUEST: ClassId = ClassId(2);
const RESPONSE: ClassId = ClassId(3);
const PATTERN: ClassId = ClassId(4);

/// All modules.
pub(super) fn library() -> Library<ScriptHost> {
    let mut library = Library::new();
    base64::add(&mut library);
    http::add(&mut library);
    json::add(&mut library);
    regexp::add(&mut library);
    req::add(&mut library);
    strings::add(&mut library);
    library
}
