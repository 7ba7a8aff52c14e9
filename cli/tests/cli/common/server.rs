//! `postern serve` on a free port.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::Sandbox;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    said: Receiver<String>,
}

/// Long, as only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

impl Server {
    pub fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut command = sandbox.command(arguments);
        let mut child =
            command.args(["--listen", "127.0.0.1:0", "--threads", "1"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, said) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let mut server = Self { child, address: ([127, 0, 0, 1], 0).into(), said };
        let line = server.says("listening on http://");
        server.address = line.trim_start_matches("listening on http://").parse().unwrap();
        server
    }

    /// Waits for a line on standard error that has the text.
    pub fn says(&self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        while let Ok(line) = self.said.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if line.contains(text) {
                return line;
            }
            lines.push(line);
        }
        panic!("{text:?} is not in:\n{}", lines.join("\n"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
