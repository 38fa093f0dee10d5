#!/bin/sh
# make install and make uninstall: everything lands, works from there, and goes.
. "$(dirname "$0")/../lib.sh"
TOP=$(cd "$TESTS/.." && pwd)
ROOT=$T/root
umask 077 # root's own umask must not keep others from what is installed

make_it() { make -C "$TOP" --no-print-directory B="$B" DESTDIR="$ROOT" PREFIX=/opt/ab "$@"; }
run make_it install
is "make install" "$rc" 0
like "prefix=, as GNU writes it" \
  "$(env -u PREFIX make -n -C "$TOP" --no-print-directory B="$B" DESTDIR="$ROOT" prefix=/opt/gnu install)" "$ROOT/opt/gnu/bin"
bin=$ROOT/opt/ab/bin share=$ROOT/opt/ab/share
for f in "$TOP"/man/*.[15]; do
  ok "${f##*/}" [ -e "$share/man/man${f##*.}/${f##*/}" ]
done
for f in $(cd "$TOP/share" && find agent-batch -type f); do
  ok "$f" cmp "$TOP/share/$f" "$share/$f"
done
for link in agent-batch-launch-v3 agent-batch-launch agent-batch-launch-v2 agent-batch-status agent-batch-retry \
  agent-batch-monitor agent-batch-monitor-bg agent-batch-wait agent-batch-collect summon_agent; do
  is "the name $link" "$(readlink "$bin/$link")" agent-batch
  ok "its page" [ -e "$share/man/man1/$link.1" ]
  ok "its completions" [ -e "$share/bash-completion/completions/$link" ]
done
for f in bash-completion/completions/agent-batch bash-completion/completions/agent-batch-status \
  zsh/site-functions/_agent-batch fish/vendor_completions.d/agent-batch.fish \
  doc/agent-batch/README.md doc/agent-batch/LICENSE doc/agent-batch/agents.md doc/agent-batch/migrating.md; do
  ok "$f" [ -e "$share/$f" ]
done
is "others may read all of it" "$(find "$ROOT/opt/ab/" ! -type l ! -perm -005 ! -type f; find "$ROOT/opt/ab/" -type f ! -perm -004)" ""

# From a folder of its own, by a link to it, and by a seed's name.
cd "$T" || exit 2
printf 'task\n"[[sim duration=0]]"\n' >t.csv
run "$bin/agent-batch" launch t.csv --agent sim --no-tui
is "the installed program runs its shim and the simulated agent" "$rc" 0
ln -s "$bin/agent-batch" linked
run ./linked launch t.csv --agent shell --no-tui
is "a link to it finds what belongs to it" "$rc" 1 # the task is no command
like "and ran it" "$out" '1 RUNNING|1 FAILED'
run "$bin/agent-batch-launch-v3" t.csv --agent sim --no-tui
is "a seed's name" "$rc" 0

is "it judges by the patterns that came with it" \
  "$(echo 'API Error: 529 Overloaded' | "$bin/agent-batch" classify --exit 1 | jq -r .class)" rate_limit
rm "$share/agent-batch/patterns/base.json"
nr_before=$(ls "$AGENT_BATCHES_DIR" | wc -l)
run "$bin/agent-batch" launch t.csv --agent sim --no-tui
is "without them nothing is launched: exit 2" "$rc" 2
like "it says what is missing, and what to do" "$err" \
  "there are no patterns to judge agents by: cannot read '.*/patterns/base.json'; install agent-batch again"
is "and no batch is made" "$(ls "$AGENT_BATCHES_DIR" | wc -l)" "$nr_before"
run "$bin/agent-batch" classify --exit 1 t.csv
is "nor is anything classified" "$rc$out" 2
run "$bin/agent-batch" doctor
like "doctor finds it" "$out" 'no patterns to judge agents by'

run make_it uninstall
is "make uninstall" "$rc" 0
is "nothing is left" "$(find "$ROOT" ! -type d)" ""
done_testing
