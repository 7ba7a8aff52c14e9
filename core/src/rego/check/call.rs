use regorus::unstable::{Expr, Ref, Span};

use super::{Checked, Checker};
use crate::expression::did_you_mean;
use crate::rego::error::ModuleError;
use crate::rego::functions::{self, Pattern};
use crate::rego::path::{Path, literal};

impl<'m> Checker<'_, 'm> {
    pub(super) fn call(&self, span: &Span, function: &'m Ref<Expr>, arguments: &[Ref<Expr>]) -> Checked {
        let Some(path) = Path::of(function) else { return Err(ModuleError::at(span, "what is called here is not a function's name")) };
        let name = path.dotted();
        let own = name.strip_prefix("data.").and_then(|name| name.strip_prefix(&format!("{}.", self.outline.package.join("."))));
        if self.outline.functions.contains(own.unwrap_or(&name)) || name == "print" {
            return Ok(());
        }
        let Some(known) = functions::find(&name) else { return Err(unknown(path.root, &name)) };
        if arguments.len() != usize::from(known.arity) {
            let message = format!("`{name}` takes {}, not {}", counted(usize::from(known.arity)), arguments.len());
            return Err(ModuleError::at(path.root, message));
        }
        // A literal pattern must compile. It is the first argument.
        if name.starts_with("regex.")
            && name != "regex.is_valid"
            && let Some(pattern) = arguments.first().and_then(|pattern| literal(pattern))
        {
            let compiled = Pattern::compile(pattern);
            compiled.map_err(|error| ModuleError::at(path.root, format!("the pattern cannot be used: {error}")))?;
        }
        Ok(())
    }
}

fn counted(arguments: usize) -> String {
    if arguments == 1 { "one argument".to_owned() } else { format!("{arguments} arguments") }
}

fn unknown(at: &Span, name: &str) -> ModuleError {
    let error = ModuleError::at(at, format!("the built-in function `{name}` is not supported"));
    let reasons = WHY.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, why)| (*why).to_owned());
    match reasons.or_else(|| did_you_mean(name, functions::names())) {
        Some(help) => error.with_help(help),
        None => error.with_help("docs/rego.md lists those that are"),
    }
}

/// Of functions that people look for.
const WHY: [(&str, &str); 8] = [
    ("http.send", "a policy cannot call anybody: it decides on the request alone"),
    ("rand.", "the same request has to be decided in the same way each time"),
    ("uuid.", "the same request has to be decided in the same way each time"),
    ("opa.runtime", "a policy sees the request and nothing of the machine"),
    ("io.jwt.", "the gateway checks tokens itself: read `input.ctx.session` and `input.ctx.user`"),
    ("yaml.", "bodies are JSON: use `json.unmarshal`"),
    ("walk", "write the path that you look for"),
    ("trace", "the access log tells which rule decided"),
];
