//! Errors: their position, and the way out.

use super::frame::{Flow, Frame, FrameKind, LuaFrame};
use super::machine::Machine;
use crate::{Failure, FailureKind, Raise, Value};

impl Machine {
    /// Hands an error to the innermost `pcall`, or gives why the run ends.
    pub(crate) fn catch(&mut self, raise: Raise) -> Result<Flow, Failure> {
        let Some(protected) = self.protected() else { return Err(self.failure(raise)) };
        let value = match raise {
            Raise::Value(value) => value,
            Raise::Message(text) => {
                let text = self.with_position(&text);
                match self.heap.string(text) {
                    Ok(value) => value,
                    Err(raise) => return Err(self.failure(raise)),
                }
            }
            Raise::Fatal(_) | Raise::Exhausted(_) => return Err(self.failure(raise)),
        };
        let Some(Frame { results_at, wanted, .. }) = self.frames.get(protected).copied() else {
            return Err(self.failure(Raise::Value(value)));
        };
        self.close(results_at);
        self.frames.truncate(protected);
        // There is room for two: the function that was called, and at least the register behind it.
        if let Err(raise) = self.ensure_stack(results_at + 2) {
            return Err(self.failure(raise));
        }
        self.put(results_at, Value::Boolean(false));
        self.put(results_at + 1, value.read());
        Ok(self.finish(results_at, 2, wanted))
    }

    /// Why the run ends, told before its frames are gone.
    pub(crate) fn failure(&self, raise: Raise) -> Failure {
        let line = self.innermost().and_then(|(lua, _)| self.line_of(&lua));
        let (kind, message) = match raise {
            Raise::Message(text) => (FailureKind::Error, self.with_position(&text)),
            Raise::Value(value) => (FailureKind::Error, self.error_text(value)),
            Raise::Fatal(text) => (FailureKind::Fatal, with_line(&text, line)),
            Raise::Exhausted(resource) => (FailureKind::Exhausted(resource), with_line(resource.message(), line)),
        };
        Failure { kind, message, line }
    }

    /// A message with the place in the script where it arose, if the script's own code was running there.
    pub(crate) fn with_position(&self, text: &str) -> String {
        match self.frames.last() {
            Some(Frame { kind: FrameKind::Lua(lua), .. }) => with_line(text, self.line_of(lua)),
            _ => text.to_owned(),
        }
    }

    /// The line that the caller at some level is at: 1 is whoever called the builtin that asks, 2 its caller.
    pub(crate) fn line_at_level(&self, mut level: u64) -> Option<u32> {
        for frame in self.frames.iter().rev() {
            level = level.checked_sub(1)?;
            match &frame.kind {
                FrameKind::Lua(lua) if level == 0 => return self.line_of(lua),
                FrameKind::Protected if level == 0 => return None,
                // Calls that were replaced by others count as levels, but have no line any more.
                FrameKind::Lua(lua) => level = level.checked_sub(u64::from(lua.tail_calls)).filter(|left| *left > 0)?,
                FrameKind::Protected => {}
            }
        }
        None
    }

    /// The innermost function of the script, and where in the frames it is.
    pub(crate) fn innermost(&self) -> Option<(LuaFrame, usize)> {
        self.frames.iter().enumerate().rev().find_map(|(at, frame)| match frame.kind {
            FrameKind::Lua(lua) => Some((lua, at)),
            FrameKind::Protected => None,
        })
    }

    /// The line of the instruction that a frame is at.
    pub(crate) fn line_of(&self, lua: &LuaFrame) -> Option<u32> {
        let prototype = self.program.functions.get(lua.function as usize)?;
        prototype.lines.get(lua.next.saturating_sub(1)).copied()
    }

    /// Notes where a function of the script is, before anything else runs.
    #[inline]
    pub(crate) fn save(&mut self, next: usize) {
        if let Some(Frame { kind: FrameKind::Lua(lua), .. }) = self.frames.last_mut() {
            lua.next = next;
        }
    }

    fn error_text(&self, value: Value) -> String {
        match self.heap.text(value) {
            Some(text) => String::from_utf8_lossy(&text).into_owned(),
            None => format!("(error object is a {} value)", value.type_name()),
        }
    }
}

fn with_line(text: &str, line: Option<u32>) -> String {
    line.map_or_else(|| text.to_owned(), |line| format!("script:{line}: {text}"))
}
