use postern_core::platform::{LocalBoxFuture, Tasks};
use tokio_util::task::TaskTracker;

/// Background work on the request's own thread. A graceful shutdown waits for it.
pub(crate) struct LocalTasks(pub TaskTracker);

impl Tasks for LocalTasks {
    fn wait_until(&self, task: LocalBoxFuture<'static, ()>) {
        self.0.spawn_local(task);
    }
}
