use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::auth::TokenFault;
use crate::testing::test;

fn methods(source: Value) -> (Methods, Vec<String>) {
    let mut problems = Problems::new();
    let methods = Methods::compile(&serde_json::from_value(source).unwrap(), &mut problems);
    (methods, problems.into_vec().into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect())
}

type Lines<'a> = &'a [(&'static str, &'a str)];

fn find(methods: &Methods, lines: Lines<'_>, query: Option<&str>) -> Result<Option<Found>, AuthFailure> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    methods.find(&headers, query, ForeignAuthorization::Refuse)
}

#[test]
fn one_credential_in_several_places() {
    let (methods, problems) = methods(json!({
        "token": {}, "apiKey": {"headers": ["authorization", "x-api-key"], "query": "key"}, "basic": {"users": []},
    }));
    assert_eq!(problems, Vec::<String>::new());
    let (bearer, key) = (("authorization", "Bearer k"), ("x-api-key", "k"));
    for (lines, query, want) in [
        (&[][..], None, Ok(None)),
        (&[bearer], None, Ok(Some((true, true, false, 1)))),
        (&[key], None, Ok(Some((false, true, false, 1)))),
        (&[bearer, key], Some("key=k"), Ok(Some((true, true, false, 3)))),
        (&[("authorization", "Basic k")], None, Ok(Some((false, false, true, 1)))),
        (&[("x-postern-auth", "k"), key], None, Ok(Some((true, true, false, 2)))),
        (&[("x-postern-auth", "t"), key], None, Err(AuthFailure::TwoTokens)),
        (&[key, ("authorization", "Basic l")], None, Err(AuthFailure::TwoTokens)),
        (&[bearer], Some("key=l"), Err(AuthFailure::TwoTokens)),
        (&[("x-api-key", "")], None, Err(TokenFault::Malformed.into())),
    ] {
        let found = find(&methods, lines, query);
        let found = found.map(|found| found.map(|found| (found.token, found.api_key, found.password, found.carriers.len())));
        assert_eq!(found, want, "{lines:?} {query:?}");
    }
}

#[test]
fn without_token_the_gateways_own_headers_mean_nothing() {
    let (methods, _) = methods(json!({"apiKey": {}}));
    assert_eq!(find(&methods, &[("x-postern-auth", "t"), ("authorization", "Bearer t")], None), Ok(None));
    assert!(find(&methods, &[("api-key", "k"), ("x-postern-auth", "t")], None).unwrap().is_some());
}

#[cfg(feature = "jwt")]
#[test]
fn what_cannot_be() {
    let jwks = json!({"inline": "{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"});
    for (source, place) in [
        (json!({}), ": this names no way in"),
        (json!({"token": {}, "jwtPolicy": "ALLOW_MISSING"}), "jwtPolicy"),
        (json!({"apiKey": {"headers": ["a b"]}}), "apiKey.headers[0]"),
        (json!({"apiKey": {"headers": ["host"]}}), "apiKey.headers[0]"),
        (json!({"apiKey": {"query": ""}}), "apiKey.query"),
        (json!({"apiKey": {"headersFromEntries": [{"header": "content-length", "entry": "a"}]}}), "apiKey.headersFromEntries[0].header"),
        (json!({"jwt": [{"name": "a/b", "issuer": "i", "jwks": jwks}]}), "jwt[0].name"),
        (json!({"jwt": [{"name": "basic", "issuer": "i", "jwks": jwks}]}), "jwt[0].name"),
        (json!({"jwt": [{"name": "a", "issuer": "i", "jwks": jwks, "tokenFrom": {}}]}), "jwt[0].tokenFrom"),
        (json!({"jwt": [{"name": "a", "issuer": "i", "jwks": jwks, "clockSkew": {"hours": 2}}]}), "jwt[0].clockSkew"),
    ] {
        let (_, problems) = methods(source.clone());
        assert!(problems.iter().any(|problem| problem.starts_with(place)), "{source}: {problems:?}");
    }
}
