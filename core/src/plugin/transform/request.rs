use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;

use super::changes::Failure;
use super::head::Head;
use super::parameters;
use super::transformation::{Transformation, check_room};
use crate::error::{ErrorKind, GatewayError};
use crate::plugin::{Call, Draft};
use crate::receive::CleanPath;
use crate::receive::remove_alike;
use crate::template::RenderError;

/// Changes the request.
///
/// # Errors
/// 400 for one that cannot be transformed; 413, 400 or 503 for a body that is needed.
pub async fn apply(transformation: &Transformation, call: &Call<'_>, draft: &mut Draft) -> Result<(), GatewayError> {
    let body = if transformation.needs_body { draft.read_body().await? } else { Bytes::new() };
    let done = changed(transformation, call, draft, &body);
    done.map_err(|failure| {
        let detail = format!("the plugin {:?} cannot transform the request: {failure}", call.scope.plugin);
        let error = GatewayError::new(ErrorKind::BadRequest, detail);
        error.saying(format!("The request cannot be transformed: {}.", failure.reason()))
    })
}

fn changed(transformation: &Transformation, call: &Call<'_>, draft: &mut Draft, body: &[u8]) -> Result<(), Failure> {
    let changes = transformation.run(&Head::of_request(call, draft), None, body, call.platform.random.as_ref())?;
    let target = changes.path.as_deref().map(|text| target(text, &draft.path)).transpose()?;
    let mut headers = draft.headers.clone();
    // As the rules of the configuration do: the caller cannot say it in another spelling.
    changes.apply_headers(&mut headers, remove_alike);
    check_room(&headers)?;
    draft.headers = headers;
    if let Some((path, query)) = target {
        (draft.path, draft.query) = (path, query);
    }
    draft.query = parameters::changed(draft.query.take(), &changes.parameters);
    if let Some(method) = changes.method {
        draft.method = method;
    }
    if let Some(body) = changes.body {
        if body.is_empty() {
            draft.headers.remove(CONTENT_TYPE);
        }
        draft.set_body(Bytes::from(body));
    }
    Ok(())
}

/// Path and query. A path with dot segments is refused rather than resolved: a caller's value would lead out of the template's prefix.
fn target(text: &str, asked: &CleanPath) -> Result<(CleanPath, Option<String>), Failure> {
    let refused = |why: &str| Failure::at(":path", RenderError(why.to_owned()));
    let (path, query) = match text.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (text, None),
    };
    if text.contains('#') || !text.starts_with('/') || text.parse::<PathAndQuery>().is_err() {
        return Err(refused("what is rendered is no path"));
    }
    if path == asked.as_str() {
        return Ok((asked.clone(), query));
    }
    let path = CleanPath::rewritten(path).map_err(|_| refused("what is rendered is no path that every server reads alike"))?;
    Ok((path, query))
}
