//! Secrets that the operator types, pipes or points at.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use postern_core::secret::SecretValue;
use zeroize::Zeroizing;

use crate::console;

/// Larger than any credential; a service account's file has 2 KiB.
const MAX_BYTES: u64 = 512 << 10;

/// Reads a secret from a file, or from standard input. One newline at its end is cut.
///
/// # Errors
/// When it cannot be read, is empty, or could never be sent in a header. No text quotes any of it.
pub fn read(file: Option<&Path>) -> Result<SecretValue> {
    match file {
        Some(path) => {
            let place = path.display();
            let file = File::open(path).with_context(|| format!("the secret cannot be read from {place}"))?;
            parse(take(file).with_context(|| format!("the secret cannot be read from {place}"))?)
        }
        None => {
            let stdin = std::io::stdin();
            if stdin.is_terminal() {
                console::note("Type or paste the secret, then Enter and Ctrl-D. To read it from a file: --from-file FILE");
            }
            parse(take(stdin.lock()).context("the secret cannot be read from standard input")?)
        }
    }
}

fn take(input: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(MAX_BYTES + 2).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(mut bytes: Zeroizing<Vec<u8>>) -> Result<SecretValue> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    if bytes.is_empty() {
        bail!("the secret is empty");
    }
    if bytes.len() as u64 > MAX_BYTES {
        bail!("the secret is larger than {MAX_BYTES} bytes");
    }
    if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        bail!("the secret has a line break or a NUL inside, which no header can carry: give one line");
    }
    Ok(SecretValue::new(bytes.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_newline_is_cut_and_no_other_is_allowed() {
        let table: [(&[u8], Option<&[u8]>); 11] = [
            (b"sk-1", Some(b"sk-1")),
            (b"sk-1\n", Some(b"sk-1")),
            (b"sk-1\r\n", Some(b"sk-1")),
            (b" sk-1 ", Some(b" sk-1 ")),
            (b"\xff\n", Some(b"\xff")),
            (b"sk-1\n\n", None),
            (b"sk-1\r", None),
            (b"a\nb", None),
            (b"a\0b", None),
            (b"\n", None),
            (b"", None),
        ];
        for (input, want) in table {
            let got = parse(Zeroizing::new(input.to_vec())).ok();
            assert_eq!(got.as_ref().map(SecretValue::expose), want, "{input:?}");
        }
        assert!(parse(Zeroizing::new(vec![b'a'; MAX_BYTES as usize + 1])).is_err());
    }

    #[test]
    fn errors_quote_nothing() {
        let error = parse(Zeroizing::new(b"hunter2\nhunter3\n".to_vec())).unwrap_err();
        assert!(!format!("{error:#}").contains("hunter"));
    }
}
