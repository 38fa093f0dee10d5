#!/bin/sh
# Column validate: a command that has to agree, run where its agent ran.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

cat >t.csv <<'X'
id,task,validate,output_file,depends_on
good,echo fine >good.txt,grep -q fine good.txt,good.txt,
veto,echo wrong >veto.txt,grep -q right {output_file},veto.txt,
failed,exit 3,touch never,,
gone,true,/no/such/program,,
says,true,"sh -c 'echo first; printf ""two of 3 cases\n\n"" >&2; exit 4'",,
after,true,,,veto
X
run timeout 60 "$AB" launch t.csv --agent shell --no-tui
is "some failed" "$rc" 1
of() { json "$(newest)" ".agents[] | select(.id == \"$1\") | [.status,.class,.attempts,.message] | map(. // \"\" | tostring) | join(\"/\")"; }
like "what validates completes" "$(of good)" "^completed/success/1/"
is "a validation that fails vetoes" "$(of veto)" "failed/invalid/1/validation failed with exit code 1"
is "what it said last is told" "$(of says)" "failed/invalid/1/validation failed with exit code 4: two of 3 cases"
like "a program that is not there is invalid" "$(of gone)" '^failed/invalid/1/validation: .*/no/such/program'
like "a failed attempt is not validated" "$(of failed)" '^failed/task_error/1/'
is "its validation did not run" "$(ls never 2>/dev/null)" ""
like "what depends on it does not start" "$(of after)" '^skipped/'
like "it is told as a phase" "$out" ' good VALIDATING '
like "the log has a line of it" "$("$AB" logs veto)" '^=== validation of attempt 1 at '
done_testing
