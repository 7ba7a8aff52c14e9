use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Heap, Raise, Value};

/// What a run is embedded in: the state that host functions work on, and where `print` goes.
pub trait Host {
    /// What a host function asks for when it suspends the run, such as a request to be sent.
    type Request;

    /// A line that the script prints: its arguments as `tostring` gives them, with tabs between. It need not be UTF-8.
    fn print(&mut self, line: &[u8]);
}

/// A function that the embedder gives to scripts.
pub type NativeFunction<H> = fn(&mut Call<'_, H>) -> Result<Outcome<<H as Host>::Request>, Raise>;

/// What a host function has done.
#[derive(Debug)]
pub enum Outcome<R> {
    /// It returns the values that it put into the call.
    Return,
    /// The run stops here, with [`Progress::Suspended`](crate::Progress::Suspended), and [`Vm::resume`](crate::Vm::resume) answers later.
    Suspend(R),
}

/// A call of a host function.
pub struct Call<'c, H> {
    pub host: &'c mut H,
    pub heap: &'c mut Heap,
    pub(crate) arguments: &'c [Value],
    pub(crate) results: &'c mut Vec<Value>,
}

impl<'c, H: Host> Call<'c, H> {
    /// All arguments. A method's first one is its object.
    pub fn arguments(&self) -> &'c [Value] {
        self.arguments
    }

    /// An argument, the first one being 0; nil if it is absent.
    pub fn argument(&self, index: usize) -> Value {
        self.arguments.get(index).copied().unwrap_or_default()
    }

    /// The bytes of an argument that is a string; `None` if it is none. Numbers are not converted; [`Heap::text`] does that.
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        self.heap.bytes(self.argument(index))
    }

    /// The handle of an argument that is an object of this class.
    pub fn handle(&self, index: usize, class: ClassId) -> Option<u32> {
        self.heap.object_handle(self.argument(index)).filter(|(of, _)| *of == class).map(|(_, handle)| handle)
    }

    /// Ends the function with these results.
    pub fn returns(&mut self, values: &[Value]) -> Result<Outcome<H::Request>, Raise> {
        self.results.extend_from_slice(values);
        Ok(Outcome::Return)
    }

    /// Ends the function with a string as its result.
    pub fn returns_string(&mut self, bytes: impl AsRef<[u8]>) -> Result<Outcome<H::Request>, Raise> {
        let value = self.heap.string(bytes)?;
        self.returns(&[value])
    }

    /// Ends the function with nil and a message, as Lua's functions do when they fail without an error.
    pub fn returns_problem(&mut self, message: impl AsRef<[u8]>) -> Result<Outcome<H::Request>, Raise> {
        let message = self.heap.string(message)?;
        self.returns(&[Value::Nil, message])
    }
}

/// Which methods an object has. The embedder numbers its classes itself, as constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassId(pub u16);

/// The functions that the embedder gives to scripts, by name. Made once, and shared by all runs.
///
/// ```
/// # use postern_lua::{Call, Host, Library, Outcome, Raise};
/// # struct Mine;
/// # impl Host for Mine { type Request = (); fn print(&mut self, _: &[u8]) {} }
/// fn upper(call: &mut Call<'_, Mine>) -> Result<Outcome<()>, Raise> {
///     let text = call.bytes(0).unwrap_or_default().to_ascii_uppercase();
///     call.returns_string(text)
/// }
/// let mut library = Library::<Mine>::new();
/// library.module("strings", &[("upper", upper)]);
/// ```
pub struct Library<H: Host> {
    functions: Vec<NativeFunction<H>>,
    names: Arc<Names>,
}

/// The names of a library, without its functions.
#[derive(Clone, Default)]
pub(crate) struct Names {
    /// Path of a module, such as `octelium.req`, and its functions by index.
    pub(crate) modules: Vec<(Vec<Box<str>>, Vec<(Box<str>, u32)>)>,
    pub(crate) globals: Vec<(Box<str>, u32)>,
    classes: BTreeMap<ClassId, Vec<(Box<str>, u32)>>,
}

impl<H: Host> Library<H> {
    pub fn new() -> Self {
        Self { functions: Vec::new(), names: Arc::default() }
    }

    /// A global table of functions; with dots in its name, a table within tables: `octelium.req`. Scripts may change their own copy. A
    /// name that the language has, such as `math`, is replaced.
    pub fn module(&mut self, path: &str, functions: &[(&str, NativeFunction<H>)]) {
        let functions = self.add(functions);
        let path = path.split('.').map(Into::into).collect();
        Arc::make_mut(&mut self.names).modules.push((path, functions));
    }

    /// A global function.
    pub fn function(&mut self, name: &str, function: NativeFunction<H>) {
        let functions = self.add(&[(name, function)]);
        Arc::make_mut(&mut self.names).globals.extend(functions);
    }

    /// A class of objects: what `object:method()` finds. See [`Heap::object`].
    pub fn class(&mut self, class: ClassId, methods: &[(&str, NativeFunction<H>)]) {
        let methods = self.add(methods);
        Arc::make_mut(&mut self.names).classes.insert(class, methods);
    }

    pub(crate) fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names)
    }

    pub(crate) fn function_at(&self, index: u32) -> Option<NativeFunction<H>> {
        self.functions.get(index as usize).copied()
    }

    fn add(&mut self, functions: &[(&str, NativeFunction<H>)]) -> Vec<(Box<str>, u32)> {
        let first = self.functions.len();
        self.functions.extend(functions.iter().map(|(_, function)| *function));
        functions.iter().zip(first..).map(|((name, _), index)| ((*name).into(), u32::try_from(index).unwrap_or(u32::MAX))).collect()
    }
}

impl<H: Host> Default for Library<H> {
    fn default() -> Self {
        Self::new()
    }
}

impl Names {
    pub(crate) fn method(&self, class: ClassId, name: &[u8]) -> Option<u32> {
        self.classes.get(&class)?.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, index)| *index)
    }
}
