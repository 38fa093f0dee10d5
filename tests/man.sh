#!/bin/sh
# Every manual page is well-formed, and every command has one.
set -u
cd "$(dirname "$0")/.." || exit 2
rc=0
for page in man/*.[157]; do
  mandoc -T lint -W warning "$page" || rc=1
done
bin=${B:-build}/bin/agent-batch
for command in $("$bin" help --names); do
  [ "$command" = help ] || [ -e "man/agent-batch-$command.1" ] || { echo "no manual page for '$command'"; rc=1; }
done
exit $rc
