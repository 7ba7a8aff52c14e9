use http::HeaderMap;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use postern_core::platform::Body;

/// Makes the framing headers say what the body is. They came from another message (RFC 9112 §6), which may have had another body;
/// hyper trusts them, so a length that is wrong would let one message run into the next.
pub(crate) fn mend(headers: &mut HeaderMap, body: &Body) {
    headers.remove(TRANSFER_ENCODING);
    if let Some(length) = body.known_length() {
        let mut said = headers.get_all(CONTENT_LENGTH).iter();
        let right = said.next().is_some_and(|value| value.to_str().is_ok_and(|text| text.parse() == Ok(length))) && said.next().is_none();
        if !right {
            headers.remove(CONTENT_LENGTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_right_length_stays() {
        for (body, lengths, kept) in [
            ("hello", &["5"][..], 1),
            ("hello", &["4"], 0),
            ("hello", &["5", "5"], 0),
            ("hello", &["x"], 0),
            ("hello", &[], 0),
            ("", &["0"], 1),
            ("", &["5"], 0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(TRANSFER_ENCODING, "chunked".parse().unwrap());
            for length in lengths {
                headers.append(CONTENT_LENGTH, length.parse().unwrap());
            }
            mend(&mut headers, &Body::from(body.to_owned()));
            assert_eq!((headers.get_all(CONTENT_LENGTH).iter().count(), headers.len()), (kept, kept), "{body} {lengths:?}");
        }
    }
}
