# What the shell tests share; source it first: . "$(dirname "$0")/../lib.sh"
#
# Each test has a folder of its own ($T) with a private batches directory, and prints TAP. At its
# end every process that has this batches directory in its environment is killed: the conductors,
# shims and agents that the test has started, and nobody else's.
#
#   ok NAME CMD...          passes when the command succeeds
#   is NAME GOT WANT        compares texts
#   like NAME TEXT REGEX    extended regular expression, anywhere in the text
#   unlike NAME TEXT REGEX
#   run CMD...              sets $out, $err (stdout, stderr) and $rc
#   wait_for SECS CMD...    until the command succeeds; fails after that many seconds
#   skip NAME REASON
#   done_testing            last line of every test

set -u
TESTS=$(cd "$(dirname "$0")/.." && pwd)
B=${B:-build}
case $B in /*) ;; *) B=$(cd "$TESTS/.." && pwd)/$B ;; esac
AB=$B/bin/agent-batch
[ -x "$AB" ] || { echo "Bail out! $AB is not built"; exit 2; }
T=$(mktemp -d) || exit 2
T=$(cd "$T" && pwd -P)
export AGENT_BATCHES_DIR="$T/batches"
export TZ=UTC LC_ALL=C.UTF-8
unset COLUMNS LINES NO_COLOR ACCESSIBLE XDG_CONFIG_HOME AGENT_BATCH_DIR AGENT_BATCH_CYCLE 2>/dev/null
HOME=$T/home; export HOME; mkdir "$HOME"
nr_tests=0

own_pids() {
  for p in /proc/[0-9]*; do
    [ "${p#/proc/}" = "$$" ] && continue
    tr '\0' '\n' <"$p/environ" 2>/dev/null | grep -qxF "AGENT_BATCHES_DIR=$AGENT_BATCHES_DIR" &&
      echo "${p#/proc/}"
  done 2>/dev/null
}

cleanup() {
  for _ in 1 2 3; do
    pids=$(own_pids)
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086
    kill -9 $pids 2>/dev/null
  done
  rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

pass() { nr_tests=$((nr_tests + 1)); echo "ok $nr_tests - $1"; }
flunk() {
  nr_tests=$((nr_tests + 1))
  echo "not ok $nr_tests - $1"
  shift
  for line; do printf '%s\n' "$line" | sed 's/^/# /'; done
}
skip() { nr_tests=$((nr_tests + 1)); echo "ok $nr_tests - $1 # SKIP $2"; }
ok() { name=$1; shift; if "$@" >/dev/null 2>&1; then pass "$name"; else flunk "$name" "failed: $*"; fi; }
not() { if "$@"; then return 1; else return 0; fi; }
is() { if [ "$2" = "$3" ]; then pass "$1"; else flunk "$1" "got:  $2" "want: $3"; fi; }
like() {
  if printf '%s\n' "$2" | grep -qE -- "$3"; then pass "$1"; else flunk "$1" "got:  $2" "want: /$3/"; fi
}
unlike() {
  if printf '%s\n' "$2" | grep -qE -- "$3"; then flunk "$1" "got:  $2" "unwanted: /$3/"; else pass "$1"; fi
}
run() {
  "$@" >"$T/.out" 2>"$T/.err" </dev/null
  rc=$?
  out=$(cat "$T/.out") err=$(cat "$T/.err")
}
wait_for() {
  deadline=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}
done_testing() { echo "1..$nr_tests"; }

# ---- batches -------------------------------------------------------------

# Names of the batches there are, oldest first (of those of one second, by their endings).
batches() { ls -d "$AGENT_BATCHES_DIR"/batch-* 2>/dev/null | sed 's,.*/,,' | sort -t- -k2 -V; }
nr_batches() { batches | wc -l | tr -d ' '; }
newest() { batches | tail -1; }
# json BATCH FILTER: from status --json
json() { "$AB" status "$1" --json | jq -r "$2"; }
# starts BATCH: how many attempts were started, told by its journal
starts() { grep -c '"ev":"start"' "$AGENT_BATCHES_DIR/$1/events.jsonl"; }
