use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use postern_core::platform::LogSink;

/// The access log: a thread of its own writes whole lines, so that a slow reader of the output does not slow down a request.
/// The queue holds [`QUEUE`] lines; when it is full requests wait, because a line must never be lost.
pub struct Log {
    sender: SyncSender<Arc<str>>,
    writer: Option<JoinHandle<()>>,
}

/// Lines that may wait for the writer.
pub const QUEUE: usize = 8192;

impl Log {
    pub fn stdout() -> Self {
        Self::to(std::io::stdout())
    }

    /// Each call of the output's `write` holds whole lines, each with its newline.
    pub fn to(output: impl Write + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(QUEUE);
        let writer = thread::Builder::new().name("postern-log".into()).spawn(move || write_all(&receiver, output)).ok();
        Self { sender, writer }
    }

    pub(crate) fn sink(&self) -> LogQueue {
        LogQueue(self.sender.clone())
    }

    /// Waits until everything is written. All sinks must be gone.
    pub(crate) fn finish(self) {
        drop(self.sender);
        if let Some(writer) = self.writer {
            // A writer that panicked has nothing left to wait for.
            let _ = writer.join();
        }
    }
}

/// One thread's way to the log.
pub(crate) struct LogQueue(SyncSender<Arc<str>>);

impl LogSink for LogQueue {
    fn write(&self, line: &str) {
        // It fails only when the writer is gone, which it is only when the output is.
        let _ = self.0.send(line.into());
    }
}

/// Lines that come within this time of the first are written together. To wake the writer for each would cost a system call in the
/// request, and the processor that serves it two switches.
const GATHER: Duration = Duration::from_millis(5);

fn write_all(lines: &Receiver<Arc<str>>, mut output: impl Write) {
    const BATCH: usize = 64 << 10;
    let mut buffer = Vec::new();
    while let Ok(first) = lines.recv() {
        thread::sleep(GATHER);
        push(&mut buffer, &first);
        for line in lines.try_iter() {
            if buffer.len() >= BATCH {
                write(&mut buffer, &mut output);
            }
            push(&mut buffer, &line);
        }
        write(&mut buffer, &mut output);
    }
}

fn write(buffer: &mut Vec<u8>, output: &mut impl Write) {
    if let Err(error) = output.write_all(buffer).and_then(|()| output.flush()) {
        // Said on stderr and carried on: a full disk may have room again.
        eprintln!("the access log cannot be written: {error}");
    }
    buffer.clear();
}

fn push(buffer: &mut Vec<u8>, line: &str) {
    buffer.extend_from_slice(line.as_bytes());
    buffer.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_there_when_it_finishes_and_no_call_splits_one() {
        let output = Output::default();
        let log = Log::to(output.clone());
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let sink = log.sink();
                thread::spawn(move || (0..5000).for_each(|n| sink.write(&format!("{{\"line\":\"{writer}-{n}\"}}"))))
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        log.finish();
        let calls = output.0.lock().unwrap();
        assert!(calls.iter().all(|call| call.starts_with(b"{") && call.ends_with(b"}\n")));
        assert_eq!(calls.concat().iter().filter(|byte| **byte == b'\n').count(), 20_000);
    }
}
