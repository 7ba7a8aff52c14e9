/// What a literal with escapes stands for. In a text an escape names a character, in bytes a byte.
pub(super) fn unescape(text: &str, bytes: bool) -> Result<Vec<u8>, String> {
    let mut value = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        value.extend_from_slice(before.as_bytes());
        let mut after = escape.chars();
        after.next();
        let letter = after.next().ok_or("a backslash ends the text")?;
        rest = after.as_str();
        if let Some(plain) = plain(letter) {
            value.push(plain);
            continue;
        }
        let (length, radix) = match letter {
            'x' | 'X' => (2, 16),
            'u' if !bytes => (4, 16),
            'U' if !bytes => (8, 16),
            '0'..='3' => (3, 8),
            _ => return Err(format!("unknown escape \\{letter}")),
        };
        // An octal escape has no letter: its first digit belongs to the number.
        let digits = if radix == 8 { escape.get(1..) } else { Some(rest) };
        let digits = digits.and_then(|digits| digits.get(..length)).filter(|digits| digits.chars().all(|c| c.is_digit(radix)));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let number = number.ok_or_else(|| format!("the escape \\{letter} needs {length} digits"))?;
        if bytes {
            value.push(u8::try_from(number).map_err(|_| "the escape is not a byte")?);
        } else {
            let character = char::from_u32(number).ok_or("the escape is not a character")?;
            value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let used = if radix == 8 { length - 1 } else { length };
        rest = rest.get(used..).unwrap_or_default();
    }
    value.extend_from_slice(rest.as_bytes());
    Ok(value)
}

fn plain(letter: char) -> Option<u8> {
    Some(match letter {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        '?' => b'?',
        '"' => b'"',
        '\'' => b'\'',
        '`' => b'`',
        _ => return None,
    })
}
