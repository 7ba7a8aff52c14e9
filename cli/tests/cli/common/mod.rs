//! The built tool in a folder of its own.

pub mod fake;
pub mod http;
pub mod server;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const GATEWAY: &str = "kind: Gateway\nmetadata: {name: default}\nspec: {domain: localhost}\n";
pub const USER: &str = "kind: User\nmetadata: {name: app}\nspec: {type: WORKLOAD, authorization: {policies: [allow-all]}}\n";
pub const SERVICE: &str = "kind: Service\nmetadata: {name: gemini}\nspec:\n  mode: HTTP\n  isPublic: true\n  config:\n    upstream: {url: \
                           'https://api.example.com'}\n    http: {auth: {bearer: {fromSecret: gemini-api-key}}}\n";

/// A folder with `config/`, and nothing of the environment's keys.
pub struct Sandbox {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    /// With a Gateway, a User and a Service.
    pub fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.write("config/gateway.yaml", GATEWAY);
        sandbox.write("config/user.yaml", USER);
        sandbox.write("config/service.yaml", SERVICE);
        sandbox
    }

    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).unwrap().permissions().mode() & 0o777
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postern"));
        command.args(arguments).current_dir(self.folder.path());
        for name in ["POSTERN_KEY", "POSTERN_KEY_PREVIOUS", "POSTERN_REGION", "NO_COLOR", "WRANGLER_COMMAND"] {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().cloned());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that reads no input may have ended by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// All files of the folder.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(self.folder.path())
    }
}

impl Outcome {
    /// The command did what it was told.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    /// The command refused, and said why in these words.
    #[track_caller]
    pub fn refused(self, why: &str) -> Self {
        assert_eq!(self.code, 1, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(why), "{why:?} is not in: {}", self.stderr);
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in: {}", self.stderr);
        self
    }

    /// Standard output is one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
