#!/bin/sh
# The views of the run on a real terminal: keys in by tmux, what is seen out.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/screen.sh"
cd "$T" || exit 2

cat >night.csv <<'EOF'
id,task
heals,"fail once [[sim outcomes=fail,ok duration=0.2]]"
never,"fail for ever [[sim outcomes=fail duration=0.2]]"
quick,be quick [[sim outcomes=ok duration=0.2]]
long,work on the parser [[sim outcomes=ok duration=300 lines=4]]
waits,"wait for it [[sim outcomes=500,ok duration=0.3]]"
EOF

open_screen 120 40
type_line "clear; '$AB' launch night.csv --agent sim --jobs 4 --backoff 600:1:600; echo rc=\$?"
see "one has failed" ' never +. FAILED '
see "one waits" ' waits +. BACKOFF '
batch=$(newest)

keys 4
see "4 is the lineage" '^ CYCLE +BATCH +AGENTS +DONE +HEALED +FAILED +LEFT +TOOK'
see "with the batch" "^>- 0 +$batch +5 +1 +- +[12] +[23] .* task_error"
see "and its agents" '^  never +. failed: task_error'
keys f f f
see "f filters them" 'only: failed'
see_no "and hides others" ' quick '
keys Escape
keys 1
see "1 is the overview" ' LAST LINE '
keys Escape
keys 4
see "all agents again" ' quick +. completed at attempt 1 '
keys Enter
see "Enter goes to the agents" 'Enter opens the agent'
keys Enter
see "and to the log" 'q back$'
keys q
see "back at the agents" 'Enter opens the agent'

keys 5
see "5 is the timeline" '^ AGENT +TRY .*!now'
see "with who runs" '^.long +. 1/5 +=+$'
see "who waits" '^.waits +. 2/5 +=*.~*\.+ *$'
see "and who failed" '^.never +. 1/5 +=*. *$'
see "and the slots in use" '^ of 4 +[0-9]+$'
see "at the scale that fits" '1 col = 1 s$'
keys ,
see ", is coarser" '1 col = 2 s$'
keys h
keys Escape
keys 5
see "it is where it was" '1 col = 2 s$'
keys C
see "C is the whole run" 'jobs in use  whole run'
keys C
see_no "and this cycle again" 'whole run '
keys g
keys G
keys Enter
see "Enter is the log" '^ . [A-Z]+ +agent '
keys q
see "and q the timeline" '^ AGENT +TRY .*!now'
keys 6
see "6 is the failures" '^  AGENTS ATTEMPTS CLASS .* all cycles  [0-9]+ groups'
see "with what happens next" '^. +1 +[0-9]+ transient +.*retries itself '
see "and what does not" '^. +[0-9]+ +[0-9]+ task_error +.*(needs you|spent) '
keys Escape
keys 6
keys /
keys -l trans
keys Enter
see "/ finds a group" '^> +1 +[0-9]+ transient '
see "with its agent" '^  waits +. in .* 1/5 .* 0  '
keys C
see "C is this cycle" ' cycle 0  [0-9]+ groups'
keys C
see "and all of them" ' all cycles '
keys /
keys -l trans
keys Enter
see "the group again" '^> +1 +[0-9]+ transient '
keys Enter
see "Enter is the log, at the message" '^ +[0-9]+\* .*5[0-9][0-9]'
keys q
see "and back" '^> +1 +[0-9]+ transient '
keys Space
see "Space tags its agents" '1 tagged'
keys U
keys s
see "s skips its waits" 'transient: 1 agent  healed 1 '
run "$AB" monitor "$batch" --print failures --ascii --size 80x24 --at "$(date +%s)"
is "--print failures" "$rc" 0
like "draws them" "$out" '^  AGENTS CLASS       LAST   NEXT'
run "$AB" monitor "$batch" --print timeline --ascii --size 80x24 --at "$(date +%s)"
is "--print timeline" "$rc" 0
like "draws it" "$out" '^ AGENT TRY '
keys 4

run "$AB" monitor "$batch" --print lineage --ascii --size 80x24 --at "$(date +%s)"
is "--print lineage" "$rc" 0
like "draws it" "$out" '^ CYCLE  BATCH +AGENTS HEALED FAILED LEFT TOOK'

"$AB" ctl "$batch" cancel >/dev/null 2>&1
see "the run ends" ' STOPPED '
keys 1
see "the overview" ' LAST LINE '
keys q
see "and is left" 'carry on with: agent-batch resume'

# Where nobody touches a key, an end with failures is shown as failures.
printf 'id,task\nbad,"fail [[sim outcomes=fail duration=0.2]]"\nfine,be quick [[sim duration=0.2]]\n' >end.csv
type_line "clear; '$AB' launch end.csv --agent sim; echo rc=\$?"
see "the end with failures is the failures view" '^> +1 +1 task_error +.* (spent|needs you) '
see "under its state" ' FAILED | FINISHED | DONE '
keys q
keys q
see "left" 'rc=1'

# The directory goes away below the screen.
printf 'id,task\nlong,"work [[sim duration=300]]"\n' >gone.csv
type_line "clear; '$AB' launch gone.csv --agent sim; echo rc=\$?"
see "a run to lose" ' RUNNING +up '
rm -r "$AGENT_BATCHES_DIR/$(newest)"
see "that its directory has gone is said" 'cannot read the run: .* was removed while it ran'
keys n
see "until a key has its answer" '^ nothing is looked for'
keys q
see "what stays says no more than is true" '^cannot read the run: .* was removed while it ran'
see_no "of nothing there is nothing to resume" 'agent-batch resume'
done_testing
