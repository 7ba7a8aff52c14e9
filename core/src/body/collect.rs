use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::{BodyBudget, Held, broken_off, overloaded, too_large};
use crate::error::GatewayError;
use crate::platform::{Body, BoxBody};

/// Reads a body whole. What it takes of the budget grows with what has arrived, whatever was declared: a caller that announces much
/// and sends little keeps nobody out.
///
/// # Errors
/// 413 beyond the limit, 503 beyond the budget, 400 for a body that broke off.
pub async fn collect(body: Body, limit: usize, declared: Option<usize>, budget: &BodyBudget) -> Result<(Bytes, Body, Held), GatewayError> {
    if let Body::Stream(stream) = body {
        let (bytes, held) = collect_stream(stream, limit, budget).await?;
        return Ok((bytes.clone(), Body::from(bytes), held));
    }
    // It is here already, or its host reads it in one piece and shows nothing before the end.
    let expected = body.known_length().and_then(|length| usize::try_from(length).ok()).or(declared).unwrap_or(limit);
    let mut held = budget.hold(expected.min(limit)).ok_or_else(overloaded)?;
    let (bytes, body) = body.buffer(limit).await.map_err(broken_off)?;
    if held.resize(bytes.len()) { Ok((bytes, body, held)) } else { Err(overloaded()) }
}

/// A body of one frame, as most are, is not copied.
async fn collect_stream(mut stream: BoxBody, limit: usize, budget: &BodyBudget) -> Result<(Bytes, Held), GatewayError> {
    let mut held = budget.hold(0).ok_or_else(overloaded)?;
    let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame.map_err(broken_off)?.into_data() else { continue };
        let total = (first.len() + rest.len()).saturating_add(data.len());
        if total > limit {
            return Err(too_large(limit));
        }
        if !held.resize(total) {
            return Err(overloaded());
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&std::mem::take(&mut first));
            rest.extend_from_slice(&data);
        }
    }
    Ok((if rest.is_empty() { first } else { rest.freeze() }, held))
}
