use crate::testing::test;
use serde_json::{Value, json};

use super::*;
use crate::secret::testing::{NOW, master};

const ISSUER: &str = "https://localhost";

fn ring() -> KeyRing {
    KeyRing::new("localhost", master(1), None)
}

fn claims() -> Claims {
    let now = NOW.seconds();
    Claims {
        iss: ISSUER.into(),
        aud: ISSUER.into(),
        sub: "uid".into(),
        client_id: "abcd-efgh".into(),
        iat: now,
        nbf: None,
        exp: now + 3600,
        jti: "id".into(),
        scope: None,
        cred: "app".into(),
        generation: 1,
    }
}

fn kid(epoch: u64) -> String {
    format!("{epoch}.{}", master(1).id())
}

/// A token with any header and payload, properly signed by the key of the current epoch.
fn signed(header: &str, payload: &str) -> String {
    let token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = hs256(ring().current(Purpose::Token(epoch(NOW))).bytes(), &token);
    format!("{token}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn with_header(change: Value) -> String {
    let mut header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid(epoch(NOW))});
    for (name, value) in change.as_object().unwrap() {
        header[name] = value.clone();
    }
    signed(&header.to_string(), &serde_json::to_string(&claims()).unwrap())
}

fn with_claims(change: Value) -> String {
    let mut payload = serde_json::to_value(claims()).unwrap();
    for (name, value) in change.as_object().unwrap() {
        payload[name] = value.clone();
    }
    let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid(epoch(NOW))});
    signed(&header.to_string(), &payload.to_string())
}

fn read(token: &str) -> Result<Claims, TokenFault> {
    verify(&ring(), NOW, ISSUER, token)
}

/// RFC 7515 A.1.
#[test]
fn hs256_vector() {
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                 eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = hs256(&URL_SAFE_NO_PAD.decode(key).unwrap(), input);
    assert_eq!(URL_SAFE_NO_PAD.encode(signature), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

#[test]
fn reads_what_it_signed() {
    let token = sign(&ring(), NOW, &claims());
    assert_eq!(read(&token), Ok(claims()));
    assert!(looks_like_ours(&token));
    assert_eq!(read(&with_header(json!({}))), Ok(claims()), "the tables below start from a token that is good");
    assert_eq!(read(&with_claims(json!({}))), Ok(claims()));
}

#[test]
fn headers() {
    let now = epoch(NOW);
    let table = [
        (json!({"alg": "none"}), TokenFault::Algorithm),
        (json!({"alg": "None"}), TokenFault::Algorithm),
        (json!({"alg": "hs256"}), TokenFault::Algorithm),
        (json!({"alg": "RS256"}), TokenFault::Algorithm),
        (json!({"alg": "ES256"}), TokenFault::Algorithm),
        (json!({"alg": "HS512"}), TokenFault::Algorithm),
        (json!({"alg": null}), TokenFault::Malformed),
        (json!({"typ": "JWT"}), TokenFault::Type),
        (json!({"typ": "application/at+jwt"}), TokenFault::Type),
        (json!({"crit": ["exp"]}), TokenFault::Malformed),
        (json!({"jku": "https://evil.example"}), TokenFault::Malformed),
        (json!({"jwk": {}}), TokenFault::Malformed),
        (json!({"b64": false}), TokenFault::Malformed),
        (json!({"zip": "DEF"}), TokenFault::Malformed),
        (json!({"kid": ""}), TokenFault::UnknownKey),
        (json!({"kid": format!("{now}.00000000")}), TokenFault::UnknownKey),
        (json!({"kid": format!("../{now}.{}", master(1).id())}), TokenFault::UnknownKey),
        (json!({"kid": kid(now - 2)}), TokenFault::UnknownKey),
        (json!({"kid": kid(now + 1)}), TokenFault::UnknownKey),
        (json!({"kid": kid(now - 1)}), TokenFault::Signature),
        (json!({"kid": kid(u64::MAX)}), TokenFault::UnknownKey),
    ];
    for (change, want) in table {
        assert_eq!(read(&with_header(change.clone())), Err(want), "{change}");
    }
}

#[test]
fn claims_are_checked() {
    let now = NOW.seconds();
    let table = [
        (json!({"exp": now}), Err(TokenFault::Expired)),
        (json!({"exp": now - 1}), Err(TokenFault::Expired)),
        (json!({"exp": now + 1}), Ok(())),
        (json!({"exp": null}), Err(TokenFault::Claims)),
        (json!({"exp": "9999999999"}), Err(TokenFault::Claims)),
        (json!({"exp": 1e300}), Err(TokenFault::Claims)),
        (json!({"exp": -1}), Err(TokenFault::Claims)),
        (json!({"iat": now + 60}), Ok(())),
        (json!({"iat": now + 61}), Err(TokenFault::NotYetValid)),
        (json!({"nbf": now + 60}), Ok(())),
        (json!({"nbf": now + 61}), Err(TokenFault::NotYetValid)),
        (json!({"iss": "https://evil.example"}), Err(TokenFault::Issuer)),
        (json!({"iss": "https://localhost/"}), Err(TokenFault::Issuer)),
        (json!({"aud": "https://evil.example"}), Err(TokenFault::Audience)),
        (json!({"aud": [ISSUER]}), Err(TokenFault::Claims)),
        (json!({"admin": true}), Err(TokenFault::Claims)),
        (json!({"sub": {}}), Err(TokenFault::Claims)),
    ];
    for (change, want) in table {
        assert_eq!(read(&with_claims(change.clone())).map(|_| ()), want, "{change}");
    }
}

#[test]
fn nothing_twice() {
    let payload = serde_json::to_string(&claims()).unwrap();
    let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": kid(epoch(NOW))}).to_string();
    let twice = |json: &str, more: &str| json.replacen('{', &format!("{{{more},"), 1);
    assert_eq!(read(&signed(&header, &twice(&payload, r#""cred":"other""#))), Err(TokenFault::Claims));
    assert_eq!(read(&signed(&header, &twice(&payload, r#""\u0063red":"other""#))), Err(TokenFault::Claims));
    assert_eq!(read(&signed(&twice(&header, r#""alg":"HS256""#), &payload)), Err(TokenFault::Malformed));
    assert_eq!(read(&signed(&header, &format!("{payload}{payload}"))), Err(TokenFault::Claims));
}

#[test]
fn altered_and_cut() {
    let token = sign(&ring(), NOW, &claims());
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    // The last character of a signature has two bits that count for nothing: they must be zero.
    let last = if signature.ends_with('A') { "B" } else { "C" };
    let padded_bits = format!("{}{last}", &token[..token.len() - 1]);
    let table = [
        (String::new(), TokenFault::Malformed),
        ("abc".into(), TokenFault::Malformed),
        ("..".into(), TokenFault::Malformed),
        (format!("{header}.{payload}"), TokenFault::Malformed),
        (format!("{header}.{payload}."), TokenFault::Signature),
        (format!("{header}..{signature}"), TokenFault::Signature),
        (format!(".{payload}.{signature}"), TokenFault::Malformed),
        (format!("{token}.x"), TokenFault::Signature),
        (token[..token.len() - 1].into(), TokenFault::Signature),
        (format!("{token}="), TokenFault::Signature),
        (padded_bits, TokenFault::Signature),
        (format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode("{}")), TokenFault::Signature),
        ("a".repeat(MAX_TOKEN + 1), TokenFault::TooLong),
    ];
    for (text, want) in table {
        assert_eq!(read(&text), Err(want), "{text}");
    }
    for index in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[index] = if bytes[index] == b'x' { b'y' } else { b'x' };
        assert!(read(&String::from_utf8(bytes).unwrap()).is_err(), "byte {index}");
    }
}

#[test]
fn keys_rotate_with_overlap() {
    let week = Duration::from_secs(EPOCH);
    let long = Claims { exp: u64::MAX, ..claims() };
    let token = sign(&ring(), NOW, &long);
    let at = |ring: &KeyRing, now: Timestamp| verify(ring, now, ISSUER, &token).map(|_| ());
    assert_eq!(at(&ring(), NOW.plus(week)), Ok(()), "the previous epoch");
    assert_eq!(at(&ring(), NOW.plus(week * 2)), Err(TokenFault::UnknownKey), "the one before");
    assert_eq!(at(&KeyRing::new("localhost", master(2), Some(master(1))), NOW), Ok(()), "POSTERN_KEY_PREVIOUS");
    assert_eq!(at(&KeyRing::new("localhost", master(2), None), NOW), Err(TokenFault::UnknownKey));
    assert_eq!(at(&KeyRing::new("example.com", master(1), None), NOW), Err(TokenFault::Signature), "another domain");

    let boundary = (epoch(NOW) + 1) * EPOCH;
    let ahead = sign(&ring(), Timestamp::from_seconds(boundary), &Claims { iat: boundary, ..long });
    let behind = |seconds| verify(&ring(), Timestamp::from_seconds(boundary - seconds), ISSUER, &ahead).map(|_| ());
    assert_eq!(behind(60), Ok(()), "issued by an instance whose clock is ahead");
    assert_eq!(behind(61), Err(TokenFault::UnknownKey));
}
