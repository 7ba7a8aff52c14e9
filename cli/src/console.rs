//! What goes to the terminal. Standard output has results and nothing else; what is said about them goes to standard error.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use serde_json::Value;

/// Says something about what was done, or what to do next.
pub fn note(text: &str) {
    eprintln!("{text}");
}

pub fn warning(text: &str) {
    eprintln!("{} {text}", styled("warning:", "33"));
}

/// The error and all its reasons on one line.
pub fn error(error: &anyhow::Error) {
    eprintln!("{} {error:#}", styled("error:", "31"));
}

/// A command that was run, or is to be run.
pub fn command(text: &str) {
    eprintln!("{} {text}", styled("$", "2"));
}

/// Writes a result. A reader that has gone away, as `head` does, is no error.
///
/// # Errors
/// When standard output cannot be written.
pub fn result(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}

/// Writes a result as one JSON document.
///
/// # Errors
/// As [`result`].
pub fn json(value: &Value) -> anyhow::Result<()> {
    result(&format!("{value:#}\n"))
}

/// Whether standard error shows colours: on a terminal, unless `NO_COLOR` is set.
pub fn has_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn styled(text: &str, code: &str) -> String {
    if has_colours() { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
