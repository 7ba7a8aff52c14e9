//! Copies of a request for mirrors.

use std::rc::Rc;

use bytes::Bytes;
use http::{Method, Request};

use crate::body::Held;
use crate::error::GatewayError;
use crate::platform::{Body, Platform};
use crate::plugin::Draft;
use crate::upstream::Mirror;

use super::super::attempt::Outgoing;
use super::Forwardable;
use super::request::Prepared;

/// What is copied, and to whom.
#[derive(Default)]
pub struct Copies<'c> {
    mirrors: Vec<&'c Mirror>,
    body: Bytes,
    /// Counts the body for as long as a copy is under way.
    held: Option<Rc<Held>>,
}

impl Forwardable<'_> {
    /// Chooses the mirrors for this request, and keeps its body for them. One that cannot be kept is not copied: mirrors never make a
    /// request fail that would go through without them.
    ///
    /// # Errors
    /// 400 for a body that breaks off, and 503 when too much is held all of a sudden.
    pub(super) async fn keep_for_copies(
        &self,
        draft: &mut Draft,
        is_websocket: bool,
        platform: &Platform,
    ) -> Result<Copies<'_>, GatewayError> {
        let takes = |mirror: &&Mirror| !is_websocket && mirror.takes(platform.random.as_ref());
        let mirrors: Vec<&Mirror> = self.config.mirrors.iter().filter(takes).collect();
        if mirrors.is_empty() || !can_be_kept(draft) {
            return Ok(Copies::default());
        }
        let body = draft.read_body().await?;
        Ok(Copies { mirrors, body, held: draft.release().map(Rc::new) })
    }
}

impl Copies<'_> {
    /// Sends them beside the request, which does not wait for them.
    pub fn send(&self, prepared: &Prepared, platform: &Platform) {
        for mirror in &self.mirrors {
            let body = if self.body.is_empty() { Body::Empty } else { Body::from(self.body.clone()) };
            let outgoing = prepared.clone().copied().to(&mirror.origin, body, None);
            let (origin, held, platform_of_task) = (mirror.origin.authority().to_owned(), self.held.clone(), platform.clone());
            platform.tasks.wait_until(Box::pin(async move {
                let _held = held;
                let failed = match outgoing {
                    Ok(Outgoing { head, options, body, .. }) => {
                        let sent = platform_of_task.http.send(Request::from_parts(head, body), options).await;
                        sent.err().map(|error| error.to_string())
                    }
                    Err(error) => Some(error.detail),
                };
                if let Some(why) = failed {
                    platform_of_task.warn(&format!("a copy of a request did not reach the mirror {origin}: {why}"));
                }
            }));
        }
    }
}

/// Whether the body is there, or is known to fit. Not every host can read that of a `GET`.
fn can_be_kept(draft: &Draft) -> bool {
    if draft.bytes().is_some() || !draft.has_body() {
        return true;
    }
    let (limit, budget) = draft.limits();
    let length = draft.length().and_then(|length| usize::try_from(length).ok());
    let fits = length.is_some_and(|length| length <= limit && budget.hold(length).is_some());
    fits && !matches!(draft.method, Method::GET | Method::HEAD)
}
