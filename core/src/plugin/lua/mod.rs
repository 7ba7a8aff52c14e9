//! `lua`: a script that sees and changes requests and responses. The language and its limits are the machine's
//! (`postern-lua`); what scripts can do with a request is here.

mod context;
mod hook;
mod host;
mod json;
mod library;
mod run;
mod write;

use std::sync::Arc;

use postern_lua::{Library, Limits, Script};

use super::{Action, Call, Draft, Flow};
use crate::body::BodyNeeds;
use crate::callout::Origins;
use crate::check::at_most;
use crate::error::GatewayError;
use crate::platform::LocalBoxFuture;
use crate::problem::Problems;
use crate::resource::service::LuaPlugin;
use host::ScriptHost;

/// A script, compiled.
#[derive(Debug)]
pub struct RunScript {
    script: Script,
    library: Functions,
    /// Those that stand in the script as strings.
    origins: Origins,
}

/// Bytes of a script.
const MAX_SOURCE: usize = 20_000;

/// What a script may spend on a request, its response included: some tenths of a second in Wasm at most.
const LIMITS: Limits = Limits { instructions: 5_000_000, memory: 32 << 20, suspensions: 32, slice: None };

const ON_REQUEST: &str = "onRequest";
const ON_RESPONSE: &str = "onResponse";

impl RunScript {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &LuaPlugin, problems: &mut Problems) -> Option<Self> {
        at_most(problems, "inline", source.inline.len(), MAX_SOURCE, "bytes");
        problems.at("inline", |problems| {
            let script = match Script::compile(&source.inline) {
                Ok(script) => script,
                Err(error) => {
                    problems.error(format!("the script does not compile: line {}: {}", error.line, error.message));
                    return None;
                }
            };
            if !script.defines(ON_REQUEST) && !script.defines(ON_RESPONSE) {
                let help = "write `function onRequest(ctx) … end`, `function onResponse(ctx) … end`, or both";
                problems.warning_with_help("the script has neither `onRequest` nor `onResponse`, so it does nothing", help);
            }
            if let Some(line) = script.zero_index_line() {
                let help =
                    "indexes into arrays that were decoded from JSON count from 0 in this script; `#`, `ipairs` and `table` count from 1";
                problems.warning_with_help(format!("line {line} of the script indexes with 0"), help);
            }
            let origins = literal_origins(&script);
            Some(Self { script, library: Functions(Arc::new(library::library())), origins })
        })
    }

    fn mentions(&self, name: &str) -> bool {
        self.script.mentions(name)
    }
}

/// The origins that a script may call because they stand in it as strings; none for a text that is no script.
pub fn origins_in(source: &str) -> Origins {
    Script::compile(source).map(|script| literal_origins(&script)).unwrap_or_default()
}

fn literal_origins(script: &Script) -> Origins {
    Origins::from_literals(script.literals().iter().filter_map(|literal| std::str::from_utf8(&literal.bytes).ok()))
}

impl Action for RunScript {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(run::on_request(self, call, draft))
    }

    /// `getRequestBody` reads the body when it is called; what stands in `ctx` must be there before.
    fn needs(&self) -> BodyNeeds {
        let mut needs = BodyNeeds::default();
        if self.mentions("bodyMap") {
            needs.map = Some(crate::json::Projection::whole());
        }
        needs.text = self.mentions("body") && self.mentions("request") && self.mentions("http");
        needs
    }
}

/// The functions that scripts call.
struct Functions(Arc<Library<ScriptHost>>);

impl std::fmt::Debug for Functions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Functions")
    }
}

#[cfg(test)]
mod tests;
