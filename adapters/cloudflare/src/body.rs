//! Bodies that stay with the shim.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use postern_core::platform::{BodyError, LocalBoxFuture, OpaqueBody};

use crate::command::{Command, Kind, milliseconds};
use crate::host::Host;

/// The number of the client's body.
pub const CLIENT: u32 = 0;

/// A body that the shim holds under a number.
pub struct HeldBody {
    host: Rc<Host>,
    handle: u32,
}

impl HeldBody {
    pub fn new(host: Rc<Host>, handle: u32) -> Self {
        Self { host, handle }
    }
}

impl OpaqueBody for HeldBody {
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Bytes, BodyError>> {
        Box::pin(async move {
            let most = u32::try_from(limit).unwrap_or(u32::MAX);
            let command = Command::new(Kind::Read, "").with(self.handle, most);
            self.host.ask(self.host.number(), command).await.body(limit)
        })
    }

    fn next(&self, within: Option<Duration>) -> LocalBoxFuture<'_, Result<Option<Bytes>, BodyError>> {
        Box::pin(async move {
            let command = Command::new(Kind::Next, "").with(self.handle, milliseconds(within));
            self.host.ask(self.host.number(), command).await.piece()
        })
    }

    fn handle(&self) -> u64 {
        u64::from(self.handle)
    }
}

/// A response that is dropped without being sent on holds a connection until the shim cancels it.
impl Drop for HeldBody {
    fn drop(&mut self) {
        if self.handle != CLIENT {
            self.host.released.borrow_mut().push(self.handle);
        }
    }
}
