//! Keys and tokens of this file were made with Node's `crypto`, which is OpenSSL.

mod wycheproof;

use futures::FutureExt;
use serde_json::{Value, json};

use super::*;
use crate::auth::Outage;
use crate::secret::testing::World;
use crate::testing::test;

fn vectors() -> Value {
    serde_json::from_str(include_str!("tests/vectors.json")).unwrap()
}

fn token(name: &str) -> String {
    vectors()["tokens"][name].as_str().unwrap_or_else(|| panic!("{name}")).to_owned()
}

/// Of these keys, by name, as one set.
fn set(keys: &[&str]) -> String {
    let all = vectors();
    json!({"keys": keys.iter().map(|key| all["jwks"][*key].clone()).collect::<Vec<_>>()}).to_string()
}

/// A provider with these keys and settings, and what there is to say about it.
fn compile(inline: &str, more: &Value) -> (Option<Verifier>, Vec<String>) {
    let mut source = json!({"name": "a", "issuer": "https://issuer.example", "audiences": ["api"], "jwks": {"inline": inline}});
    for (name, value) in more.as_object().unwrap() {
        source[name] = value.clone();
    }
    let mut problems = Problems::new();
    let verifier = Verifier::compile(&serde_json::from_value(source).unwrap(), &mut problems);
    (verifier, problems.into_vec().into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect())
}

fn verify(verifier: &Verifier, token: &str) -> Result<Verified, AuthFailure> {
    verifier.verify(&World::empty().platform(), &KeySets::default(), token).now_or_never().unwrap()
}

/// Who is let in with the token, or why nobody is.
fn outcome(inline: &str, more: &Value, token_name: &str) -> Result<String, AuthFailure> {
    let (verifier, problems) = compile(inline, more);
    let verifier = verifier.unwrap_or_else(|| panic!("{problems:?}"));
    verify(&verifier, &token(token_name)).map(|verified| verified.subject)
}

const ALL: [&str; 5] = ["rsa", "ec", "ec384", "ed", "oct"];

#[test]
fn every_algorithm() {
    for name in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256", "HS384", "HS512"] {
        assert_eq!(outcome(&set(&ALL), &json!({}), name), Ok("carol".to_owned()), "{name}");
        assert_eq!(outcome(&set(&ALL), &json!({"algorithms": [name]}), name), Ok("carol".to_owned()), "{name}");
        let other = if name == "ES256" { "RS256" } else { "ES256" };
        assert_eq!(outcome(&set(&ALL), &json!({"algorithms": [other]}), name), Err(TokenFault::Algorithm.into()), "{name}");
        let changed = token(name).replace(".ey", ".eY");
        let (verifier, _) = compile(&set(&ALL), &json!({}));
        assert!(verify(&verifier.unwrap(), &changed).is_err(), "{name}");
    }
}

#[test]
fn keys_as_pem_and_as_one_jwk() {
    let all = vectors();
    for (key, name) in [("rsa", "RS256"), ("rsa", "PS512"), ("ec", "ES256"), ("ec384", "ES384"), ("ed", "EdDSA")] {
        let pem = all["pem"][key].as_str().unwrap();
        assert_eq!(outcome(pem, &json!({}), name), Ok("carol".to_owned()), "{key}");
        assert_eq!(outcome(&all["jwks"][key].to_string(), &json!({}), name), Ok("carol".to_owned()), "{key}");
    }
}

#[test]
fn what_a_token_must_say() {
    let fault = |fault: TokenFault| Err(fault.into());
    for (name, want) in [
        ("noKid", Ok("carol".to_owned())),
        ("full", Ok("carol".to_owned())),
        ("aud", Ok("carol".to_owned())),
        ("fraction", Ok("carol".to_owned())),
        ("other", fault(TokenFault::Issuer)),
        ("wrongAud", fault(TokenFault::Audience)),
        ("noAud", fault(TokenFault::Audience)),
        ("expired", fault(TokenFault::Expired)),
        ("nbf", fault(TokenFault::NotYetValid)),
        ("noExp", fault(TokenFault::Claims)),
        ("strExp", fault(TokenFault::Claims)),
        ("noSub", fault(TokenFault::Subject)),
        ("ctlSub", fault(TokenFault::Subject)),
        ("notObject", fault(TokenFault::Malformed)),
    ] {
        assert_eq!(outcome(&set(&ALL), &json!({}), name), want, "{name}");
    }
    assert_eq!(outcome(&set(&ALL), &json!({"audiences": []}), "noAud"), Ok("carol".to_owned()));
    assert_eq!(outcome(&set(&ALL), &json!({"issuer": null}), "other"), Ok("carol".to_owned()));
}

/// Attacks, each with the reason for which it fails.
#[test]
fn what_strangers_try() {
    for (name, want) in [
        ("none", TokenFault::Algorithm),
        ("noneKid", TokenFault::Algorithm),
        ("unsigned", TokenFault::Signature),
        ("changed", TokenFault::Signature),
        ("psychic", TokenFault::Signature),
        ("confused", TokenFault::Algorithm),
        ("confusedN", TokenFault::Algorithm),
        ("confusedDer", TokenFault::Signature),
        ("rsAsPs", TokenFault::Signature),
        ("jku", TokenFault::Signature),
        ("otherKey", TokenFault::UnknownKey),
        ("otherKeyAsE1", TokenFault::Signature),
        ("pathKid", TokenFault::UnknownKey),
        ("crit", TokenFault::Critical),
        ("b64", TokenFault::Critical),
        ("dup", TokenFault::Malformed),
        ("dupAlg", TokenFault::Malformed),
    ] {
        assert_eq!(outcome(&set(&ALL), &json!({}), name), Err(want.into()), "{name}");
    }
    // Without any secret among the keys, the confusion fails before a signature is looked at.
    assert_eq!(outcome(&set(&["rsa"]), &json!({}), "confusedDer"), Err(TokenFault::Algorithm.into()));
    let (verifier, _) = compile(&set(&ALL), &json!({}));
    let verifier = verifier.unwrap();
    let long = format!("{}.{}.x", token("ES256"), "a".repeat(16 << 10));
    assert_eq!(verify(&verifier, &long).err(), Some(TokenFault::TooLong.into()));
    for text in ["", ".", "..", "a.b", "a.b.c", "e30.e30.", "e30.e30.e30.e30"] {
        assert!(matches!(verify(&verifier, text), Err(AuthFailure::InvalidToken(_))), "{text}");
    }
}

#[test]
fn keys_that_are_none() {
    let all = vectors();
    let with = |key: &str, name: &str, value: &str| {
        let mut jwk = all["jwks"][key].clone();
        jwk[name] = value.into();
        jwk.to_string()
    };
    for (inline, more, place) in [
        (set(&["small"]), json!({}), "inline: there is no key"),
        (all["pem"]["small"].as_str().unwrap().to_owned(), json!({}), "inline: this is no public key"),
        (with("rsa", "use", "enc"), json!({}), "inline: there is no key"),
        (with("rsa", "alg", "none"), json!({}), "inline: there is no key"),
        (with("rsa", "alg", "ES256"), json!({}), "inline: there is no key"),
        (with("ec", "x", "AAAA"), json!({}), "inline: there is no key"),
        (with("ec", "y", all["jwks"]["ec2"]["y"].as_str().unwrap()), json!({}), "inline: there is no key"),
        (with("oct", "k", "c2hvcnQ"), json!({}), "inline: there is no key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(), json!({}), "inline: this is no public key"),
        ("{".to_owned(), json!({}), "inline: this is neither"),
        (set(&["rsa"]), json!({"algorithms": ["ES256"]}), "inline: no key is for"),
        (set(&["rsa"]), json!({"algorithms": ["none"]}), "algorithms[0]: \"none\""),
        (set(&["rsa"]), json!({"algorithms": ["rs256"]}), "algorithms[0]: \"rs256\""),
    ] {
        let (_, problems) = compile(&inline, &more);
        assert!(problems.iter().any(|problem| problem.contains(place)), "{inline} {more}: {problems:?}");
    }
    for (jwks, place) in [
        (json!({}), "jwks: exactly one"),
        (json!({"url": "https://a.example", "inline": "{}"}), "jwks: exactly one"),
        (json!({"url": "ftp://a.example/jwks"}), "jwks.url: the scheme"),
        (json!({"url": "/jwks"}), "jwks.url"),
        (json!({"url": "https://a.example/jwks", "cacheFor": {"seconds": 1}}), "`cacheFor` is"),
        (json!({"inline": set(&["rsa"]), "cacheFor": {"minutes": 1}}), "jwks.cacheFor: only"),
    ] {
        let (_, problems) = compile("", &json!({"jwks": jwks}));
        assert!(problems.iter().any(|problem| problem.contains(place)), "{jwks}: {problems:?}");
    }
    let (_, problems) = compile("", &json!({"jwks": {"url": "https://a.example/jwks"}, "algorithms": ["HS256"]}));
    assert!(problems.iter().any(|problem| problem.starts_with("algorithms[0]")), "{problems:?}");
}

#[test]
fn a_published_secret_is_no_key() {
    assert!(key::read_published(set(&["oct"]).as_bytes()).is_err());
    assert_eq!(key::read_published(set(&ALL).as_bytes()).unwrap().len(), 4);
    for answer in ["", "[]", "{}", "{\"keys\":[]}", "<html>"] {
        assert!(key::read_published(answer.as_bytes()).is_err(), "{answer}");
    }
    let outage: AuthFailure = Outage::Issuer("x".to_owned()).into();
    assert_eq!(outage.status().as_u16(), 503);
}
