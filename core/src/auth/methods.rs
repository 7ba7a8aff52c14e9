//! `spec.authentication` of a Service, compiled: which credentials are looked for, and where.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use super::api_key::ApiKeys;
use super::basic::Passwords;
use super::carrier::Carrier;
use super::identify::Way;
use super::provider::Provider;
use super::{AuthFailure, ForeignAuthorization, presented};
use crate::check::{at_most, each};
use crate::problem::Problems;
use crate::resource::service::{Authentication, JwtPolicy};

/// The ways in which callers of a Service may prove who they are.
#[derive(Debug)]
pub struct Methods {
    /// This gateway's own tokens.
    pub(super) token: bool,
    pub(super) api_key: Option<ApiKeys>,
    pub(super) providers: Vec<Provider>,
    pub(super) policy: JwtPolicy,
    pub(super) passwords: Option<Passwords>,
}

/// The one credential that a request carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) text: String,
    /// It may be a token of this gateway.
    pub(super) token: bool,
    /// It may be an API key.
    pub(super) api_key: bool,
    /// The providers, by their place, whose token it may be.
    pub(super) providers: Vec<usize>,
    /// It is a name and a password, in base64.
    pub(super) password: bool,
    /// Where it is.
    pub(super) carriers: Vec<Carrier>,
}

const MAX_PROVIDERS: usize = 16;

impl Methods {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &Authentication, problems: &mut Problems) -> Self {
        let is_any = source.token.is_some() || source.api_key.is_some() || !source.jwt.is_empty() || source.basic.is_some();
        if !is_any {
            problems.error_with_help("this names no way in", "say which: `token: {}`, `apiKey`, `jwt` or `basic`");
        }
        if source.jwt.is_empty() && source.jwt_policy != JwtPolicy::RequireValid {
            problems.at("jwtPolicy", |p| p.error("this is about tokens of the issuers in `jwt`, and there are none"));
        }
        at_most(problems, "jwt", source.jwt.len(), MAX_PROVIDERS, "providers");
        let mut names = std::collections::BTreeSet::new();
        let providers = each(problems, "jwt", &source.jwt, |problems, provider| {
            if !names.insert(provider.name.as_str()) {
                problems.at("name", |p| p.error(format!("there is a provider `{}` already", provider.name)));
            }
            Provider::compile(provider, problems)
        });
        Self {
            token: source.token.is_some(),
            api_key: source.api_key.as_ref().map(|keys| problems.at("apiKey", |problems| ApiKeys::compile(keys, problems))),
            providers: providers.into_iter().flatten().collect(),
            policy: source.jwt_policy,
            passwords: source.basic.as_ref().map(|basic| problems.at("basic", |problems| Passwords::compile(basic, problems))),
        }
    }

    /// Whether a request may come without any credential.
    pub fn is_optional(&self) -> bool {
        self.policy != JwtPolicy::RequireValid
    }

    /// Whether API keys are the only way in.
    pub(super) fn only_api_keys(&self) -> bool {
        self.api_key.is_some() && !self.token && self.providers.is_empty() && self.passwords.is_none()
    }

    /// Headers that only the gateway sets here. What callers send under these names is removed.
    pub(super) fn own_headers(&self) -> impl Iterator<Item = &HeaderName> {
        let entries = self.api_key.iter().flat_map(|keys| keys.entries.iter().map(|entry| &entry.header));
        let claims = self.providers.iter().flat_map(|provider| &provider.claims).filter(|claim| !claim.append);
        entries.chain(claims.map(|claim| &claim.header))
    }

    /// Whether the credential stays where it was.
    pub(super) fn keeps(&self, way: &Way) -> bool {
        match way {
            Way::ApiKey => self.api_key.as_ref().is_some_and(|keys| keys.keep),
            Way::Provider(index, _) => self.providers.get(*index).is_some_and(|provider| provider.keep),
            Way::Other => false,
        }
    }

    /// Finds the credential of a request; `None` when it carries none.
    ///
    /// # Errors
    /// [`AuthFailure::TwoTokens`] when there are two different ones; what [`Carrier::read`] refuses.
    pub(super) fn find(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
        foreign: ForeignAuthorization,
    ) -> Result<Option<Found>, AuthFailure> {
        let mut search = Search { headers, query, found: None };
        if self.token
            && let Some(presented) = presented::presented(headers, foreign)?
        {
            for name in presented.headers {
                let carrier = if name == AUTHORIZATION { Carrier::bearer() } else { Carrier::Header { name, prefix: String::new() } };
                search.add(&carrier, presented.token.to_owned())?.token = true;
            }
        }
        for carrier in self.api_key.iter().flat_map(|keys| &keys.carriers) {
            if let Some(found) = search.look(carrier)? {
                found.api_key = true;
            }
        }
        for (index, provider) in self.providers.iter().enumerate() {
            for carrier in &provider.carriers {
                if let Some(found) = search.look(carrier)?
                    && !found.providers.contains(&index)
                {
                    found.providers.push(index);
                }
            }
        }
        if self.passwords.is_some()
            && let Some(found) = search.look(&Carrier::Header { name: AUTHORIZATION, prefix: "basic ".to_owned() })?
        {
            found.password = true;
        }
        Ok(search.found)
    }
}

struct Search<'r> {
    headers: &'r HeaderMap,
    query: Option<&'r str>,
    found: Option<Found>,
}

impl Search<'_> {
    fn look(&mut self, carrier: &Carrier) -> Result<Option<&mut Found>, AuthFailure> {
        match carrier.read(self.headers, self.query)? {
            Some(text) => self.add(carrier, text).map(Some),
            None => Ok(None),
        }
    }

    fn add(&mut self, carrier: &Carrier, text: String) -> Result<&mut Found, AuthFailure> {
        let found = self.found.get_or_insert_with(|| Found {
            text: text.clone(),
            token: false,
            api_key: false,
            providers: Vec::new(),
            password: false,
            carriers: Vec::new(),
        });
        if found.text != text {
            return Err(AuthFailure::TwoTokens);
        }
        if !found.carriers.contains(carrier) {
            found.carriers.push(carrier.clone());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
