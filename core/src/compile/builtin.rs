/// Policies that exist without being written, and that none may replace: `allow-all`, `deny-all`, and `http-read-only`, which allows
/// the methods GET, HEAD and OPTIONS.
const POLICIES: [&str; 3] = ["allow-all", "deny-all", "http-read-only"];

pub fn is_policy(name: &str) -> bool {
    POLICIES.contains(&name)
}
