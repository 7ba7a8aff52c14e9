//! The same programs here and in PUC Lua 5.1.

use crate::generator;
use crate::puc::Puc;
use crate::random::setting;
use crate::recorder::output;

/// How many programs are made. More with `PROGRAMS=n`, from another place with `SEED=n`.
const PROGRAMS: u64 = 300;

#[test]
fn random_programs_do_the_same() {
    let Some(puc) = Puc::find("random") else { return };
    let first = setting("SEED").unwrap_or(1);
    let mut compared = 0;
    for seed in first..first + setting("PROGRAMS").unwrap_or(PROGRAMS) {
        let program = generator::program(seed);
        // One that takes too long here is not tried there.
        let Some(ours) = output(&program).map(|text| without_addresses(&text)) else { continue };
        let theirs = without_addresses(&puc.run(&program));
        assert!(ours == theirs, "seed {seed}\n{program}\n{}", difference(&ours, &theirs));
        compared += 1;
    }
    assert!(compared * 10 >= PROGRAMS.min(compared + 1) * 9, "only {compared} programs were compared");
}

fn without_addresses(text: &str) -> String {
    let mut parts = text.split(": 0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + ": ADDRESS" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

fn difference(ours: &str, theirs: &str) -> String {
    let at = ours.lines().zip(theirs.lines()).position(|(a, b)| a != b).unwrap_or_else(|| ours.lines().count().min(theirs.lines().count()));
    format!("line {}\nours:   {:?}\ntheirs: {:?}", at + 1, ours.lines().nth(at), theirs.lines().nth(at))
}
