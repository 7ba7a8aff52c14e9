use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRAILER};
use http::{Response, StatusCode};

use super::conversation::{Conversation, Reply, failed};
use super::{Modes, event, mutation};
use crate::body::{BodyBudget, read_whole};
use crate::error::{ErrorKind, GatewayError};
use crate::platform::processor::{CommonResponse, Content, Step};
use crate::platform::{Body, LocalBoxFuture, has_no_body};
use crate::plugin::content::is_endless;
use crate::plugin::{Call, ResponseHook};

/// A processor that waits for the response.
pub struct Watch {
    pub conversation: Conversation,
    pub mode: Modes,
    pub budget: BodyBudget,
}

impl ResponseHook for Watch {
    fn on_response<'a>(
        self: Box<Self>,
        _: &'a Call<'a>,
        response: Response<Body>,
    ) -> LocalBoxFuture<'a, Result<Response<Body>, GatewayError>> {
        Box::pin(async move {
            // After an upgrade there is no HTTP to look at.
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                return Ok(response);
            }
            let Watch { mut conversation, mode, budget } = *self;
            let response = process(&mut conversation, mode, &budget, response).await?;
            conversation.finish();
            Ok(response)
        })
    }
}

async fn process(
    conversation: &mut Conversation,
    mode: Modes,
    budget: &BodyBudget,
    response: Response<Body>,
) -> Result<Response<Body>, GatewayError> {
    let mut response = response;
    let mut body = None;
    if mode.response_body && !is_endless(response.headers()) {
        let (head, whole) = response.into_parts();
        let (bytes, whole, held) = read_whole(whole, &head.headers, conversation.limit(), budget).await.map_err(unreadable)?;
        response = Response::from_parts(head, whole);
        body = Some((bytes, held));
    }
    if mode.response_headers {
        let end_of_stream = body.as_ref().map_or_else(|| response.body().is_empty(), |(bytes, _)| bytes.is_empty());
        match conversation.ask(Step::ResponseHeaders, event::response_headers(&response), end_of_stream).await? {
            Reply::Answer(answer) => return Ok(answer),
            Reply::Continue(reply) => {
                let replace = reply.replace;
                let new = if replace { reply.body } else { None };
                change(&mut response, CommonResponse { body: new, ..reply })?;
                if replace {
                    return Ok(response);
                }
            }
        }
    }
    if let Some((bytes, _held)) = body.filter(|(bytes, _)| !bytes.is_empty()) {
        match conversation.ask(Step::ResponseBody, Content::Body(bytes), true).await? {
            Reply::Answer(answer) => return Ok(answer),
            Reply::Continue(reply) => change(&mut response, reply)?,
        }
    }
    Ok(response)
}

fn change(response: &mut Response<Body>, reply: CommonResponse) -> Result<(), GatewayError> {
    if let Some(body) = reply.body {
        for name in [CONTENT_LENGTH, CONTENT_ENCODING, TRAILER] {
            response.headers_mut().remove(name);
        }
        *response.body_mut() = Body::from(body);
    }
    let pseudo = mutation::apply(reply.headers, response.headers_mut()).map_err(failed)?;
    if let Some(status) = pseudo.status {
        *response.status_mut() = status;
    }
    if has_no_body(response.status()) {
        *response.body_mut() = Body::Empty;
    }
    Ok(())
}

/// The upstream sent it, not the caller.
fn unreadable(error: GatewayError) -> GatewayError {
    let kind = match error.kind {
        ErrorKind::BodyTooLarge | ErrorKind::BadRequest => ErrorKind::UpstreamBroken,
        other => other,
    };
    GatewayError::new(kind, format!("the response's body: {}", error.detail))
}
