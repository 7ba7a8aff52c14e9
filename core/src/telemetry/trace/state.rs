//! `tracestate`, §3.3: what other systems keep in a trace. The gateway adds nothing of its own.

use http::HeaderMap;

use super::TRACE_STATE;

/// Members beyond these are an error (§3.3.1.1).
const MAX_MEMBERS: usize = 32;

/// The least that everybody passes on (§3.3.1.5). Of more, the last members are left out.
const MAX_LENGTH: usize = 512;

/// The caller's list, its lines joined; empty where it is absent or not what the specification allows (§4.3).
pub fn read(headers: &HeaderMap) -> String {
    let mut members: Vec<(&str, &str)> = Vec::new();
    for line in headers.get_all(TRACE_STATE) {
        let Ok(line) = line.to_str() else { return String::new() };
        for member in line.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty()) {
            match member.split_once('=') {
                Some((key, value)) if is_key(key) && is_value(value) && members.iter().all(|(known, _)| *known != key) => {
                    members.push((key, value));
                }
                _ => return String::new(),
            }
            if members.len() > MAX_MEMBERS {
                return String::new();
            }
        }
    }
    let mut state = String::new();
    for (key, value) in members {
        if state.len() + key.len() + value.len() + 2 > MAX_LENGTH {
            break;
        }
        if !state.is_empty() {
            state.push(',');
        }
        state.push_str(key);
        state.push('=');
        state.push_str(value);
    }
    state
}

/// §3.3.1.3.1: one name, or a tenant's at a system's.
fn is_key(key: &str) -> bool {
    let rest = |text: &str| text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/'));
    let is_name = |text: &str, most: usize| text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= most && rest(text);
    match key.split_once('@') {
        None => is_name(key, 256),
        Some((tenant, system)) => {
            (1..=241).contains(&tenant.len()) && !tenant.starts_with(['_', '-', '*', '/']) && rest(tenant) && is_name(system, 14)
        }
    }
}

/// §3.3.1.3.2: printable ASCII without a comma or an equals sign. A space cannot stand at its end, where it was trimmed.
fn is_value(value: &str) -> bool {
    (1..=256).contains(&value.len()) && value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn state(lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(TRACE_STATE, line.parse().unwrap());
        }
        read(&headers)
    }

    #[test]
    fn keeps_what_is_allowed() {
        for (lines, kept) in [
            (&["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"][..], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
            (&["a=1", "b=2 x"], "a=1,b=2 x"),
            (&[" a=1 ,, \tb=2"], "a=1,b=2"),
            (&["1tenant@system=x"], "1tenant@system=x"),
            (&[""], ""),
        ] {
            assert_eq!(state(lines), kept, "{lines:?}");
        }
    }

    #[test]
    fn leaves_out_what_is_not() {
        for bad in ["a", "A=1", "1a=1", "a=", "a=b=c", "a=x\ty", "a=1,a=2", "a b=1", "t@1s=1", "@s=1", &format!("{}=1", "a".repeat(257))] {
            assert_eq!(state(&[bad]), "", "{bad}");
        }
        let many = |count: usize| (0..count).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(",");
        assert!(!state(&[&many(32)]).is_empty());
        assert_eq!(state(&[&many(33)]), "");
    }

    #[test]
    fn is_bounded() {
        let long = (0..4).map(|n| format!("k{n}={}", "x".repeat(200))).collect::<Vec<_>>().join(",");
        let kept = state(&[&long]);
        assert!(kept.len() <= MAX_LENGTH && kept.starts_with("k0=") && kept.contains(",k1=") && !kept.contains("k2="), "{kept}");
    }
}
