//! Kept responses, in the runtime's cache. Their bodies never come here.

use std::rc::Rc;

use bytes::Bytes;
use postern_core::platform::{Body, CacheError, CacheKey, Keeping, Kept, KeptHead, LocalBoxFuture, OpaqueBody, ResponseCache};

use crate::body::HeldBody;
use crate::command::{Command, Kind};
use crate::message::Answer;
use crate::platform::Shim;

impl ResponseCache for Shim {
    fn get<'a>(&'a self, key: &'a CacheKey) -> LocalBoxFuture<'a, Result<Option<Kept>, CacheError>> {
        Box::pin(async move {
            let number = self.0.number();
            let answer = self.0.ask(number, Command::new(Kind::CacheGet, key.to_hex()).with(number, 0)).await;
            match answer.code {
                0 => {
                    let body = Body::Opaque(Rc::new(HeldBody::new(self.0.clone(), number)));
                    Ok(KeptHead::from_bytes(&answer.bytes).map(|head| Kept { head, body }))
                }
                1 => Ok(None),
                _ => Err(CacheError(answer.text())),
            }
        })
    }

    fn put(&self, key: CacheKey, head: KeptHead, body: Bytes) -> Option<Keeping> {
        let most = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let (shim, command) = (self.clone(), put(&key, &head).with(0, most).payload(body));
        Some(Box::pin(async move { confirmed(shim.ask(command).await) }))
    }

    /// The copy is made while the response is still there, and read once that is on its way.
    fn keep<'a>(
        &'a self,
        key: &'a CacheKey,
        head: &'a KeptHead,
        body: &'a Rc<dyn OpaqueBody>,
        most: usize,
    ) -> LocalBoxFuture<'a, Result<Option<Keeping>, CacheError>> {
        Box::pin(async move {
            let Ok(handle) = u32::try_from(body.handle()) else { return Ok(None) };
            let number = self.0.number();
            confirmed(self.0.ask(number, Command::new(Kind::CacheCopy, "").with(handle, number)).await)?;
            // Cancelled when the task that would read it ends early.
            let copy = HeldBody::new(self.0.clone(), number);
            let command = put(key, head).with(number, u32::try_from(most).unwrap_or(u32::MAX));
            let shim = self.clone();
            let keeping: Keeping = Box::pin(async move {
                let answer = shim.ask(command).await;
                drop(copy);
                confirmed(answer)
            });
            Ok(Some(keeping))
        })
    }

    /// A body that is read comes decoded.
    fn decodes(&self, encoding: &str) -> bool {
        ["gzip", "br"].contains(&encoding)
    }
}

/// What the runtime keeps for less than a second it does not keep.
fn put(key: &CacheKey, head: &KeptHead) -> Command {
    let seconds = head.lifetime().as_secs().max(1);
    Command::new(Kind::CachePut, format!("{}\n{seconds}\n{}", key.to_hex(), String::from_utf8_lossy(&head.to_bytes())))
}

fn confirmed(answer: Answer) -> Result<(), CacheError> {
    if answer.code == 0 { Ok(()) } else { Err(CacheError(answer.text())) }
}
