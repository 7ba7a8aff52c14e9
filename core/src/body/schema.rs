//! What a body must conform to.

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{ErrorKind, GatewayError};
use crate::problem::Problems;

#[cfg(feature = "json-schema")]
use crate::json_schema::{MAX_VALUES, Schema};

/// What a build without JSON Schema has in its place: nothing, as none compiles.
#[cfg(not(feature = "json-schema"))]
type Schema = std::convert::Infallible;

/// A JSON Schema for request bodies.
#[derive(Debug)]
pub struct BodySchema(Schema);

impl BodySchema {
    /// Compiles the schema's text; every problem is reported with its place in the schema.
    #[cfg(feature = "json-schema")]
    pub fn compile(text: &str, problems: &mut Problems) -> Option<Self> {
        problems.at("inline", |problems| Schema::compile(text, problems)).map(Self)
    }

    /// Refuses: this build carries no JSON Schema.
    #[cfg(not(feature = "json-schema"))]
    pub fn compile(_: &str, problems: &mut Problems) -> Option<Self> {
        crate::feature::Feature::JsonSchema.refuse(problems)
    }

    /// Checks a whole body, whatever its content type says. It must be strict JSON, as where a rule reads it, but of any kind.
    ///
    /// # Errors
    /// 400 that says where and why it does not conform, without any value of the body's.
    pub fn check(&self, bytes: &Bytes, headers: &HeaderMap) -> Result<(), GatewayError> {
        if bytes.is_empty() {
            return Err(nonconforming("it is empty"));
        }
        super::readable(headers)?;
        self.check_json(bytes)
    }

    #[cfg(feature = "json-schema")]
    fn check_json(&self, bytes: &Bytes) -> Result<(), GatewayError> {
        let value = crate::json::read_any(bytes, MAX_VALUES).map_err(|refusal| super::refused(&refusal.to_string()))?;
        self.0.check(&value).map_err(|failure| nonconforming(&failure.to_string()))
    }

    #[cfg(not(feature = "json-schema"))]
    fn check_json(&self, _: &Bytes) -> Result<(), GatewayError> {
        match self.0 {}
    }
}

fn nonconforming(why: &str) -> GatewayError {
    let message = format!("The request's body does not conform to its schema: {why}.");
    GatewayError::new(ErrorKind::InvalidBody, format!("the body does not conform to its schema: {why}")).saying(message)
}

#[cfg(test)]
#[cfg(feature = "json-schema")]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn bodies_are_strict_json_of_any_kind() {
        let schema = BodySchema::compile(r#"{"type":["array","object"],"maxItems":2}"#, &mut Problems::new()).unwrap();
        let cases: [(&str, &[(&str, &str)], &str); 12] = [
            ("[1,2]", &[("content-type", "application/json")], ""),
            ("[1,2]", &[], ""),
            (" {\"a\":1} ", &[("content-type", "text/plain")], ""),
            ("[1,2,3]", &[("content-type", "text/plain")], "does not conform to its schema: it must have at most 2 items."),
            ("\"a\"", &[], "does not conform to its schema: it must be an object or an array."),
            ("", &[], "does not conform to its schema: it is empty."),
            ("{\"a\":1,\"a\":2}", &[], "cannot be read: the JSON body has the same key twice in one object."),
            ("[1] x", &[], "cannot be read: text follows the JSON body."),
            ("\u{feff}[]", &[], "cannot be read: the JSON body starts with a byte-order mark."),
            ("[", &[], "cannot be read: the body is not valid JSON at line 1, column 1."),
            ("[]", &[("content-encoding", "gzip")], "cannot be read: it must not have a content encoding."),
            ("[]", &[("content-type", "application/json; charset=utf-16")], "cannot be read: its charset must be UTF-8."),
        ];
        for (body, headers, expected) in cases {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect();
            let message = schema.check(&Bytes::copy_from_slice(body.as_bytes()), &headers).err().map(|error| error.message);
            let expected = Some(format!("The request's body {expected}")).filter(|_| !expected.is_empty());
            assert_eq!(message, expected, "{body}");
        }
    }

    #[test]
    fn bodies_of_too_many_values_are_refused() {
        let schema = BodySchema::compile("{}", &mut Problems::new()).unwrap();
        let body = |count: usize| Bytes::from(format!("[{}0]", "0,".repeat(count - 1)));
        assert!(schema.check(&body(MAX_VALUES - 1), &HeaderMap::new()).is_ok());
        let error = schema.check(&body(MAX_VALUES), &HeaderMap::new()).unwrap_err();
        assert_eq!(error.message, "The request's body cannot be read: the JSON body has too many values.");
    }
}
