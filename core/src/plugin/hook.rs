use http::Response;

use super::{Call, Kind};
use crate::error::GatewayError;
use crate::platform::{Body, LocalBoxFuture};

/// A plugin that wants to see the response to a request that it saw.
pub trait ResponseHook {
    /// Works on the response; `call` is that of the last phase, with the scope of no plugin.
    ///
    /// # Errors
    /// What ends the request instead.
    fn on_response<'a>(
        self: Box<Self>,
        call: &'a Call<'a>,
        response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>>;

    /// Whether it also wants to see answers that another plugin gives in the upstream's place.
    fn sees_answers(&self) -> bool {
        false
    }

    /// Whether it will see a response's body piece by piece on its way to the caller, if there is one.
    fn reads_pieces(&self) -> bool {
        false
    }
}

/// The plugins that wait for the response. The one that stood nearest to the upstream sees it first; of one kind, the first in the list.
#[derive(Default)]
pub struct Hooks(Vec<(Kind, Box<dyn ResponseHook>)>);

impl Hooks {
    pub fn add(&mut self, kind: Kind, hook: Box<dyn ResponseHook>) {
        self.0.push((kind, hook));
    }

    /// As [`ResponseHook::reads_pieces`], of any.
    pub fn any_reads_pieces(&self) -> bool {
        self.0.iter().any(|(_, hook)| hook.reads_pieces())
    }

    /// For a response of the upstream.
    ///
    /// # Errors
    /// As [`ResponseHook::on_response`].
    pub async fn respond(self, call: &Call<'_>, response: Response<Body>) -> Result<Response<Body>, GatewayError> {
        run(self.0, call, response).await
    }

    /// For the answer of a plugin.
    ///
    /// # Errors
    /// As [`ResponseHook::on_response`].
    pub async fn answer(mut self, call: &Call<'_>, response: Response<Body>) -> Result<Response<Body>, GatewayError> {
        self.0.retain(|(_, hook)| hook.sees_answers());
        run(self.0, call, response).await
    }
}

async fn run(
    mut hooks: Vec<(Kind, Box<dyn ResponseHook>)>,
    call: &Call<'_>,
    mut response: Response<Body>,
) -> Result<Response<Body>, GatewayError> {
    hooks.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind));
    for (_, hook) in hooks {
        response = hook.on_response(call, response).await?;
    }
    Ok(response)
}
