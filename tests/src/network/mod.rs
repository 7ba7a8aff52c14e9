//! Sockets on loopback, for hosts that speak HTTP: the fake upstreams as servers, and a client that sends what it is told.

mod client;
mod raw;
mod upstream;
mod web_socket;

pub use client::Client;
pub use upstream::expose;

/// Runs hyper's tasks on this thread.
#[derive(Clone, Copy)]
struct LocalExecutor;

impl<F: Future + 'static> hyper::rt::Executor<F> for LocalExecutor {
    fn execute(&self, task: F) {
        tokio::task::spawn_local(async {
            task.await;
        });
    }
}
