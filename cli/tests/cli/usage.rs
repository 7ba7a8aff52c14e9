//! Exit codes, help, and what is printed for other programs.

use crate::common::Sandbox;

#[test]
fn wrong_usage_is_2_and_help_is_0() {
    let sandbox = Sandbox::empty();
    let table: [(&[&str], i32); 12] = [
        (&["--help"], 0),
        (&["--version"], 0),
        (&["create", "secret", "--help"], 0),
        (&["chekc"], 2),
        (&["check", "--for", "mars"], 2),
        (&["create", "secret"], 2),
        (&["create", "credential", "--user", "app"], 2),
        (&["get", "everything"], 2),
        (&["serve", "--listen", "nowhere"], 2),
        (&["get", "secrets", "--local", "--remote"], 2),
        (&["get", "secrets", "-o", "yaml"], 2),
        (&["test"], 2),
    ];
    for (arguments, want) in table {
        let outcome = sandbox.run(arguments);
        assert_eq!(outcome.code, want, "{arguments:?}: {}", outcome.stderr);
    }
    assert!(sandbox.run(&["chekc"]).stderr.contains("check"), "the command that was meant is named");
    assert!(sandbox.files().is_empty(), "none of this makes a file");
}

#[test]
fn the_schema_is_a_json_schema_of_every_kind() {
    let schema = Sandbox::empty().run(&["schema"]).ok().json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for kind in ["Service", "User", "Policy", "Gateway"] {
        assert!(schema["$defs"][format!("{kind}Document")].is_object(), "{kind}");
    }
}

#[test]
fn the_reference_is_markdown() {
    let reference = Sandbox::empty().run(&["schema", "--markdown"]).ok().stdout;
    assert!(reference.starts_with('#') && reference.contains("fromSecret"));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = Sandbox::empty().run(&["completions", shell]).ok().stdout;
        assert!(script.contains("credential"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::empty();
    let tool = env!("CARGO_BIN_EXE_postern");
    let script = format!("{tool} schema | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}");
    let status = std::process::Command::new("bash").args(["-c", &script]).current_dir(sandbox.path("")).status().unwrap();
    assert!(status.success());
}
