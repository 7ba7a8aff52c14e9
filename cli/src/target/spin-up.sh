#!/bin/sh
# Written by postern. Starts `spin up` with the store's entries beside this script, all of them sealed or digested, and with the
# variables of .spin.vars.toml. Arguments are passed on.
values=$(dirname "$0")/values
for file in "$values"/*/*; do
  [ -f "$file" ] || continue
  set -- --key-value "${file#"$values/"}=$(cat "$file")" "$@"
done
exec spin up --variable @.spin.vars.toml "$@"
