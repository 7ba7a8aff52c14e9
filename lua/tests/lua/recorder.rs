//! A host that remembers what scripts print, with functions that touch every part of the interface.

use std::sync::Arc;

use postern_lua::{Call, ClassId, Event, FailureKind, Host, Library, Limits, Outcome, Progress, Raise, Script, TreeBuilder, Value, Vm};

const OBJECT: ClassId = ClassId(7);

#[derive(Default)]
pub struct Recorder {
    pub lines: Vec<String>,
    objects: u32,
}

impl Host for Recorder {
    type Request = String;

    fn print(&mut self, line: &[u8]) {
        self.lines.push(String::from_utf8_lossy(line).into_owned());
    }
}

type Done = Result<Outcome<String>, Raise>;

/// Functions for every way out of a host function.
pub fn library() -> Library<Recorder> {
    let mut library = Library::new();
    library.function("ask", |call| Ok(Outcome::Suspend(String::from_utf8_lossy(call.bytes(0).unwrap_or_default()).into_owned())));
    library.function("fatal", |_| Err(Raise::Fatal("fatal".into())));
    library.function("decode", decode);
    library.function("echo", echo);
    library.class(
        OBJECT,
        &[
            ("name", object_name as _),
            ("ask", |call| Ok(Outcome::Suspend(String::from_utf8_lossy(call.bytes(1).unwrap_or_default()).into_owned()))),
        ],
    );
    library.function("object", object);
    library.module("outer", &[]);
    library.module(
        "outer.inner",
        &[("twice", |call| {
            let number = call.heap.coerce_number(call.argument(0)).ok_or_else(|| Raise::message("a number"))?;
            call.returns(&[Value::Number(number * 2.0)])
        })],
    );
    library
}

/// What a script prints. It must end well; requests are answered by themselves.
pub fn lines(source: &str) -> Vec<String> {
    let script = Script::compile(source).unwrap_or_else(|error| panic!("{error}"));
    let mut vm = Vm::new(&script, &Arc::new(library()), &Limits::default(), [3; 16], Recorder::default());
    match vm.start() {
        Progress::Done(_) => vm.into_host().lines,
        other => panic!("{source}: {other:?}"),
    }
}

fn object(call: &mut Call<'_, Recorder>) -> Done {
    let value = call.heap.object(OBJECT, call.host.objects)?;
    call.host.objects += 1;
    call.returns(&[value])
}

fn object_name(call: &mut Call<'_, Recorder>) -> Done {
    let handle = call.handle(0, OBJECT).ok_or_else(|| Raise::message("no object"))?;
    call.returns_string(format!("object {handle}"))
}

/// A strict enough reader of JSON without white space or escapes.
fn decode(call: &mut Call<'_, Recorder>) -> Done {
    let text = String::from_utf8(call.bytes(0).unwrap_or_default().to_vec()).unwrap();
    let mut tree = call.heap.build();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        rest = decode_part(&mut tree, rest)?;
    }
    let value = tree.finish();
    call.returns(&[value])
}

fn decode_part<'t>(tree: &mut TreeBuilder<'_>, text: &'t str) -> Result<&'t str, Raise> {
    let (first, rest) = text.split_at(1);
    match first {
        "[" => tree.begin_array()?,
        "{" => tree.begin_object()?,
        "]" | "}" => tree.end()?,
        "," | ":" => {}
        "\"" => {
            let (string, rest) = rest.split_once('"').unwrap();
            if rest.starts_with(':') {
                tree.key(string)?
            } else {
                tree.string(string)?
            }
            return Ok(rest);
        }
        _ => {
            let end = text.find([',', ']', '}']).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            match word {
                "null" => tree.null()?,
                "true" | "false" => tree.boolean(word == "true")?,
                number => tree.number(number)?,
            }
            return Ok(rest);
        }
    }
    Ok(rest)
}

/// Prints a value as JSON, or why it has none.
fn echo(call: &mut Call<'_, Recorder>) -> Done {
    let line = match encode(call) {
        Ok(text) => text,
        Err(text) => text,
    };
    call.host.lines.push(line);
    call.returns(&[])
}

fn encode(call: &Call<'_, Recorder>) -> Result<String, String> {
    let mut text = String::new();
    let mut closers = Vec::new();
    for event in call.heap.walk(call.argument(0), 64) {
        let event = event.map_err(|error| format!("{error:?}"))?;
        if event != Event::End && !text.is_empty() && !text.ends_with(['[', '{', ':']) {
            text.push(',');
        }
        match event {
            Event::Null => text.push_str("null"),
            Event::Boolean(value) => text.push_str(&value.to_string()),
            Event::Number(_, Some(written)) => text.push_str(written),
            Event::Number(number, None) => text.push_str(&postern_lua::to_json(number).unwrap()),
            Event::String(bytes) => text.push_str(&format!("{:?}", String::from_utf8_lossy(bytes))),
            Event::Key(bytes) => text.push_str(&format!("{:?}:", String::from_utf8_lossy(bytes))),
            Event::BeginArray(_) => {
                text.push('[');
                closers.push(']');
            }
            Event::BeginObject => {
                text.push('{');
                closers.push('}');
            }
            Event::End => text.extend(closers.pop()),
        }
    }
    Ok(text)
}

/// What a script prints and the error that it ends with, as the `lua` program shows them; `None` when it reaches a limit.
pub fn output(source: &str) -> Option<String> {
    let script = match Script::compile(source) {
        Ok(script) => script,
        Err(error) => return Some(format!("{error}\n")),
    };
    let mut vm = Vm::new(&script, &Arc::new(Library::new()), &Limits::default(), [3; 16], Recorder::default());
    let progress = vm.start();
    let mut text = vm.host().lines.iter().fold(String::new(), |text, line| text + line + "\n");
    match progress {
        Progress::Done(_) => {}
        Progress::Failed(failure) if failure.kind == FailureKind::Error => text = text + &failure.message + "\n",
        Progress::Failed(_) => return None,
        other => panic!("{other:?}"),
    }
    Some(text)
}
