//! `jsonSchema`: refuses a body that does not conform. The body is read only when the plugin runs, and goes on as it came.

use http::StatusCode;

use super::refusal::Refusal;
use super::{Action, Call, Draft, Flow};
use crate::body::BodySchema;
use crate::error::GatewayError;
use crate::platform::LocalBoxFuture;
use crate::problem::Problems;
use crate::resource::service::JsonSchemaPlugin;

#[derive(Debug)]
pub struct CheckBody {
    schema: BodySchema,
    refusal: Refusal,
}

impl CheckBody {
    /// Compiles; every problem is reported at its place.
    pub fn compile(source: &JsonSchemaPlugin, problems: &mut Problems) -> Option<Self> {
        let schema = BodySchema::compile(&source.inline, problems);
        let status = (source.status_code, StatusCode::BAD_REQUEST);
        let refusal = Refusal::compile(status, source.body.as_ref(), &source.headers, problems);
        Some(Self { schema: schema?, refusal: refusal? })
    }
}

impl Action for CheckBody {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            let body = draft.read_body().await?;
            Ok(match self.schema.check(&body, &draft.headers) {
                Ok(()) => Flow::Continue,
                Err(error) => Flow::Answer(self.refusal.response(error, call.shape)),
            })
        })
    }
}
