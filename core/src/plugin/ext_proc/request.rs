use bytes::Bytes;
use http::Response;
use http::header::HeaderMap;
use http::uri::PathAndQuery;

use super::conversation::{Conversation, Reply, failed};
use super::{Modes, event, mutation};
use crate::context::Request;
use crate::error::{ErrorKind, GatewayError};
use crate::platform::Body;
use crate::platform::processor::{CommonResponse, Content, Step};
use crate::plugin::Draft;
use crate::receive::CleanPath;

/// Tells the processor of the request, as far as it wants to know, and does what it says. Returns an answer if it gives one.
///
/// # Errors
/// 502 for whatever goes wrong with the processor; 413, 400 or 503 for a body that it wants to see.
pub async fn process(
    conversation: &mut Conversation,
    mode: Modes,
    (context, told): (&Request<'_>, &HeaderMap),
    draft: &mut Draft,
) -> Result<Option<Response<Body>>, GatewayError> {
    // Read first, as the message about the headers says whether there is a body.
    let body = if mode.request_body { Some(read(draft, conversation.limit()).await?) } else { None };
    let has_body = body.as_ref().map_or_else(|| draft.has_body(), |body| !body.is_empty());
    if mode.request_headers {
        let headers = event::request_headers(draft, told, context);
        match conversation.ask(Step::RequestHeaders, headers, !has_body).await? {
            Reply::Answer(answer) => return Ok(Some(answer)),
            Reply::Continue(response) => {
                let replace = response.replace;
                // To headers a new body may only be said together with the wish to replace it.
                let body = if replace { response.body } else { None };
                change(draft, CommonResponse { body, ..response })?;
                if replace {
                    return Ok(None);
                }
            }
        }
    }
    if let Some(body) = body.filter(|_| has_body) {
        match conversation.ask(Step::RequestBody, Content::Body(body), true).await? {
            Reply::Answer(answer) => return Ok(Some(answer)),
            Reply::Continue(response) => change(draft, response)?,
        }
    }
    Ok(None)
}

async fn read(draft: &mut Draft, limit: usize) -> Result<Bytes, GatewayError> {
    let body = draft.read_body().await?;
    if body.len() > limit {
        return Err(GatewayError::new(ErrorKind::BodyTooLarge, format!("a processor sees at most {limit} bytes")));
    }
    Ok(body)
}

fn change(draft: &mut Draft, response: CommonResponse) -> Result<(), GatewayError> {
    if let Some(body) = response.body {
        draft.set_body(body);
    }
    let pseudo = mutation::apply(response.headers, &mut draft.headers).map_err(failed)?;
    if let Some(target) = pseudo.path {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.as_str(), None),
        };
        if target.contains('#') || target.parse::<PathAndQuery>().is_err() {
            return Err(failed(format!("{target:?} is not a path")));
        }
        draft.path = CleanPath::new(path).map_err(|refusal| failed(format!("{target:?}: {refusal}")))?;
        draft.query = query.map(str::to_owned);
    }
    Ok(())
}
