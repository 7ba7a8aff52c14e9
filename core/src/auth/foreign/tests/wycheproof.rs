//! Attacks on signatures: the vectors of Project Wycheproof (C2SP/wycheproof, `testvectors_v1`) for JSON Web Signatures.

use serde_json::Value;

use super::super::token::Token;
use super::super::{TokenFault, check_signature, key};
use crate::testing::test;

/// Valid vectors that are refused all the same. Of those that are invalid none is taken.
const REFUSED: [(&[u64], &str); 3] = [
    (&[346, 350], "the key's `alg` is PS256, the token's PS384: RFC 7520 has no `alg` in the key"),
    (&[347, 351], "ES512 is not taken"),
    (&[372, 373], "a character that is not base64url is skipped by some, and an error here (RFC 7515 §2)"),
];

/// Said to be invalid for their padding, which they have not: each is vector 357 once more, which is valid.
const REPEATED: [u64; 2] = [367, 370];

#[test]
fn forged_signatures_are_refused_and_others_are_taken() {
    let vectors: Value = serde_json::from_str(include_str!("../../../../../tests/wycheproof/json_web_signature_test.json")).unwrap();
    let (mut taken, mut refused, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for group in vectors["testGroups"].as_array().unwrap() {
        // A secret has no public part.
        let key = group.get("public").unwrap_or(&group["private"]).to_string();
        for test in group["tests"].as_array().unwrap() {
            let (id, token) = (test["tcId"].as_u64().unwrap(), test["jws"].as_str().unwrap());
            let outcome = signature(&key, token);
            match (test["result"].as_str().unwrap(), outcome) {
                ("valid", Ok(())) => taken.push(token),
                ("valid", Err(_)) => refused.push(id),
                ("invalid", Err(_)) => {}
                ("invalid", Ok(())) if taken.contains(&token) => repeated.push(id),
                (result, outcome) => panic!("{id} is {result}: {outcome:?} of {test} in {}", group["comment"]),
            }
        }
    }
    let mut expected: Vec<_> = REFUSED.iter().flat_map(|(ids, _)| *ids).copied().collect();
    expected.sort_unstable();
    assert_eq!((taken.len(), refused, repeated), (40, expected, REPEATED.to_vec()), "{REFUSED:?}");
}

/// Whether a key verifies what is signed, whatever that is.
fn signature(key: &str, token: &str) -> Result<(), Option<TokenFault>> {
    let keys = key::read_listed(key).map_err(|_| None)?;
    Ok(check_signature(&keys, &Token::read(token)?)?)
}
