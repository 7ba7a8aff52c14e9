use http::Uri;
use http::request::Parts;
use http::uri::PathAndQuery;
use zeroize::Zeroizing;

use super::reference::Reference;
use super::{InjectContext, Injected, failed};
use crate::error::GatewayError;
use crate::percent::{encode, is_unreserved};
use crate::problem::Problems;
use crate::resource::service::QueryAuth;
use crate::secret::SecretValue;
use crate::upstream::parameters;

/// `query`: a Secret as the value of a parameter.
#[derive(Debug)]
pub struct Query {
    name: String,
    value: Reference,
}

impl Query {
    pub(super) fn compile(source: &QueryAuth, problems: &mut Problems) -> Option<Self> {
        let is_name = (1..=128).contains(&source.name.len()) && !source.name.contains(char::is_control);
        if !is_name {
            problems.at("name", |problems| problems.error("a parameter's name has 1 to 128 bytes, and no control characters"));
        }
        let value = problems.at("value", |problems| Reference::compile(&source.value, problems));
        Some(Self { name: source.name.clone(), value: value? }).filter(|_| is_name)
    }

    pub(super) async fn inject(&self, context: &InjectContext<'_>, parts: &mut Parts) -> Result<Injected, GatewayError> {
        let secret = self.value.resolve(context).await?;
        let encoded = Zeroizing::new(encode(secret.text()?.as_bytes(), is_unreserved));
        let query = Zeroizing::new(parameters::with(parts.uri.query().unwrap_or_default(), &self.name, &encoded));
        // The parser's own words could quote what they do not like.
        parts.uri = with_query(&parts.uri, &query).ok_or_else(|| failed("the URI would not be valid with the credential in it"))?;
        Ok(Injected::of(SecretValue::from(encoded.to_string())).and(secret.value))
    }
}

fn with_query(uri: &Uri, query: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let text = Zeroizing::new(format!("{}?{query}", uri.path()));
    parts.path_and_query = Some(text.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn only_the_query_changes() {
        let uri = Uri::from_static("https://a.example:8443/p%2Fq?x=1");
        assert_eq!(with_query(&uri, "key=%26").unwrap(), "https://a.example:8443/p%2Fq?key=%26");
    }
}
