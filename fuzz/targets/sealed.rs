//! Sealed values: only what was sealed under a name opens under it, and gives what was sealed.

#![no_main]

use postern_core::secret::{SecretName, SecretValue, is_sealed, open, seal};
use postern_fuzz::{Sevens, ring};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let ring = ring();
    let name = SecretName::parse("a-key").expect("a name");
    let other = SecretName::parse("b-key").expect("a name");
    // A number of two bytes, what to put there, and the secret.
    let [high, low, with, value @ ..] = data else { return };
    let sealed = seal(&ring, &Sevens, &name, &SecretValue::new(value.to_vec())).expect("small enough");
    assert!(is_sealed(&sealed));
    assert_eq!(open(&ring, &name, &sealed).expect("what was sealed opens").expose(), value);
    assert!(open(&ring, &other, &sealed).is_err(), "under another name");

    let mut changed = sealed.clone().into_bytes();
    let at = usize::from(u16::from_be_bytes([*high, *low])) % changed.len();
    changed[at] = *with;
    let changed = String::from_utf8_lossy(&changed);
    assert_eq!(open(&ring, &name, &changed).is_ok(), changed == sealed, "{changed} for {sealed}");

    // With the key at hand, which comparisons show it, a fuzzer does make such values: it may, but not for two names.
    let text = String::from_utf8_lossy(data);
    assert!(open(&ring, &name, &text).is_err() || open(&ring, &other, &text).is_err(), "{text} opens under two names");
});
