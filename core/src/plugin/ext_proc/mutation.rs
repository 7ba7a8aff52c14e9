//! What a processor changes.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};

use crate::platform::processor::{Append, HeaderMutation, ImmediateResponse, SetHeader};
use crate::platform::{Body, has_no_body};
use crate::receive::{belongs_to_the_gateway, remove_alike};

/// What was said of the message's first line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pseudo {
    /// `:path`, with the query.
    pub path: Option<String>,
    /// `:status`.
    pub status: Option<StatusCode>,
}

/// A message's header lines after a change, and their bytes.
const MAX_LINES: usize = 256;
const MAX_BYTES: usize = 64 << 10;

/// Removes, then sets. What frames the message, names the host or is the gateway's to say stays as it is: Envoy ignores such changes
/// too.
///
/// # Errors
/// A name or value that cannot stand in a message (RFC 9110 §5), and more headers than one may have.
pub fn apply(mutation: HeaderMutation, headers: &mut HeaderMap) -> Result<Pseudo, String> {
    for name in mutation.remove.iter().filter(|name| !name.starts_with(':')) {
        let name = read_name(name)?;
        if !is_fixed(&name) {
            remove_alike(headers, &name);
        }
    }
    let mut pseudo = Pseudo::default();
    for set in mutation.set {
        match set.name.as_str() {
            ":path" => pseudo.path = Some(String::from_utf8(set.value.to_vec()).map_err(|_| "`:path` is not text")?),
            ":status" => pseudo.status = Some(read_status(&set.value)?),
            other if other.starts_with(':') => {}
            _ => insert(set, headers)?,
        }
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers.len() > MAX_LINES || bytes > MAX_BYTES {
        return Err(format!("more than {MAX_LINES} headers or {MAX_BYTES} bytes of them"));
    }
    Ok(pseudo)
}

/// The answer that a processor gives in another's place: text, unless it says otherwise.
///
/// # Errors
/// As [`apply`]; and a status that none can have.
pub fn immediate(source: ImmediateResponse) -> Result<Response<Body>, String> {
    let status = match source.status {
        None | Some(0) => StatusCode::FORBIDDEN,
        // Envoy takes these for 200.
        Some(1..200) => StatusCode::OK,
        Some(status) => u16::try_from(status).ok().and_then(final_status).ok_or_else(|| format!("the status {status}"))?,
    };
    let mut response = Response::new(if has_no_body(status) { Body::Empty } else { Body::from(source.body) });
    *response.status_mut() = status;
    if !response.body().is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    apply(source.headers, response.headers_mut())?;
    Ok(response)
}

fn insert(set: SetHeader, headers: &mut HeaderMap) -> Result<(), String> {
    let name = read_name(&set.name)?;
    // The text of a value that cannot be sent is not repeated: it may be a caller's.
    let value = HeaderValue::from_bytes(&set.value).map_err(|_| format!("a value of `{name}` that no header can have"))?;
    let exists = headers.contains_key(&name);
    let is_wanted = match set.append {
        Append::Overwrite | Append::Append => true,
        Append::AddIfAbsent => !exists,
        Append::OverwriteIfExists => exists,
    };
    if is_fixed(&name) || !is_wanted {
        return Ok(());
    }
    let done = match set.append {
        Append::Append => headers.try_append(name, value).map(|_| ()),
        _ => {
            remove_alike(headers, &name);
            headers.try_insert(name, value).map(|_| ())
        }
    };
    done.map_err(|_| "too many headers".to_owned())
}

fn read_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::try_from(name).map_err(|_| "the name of a header that none can have".to_owned())
}

/// The length is always that of the body that is sent.
fn is_fixed(name: &HeaderName) -> bool {
    *name == HOST || *name == CONTENT_LENGTH || belongs_to_the_gateway(name)
}

fn read_status(value: &[u8]) -> Result<StatusCode, String> {
    let code = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
    code.and_then(final_status).ok_or_else(|| "a `:status` that is none".to_owned())
}

fn final_status(code: u16) -> Option<StatusCode> {
    StatusCode::from_u16(code).ok().filter(|status| (200..=599).contains(&status.as_u16()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::testing::test;

    fn set(name: &str, value: &str, append: Append) -> SetHeader {
        SetHeader { name: name.to_owned(), value: Bytes::copy_from_slice(value.as_bytes()), append }
    }

    fn lines(headers: &HeaderMap) -> Vec<String> {
        headers.iter().map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))).collect()
    }

    fn mutate(remove: &[&str], set: Vec<SetHeader>) -> Result<(Vec<String>, Pseudo), String> {
        let pairs = [("host", "h"), ("content-length", "3"), ("x-a", "1"), ("x-a", "2"), ("x-b", "3")];
        let mut headers: HeaderMap = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, HeaderValue::from_static(value));
        }
        let pseudo = apply(HeaderMutation { remove: remove.iter().map(|name| (*name).to_owned()).collect(), set }, &mut headers)?;
        let fixed = ["host: h", "content-length: 3"];
        let lines = lines(&headers);
        assert!(fixed.iter().all(|line| lines.contains(&(*line).to_owned())), "{lines:?}");
        Ok((lines.into_iter().filter(|line| !fixed.contains(&line.as_str())).collect(), pseudo))
    }

    #[test]
    fn removes_then_sets() {
        use Append::{AddIfAbsent, Append as More, Overwrite, OverwriteIfExists};
        for (remove, set, expected) in [
            (vec!["X-A"], vec![], vec!["x-b: 3"]),
            (vec!["x-a"], vec![set("x-a", "9", AddIfAbsent)], vec!["x-b: 3", "x-a: 9"]),
            (vec![], vec![set("X-A", "9", Overwrite)], vec!["x-b: 3", "x-a: 9"]),
            (vec![], vec![set("x_a", "9", Overwrite)], vec!["x-b: 3", "x_a: 9"]),
            (vec!["x_a"], vec![], vec!["x-b: 3"]),
            (vec![], vec![set("x-a", "9", More)], vec!["x-a: 1", "x-a: 2", "x-a: 9", "x-b: 3"]),
            (vec!["x-a", "x-b"], vec![set("x-c", "", More)], vec!["x-c: "]),
            (vec![], vec![set("x-a", "9", AddIfAbsent), set("x-b", "9", OverwriteIfExists)], vec!["x-a: 1", "x-a: 2", "x-b: 9"]),
            (vec!["x-a", "x-b"], vec![set("x-b", "9", OverwriteIfExists)], vec![]),
        ] {
            assert_eq!(mutate(&remove, set).unwrap().0, expected);
        }
    }

    #[test]
    fn some_are_not_a_processors_to_say() {
        let fixed = ["host", "content-length", "connection", "transfer-encoding", "te", "upgrade", "x-envoy-x", "x-postern-auth", "cf-ray"];
        let all = fixed.iter().chain(&[":method", ":authority", ":scheme", ":other"]);
        let set = all.clone().map(|name| set(name, "9", Append::Overwrite)).collect();
        let remove: Vec<&str> = all.copied().collect();
        assert_eq!(mutate(&remove, set), Ok((vec!["x-a: 1".to_owned(), "x-a: 2".to_owned(), "x-b: 3".to_owned()], Pseudo::default())));
    }

    #[test]
    fn path_and_status() {
        let (_, pseudo) =
            mutate(&[":path"], vec![set(":path", "/x?y", Append::Overwrite), set(":status", "201", Append::Overwrite)]).unwrap();
        assert_eq!(pseudo, Pseudo { path: Some("/x?y".to_owned()), status: Some(StatusCode::CREATED) });
        for status in ["", "99", "101", "600", "ok"] {
            assert!(mutate(&[], vec![set(":status", status, Append::Overwrite)]).is_err(), "{status}");
        }
    }

    #[test]
    fn what_cannot_be_sent() {
        for (name, value) in [("x", "a\r\nb: c"), ("x", "a\n"), ("x", "\0"), ("a b", "c"), ("", "c"), ("x\r\ny", "c"), ("ä", "c")] {
            assert!(mutate(&[], vec![set(name, value, Append::Overwrite)]).is_err(), "{name:?} {value:?}");
        }
        assert!(mutate(&["a b"], vec![]).is_err());
        assert!(mutate(&[], vec![set("x", &"y".repeat(MAX_BYTES), Append::Overwrite)]).is_err());
        let many = (0..=MAX_LINES).map(|_| set("x", "", Append::Append)).collect();
        assert!(mutate(&[], many).is_err());
    }

    #[test]
    fn answers() {
        let answer = |status, body: &'static str, headers: HeaderMutation| {
            let source = ImmediateResponse { status, headers, body: Bytes::from_static(body.as_bytes()) };
            immediate(source).map(|response| (response.status().as_u16(), lines(response.headers()), response.body().known_length()))
        };
        let none = HeaderMutation::default;
        let text = || vec!["content-type: text/plain".to_owned()];
        assert_eq!(answer(None, "no", none()), Ok((403, text(), Some(2))));
        assert_eq!(answer(Some(0), "", none()), Ok((403, vec![], Some(0))));
        assert_eq!(answer(Some(100), "a", none()), Ok((200, text(), Some(1))));
        assert_eq!(answer(Some(204), "a", none()), Ok((204, vec![], Some(0))));
        assert!(answer(Some(600), "", none()).is_err());
        let json = HeaderMutation { remove: vec![], set: vec![set("content-type", "application/json", Append::Overwrite)] };
        assert_eq!(answer(Some(429), "{}", json), Ok((429, vec!["content-type: application/json".to_owned()], Some(2))));
    }
}
