use std::collections::BTreeSet;

/// What a template reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// Variables, as the names that lead to them; none that the template makes itself.
    pub names: BTreeSet<Vec<String>>,
    /// All variables, or such as are not known before.
    pub context: bool,
    /// The body as text.
    pub body: bool,
    /// Headers of the request that a response answers.
    pub request_headers: bool,
}
