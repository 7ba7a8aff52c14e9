//! What the module exports to the shim, and what it imports from it.
#![allow(unsafe_code, reason = "a name in the export table, and an import, are unsafe to declare in edition 2024")]

use std::cell::RefCell;

use postern_core::platform::Timestamp;
use postern_core::telemetry::panicked;

use crate::instance::Instance;

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::new(Instance::new(fill_random));
}

#[link(wasm_import_module = "shim")]
unsafe extern "C" {
    /// Fills memory from `crypto.getRandomValues`.
    fn random(pointer: *mut u8, length: usize);
    /// Logs the text of a panic, before the trap that ends this instance.
    fn report(pointer: *const u8, length: usize);
}

/// Makes room for a message of `length` bytes and returns where the shim is to write it.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    INSTANCE.with_borrow_mut(|instance| instance.input(length))
}

/// Reads region, base URL and Snapshot from the input. To be called once, before anything else.
#[unsafe(no_mangle)]
pub extern "C" fn init(length: usize) -> *const u32 {
    std::panic::set_hook(Box::new(|panic| {
        let text = panicked(panic);
        // SAFETY: the text lives until the call returns, and the shim only reads it.
        unsafe { report(text.as_ptr(), text.len()) }
    }));
    INSTANCE.with_borrow_mut(|instance| instance.init(length))
}

/// Starts a task for the request whose head is the input.
#[unsafe(no_mangle)]
pub extern "C" fn start(length: usize, now: f64) -> *const u32 {
    INSTANCE.with_borrow_mut(|instance| instance.start(length, milliseconds(now)))
}

/// Gives a task the answer to its command: a code, and the input.
#[unsafe(no_mangle)]
pub extern "C" fn resume(task: u32, code: u32, length: usize, now: f64) -> *const u32 {
    INSTANCE.with_borrow_mut(|instance| instance.resume(task, code, length, milliseconds(now)))
}

/// Drops a task: its client went away.
#[unsafe(no_mangle)]
pub extern "C" fn cancel(task: u32, now: f64) -> *const u32 {
    INSTANCE.with_borrow_mut(|instance| instance.cancel(task, milliseconds(now)))
}

/// How many tasks this instance holds.
#[unsafe(no_mangle)]
pub extern "C" fn tasks() -> usize {
    INSTANCE.with_borrow(Instance::tasks)
}

fn fill_random(buffer: &mut [u8]) {
    // SAFETY: the shim writes `length` bytes at `pointer`, which are this buffer.
    unsafe { random(buffer.as_mut_ptr(), buffer.len()) }
}

/// `Date.now()` is a whole number far below 2^53; a cast saturates and turns NaN into 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn milliseconds(now: f64) -> Timestamp {
    Timestamp(now as u64)
}
