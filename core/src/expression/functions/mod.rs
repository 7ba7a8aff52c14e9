//! The functions that expressions can call: the standard library and the extensions of the `cel` crate, and the gateway's own.

mod clock;
mod internal;
mod json;
mod list;
mod net;
mod pattern;
mod signature;
mod text;
mod zone;

use std::sync::{Arc, OnceLock};

use cel::{DeclarationError, Env, extensions};

use crate::feature::Feature;

#[cfg(feature = "rego")]
pub(crate) use clock::parse_duration as duration;
pub(super) use internal::{CONTAINS, EQUAL, READ, WALK};
pub(super) use json::to_json;
pub(super) use pattern::Pattern;
pub(crate) use signature::mentions_library;
pub(super) use signature::{Signature, is_in_library, names, signature};
pub(crate) use zone::Zone;

/// The environment of all expressions, built once.
///
/// # Errors
/// When two declarations contradict each other, which the tests exclude.
pub(super) fn environment() -> Result<Arc<Env>, DeclarationError> {
    static ENVIRONMENT: OnceLock<Result<Arc<Env>, DeclarationError>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| build().map(Arc::new)).clone()
}

/// The first overload that fits is called, so what replaces a function of the extensions is declared before them.
fn build() -> Result<Env, DeclarationError> {
    let mut env = Env::default().with_optional_support(false).with_stdlib();
    internal::register(&mut env)?;
    list::register(&mut env)?;
    text::register_basic(&mut env)?;
    if const { Feature::ExpressionLibrary.is_built() } {
        text::register(&mut env)?;
        env.add_extension(extensions::strings)?;
        env.add_extension(extensions::encoders)?;
        env.add_extension(extensions::math)?;
        clock::register(&mut env)?;
        json::register(&mut env)?;
        net::register(&mut env)?;
        pattern::register(&mut env)?;
    }
    Ok(env)
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "expression-library")]
    use super::*;
    use crate::expression::Expression;
    use crate::testing::test;

    #[cfg(not(feature = "expression-library"))]
    #[test]
    fn without_the_library_its_functions_are_refused_and_the_others_work() {
        let headers = http::HeaderMap::new();
        let context = crate::context::Context::new(crate::testing::bare(&headers));
        for (source, expected) in [
            ("'Ab'.toLower().startsWith('a') && size('ab') == 2", None),
            ("[1, 2].hasAny([2]) && int('3') == 3 && 'abc'.contains('b')", None),
            ("now() > timestamp(0)", Some("expression-library")),
            ("'a'.matches('a')", Some("expression-library")),
            ("net.isIP('::1')", Some("expression-library")),
            ("'a'.charAt(0) == 'a'", Some("expression-library")),
        ] {
            let value = Expression::compile(source).map_err(|error| error.to_string());
            let value = value.map(|it| it.evaluate_bool(&context, None, crate::platform::Timestamp(0)).unwrap());
            match (value, expected) {
                (Ok(value), None) => assert_eq!(value, Some(true), "{source}"),
                (Err(error), Some(word)) => assert!(error.contains(word), "{source}: {error}"),
                (other, _) => panic!("{source}: {other:?}"),
            }
        }
    }

    #[cfg(feature = "expression-library")]
    /// A function that compiling allows and nobody has declared would be undeclared at run time only.
    #[test]
    fn every_signature_is_declared() {
        assert!(environment().is_ok());
        for member in [false, true] {
            for name in names(member) {
                let (least, most) = signature(name, member).unwrap().arity;
                for count in least..=most.min(10) {
                    let arguments = vec!["attrs.a"; count].join(", ");
                    let source = if member { format!("attrs.a.{name}({arguments})") } else { format!("{name}({arguments})") };
                    let expression = Expression::compile(&format!("dyn({source}) == 1")).unwrap();
                    let headers = http::HeaderMap::new();
                    let context = crate::context::Context::new(crate::testing::bare(&headers));
                    // No function takes a list of null.
                    let attributes = serde_json::json!({"a": [null]});
                    let result = expression.evaluate_bool(&context, Some(&attributes), crate::platform::Timestamp(0));
                    let failure = result.err().map(|failure| failure.to_string()).unwrap_or_default();
                    assert_ne!(failure, "the expression cannot be evaluated", "{source}");
                }
            }
        }
    }
}
