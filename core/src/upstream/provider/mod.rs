//! `ai`: what a provider of language models expects of path, query, headers and body.

mod asked;
mod body;
mod compile;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{ErrorKind, GatewayError, Shape};
use crate::events::Protocol;
use crate::percent::{encode, is_unreserved};
use crate::receive::CleanPath;
use crate::resource::service::AiProvider;
use asked::Asked;

/// `ai`, compiled.
#[derive(Debug)]
pub struct Ai {
    provider: AiProvider,
    /// In the body or, for Gemini, in the path.
    model: Option<String>,
    version: Option<HeaderValue>,
    api_version: Option<String>,
    deployment: Option<String>,
    path: Path,
    streaming: bool,
}

#[derive(Debug)]
enum Path {
    /// The provider's, after this prefix, which may be empty.
    Base(String),
    Full {
        path: CleanPath,
        query: Option<String>,
    },
}

/// One request, as far as its path tells what it asks for.
pub struct Ask<'a> {
    ai: &'a Ai,
    asked: Asked,
}

/// What is sent instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Written {
    pub path: CleanPath,
    pub query: Option<String>,
    /// The body, where it is not the caller's.
    pub body: Option<Bytes>,
}

/// The headers in which the clients of one provider or another send their keys.
pub const KEY_HEADERS: [HeaderName; 4] = [
    http::header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];
/// The parameter in which Google's clients may send theirs.
pub const KEY_PARAMETER: &str = "key";

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// Without the header Anthropic refuses every request.
const DEFAULT_VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");
const DEFAULT_API_VERSION: &str = "v1beta";
/// Bytes of a model's name.
const MAX_MODEL: usize = 256;

impl Ai {
    /// How this provider's streams end.
    pub fn protocol(&self) -> Protocol {
        match self.provider {
            AiProvider::Anthropic => Protocol::Anthropic,
            AiProvider::Gemini => Protocol::Gemini,
            AiProvider::Unset | AiProvider::OpenAi | AiProvider::AzureOpenAi | AiProvider::Mistral => Protocol::OpenAi,
        }
    }

    /// What errors look like to this provider's clients.
    pub fn shape(&self) -> Shape {
        match self.provider {
            AiProvider::Anthropic => Shape::Anthropic,
            AiProvider::Gemini => Shape::Google,
            AiProvider::Unset | AiProvider::OpenAi | AiProvider::AzureOpenAi | AiProvider::Mistral => Shape::OpenAi,
        }
    }

    /// Looks at what a request asks for.
    pub fn ask(&self, path: &CleanPath) -> Ask<'_> {
        Ask { ai: self, asked: Asked::of(self.provider, path.as_str()) }
    }

    /// Sets what the provider wants to be told in headers.
    pub fn set_headers(&self, headers: &mut HeaderMap) {
        match &self.version {
            Some(version) => {
                headers.insert(ANTHROPIC_VERSION, version.clone());
            }
            None if self.provider == AiProvider::Anthropic => {
                headers.entry(ANTHROPIC_VERSION).or_insert(DEFAULT_VERSION);
            }
            None => {}
        }
    }
}

impl Ask<'_> {
    /// Whether the body has to be there.
    pub fn reads_body(&self) -> bool {
        let Asked::Model(call) = &self.asked else { return false };
        let ai = self.ai;
        let is_model_unknown = match ai.provider {
            AiProvider::Gemini => ai.model.is_none() && call.model.is_none(),
            AiProvider::AzureOpenAi => ai.deployment.is_none() && call.model.is_none(),
            _ => false,
        };
        is_model_unknown && !self.is_at_full_path() || !body::changes(ai, call).is_empty()
    }

    /// Writes path, query and body. `body` is the whole body, where it was read.
    ///
    /// # Errors
    /// 400 where there is no model to be asked, or its name cannot stand in a path, and for a body that has to be a JSON object and
    /// is none.
    pub fn write(&self, query: Option<&str>, headers: &HeaderMap, body: Option<&Bytes>) -> Result<Written, GatewayError> {
        let ai = self.ai;
        let unchanged = || query.map(str::to_owned);
        let call = match &self.asked {
            Asked::Other(path) => return Ok(Written { path: ai.at_base(path)?, query: unchanged(), body: None }),
            Asked::Model(call) => call,
        };
        let body = body.map_or(&[][..], |bytes| bytes.as_ref());
        let changed = body::changes(ai, call).apply(body, headers)?;
        if let Path::Full { path, query } = &ai.path
            && call.is_main()
        {
            return Ok(Written { path: path.clone(), query: query.clone(), body: changed });
        }
        let (path, query) = match ai.provider {
            AiProvider::Gemini => {
                let model = self.model(ai.model.as_ref(), call.model.as_ref(), body, headers)?;
                let version = ai.api_version.as_deref().or(call.version.as_deref()).unwrap_or(DEFAULT_API_VERSION);
                let streams = ai.streaming && call.is_main();
                let operation = if streams { "streamGenerateContent" } else { &call.operation };
                let query = if streams { Some(crate::query::with(query.unwrap_or_default(), "alt", "sse")) } else { unchanged() };
                (format!("/{version}/models/{model}:{operation}"), query)
            }
            AiProvider::AzureOpenAi => {
                let deployment = self.model(ai.deployment.as_ref(), call.model.as_ref(), body, headers)?;
                let version = ai.api_version.as_ref();
                let query = version.map(|version| crate::query::with(query.unwrap_or_default(), "api-version", version));
                (format!("/openai/deployments/{deployment}/{}", call.operation), query.or_else(unchanged))
            }
            _ => (format!("/v1/{}", call.operation), unchanged()),
        };
        Ok(Written { path: ai.at_base(&path)?, query, body: changed })
    }

    fn is_at_full_path(&self) -> bool {
        matches!(&self.asked, Asked::Model(call) if call.is_main()) && matches!(self.ai.path, Path::Full { .. })
    }

    /// The model's name as a segment of a path: the configuration's, that of the caller's path, or that of the body.
    fn model(
        &self,
        configured: Option<&String>,
        of_path: Option<&String>,
        body: &[u8],
        headers: &HeaderMap,
    ) -> Result<String, GatewayError> {
        let model = match configured.or(of_path) {
            Some(model) => model.clone(),
            None => body::model(body, headers)?,
        };
        segment(&model).ok_or_else(|| {
            let error = GatewayError::new(ErrorKind::BadRequest, "the model's name cannot stand in a path");
            error.saying("The model's name is not valid.")
        })
    }
}

impl Ai {
    fn at_base(&self, path: &str) -> Result<CleanPath, GatewayError> {
        let base = if let Path::Base(base) = &self.path { base.trim_end_matches('/') } else { "" };
        let path = format!("{base}{path}");
        let clean = CleanPath::new(&path).ok().filter(|clean| clean.as_str() == path);
        clean.ok_or_else(|| GatewayError::new(ErrorKind::BadRequest, "the path would leave its prefix"))
    }
}

/// A name as one segment of a path, which it cannot leave: everything but letters, digits and a few marks is encoded. `None` for one
/// that a server could still read as something else.
fn segment(name: &str) -> Option<String> {
    let encoded = encode(name.as_bytes(), is_unreserved);
    let is_good = (1..=MAX_MODEL).contains(&name.len()) && !name.contains(char::is_control);
    let path = format!("/{encoded}");
    // Dots alone, or behind a slash, a backslash or another layer of encoding.
    let stays = CleanPath::new(&path).is_ok_and(|clean| clean.as_str() == path);
    (is_good && stays).then_some(encoded)
}
