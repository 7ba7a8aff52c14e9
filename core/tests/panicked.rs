//! A binary of its own, as a process has but one panic hook.

use std::sync::Mutex;

use postern_core::telemetry::panicked;

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn only_the_programs_own_words_are_said() {
    std::panic::set_hook(Box::new(|panic| SAID.lock().unwrap().push(panicked(panic))));
    let secret = String::from("canary-\u{e4}-key");
    let panics: [Box<dyn Fn() + std::panic::UnwindSafe>; 3] = [
        Box::new(|| panic!("of the program")),
        Box::new({
            let secret = secret.clone();
            move || panic!("not {secret}")
        }),
        // It cuts a character, and the standard library's words quote the text.
        Box::new(move || drop(secret.get(..).unwrap()[..8].to_owned())),
    ];
    for panics in panics {
        assert!(std::panic::catch_unwind(panics).is_err());
    }
    drop(std::panic::take_hook());
    let said = SAID.lock().unwrap();
    assert_eq!(said.len(), 3);
    assert!(said[0].starts_with("panicked at core/tests/panicked.rs:") && said[0].ends_with(": of the program"), "{}", said[0]);
    assert!(said.iter().all(|text| text.contains("panicked.rs:") && !text.contains("canary")), "{said:?}");
}
