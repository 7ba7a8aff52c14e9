use std::panic::PanicHookInfo;

/// What a log may hold of a panic: its place, and its words where they stand in the program like that. Any others may show what was
/// worked on, as those about a cut text do. For a host's panic hook.
pub fn panicked(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    match panic.payload().downcast_ref::<&'static str>() {
        Some(words) => format!("panicked at {place}: {words}"),
        None => format!("panicked at {place}"),
    }
}
