//! A build without Rego: it has the types, and no values of them.

use serde_json::{Map, Value};

use crate::context::Context;
use crate::expression::{Failure, Reads};
use crate::feature::Feature;
use crate::platform::Timestamp;
use crate::problem::Problems;

/// What a module is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Condition,
    Config,
}

/// There is none in this build.
#[derive(Debug)]
pub enum Module {}

impl Module {
    /// Refuses the module at the current path.
    pub fn compile_at(_: &str, _: Purpose, problems: &mut Problems) -> Option<Self> {
        Feature::Rego.refuse(problems)
    }

    /// # Errors
    /// None.
    pub fn evaluate_bool(&self, _: &Context<'_>, _: Option<&Value>, _: Timestamp) -> Result<Option<bool>, Failure> {
        match *self {}
    }

    /// # Errors
    /// None.
    pub fn evaluate_object(&self, _: &Context<'_>, _: Timestamp) -> Result<Option<Map<String, Value>>, Failure> {
        match *self {}
    }

    pub fn reads(&self) -> &Reads {
        match *self {}
    }

    pub fn literals(&self) -> impl Iterator<Item = &str> {
        match *self {}
        #[expect(unreachable_code, reason = "says which iterator it is not")]
        std::iter::empty()
    }

    pub fn computes<'k>(&self, _: &[&'k str]) -> Vec<&'k str> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn modules_are_refused() {
        for purpose in [Purpose::Condition, Purpose::Config] {
            let mut problems = Problems::new();
            let module = Module::compile_at("package octelium.condition\nmatch if true", purpose, &mut problems);
            assert!(module.is_none());
            assert!(problems.iter().next().unwrap().message.starts_with("this build has no Rego"));
        }
    }
}
