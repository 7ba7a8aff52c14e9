//! A small virtual machine for Lua 5.1 scripts that nobody need trust with more than their own run.
//!
//! - **Bounded.** Each instruction is charged before it runs and each byte before it is allocated; long operations cost in proportion to
//!   their bytes. A script that uses up its [`Limits`] ends, and its `pcall` does not see that. Calls may nest 200 deep.
//! - **Resumable.** A host function may suspend the run with a request of the embedder's, and be answered later. Calls within the script
//!   are data, not calls of Rust, so this works anywhere: within `pcall`, within iterators, within methods. A run can also yield after a
//!   number of instructions.
//! - **One arena a run.** Values are indexes into a [`Heap`] that only grows, up to its limit, and is dropped with the run. There is no
//!   collector, no reference cycle that outlives a run, and no unsafe code.
//! - **Deterministic.** No clock, no randomness of its own: the embedder gives a seed. Tables are traversed in the order of insertion.
//!
//! # Embedding
//!
//! Three things are made in advance: the [`Script`], compiled once and shared by all runs; the [`Library`] of functions that scripts may
//! call; and a type that implements [`Host`], the state that these functions work on. A [`Vm`] is one run of a script.
//!
//! ```
//! use std::sync::Arc;
//! use postern_lua::{Call, Host, Library, Limits, Outcome, Progress, Raise, Script, Vm};
//!
//! /// What a run works on.
//! struct Request {
//!     path: String,
//!     log: Vec<String>,
//! }
//!
//! impl Host for Request {
//!     /// What it can ask for while it is suspended: the URL to fetch.
//!     type Request = String;
//!
//!     fn print(&mut self, line: &[u8]) {
//!         self.log.push(String::from_utf8_lossy(line).into_owned());
//!     }
//! }
//!
//! fn set_path(call: &mut Call<'_, Request>) -> Result<Outcome<String>, Raise> {
//!     let Some(path) = call.bytes(0) else { return Err(Raise::message("a path is a string")) };
//!     call.host.path = String::from_utf8_lossy(path).into_owned();
//!     call.returns(&[])
//! }
//!
//! fn fetch(call: &mut Call<'_, Request>) -> Result<Outcome<String>, Raise> {
//!     let url = String::from_utf8_lossy(call.bytes(0).unwrap_or_default()).into_owned();
//!     Ok(Outcome::Suspend(url))
//! }
//!
//! let mut library = Library::new();
//! library.module("request", &[("setPath", set_path as _)]);
//! library.function("fetch", fetch);
//! let library = Arc::new(library);
//!
//! let script = Script::compile(
//!     r#"
//!     function onRequest(user)
//!         local answer = fetch("http://where.test/" .. user)
//!         print("answer", answer)
//!         request.setPath("/" .. answer)
//!     end
//!     "#,
//! )?;
//!
//! let host = Request { path: "/".into(), log: Vec::new() };
//! let mut vm = Vm::new(&script, &library, &Limits::default(), [0; 16], host);
//! assert!(matches!(vm.start(), Progress::Done(_)));
//! let user = vm.heap_mut().string("ada").unwrap();
//! let Progress::Suspended(url) = vm.call("onRequest", &[user]) else { panic!() };
//! assert_eq!(url, "http://where.test/ada");
//! // Later, when the answer is there:
//! let progress = vm.resume(|call| call.returns_string("eu-1"));
//! assert!(matches!(progress, Progress::Done(_)));
//! assert_eq!(vm.host().path, "/eu-1");
//! assert_eq!(vm.host().log, ["answer\teu-1"]);
//! # Ok::<(), postern_lua::CompileError>(())
//! ```
//!
//! ## The life of a run
//!
//! [`Vm::start`] sets up the globals and runs the script itself, which defines functions. [`Vm::call`] then calls one by its name;
//! [`Vm::global`] tells whether it is there. Each gives a [`Progress`]: `Done` with results, `Suspended` with what a host function asked
//! for (answer with [`Vm::resume`]), `Yielded` when a slice is over (go on with [`Vm::proceed`]), or `Failed`. A run may be called again
//! after an error; what it has used up stays used up. [`Vm::set_instructions`] gives a later phase its own budget.
//!
//! ## Host functions
//!
//! A host function gets a [`Call`]: the host, the heap, and its arguments. It ends in one of four ways:
//! - `call.returns(&[a, b])`: results;
//! - `Err(Raise::message("…"))`: a Lua error, with the position in the script put in front; [`Raise::Value`] for any other error value;
//! - `Err(Raise::Fatal("…"))`: ends the run, and cannot be caught;
//! - `Ok(Outcome::Suspend(request))`: the answer comes later, in [`Vm::resume`], whose closure ends in one of these ways as well.
//!
//! What allocates in the heap may fail with [`Raise::Exhausted`]; pass it on with `?`. A call costs ten instructions; charge for what
//! a function does beyond that with [`Heap::charge_work`], and for memory that the host keeps with [`Heap::charge_memory`].
//!
//! Objects with methods: [`Library::class`] makes a class, [`Heap::object`] an object of it with a handle, such as an index into a
//! `Vec` of the host. A method finds it as its first argument: [`Call::handle`].
//!
//! ## Tables and JSON
//!
//! [`Heap::build`] makes tables from a document's parts, [`Heap::walk`] gives the parts back, both without recursion and with limits. What a
//! script leaves alone comes out as it went in:
//! - **Numbers**: where the text is not the one that [`to_json`] would write (`1.10`, `1e2`, `12345678901234567890`), the value remembers
//!   it. To the script it is an ordinary number; what it computes from it is a plain one.
//! - **Arrays and objects**: a table knows what it was decoded from ([`TableKind`]), so an empty array stays one.
//! - **Nulls**: a null reads as nil, and is still there until the script assigns to its place. In an array it keeps its position: `#`
//!   counts it and `ipairs` passes it as nil, so no element behind it is missed. `pairs` passes over it. Assigning nil to the last element
//!   shortens an array; assigning nil to one in the middle leaves a null there. In an object it takes the member away.
//!
//! A table that the script made is an array if it has an element 1, and else an object, also when it is empty. One with both elements and
//! other keys has no JSON form: [`WalkError::MixedKeys`].
//!
//! ## Counting from 0
//!
//! Scripts written against other gateways' samples index decoded arrays from 0. A script that indexes anything with the literal 0
//! (`x[0]`) is compiled so that all its index expressions (`x[e]`, read or written) into tables decoded from JSON arrays count from 0.
//! Everything else is as in Lua: `#` is the number of elements, `ipairs` yields 1 to `#`, `table.insert` and `table.remove` take positions
//! from 1, and tables made by the script count as the script counts. [`Script::is_zero_based`] tells.
//!
//! ## What is charged
//!
//! Memory is counted when it is allocated and given back only when a table or the stack moves to a larger place; both places count
//! meanwhile, so that the limit holds at every moment. Strings that nobody uses any more stay until the end of the run. The machine's own
//! fixed state, and Rust's own error texts, are not counted. Sixteen bytes that are copied or compared cost an instruction, as do four
//! values.

mod compile;
mod heap;
mod host;
mod library;
mod number;
mod op;
mod raise;
mod script;
mod value;
mod vm;

pub use heap::{Event, Heap, TreeBuilder, Walk, WalkError};
pub use host::{Call, ClassId, Host, Library, NativeFunction, Outcome};
pub use number::to_json;
pub use raise::{Failure, FailureKind, Limits, Raise, Resource};
pub use script::{CompileError, Literal, Script};
pub use value::{ExactId, Function, ObjectId, StringId, TableId, TableKind, Value};
pub use vm::{Progress, Vm};
