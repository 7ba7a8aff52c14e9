//! What a case file may say. Unknown fields are errors, so that a misspelt expectation cannot pass silently.

mod body;
mod deployment;
mod expect;
mod request;
mod upstream;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use body::{Chunk, Repeated, RequestBody};
pub use deployment::{Abilities, CredentialSpec, Damage, Keys, Need, Outage, Publish, Restart, StoreValue, Tamper};
pub use expect::{BodyExpect, ErrorShape, Expect, HeaderExpect, Pattern, StatusExpect, StreamStep, UpstreamCalls, UpstreamExpect};
pub use request::{Abort, Forge, Presented, Request, Signature, TokenUse};
pub use upstream::{Connection, OpensGate, Part, Raw, RawPart, Reply, SseEvent};

/// One behaviour: a configuration, the upstreams around it, and what a caller sees.
///
/// Texts may refer to what the runner makes: `${upstream.NAME}` (base URL), `${upstreamHost.NAME}` (host and port),
/// `${credential.NAME.clientId}`, `.clientSecret`, `.previousSecret`, `.accessToken`, `${token.NAME}` (an access token from the token endpoint),
/// `${forged.NAME}`, `${sealed.NAME}` and `${saved.NAME}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    /// The behaviour as a sentence. Must be the first line of the file.
    pub name: String,
    /// What a host must be able to do; the others report the case as skipped.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Resources as YAML text, one or more documents.
    #[serde(default)]
    pub resources: String,
    /// More resources: files and folders relative to the case file.
    #[serde(default)]
    pub files: Vec<String>,
    /// Secrets by name, sealed into the store.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Secrets by name that are only sealed: `${sealed.NAME}` is what a Secret resource holds.
    #[serde(default)]
    pub sealed: BTreeMap<String, String>,
    /// The platform's own secrets, such as `POSTERN_SECRET_GEMINI_API_KEY`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Credentials whose material the runner makes. A Credential resource of the name may be among the resources; without one,
    /// the runner writes it.
    #[serde(default)]
    pub credentials: BTreeMap<String, CredentialSpec>,
    /// Raw entries of the store.
    #[serde(default)]
    pub store: BTreeMap<String, StoreValue>,
    /// Damage to entries that the runner wrote.
    #[serde(default)]
    pub tamper: Vec<Tamper>,
    /// What of the host does not work, until a step says otherwise.
    #[serde(default)]
    pub down: Vec<Outage>,
    /// For how long what was read of the store may be used again, as at the edge. Default: not at all.
    #[serde(default)]
    pub reuse: Option<postern_core::resource::Duration>,
    /// RFC 3339: what time it is when the case begins, by default the real one; needs `moveClock`.
    #[serde(default)]
    pub clock: Option<String>,
    /// Which keys seal and open the store.
    #[serde(default)]
    pub keys: Keys,
    /// The deployment's region.
    #[serde(default)]
    pub region: Option<String>,
    /// Fake upstreams by name. One called `provider`, which answers 200 with `{"ok":true}`, exists unless it is described here.
    #[serde(default)]
    pub upstreams: BTreeMap<String, Reply>,
    /// Upstreams that answer in place of real origins, such as `https://api.openai.com`, for configurations as they are deployed.
    /// Only the gateway in memory can do that.
    #[serde(default)]
    pub connect: BTreeMap<String, String>,
    /// Tokens made from a good one.
    #[serde(default)]
    pub forge: BTreeMap<String, Forge>,
    /// What happens, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Problems that the resources must be refused with. Such a case has no steps.
    #[serde(default)]
    pub refused: Vec<Refusal>,
    /// Warnings that the resources must be accepted with.
    #[serde(default)]
    pub warnings: Vec<Refusal>,
}

/// A problem of the resources.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Refusal {
    /// The place inside the document, such as `spec.config.upstream.url`.
    #[serde(default)]
    pub path: Option<String>,
    /// A regular expression that the message matches.
    #[serde(default)]
    pub message: Option<String>,
    /// The line, from 1, in `resources`.
    #[serde(default)]
    pub line: Option<usize>,
    /// A regular expression that the advice matches.
    #[serde(default)]
    pub help: Option<String>,
}

/// What happens: something to the host, and then a request. Either may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    #[serde(default)]
    pub request: Option<Request>,
    /// As many copies of `request` at once; each must meet `expect`, and `statuses` counts them.
    #[serde(default)]
    pub copies: Option<usize>,
    #[serde(default)]
    pub expect: Expect,
    /// Sends the request again until `expect` holds, for 10 s at most: for what is done beside an answer.
    #[serde(default)]
    pub eventually: bool,
    /// Parts of the answer for later steps: name to JSON pointer (RFC 6901), or to a header's name.
    #[serde(default)]
    pub save: BTreeMap<String, String>,
    /// Moves the clock; needs `moveClock`.
    #[serde(default)]
    pub advance: Option<postern_core::resource::Duration>,
    /// Moves the clock back; needs `moveClock`.
    #[serde(default)]
    pub rewind: Option<postern_core::resource::Duration>,
    /// What of the host does not work from here on, and all else does.
    #[serde(default)]
    pub down: Option<Vec<Outage>>,
    /// Damage to entries of the store.
    #[serde(default)]
    pub tamper: Vec<Tamper>,
    /// Publishes a configuration.
    #[serde(default)]
    pub publish: Option<Publish>,
    /// Starts the gateway anew, with other keys; what is under way ends on the one before.
    #[serde(default)]
    pub restart: Option<Restart>,
    /// Steps that are taken while all copies of `request` wait at a gate, in order; one of them opens it. What upstreams receive
    /// during them counts for this step too.
    #[serde(default)]
    pub meanwhile: Vec<Step>,
}

impl Case {
    /// All steps, those that are taken meanwhile included.
    pub fn all_steps(&self) -> Vec<&Step> {
        fn add<'a>(steps: &'a [Step], all: &mut Vec<&'a Step>) {
            for step in steps {
                all.push(step);
                add(&step.meanwhile, all);
            }
        }
        let mut all = Vec::new();
        add(&self.steps, &mut all);
        all
    }
}
