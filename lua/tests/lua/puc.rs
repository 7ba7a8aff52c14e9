//! PUC Lua 5.1, where it is installed: Debian's package `lua5.1`, or what `scripts/test native` sets up in its place.

use std::path::PathBuf;
use std::process::Command;

/// Takes away what our scripts do not have, in the line of the program's first.
const TAKE_AWAY: &str = "getmetatable('').__index = nil
    string, os, io, debug, coroutine, require, load, loadfile, loadstring, dofile, setmetatable, getmetatable, next, unpack, rawget, rawset,
    rawequal, module, package, newproxy, gcinfo, collectgarbage, getfenv, setfenv, xpcall, _G, _VERSION, arg = nil
    table = {insert = table.insert, remove = table.remove}; ";

/// The original, with a folder of its own: its messages name the file, which is called `script`.
pub struct Puc {
    folder: PathBuf,
}

impl Puc {
    /// `None`, and says so, when `lua5.1` is not installed; in continuous integration that is a failure.
    pub fn find(name: &str) -> Option<Self> {
        let found = Command::new("lua5.1").arg("-v").output().is_ok_and(|output| output.status.success());
        if !found {
            assert!(std::env::var_os("CI").is_none(), "lua5.1 is not installed, and CI is set");
            eprintln!("ignored: lua5.1 is not installed");
            return None;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self { folder })
    }

    /// What a program prints, and the message of the error that it ends with.
    pub fn run(&self, source: &str) -> String {
        std::fs::write(self.folder.join("script"), TAKE_AWAY.replace('\n', " ") + source).unwrap();
        let output = Command::new("lua5.1").arg("script").current_dir(&self.folder).output().unwrap();
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if let Some(error) = String::from_utf8_lossy(&output.stderr).lines().next() {
            text.push_str(error.trim_start_matches("lua5.1: "));
            text.push('\n');
        }
        // The sign of a NaN is the processor's.
        text.replace("-nan", "nan")
    }
}
