use std::cell::Cell;
use std::rc::Rc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use postern_core::publish::{CURRENT, Pointer};

use crate::connection::Connection;
use crate::fixture::Fixture;
use crate::options::Host;

/// Publishes configurations that differ by their version.
#[derive(Clone)]
pub struct Reloads {
    host: Host,
    fixture: Rc<Fixture>,
    version: Rc<Cell<u64>>,
}

impl Reloads {
    pub fn of(host: Host, fixture: Rc<Fixture>) -> Self {
        Self { host, fixture, version: Rc::new(Cell::new(1)) }
    }

    pub fn count(&self) -> u64 {
        self.version.get() - 1
    }

    /// Whether an answer may bear this version: there was one of it.
    pub fn has(&self, version: &str) -> bool {
        version.parse().is_ok_and(|version: u64| (1..=self.version.get()).contains(&version))
    }

    /// # Errors
    /// When the configuration cannot be written where the gateway reads it.
    pub async fn next(&self) -> Result<()> {
        let version = self.version.get() + 1;
        match self.host {
            Host::Native => {
                self.version.set(version);
                self.fixture.write("native/config.yaml", self.fixture.config(version)).map(drop)
            }
            Host::Workerd => {
                let snapshot = self.fixture.snapshot(version)?;
                let pointer = Pointer::sign(&self.fixture.ring, &snapshot, version, "localhost");
                put(self.fixture.kv_port, &pointer.content_key(), snapshot).await?;
                self.version.set(version);
                put(self.fixture.kv_port, CURRENT, serde_json::to_string(&pointer)?).await
            }
            // The component host's store can be written only by its component.
            Host::Spin => Ok(()),
        }
    }
}

async fn put(port: u16, key: &str, value: String) -> Result<()> {
    let mut connection = Connection::open(([127, 0, 0, 1], port).into()).await.context("the store of workerd")?;
    let request = Request::put(format!("/{}", key.replace('/', "%2F"))).header("host", "kv").body(Full::new(Bytes::from(value)))?;
    let response = connection.sender.send_request(request).await?;
    anyhow::ensure!(response.status().is_success(), "the store of workerd answered {}", response.status());
    Ok(())
}
