use std::time::Duration;

use postern_core::platform::{LocalBoxFuture, Tasks};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Background work on the request's own thread. A graceful shutdown waits for it.
pub(crate) struct LocalTasks {
    pub tracker: TaskTracker,
    /// Cancelled when the shutdown begins, which nobody should have to wait for.
    pub stop: CancellationToken,
}

impl Tasks for LocalTasks {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        self.tracker.spawn_local(task);
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        let stop = self.stop.clone();
        Box::pin(async move {
            tokio::select! {
                () = tokio::time::sleep(duration) => {}
                () = stop.cancelled() => {}
            }
        })
    }
}
