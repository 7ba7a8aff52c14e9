//! What the log must say of a case: of the requests that expect something of it, and one entry of every request.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::time::Instant;

use super::Running;
use super::exchange::GLANCE;
use super::observe::{Observed, PATIENCE};
use crate::format::{Expect, Request};
use crate::matching::{Mismatches, subset};

/// The entries that exchanges owe to the access log: one each.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// How many have this request id. Callers may choose the same one twice.
    named: BTreeMap<String, usize>,
    /// Exchanges whose caller saw no request id: it left before the answer, or opened a WebSocket.
    unnamed: usize,
    /// Bytes on the wire may hold more requests than the one whose answer is read.
    raw: bool,
}

impl Owed {
    /// Adds an exchange. An answer without a request id is a refusal of the host's own, before the gateway: it owes none.
    pub fn add(&mut self, request: &Request, seen: Option<&Observed>, out: &mut Mismatches) {
        self.raw |= request.raw.is_some();
        let Some(seen) = seen else {
            self.unnamed += 1;
            return;
        };
        match request_id(seen) {
            Some(id) => *self.named.entry(id).or_default() += 1,
            None if seen.messages.is_some() => self.unnamed += 1,
            None if seen.status >= 400 => {}
            None => out.note(format!("an answer {} has no x-request-id", seen.status)),
        }
    }

    fn is_paid_by(&self, entries: &Entries) -> bool {
        let mut mismatches = Mismatches::default();
        self.compare(entries, &mut mismatches);
        mismatches.is_empty()
    }

    fn compare(&self, entries: &Entries, out: &mut Mismatches) {
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, entry) in entries.iter().filter(|(_, entry)| is_access_log(entry)) {
            *found.entry(entry.pointer("/metadata/id").and_then(Value::as_str).unwrap_or_default()).or_default() += 1;
        }
        for (id, owed) in &self.named {
            out.equal(&format!("log entries of the request {id}"), owed, &found.remove(id.as_str()).unwrap_or_default());
        }
        let others: usize = found.values().sum();
        if others < self.unnamed || others > self.unnamed && !self.raw {
            out.differ("log entries of requests without an answer", self.unnamed, format_args!("{others} {:?}", found.keys()));
        }
    }
}

/// JSON lines of the log, as they are and read.
type Entries = Vec<(String, Value)>;

impl Running {
    /// An entry is written when the body has ended, which the client may see first.
    pub(super) async fn check_log(
        &self,
        expect: &Expect,
        before: usize,
        seen: Option<&Observed>,
        out: &mut Mismatches,
    ) -> Result<(), String> {
        if expect.log.is_none() && expect.log_without.is_empty() {
            return Ok(());
        }
        // A caller that left has no id to look for; then there is one entry, or the token requests before it have others.
        let id = seen.and_then(request_id);
        let is_wanted = |(_, entry): &&(String, Value)| id.as_deref().is_none_or(|id| is_of(entry, id));
        let entries = self.entries_once(before, |entries| entries.iter().any(|entry| is_wanted(&entry))).await?;
        match entries.iter().rev().find(is_wanted) {
            None => out.note("there is no log entry"),
            Some((_, entry)) => expect.log.iter().for_each(|expected| subset("log", expected, entry, out)),
        }
        // An entry of the step before may come late. What a host says beside entries is about all.
        let looked_at = |entry: &&(String, Value)| is_wanted(entry) || !is_access_log(&entry.1);
        for text in expect.log_without.iter().filter(|text| entries.iter().filter(looked_at).any(|(line, _)| line.contains(*text))) {
            out.note(format!("the log shows {text}"));
        }
        Ok(())
    }

    /// Every exchange has left its one entry, and nothing that was logged shows a secret, what the host itself says included.
    pub(super) async fn check_all_logs(&self, out: &mut Mismatches) -> Result<(), String> {
        // Hosts write entries beside the answers. What is not there yet could not be searched either.
        let entries = self.entries_once(0, |entries| self.owed.is_paid_by(entries)).await?;
        self.owed.compare(&entries, out);
        for line in self.instance.logs().await? {
            self.canaries.search("a log line", line.as_bytes(), out);
        }
        Ok(())
    }

    /// The access log after the first lines as soon as it is complete, or as it is when it does not become so.
    async fn entries_once(&self, before: usize, is_complete: impl Fn(&Entries) -> bool) -> Result<Entries, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let entries = self.entries(before).await?;
            if is_complete(&entries) || Instant::now() > deadline {
                return Ok(entries);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// The log after the first lines. What a host itself says is no entry.
    async fn entries(&self, before: usize) -> Result<Entries, String> {
        let lines = self.instance.logs().await?.into_iter().skip(before).filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(&line).map_err(|_| format!("a log line is not JSON: {line}")).map(|entry| (line, entry)))
            .collect()
    }
}

fn request_id(seen: &Observed) -> Option<String> {
    let (_, value) = seen.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-request-id"))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn is_access_log(entry: &Value) -> bool {
    entry.get("kind").is_some_and(|kind| kind == "AccessLog")
}

fn is_of(entry: &Value, request_id: &str) -> bool {
    entry.pointer("/metadata/id").and_then(Value::as_str) == Some(request_id)
}
