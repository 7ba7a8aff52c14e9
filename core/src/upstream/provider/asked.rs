use crate::percent::decode;
use crate::resource::service::AiProvider;

/// What a path asks of a provider.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// Another endpoint of its, by the provider's own path.
    Other(String),
    /// Something of a model.
    Model(Call),
}

/// What is asked of a model.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// As the provider's paths name it.
    pub operation: String,
    /// The model that the path names, decoded.
    pub model: Option<String>,
    /// The version that the path names.
    pub version: Option<String>,
}

/// Endpoints of OpenAI's beside `chat/completions`. What they take and give is not a chat.
const OPENAI: [&str; 11] =
    ["audio", "embeddings", "fine_tuning", "batches", "files", "uploads", "images", "models", "moderations", "realtime", "responses"];
const CONVERSATIONS: &str = "conversations";
/// Those that Azure has for each deployment.
const OF_DEPLOYMENT: [&str; 3] = ["audio", "embeddings", "images"];

impl Asked {
    pub fn of(provider: AiProvider, path: &str) -> Self {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let asked = match provider {
            AiProvider::Anthropic => anthropic(&segments),
            AiProvider::Gemini => gemini(&segments),
            AiProvider::AzureOpenAi => azure(&segments),
            AiProvider::Unset | AiProvider::OpenAi | AiProvider::Mistral => openai(&segments).map(Self::Other),
        };
        asked.unwrap_or_else(|| Self::Model(Call::of(main(provider))))
    }
}

impl Call {
    fn of(operation: impl Into<String>) -> Self {
        Self { operation: operation.into(), model: None, version: None }
    }

    /// Whether it is the call that a provider is there for, and not one such as counting tokens.
    pub fn is_main(&self) -> bool {
        matches!(self.operation.as_str(), "chat/completions" | "messages" | "generateContent" | "streamGenerateContent")
    }
}

fn main(provider: AiProvider) -> &'static str {
    match provider {
        AiProvider::Anthropic => "messages",
        AiProvider::Gemini => "generateContent",
        _ => "chat/completions",
    }
}

/// The path from its version on, whatever stands before.
fn openai(segments: &[&str]) -> Option<String> {
    let is_other = |name: &str| OPENAI.contains(&name) || name == CONVERSATIONS;
    versioned(segments, is_other).map(|rest| format!("/{}", rest.join("/")))
}

fn anthropic(segments: &[&str]) -> Option<Asked> {
    let rest = versioned(segments, |name| matches!(name, "messages" | "models" | "files"))?;
    match rest.get(1..)? {
        ["messages", "count_tokens"] => Some(Asked::Model(Call::of("messages/count_tokens"))),
        // Whatever else stands behind `messages`, it is not a way around the model.
        ["messages", "batches", ..] | ["models" | "files", ..] => Some(Asked::Other(format!("/{}", rest.join("/")))),
        _ => None,
    }
}

fn gemini(segments: &[&str]) -> Option<Asked> {
    let rest = versioned(segments, |name| matches!(name, "models" | "files" | "cachedContents"))?;
    let other = || Some(Asked::Other(format!("/{}", rest.join("/"))));
    match rest {
        [version, "models", named] => {
            // Decoded, as a server reads it: an encoded colon is one too.
            let named = String::from_utf8(decode(named)).ok()?;
            let Some((model, operation)) = named.rsplit_once(':') else { return other() };
            let is_operation = !operation.is_empty() && operation.bytes().all(|byte| byte.is_ascii_alphabetic());
            let call = Call { operation: operation.to_owned(), model: Some(model.to_owned()), version: Some((*version).to_owned()) };
            is_operation.then_some(Asked::Model(call))
        }
        [_, "models"] | [_, "files" | "cachedContents", ..] => other(),
        _ => None,
    }
}

fn azure(segments: &[&str]) -> Option<Asked> {
    let deployments = segments.windows(2).position(|pair| pair == ["openai", "deployments"]);
    if let Some([deployment, operation @ ..]) = deployments.and_then(|at| segments.get(at + 2..))
        && operation.iter().any(|segment| !segment.is_empty())
    {
        let model = String::from_utf8(decode(deployment)).ok()?;
        return Some(Asked::Model(Call { operation: operation.join("/"), model: Some(model), version: None }));
    }
    if let Some([_, operation @ ..]) = versioned(segments, |name| OF_DEPLOYMENT.contains(&name)) {
        return Some(Asked::Model(Call::of(operation.join("/"))));
    }
    openai(segments).map(|path| Asked::Other(format!("/openai{path}")))
}

/// The segments from a version such as `v1beta` on, where one of these names follows it.
fn versioned<'s, 'p>(segments: &'s [&'p str], is_known: impl Fn(&str) -> bool) -> Option<&'s [&'p str]> {
    let at = segments.windows(2).position(|pair| matches!(pair, [version, name] if is_version(version) && is_known(name)))?;
    segments.get(at..)
}

fn is_version(segment: &str) -> bool {
    let mut rest = segment.strip_prefix('v').unwrap_or_default().bytes();
    rest.next().is_some_and(|first| first.is_ascii_digit()) && rest.all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn describe(provider: AiProvider, path: &str) -> String {
        match Asked::of(provider, path) {
            Asked::Other(path) => path,
            Asked::Model(Call { operation, model, version }) => {
                [Some(operation), model, version].into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn paths_of_each_provider() {
        use AiProvider::{Anthropic, AzureOpenAi, Gemini, Mistral, OpenAi};
        for (provider, path, expected) in [
            (OpenAi, "/", "chat/completions"),
            (OpenAi, "/openai", "chat/completions"),
            (OpenAi, "/v1/chat/completions", "chat/completions"),
            (OpenAi, "/v1/completions", "chat/completions"),
            (OpenAi, "/openai/v1/embeddings", "/v1/embeddings"),
            (OpenAi, "/x/v1/files/file-1/content", "/v1/files/file-1/content"),
            (OpenAi, "/v1/filesystem", "chat/completions"),
            (OpenAi, "/v1/x/files", "chat/completions"),
            (OpenAi, "/v/files", "chat/completions"),
            (OpenAi, "/value1/files", "chat/completions"),
            (Mistral, "/mistral/v1/models", "/v1/models"),
            (Anthropic, "/", "messages"),
            (Anthropic, "/claude/v1/messages", "messages"),
            (Anthropic, "/v1/messages/count_tokens", "messages/count_tokens"),
            (Anthropic, "/v1/messages/batches/b1/results", "/v1/messages/batches/b1/results"),
            (Anthropic, "/v1/messages/", "messages"),
            (Anthropic, "/v1/messages/other", "messages"),
            (Anthropic, "/v1/models/x", "/v1/models/x"),
            (Gemini, "/", "generateContent"),
            (Gemini, "/gemini/v1beta/models/gemini-2.5-flash:streamGenerateContent", "streamGenerateContent gemini-2.5-flash v1beta"),
            (Gemini, "/v1/models/a%2Fb%3AcountTokens", "countTokens a/b v1"),
            (Gemini, "/v1/models/a:b:embedContent", "embedContent a:b v1"),
            (Gemini, "/v1/models/a:", "generateContent"),
            (Gemini, "/v1/models/a/b:generateContent", "generateContent"),
            (Gemini, "/v1/tunedModels/a:generateContent", "generateContent"),
            (Gemini, "/x/v1beta/models", "/v1beta/models"),
            (Gemini, "/v1beta/models/a", "/v1beta/models/a"),
            (Gemini, "/v1beta/files/a", "/v1beta/files/a"),
            (AzureOpenAi, "/", "chat/completions"),
            (AzureOpenAi, "/x/openai/deployments/d%20e/chat/completions", "chat/completions d e"),
            (AzureOpenAi, "/openai/deployments/d/audio/speech", "audio/speech d"),
            (AzureOpenAi, "/openai/deployments/d/", "chat/completions"),
            (AzureOpenAi, "/openai/deployments/d", "chat/completions"),
            (AzureOpenAi, "/v1/embeddings", "embeddings"),
            (AzureOpenAi, "/v1/files/x", "/openai/v1/files/x"),
            (AzureOpenAi, "/openai/v1/responses", "/openai/v1/responses"),
        ] {
            assert_eq!(describe(provider, path), expected, "{path}");
        }
    }
}
