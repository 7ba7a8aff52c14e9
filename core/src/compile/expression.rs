use crate::expression::Expression;
use crate::problem::Problems;

/// Reports what is wrong with an expression; its compiled form is made again where it is evaluated.
pub fn check(source: &str, problems: &mut Problems) {
    match Expression::compile(source).map_err(|error| (error.to_string(), error.help)) {
        Ok(_) => {}
        Err((message, Some(help))) => problems.error_with_help(message, help),
        Err((message, None)) => problems.error(message),
    }
}
