#!/bin/sh
# Runs test programs that print TAP, and adds up.
#   run.sh PROGRAM...      exit 0 when nothing failed; closes with "N passed, N failed[, N skipped]"
# A program that ends without a plan, by a signal or past the time limit counts as one failure.
# TEST_TIMEOUT: seconds for one program (default 300). Totals are added to $TEST_TOTALS if set.
# TEST_JOBS: so many at the same time (default 1): most of them wait more than they reckon.
set -u
if [ "${TEST_JOBS:-1}" -gt 1 ] && [ $# -gt 1 ]; then
  jobs=$TEST_JOBS totals=${TEST_TOTALS:-}
  TEST_JOBS=1 TEST_TOTALS=$(mktemp) || exit 2
  export TEST_JOBS TEST_TOTALS
  # What one of them prints stays together.
  printf '%s\n' "$@" | xargs -P "$jobs" -n 1 sh -c 'said=$(sh "$0" "$1"); rc=$?; printf "%s\n" "$said"; exit $rc' "$0"
  rc=$?
  if [ -n "$totals" ]; then
    cat "$TEST_TOTALS" >>"$totals"
  else
    awk '{ p += $1; f += $2; s += $3 }
      END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$TEST_TOTALS"
  fi
  rm -f "$TEST_TOTALS"
  [ "$rc" = 0 ]
  exit
fi
passed=0 failed=0 skipped=0
out=$(mktemp) || exit 2
trap 'rm -f "$out"' EXIT
export CMOCKA_MESSAGE_OUTPUT=TAP
for t; do
  timeout -k 10 "${TEST_TIMEOUT:-300}" "$t" >"$out" 2>&1 </dev/null
  rc=$?
  # cmocka prints a skipped test as "not ok N # SKIP".
  s=$(grep -ciE '^(not )?ok .*# *skip' "$out")
  p=$(grep '^ok ' "$out" | grep -ciEv '# *skip')
  f=$(grep '^not ok ' "$out" | grep -ciEv '# *skip')
  plan=$(grep -cE '^1\.\.[0-9]+' "$out")
  if [ "$f" = 0 ] && { [ $rc != 0 ] || [ "$plan" = 0 ]; }; then f=1; fi
  if [ "$f" != 0 ]; then
    echo "FAILED $t (exit $rc)"
    grep -vE '^ok ' "$out" | tail -n 80 | sed 's/^/  /'
  else
    echo "ok     $t ($p${s:+, $s skipped})"
    grep -iE '^(not )?ok .*# *skip' "$out" | sed 's/^/  /'
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ -n "${TEST_TOTALS:-}" ]; then
  echo "$passed $failed $skipped" >>"$TEST_TOTALS"
else
  echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
