//! `postern apply` to the local store.

use crate::common::Sandbox;

const GROUP: &str = "kind: Group\nmetadata: {name: staff}\nspec: {}\n";
const MEMBER: &str = "kind: User\nmetadata: {name: ada}\nspec: {type: HUMAN, groups: [staff]}\n";

fn names(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.run(&["get", "resources", "-o", "json"]).ok().json();
    listed["resources"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn resources_are_added_changed_and_pruned() {
    let sandbox = Sandbox::new();
    sandbox.run(&["get", "resources"]).ok().says("There are no resources");
    sandbox.run_with_input(&["apply", "-"], GROUP).ok().says("1 added, 0 changed, 0 unchanged, 0 deleted");
    sandbox.run_with_input(&["apply", "-"], MEMBER).ok().says("1 added, 0 changed, 1 unchanged, 0 deleted");
    assert_eq!(names(&sandbox), ["ada", "staff"]);
    sandbox.run_with_input(&["apply", "-"], &MEMBER.replace("HUMAN", "WORKLOAD")).ok().says("0 added, 1 changed, 1 unchanged");
    sandbox.run_with_input(&["apply", "-", "--prune"], MEMBER).refused("staff");
    assert_eq!(names(&sandbox), ["ada", "staff"], "nothing was published");
    sandbox.run_with_input(&["apply", "-", "--prune"], GROUP).ok();
    assert_eq!(names(&sandbox), ["staff"]);
}

#[test]
fn files_that_serve_reads_are_known_but_not_published() {
    let sandbox = Sandbox::new();
    sandbox.write("config/group.yaml", GROUP);
    sandbox.run_with_input(&["apply", "-"], MEMBER).ok();
    assert_eq!(names(&sandbox), ["ada"]);
    sandbox.run(&["apply", "config/user.yaml"]).refused("User `app` is in config already");
    sandbox.run(&["apply", "config/gateway.yaml"]).refused("Gateway is in config already");
}

#[test]
fn what_was_tampered_with_is_not_used_until_it_is_replaced() {
    let sandbox = Sandbox::new();
    sandbox.run_with_input(&["apply", "-"], GROUP).ok();
    std::fs::remove_file(sandbox.path(".postern/key")).unwrap();
    sandbox.run_with_input(&["apply", "-"], MEMBER).refused("`postern apply --prune` replaces");
    sandbox.run(&["serve"]).refused("not signed with this deployment's key");
    sandbox.run_with_input(&["apply", "-", "--prune"], GROUP).ok();
    assert_eq!(names(&sandbox), ["staff"]);
}

#[test]
fn plain_secrets_are_published_sealed() {
    let sandbox = Sandbox::new();
    let plain = "kind: Secret\nmetadata: {name: plain-key}\nspec: {data: {value: sk-canary-0123456789}}\n";
    let applied = sandbox.run_with_input(&["apply", "-"], plain).ok();
    assert!(!applied.stderr.contains("sk-canary"));
    for file in sandbox.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"sk-canary"), "{}", file.display());
    }
}
