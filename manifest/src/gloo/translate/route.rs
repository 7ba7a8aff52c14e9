use std::collections::BTreeMap;

use crate::gloo::document::Options;
use crate::gloo::{At, Made};

/// One route on its way to a Service: all but what policies add.
pub struct Route<'a> {
    pub service: Made,
    pub at: At,
    /// What policies select it by.
    pub labels: BTreeMap<String, String>,
    /// Its options, in the order in which they count.
    pub options: Vec<(&'a Options, At)>,
}
