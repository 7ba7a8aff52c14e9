//! `transform`: changes requests and responses by templates. What a template sees of a message is the message as it came, whatever the
//! other templates of the plugin do with it.

mod changes;
mod compile;
mod extractor;
mod head;
mod input;
mod parameters;
mod request;
mod response;
mod transformation;

use std::rc::Rc;

use super::content::ask_for_plain_body;
use super::{Action, Call, Draft, Flow};
use crate::error::GatewayError;
use crate::platform::LocalBoxFuture;
use transformation::Transformation;

/// A `transform` plugin, compiled.
#[derive(Debug)]
pub struct Transform {
    request: Option<Transformation>,
    response: Option<Rc<Transformation>>,
}

impl Action for Transform {
    fn on_request<'a>(&'a self, call: &'a Call<'a>, draft: &'a mut Draft) -> LocalBoxFuture<'a, Result<Flow, GatewayError>> {
        Box::pin(async move {
            if let Some(transformation) = &self.request {
                request::apply(transformation, call, draft).await?;
            }
            let Some(transformation) = &self.response else { return Ok(Flow::Continue) };
            if transformation.touches_body() {
                ask_for_plain_body(&mut draft.headers);
            }
            Ok(Flow::Watch(Box::new(response::Waiting::new(transformation.clone(), call, draft))))
        })
    }
}
