//! Texts that are no programs, and programs with a few things changed: compiling and running them never panics, and stays within limits.

use std::sync::Arc;

use postern_lua::{Limits, Progress, Script, Vm};

use crate::corpus::CORPUS;
use crate::generator;
use crate::random::{Random, setting};
use crate::recorder::{Recorder, library};

const WORDS: [&str; 62] = [
    "and",
    "break",
    "do",
    "else",
    "elseif",
    "end",
    "false",
    "for",
    "function",
    "if",
    "in",
    "local",
    "nil",
    "not",
    "or",
    "repeat",
    "return",
    "then",
    "true",
    "until",
    "while",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "#",
    "==",
    "~=",
    "<=",
    ">=",
    "<",
    ">",
    "=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ":",
    ",",
    ".",
    "..",
    "...",
    "x",
    "y",
    "pcall",
    "ipairs",
    "table.insert",
    "0",
    "1",
    "'s'",
    "[[l]]",
    "--[[c]]",
    "\n",
    "decode",
    "ask",
    "object",
    "'[1,null]'",
];

/// How many of each kind; more with `PROGRAMS=n`.
fn rounds() -> u64 {
    setting("PROGRAMS").unwrap_or(400)
}

fn survives(source: &str) {
    let Ok(script) = Script::compile(source) else { return };
    let limits = Limits { instructions: 20_000, memory: 300_000, suspensions: 20, slice: Some(777) };
    let mut vm = Vm::new(&script, &Arc::new(library()), &limits, [9; 16], Recorder::default());
    let mut progress = vm.start();
    loop {
        assert!(vm.heap().memory_used() <= limits.memory);
        progress = match progress {
            Progress::Suspended(_) => vm.resume(|call| call.returns_string("answer")),
            Progress::Yielded => vm.proceed(),
            Progress::Done(_) | Progress::Failed(_) => return,
        };
    }
}

#[test]
fn any_text_is_compiled_or_refused() {
    let mut random = Random::new(1);
    for _ in 0..rounds() {
        let bytes: Vec<u8> = (0..random.below(300)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        survives(&String::from_utf8_lossy(&bytes));
        let ascii: Vec<u8> = (0..random.below(300)).map(|_| u8::try_from(9 + random.below(118)).unwrap()).collect();
        survives(&String::from_utf8_lossy(&ascii));
    }
}

#[test]
fn any_words_are_compiled_or_refused() {
    let mut random = Random::new(2);
    for _ in 0..rounds() * 5 {
        let words: Vec<_> = (0..random.below(40)).map(|_| WORDS[random.index(WORDS.len())]).collect();
        survives(&words.join(" "));
    }
}

#[test]
fn changed_programs_stay_within_their_limits() {
    let mut random = Random::new(3);
    for round in 0..rounds() {
        let program = match round % 4 {
            0 => CORPUS[random.index(CORPUS.len())].1.to_owned(),
            _ => generator::program(round),
        };
        let mut tokens = tokens(&program);
        for _ in 0..=random.below(4) {
            let (at, other) = (random.index(tokens.len()), random.index(tokens.len()));
            match random.below(5) {
                0 => drop(tokens.remove(at)),
                1 => tokens.swap(at, other),
                2 => tokens.insert(at, tokens[other]),
                3 => tokens[at] = WORDS[random.index(WORDS.len())],
                _ => tokens[at] = tokens[other],
            }
        }
        survives(&tokens.join(" "));
        let cut = random.index(program.len());
        survives(program.get(..cut).unwrap_or_default());
    }
}

/// Pieces of a program: words and single characters.
fn tokens(program: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = program;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()).max(first.len_utf8());
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind;
    }
    tokens
}
