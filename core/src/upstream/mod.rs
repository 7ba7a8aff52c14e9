//! From an authorized request to the upstream and back: path, headers, credential, forwarding.

mod balance;
mod container;
mod credential;
mod direct;
pub mod fixed;
mod forwarded;
mod header_rules;
mod kept_headers;
pub mod mirror;
mod origin;
mod path_change;
mod pools;
mod provider;
mod query_rules;
mod redirect;

pub use balance::Origins;
pub use container::Container;
pub use credential::{Credential, InjectContext, Injected, Tokens};
pub use direct::Direct;
pub use fixed::{FixedAnswer, sniff};
pub use forwarded::Forwarded;
pub use header_rules::HeaderRules;
pub use kept_headers::{KeptHeaders, retain_for_models};
pub use mirror::Mirror;
pub use origin::Origin;
pub use path_change::PathChange;
pub use pools::Pools;
pub use provider::{Ai, KEY_HEADERS, KEY_PARAMETER};
pub use query_rules::QueryRules;
pub use redirect::{Redirect, Target as RedirectTarget};
