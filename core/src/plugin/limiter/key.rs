use super::super::{Call, Scope};
use crate::body::BodyNeeds;
use crate::check::exactly_one;
use crate::error::{ErrorKind, GatewayError};
use crate::expression::Expression;
use crate::limit::address;
use crate::problem::Problems;
use crate::resource::service::{Phase, RateLimitKey};

/// Whose requests are counted together.
#[derive(Debug)]
pub enum Key {
    Session,
    User,
    Eval(Expression),
}

impl Key {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &RateLimitKey, phase: Phase, problems: &mut Problems) -> Option<Self> {
        exactly_one(problems, &[("eval", source.eval.is_some()), ("perSession", source.per_session), ("perUser", source.per_user)]);
        if let Some(text) = &source.eval {
            return problems.at("eval", |problems| Expression::compile_at(text, problems).map(Self::Eval));
        }
        if phase == Phase::PreAuth {
            let help = "leave `key` out, or let the plugin run in phase POST_AUTH";
            problems.warning_with_help("nobody is known before authentication: callers are told apart by their address", help);
        }
        Some(if source.per_user { Self::User } else { Self::Session })
    }

    /// What an expression reads of the body.
    pub fn needs(&self) -> BodyNeeds {
        let mut needs = BodyNeeds::default();
        if let Self::Eval(expression) = self {
            needs.reads(expression.reads());
        }
        needs
    }

    /// Whose request this is. Where there is no such thing, callers are told apart in the next best way: an expression without a
    /// result counts by session, and where nobody is known the address counts. The words in front keep a caller who can choose the
    /// text from counting as somebody else.
    ///
    /// # Errors
    /// 500 when the expression fails. Whoever makes it fail must not choose what happens.
    pub fn principal(&self, call: &Call<'_>) -> Result<String, GatewayError> {
        let known = &call.principal;
        let chosen = match self {
            Self::Session => None,
            Self::User => known.user.as_ref().map(|uid| format!("user:{uid}")),
            Self::Eval(expression) => {
                let text = expression.evaluate_string(call.context, None, call.now).map_err(|failure| {
                    let detail = format!("the key of the plugin {:?} failed: {failure}", call.scope.plugin);
                    GatewayError::new(ErrorKind::Evaluation, detail)
                })?;
                text.filter(|text| !text.is_empty()).map(|text| format!("eval:{text}"))
            }
        };
        let session = || known.session.as_ref().map(|uid| format!("session:{uid}"));
        Ok(chosen.or_else(session).unwrap_or_else(|| format!("address:{}", address(known.address))))
    }
}

/// Which limit it is: no two plugins share a counter, whatever their names are.
pub fn owner(scope: &Scope) -> String {
    let Scope { service, config, plugin } = scope;
    [service, config, plugin].iter().map(|part| format!("{}:{part}", part.len())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    #[test]
    fn plugins_share_no_counter() {
        let scope = |service: &str, config: &str, plugin: &str| {
            owner(&Scope { service: service.into(), config: config.into(), plugin: plugin.into() })
        };
        let all = [
            scope("a", "", "b"),
            scope("a", "b", ""),
            scope("", "a", "b"),
            scope("a", "", "b:1"),
            scope("a1:b", "", ""),
            scope("", "", "a1:b"),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| one != other), "{one}");
        }
    }
}
