use std::collections::BTreeMap;

use serde_json::Value;
use tokio::time::Instant;

use super::Running;
use super::call::Prepared;
use super::exchange::{self, GLANCE, until};
use super::observe::{Observed, PATIENCE};
use super::{check, prepare, publish, tamper, token};
use crate::format::{Case, Expect, Request, Step, TokenUse};
use crate::matching::Mismatches;

impl Running {
    /// Takes a step; its mismatches begin with its name.
    pub(super) async fn numbered_step(&mut self, case: &Case, name: &str, step: &Step, out: &mut Mismatches) -> Result<(), String> {
        let mut found = Mismatches::default();
        let ended = self.step(case, step, &mut found).await;
        found.iter().for_each(|text| out.note(format!("{name}: {text}")));
        ended.map_err(|why| format!("{name}: {why}"))
    }

    async fn step(&mut self, case: &Case, step: &Step, out: &mut Mismatches) -> Result<(), String> {
        // In memory a request may be answered without a pause. What the one before left to do beside it, such as taking a newer
        // configuration, must not wait for a later step to be seen.
        tokio::task::yield_now().await;
        self.change_host(case, step, out)?;
        if step.request.is_none() {
            return Ok(());
        }
        // What the steps meanwhile refer to may not be known yet.
        let (meanwhile, step) = (&step.meanwhile, Step { meanwhile: Vec::new(), ..step.clone() });
        self.obtain_tokens(case, &step).await?;
        let step = self.values.fill(&step)?;
        let Some(request) = &step.request else { return Ok(()) };
        let token = self.token_header(request).await?;
        let prepared = Prepared::new(request, &self.domain, token)?;
        let sent = prepared.sent();

        let deadline = Instant::now() + PATIENCE;
        let last = loop {
            let mut found = Mismatches::default();
            let last = self.attempt((case, meanwhile), &step, (request, &prepared, &sent), &mut found, out).await?;
            if !step.eventually || found.is_empty() || Instant::now() > deadline {
                found.iter().for_each(|text| out.note(text));
                break last;
            }
            tokio::time::sleep(GLANCE).await;
        };
        self.save(&step, last.as_ref())
    }

    fn change_host(&mut self, case: &Case, step: &Step, out: &mut Mismatches) -> Result<(), String> {
        if let Some(duration) = step.advance {
            self.instance.advance(duration.to_std())?;
        }
        if let Some(duration) = step.rewind {
            self.instance.rewind(duration.to_std())?;
        }
        if let Some(outages) = &step.down {
            self.instance.set_down(outages)?;
        }
        if !step.tamper.is_empty() {
            self.instance.edit_store(&mut |store| tamper::apply(&step.tamper, store))?;
        }
        if let Some(keys) = &step.restart {
            let previous = keys.previous.as_deref();
            let (keys, ring) = prepare::keys_of_the_gateway(&keys.current, previous, &self.domain, &mut self.canaries);
            self.instance.restart(&self.env.clone().into_iter().chain(keys).collect())?;
            self.ring = ring;
        }
        let Some(publish) = &step.publish else { return Ok(()) };
        let (publish, authorities) = (self.values.fill(publish)?, prepare::authorities(case, &self.values));
        let entries = publish::entries(&publish, &self.domain, &authorities, &mut self.canaries)?;
        for (key, value) in &entries {
            self.canaries.search(&format!("what is published as {key}"), value, out);
        }
        self.instance.edit_store(&mut |store| {
            store.extend(entries.clone());
            Ok(())
        })
    }

    /// Sends the copies once. What an expectation does not hold for is `found`; what must never be goes `out` whatever follows.
    async fn attempt(
        &mut self,
        (case, meanwhile): (&Case, &[Step]),
        step: &Step,
        (request, prepared, sent): (&Request, &Prepared, &[u8]),
        found: &mut Mismatches,
        out: &mut Mismatches,
    ) -> Result<Option<Observed>, String> {
        let calls_before = self.upstreams.recorder.len();
        let logs_before = self.instance.logs().await?.len();
        let copies = step.copies.unwrap_or(1);
        let (instance, upstreams) = (self.instance.clone(), self.upstreams.clone());
        let waiting = upstreams.gates.waiting() + copies;
        let exchanges = (0..copies).map(|_| exchange::exchange(&*instance, &upstreams, request, prepared, &step.expect.stream));
        let (exchanges, ended) =
            futures::future::join(futures::future::join_all(exchanges), self.meanwhile(case, meanwhile, waiting, out)).await;
        ended?;
        let mut last = None;
        let mut statuses = BTreeMap::new();
        for exchange in exchanges {
            let (seen, mismatches) = exchange?;
            mismatches.iter().for_each(|text| found.note(text));
            self.owed.add(request, seen.as_ref(), out);
            let Some(seen) = seen else { continue };
            *statuses.entry(seen.status).or_insert(0) += 1;
            check::response(&step.expect, &seen, sent, self.abilities, found);
            self.search_response(request, &seen, out);
            last = Some(seen);
        }
        if let Some(expected) = &step.expect.statuses
            && *expected != statuses
        {
            found.differ("statuses", format_args!("{expected:?}"), format_args!("{statuses:?}"));
        }
        // What follows from a wrong answer may never come. To wait for it would leave no time for another attempt.
        if !step.eventually || found.is_empty() {
            self.check_upstream(&step.expect, calls_before, (sent, copies), found, out).await;
            self.check_log(&step.expect, logs_before, last.as_ref(), found).await?;
        }
        if !(found.is_empty() && out.is_empty()) {
            for line in self.instance.logs().await?.iter().skip(logs_before) {
                found.note(format!("the log has {line}"));
            }
        }
        Ok(last)
    }

    /// Takes steps once as many as `waiting` wait at gates.
    async fn meanwhile(&mut self, case: &Case, steps: &[Step], waiting: usize, out: &mut Mismatches) -> Result<(), String> {
        let gates = self.upstreams.gates.clone();
        if !steps.is_empty() && !until(|| gates.waiting() >= waiting).await {
            return Err("`meanwhile`: not all copies of the request wait at a gate".into());
        }
        for (number, step) in (1..).zip(steps) {
            // Boxed, because steps are within steps.
            Box::pin(self.numbered_step(case, &format!("meanwhile, step {number}"), step, out)).await?;
        }
        Ok(())
    }

    async fn check_upstream(
        &self,
        expect: &Expect,
        before: usize,
        (sent, copies): (&[u8], usize),
        found: &mut Mismatches,
        out: &mut Mismatches,
    ) {
        if expect.upstream.as_ref().is_some_and(|upstream| upstream.cancelled == Some(true)) {
            until(|| self.upstreams.recorder.since(before).iter().all(|call| call.cancelled)).await;
        }
        // What is sent after the response may still be on its way.
        until(|| {
            let received = self.upstreams.recorder.since(before);
            check::has_arrived(expect, &received, copies) && !received.iter().any(|call| call.reading)
        })
        .await;
        let received = self.upstreams.recorder.since(before);
        check::upstream(expect, &received, sent, copies, self.abilities, found);
        for call in &received {
            self.canaries.search_received(call, out);
        }
    }

    /// Nothing that is in the store at the end shows a secret, where the runner reaches it.
    pub(super) fn search_store(&self, case: &Case, out: &mut Mismatches) -> Result<(), String> {
        if !self.abilities.store_access {
            return Ok(());
        }
        self.instance.edit_store(&mut |store| {
            for (key, value) in store.iter().filter(|(key, _)| !case.store.contains_key(*key)) {
                self.canaries.search(&format!("in the end, the store's {key}"), value, out);
            }
            Ok(())
        })
    }

    /// No call to an upstream outlives what it was made for.
    pub(super) async fn check_open_calls(&self, out: &mut Mismatches) {
        // What runs beside the last answer, such as a copy for a mirror, may still have to begin.
        tokio::task::yield_now().await;
        until(|| self.upstreams.recorder.since(0).iter().all(|call| !call.open)).await;
        for call in self.upstreams.recorder.since(0).iter().filter(|call| call.open) {
            out.note(format!("the call {} {} at {} was neither finished nor given up", call.method, call.target, call.upstream));
        }
    }

    fn search_response(&self, request: &Request, seen: &Observed, out: &mut Mismatches) {
        self.canaries.search("the response's body", &seen.body, out);
        for (name, value) in &seen.headers {
            self.canaries.search(&format!("the response's header {name}"), value, out);
        }
        for (name, value) in &seen.trailers {
            self.canaries.search(&format!("the response's trailer {name}"), value, out);
        }
        for text in seen.messages.iter().flatten().chain(&seen.broken) {
            self.canaries.search("what came over the connection", text.as_bytes(), out);
        }
        // An error of the gateway names no upstream.
        if seen.status >= 400 && !self.upstreams.names().is_empty() && request.raw.is_none() {
            let body = String::from_utf8_lossy(&seen.body);
            for name in self.upstreams.names() {
                if let Some(host) = self.values.get(&format!("upstreamHost.{name}"))
                    && body.contains(host)
                {
                    out.note(format!("an error names the upstream {host}"));
                }
            }
        }
    }

    async fn token_header(&mut self, request: &Request) -> Result<Option<(String, String)>, String> {
        let (name, scope, header) = match &request.token {
            None => return Ok(None),
            Some(TokenUse::Credential(name)) => (name, None, None),
            Some(TokenUse::Presented(presented)) => (&presented.credential, presented.scope.as_deref(), presented.header.clone()),
        };
        let token = token::obtain(self, name, scope).await?;
        Ok(Some(match header {
            Some(header) => (header, token),
            None => ("authorization".into(), format!("Bearer {token}")),
        }))
    }

    fn save(&mut self, step: &Step, seen: Option<&Observed>) -> Result<(), String> {
        for (name, place) in &step.save {
            let value = seen.and_then(|seen| find(seen, place)).ok_or_else(|| format!("the answer has no {place} to save"))?;
            self.values.set(format!("saved.{name}"), value);
        }
        Ok(())
    }
}

/// A part of an answer: by JSON pointer, or a header by its name.
fn find(seen: &Observed, place: &str) -> Option<String> {
    if !place.starts_with('/') {
        let (_, value) = seen.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(place))?;
        return Some(String::from_utf8_lossy(value).into_owned());
    }
    let json: Value = serde_json::from_slice(&seen.body).ok()?;
    match json.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}
