//! Hosts with a mistake each, over the gateway in memory.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use postern_cases::format::{Abilities, Outage};
use postern_cases::memory::MemoryTarget;
use postern_cases::target::{Answer, Call, Deployment, Exposed, Instance, StoreEdit, Target};
use postern_cases::upstream::{Slot, Upstreams};
use postern_core::platform::LocalBoxFuture;

#[derive(Clone, Copy, PartialEq)]
pub enum Mistake {
    None,
    /// The log has none of its entries.
    NoEntry,
    /// The log has each entry twice.
    TwoEntries,
    /// The log has an entry of a request that nobody sent.
    OneMoreEntry,
    /// Answers do not say which request they belong to.
    NoRequestId,
    /// The log has this line, and like all others some time after the answer.
    LateLines(&'static str),
    /// Each request leaves a call to the upstream behind.
    OpenCall,
}

pub struct MistakenTarget(pub Mistake);

static MEMORY: MemoryTarget = MemoryTarget;

impl Target for MistakenTarget {
    fn name(&self) -> &'static str {
        "mistaken"
    }

    fn abilities(&self) -> Abilities {
        MEMORY.abilities()
    }

    fn expose(&self, upstreams: Rc<Upstreams>) -> LocalBoxFuture<'_, Result<Exposed, String>> {
        MEMORY.expose(upstreams)
    }

    fn start(&self, deployment: Deployment) -> LocalBoxFuture<'_, Result<Box<dyn Instance>, String>> {
        let mistake = self.0;
        Box::pin(async move {
            let upstreams = deployment.upstreams.clone();
            let inner = MEMORY.start(deployment).await?;
            Ok(Box::new(Mistaken { mistake, inner, upstreams, looks: Cell::default(), open: RefCell::default() }) as Box<dyn Instance>)
        })
    }
}

struct Mistaken {
    mistake: Mistake,
    inner: Box<dyn Instance>,
    upstreams: Rc<Upstreams>,
    /// How often somebody looked at the log.
    looks: Cell<u32>,
    open: RefCell<Vec<Slot>>,
}

/// Looks at the log before late lines are there.
const LATE: u32 = 5;

impl Instance for Mistaken {
    fn send(&self, call: Call) -> LocalBoxFuture<'_, Result<Answer, String>> {
        if self.mistake == Mistake::OpenCall {
            let (head, ()) = http::Request::get("/left-open").body(()).unwrap().into_parts();
            self.open.borrow_mut().push(self.upstreams.recorder.begin("provider", &head));
        }
        Box::pin(async move {
            if call.target == "/refused-by-the-host" {
                let body = Box::pin(futures::stream::empty());
                return Ok(Answer { status: 400, headers: Vec::new(), informational: Vec::new(), body });
            }
            let mut answer = self.inner.send(call).await?;
            if self.mistake == Mistake::NoRequestId {
                answer.headers.retain(|(name, _): &(String, Bytes)| name != "x-request-id");
            }
            Ok(answer)
        })
    }

    fn set_down(&self, outages: &[Outage]) -> Result<(), String> {
        self.inner.set_down(outages)
    }

    fn edit_store(&self, edit: StoreEdit<'_>) -> Result<(), String> {
        self.inner.edit_store(edit)
    }

    fn restart(&self, secrets: &BTreeMap<String, String>) -> Result<(), String> {
        self.inner.restart(secrets)
    }

    fn logs(&self) -> LocalBoxFuture<'_, Result<Vec<String>, String>> {
        Box::pin(async {
            let lines = self.inner.logs().await?;
            self.looks.set(self.looks.get() + 1);
            Ok(match self.mistake {
                Mistake::NoEntry => Vec::new(),
                Mistake::TwoEntries => [lines.clone(), lines].concat(),
                Mistake::OneMoreEntry => [lines, vec![r#"{"kind":"AccessLog","metadata":{"id":"somebody"}}"#.into()]].concat(),
                Mistake::LateLines(_) if self.looks.get() <= LATE => Vec::new(),
                Mistake::LateLines(line) => [vec![line.to_owned()], lines].concat(),
                Mistake::None | Mistake::NoRequestId | Mistake::OpenCall => lines,
            })
        })
    }
}
