//! What callers prove themselves with: tokens, keys in headers and queries, passwords.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use postern_core::auth::fuzzing;
use postern_core::resource::service::{BasicAuthentication, BasicUser};
use postern_fuzz::{NOW, parts, ring};

const ISSUER: &str = "http://localhost";

libfuzzer_sys::fuzz_target!(|text: &str| {
    let [lines, query, token, password] = parts(text);
    headers(lines);
    parameters(query);
    tokens(token);
    passwords(password);
});

fn headers(lines: &str) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines.lines().take(64).filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.append(name, value);
        }
    }
    for beside in [false, true] {
        let Ok(Some((token, carriers))) = fuzzing::token(&headers, beside) else { continue };
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','), "{token}");
        let mut without = headers.clone();
        for name in &carriers {
            assert!(headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|value| value.contains(&token))), "{name}");
            without.remove(name);
        }
        let left = fuzzing::token(&without, false);
        assert!(!left.is_ok_and(|left| left.is_some_and(|(left, _)| left == token)), "{token} would go on to the upstream");
    }
    for prefix in ["", "bearer ", "key="] {
        if let Ok(Some(found)) = fuzzing::in_header(HeaderName::from_static("authorization"), prefix, &headers) {
            assert!(!found.is_empty() && found.bytes().all(|byte| byte.is_ascii_graphic()), "{found}");
            assert_eq!(headers.get_all("authorization").iter().count() - repeats(&headers, prefix), 1, "two are refused");
        }
    }
}

/// Lines of `Authorization` that hold something else.
fn repeats(headers: &HeaderMap, prefix: &str) -> usize {
    let is_other = |value: &HeaderValue| {
        let mut one = HeaderMap::new();
        one.insert("authorization", value.clone());
        matches!(fuzzing::in_header(HeaderName::from_static("authorization"), prefix, &one), Ok(None))
    };
    headers.get_all("authorization").iter().filter(|value| is_other(value)).count()
}

fn parameters(query: &str) {
    let (found, rest) = fuzzing::in_query("key", query);
    let rest = rest.unwrap_or_default();
    assert_eq!(fuzzing::in_query("key", &rest), (Ok(None), Some(rest.clone()).filter(|rest| !rest.is_empty())), "of {query:?}");
    if found == Ok(None) && !query.is_empty() {
        assert_eq!(rest, query, "nothing else is taken out");
    }
    // What is left stands as it was written.
    let mut written = query.split('&');
    assert!(rest.is_empty() || rest.split('&').all(|pair| written.any(|other| other == pair)), "{rest} of {query}");
}

fn tokens(text: &str) {
    let ring = ring();
    let valid = fuzzing::sign(&ring, NOW, ISSUER);
    assert_eq!(fuzzing::verify(&ring, NOW, ISSUER, &valid), Ok(()));
    assert!(fuzzing::looks_like_ours(&valid));
    // `<where>=<what>` changes the token there; anything else is a token of its own.
    let changed = text.split_once('=').and_then(|(at, with)| {
        let at = at.parse::<usize>().ok()?;
        let end = at.checked_add(with.len().max(1))?;
        Some(format!("{}{with}{}", valid.get(..at)?, valid.get(end..)?))
    });
    let token = changed.as_deref().unwrap_or(text);
    if fuzzing::verify(&ring, NOW, ISSUER, token).is_ok() {
        assert_eq!(token, valid, "only what was signed is valid");
    }
}

fn passwords(text: &str) {
    let user = |name: &str, hash: &str| BasicUser { name: name.to_owned(), hash: hash.to_owned() };
    let users = vec![user("alice", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"), user("bob", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=")];
    let found = fuzzing::password(&BasicAuthentication { realm: String::new(), users }, text);
    assert!(found.is_none_or(|_| text == "YWxpY2U6bXlQYXNzd29yZA==" || text == "Ym9iOm15UGFzc3dvcmQ="), "{text}");
}
