//! Stand-ins for the hosts' own tools, which say what they were given.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::Sandbox;

/// Puts a shell script on the PATH.
#[must_use]
pub fn tool(sandbox: Sandbox, name: &str, script: &str) -> Sandbox {
    let path = format!("bin/{name}");
    sandbox.write(&path, &format!("#!/bin/sh\n{script}"));
    fs::set_permissions(sandbox.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    let search = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    sandbox.with_env("PATH", &search)
}

/// `npx wrangler kv`: one folder is the store, a file an entry; `calls` has the arguments, `modes` the modes of the files given.
pub const NPX: &str = r#"
echo "$*" >> calls
mkdir -p kv
[ "$1 $2 $3" = "--no-install wrangler kv" ] || exit 9
shift 3
case "$1 $2" in
  "bulk put") stat -c %a "$3" >> modes; cp "$3" put.json
    exec node -e '
      const fs = require("fs");
      for (const { key, value } of JSON.parse(fs.readFileSync("put.json"))) fs.writeFileSync("kv/" + encodeURIComponent(key), value);' ;;
  "bulk delete") exec node -e '
      const fs = require("fs");
      for (const key of JSON.parse(fs.readFileSync(process.argv[1]))) fs.rmSync("kv/" + encodeURIComponent(key), { force: true });' "$3" ;;
  "bulk get") echo; echo " wrangler 4"; exec node -e '
      const fs = require("fs");
      const read = (key) => { try { return fs.readFileSync("kv/" + encodeURIComponent(key), "utf8"); } catch { return null; } };
      const keys = JSON.parse(fs.readFileSync(process.argv[1]));
      console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, { value: read(key) }])), null, 2));' "$3" ;;
  "key list") exec node -e '
      const names = require("fs").readdirSync("kv").map(decodeURIComponent).filter((name) => name.startsWith(process.argv[1]));
      console.log(JSON.stringify(names.map((name) => ({ name }))));' "$4" ;;
  *) echo "unknown command $*" >&2; exit 9 ;;
esac
"#;
