#!/bin/sh
# Names, help, versions, and what is no command or option.
. "$(dirname "$0")/../lib.sh"

run "$AB" --version
is "--version" "$out" "agent-batch 3.0.0"
run "$AB" --help
is "--help is no error" "$rc" 0
like "--help lists launch" "$out" '^  launch +run a batch'
unlike "--help hides the conductor's command" "$out" '^  conduct'
run "$AB"
is "no command is an error" "$rc" 2

for c in launch summon_agent monitor monitor-bg status list wait retry resume ctl lineage logs report collect doctor check classify demo help; do
  run "$AB" help $c
  like "help $c" "$out" "^usage: agent-batch $c"
  run "$AB" $c --help
  like "$c --help" "$out" "^usage: agent-batch $c"
  run "$AB" $c --no-such-option
  is "$c refuses an unknown option" "$rc" 2
  like "$c names the unknown option" "$err" "^agent-batch: $c: unknown option '--no-such-option'"
done

run "$AB" frobnicate
is "an unknown command" "$rc" 2
like "is named, and nothing like it" "$err" "there is no command 'frobnicate'; "
run "$AB" statsu
like "what was meant" "$err" "there is no command 'statsu' \(did you mean 'status'\?\); "
run "$AB" ctl frob
is "an unknown verb" "$rc" 2
like "those there are" "$err" "unknown verb 'frob': there are pause, resume, jobs, cancel, retry, skip-wait, gate, stop\$"

for n in launch-v3 launch-v2 launch; do
  run "$B/bin/agent-batch-$n" --help
  like "agent-batch-$n is launch" "$out" '^usage: agent-batch launch'
done
for n in status retry monitor monitor-bg wait collect; do
  run "$B/bin/agent-batch-$n" --help
  like "agent-batch-$n is $n" "$out" "^usage: agent-batch $n"
done
run "$B/bin/summon_agent" --help
like "summon_agent" "$out" "^usage: agent-batch summon_agent"
run "$B/bin/agent-batch-launch-v3" --version
is "a link tells the version too" "$out" "agent-batch 3.0.0"

echo task >"$T/t.csv"; echo true >>"$T/t.csv"
refused() { # NAME REGEX ARG...
  name=$1 regex=$2
  shift 2
  run "$AB" "$@"
  is "$name: exit 2" "$rc" 2
  like "$name: says it" "$err" "$regex"
  is "$name: on stderr only" "$out" ""
}
refused "launch without a file" 'which tasks' launch
refused "launch with two files" "not also 'b.csv'" launch a.csv b.csv
refused "launch: no agent" 'agent' launch "$T/t.csv"
refused "launch: bad number" "'--jobs' wants" launch "$T/t.csv" --jobs many
refused "launch: a planner without a validator" 'somebody who judges' launch "$T/t.csv" --agent shell --planner shell
refused "launch: an unknown validator" "no-such-profile" launch "$T/t.csv" --agent shell --validator no-such-profile
refused "solve without a problem" 'which problem' solve
refused "solve with two problems" 'quote it' solve two problems
refused "solve: no agent" 'agent' solve problem
refused "launch: slurm" "slurm' is not in this version" launch "$T/t.csv" --executor slurm
refused "launch: monitor and no screen" 'exclude each other' launch "$T/t.csv" --agent shell --monitor --no-tui
refused "logs without an ID" 'wants the ID' logs
refused "ctl without a verb" 'which verb' ctl
refused "ctl with a foreign verb" "dance" ctl dance
refused "status of two" "one BATCH" status a b
refused "demo with words" "takes no 'x'" demo x
run "$AB" status
is "no batch at all: not found" "$rc" 1
run "$AB" status batch-20200101-000000
is "a batch that is not there: not found" "$rc" 1
like "its name is told" "$err" 'batch-20200101-000000'
is "nothing was made" "$(nr_batches)" 0
done_testing
