# Shared by the benchmarks. Figures are ratios against a peer in the same run: absolute times of
# one machine say little.
set -u
: "${B:=build}"
root=$(cd "$(dirname "$0")/../.." && pwd)
case $B in /*) ;; *) B=$root/$B ;; esac
bin=$B/bin/agent-batch
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export AGENT_BATCHES_DIR=$work/batches
mkdir -p "$AGENT_BATCHES_DIR"

now_ms() { date +%s%3N; }

# seconds COMMAND...: wall time in ms of one run, output dropped
took_ms() {
  t0=$(now_ms)
  "$@" >/dev/null 2>&1
  echo $(($(now_ms) - t0))
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# peak_kb COMMAND...: runs it and prints the largest VmHWM that was seen of its process
peak_kb() {
  "$@" >/dev/null 2>&1 &
  pid=$!
  peak=0
  while kill -0 $pid 2>/dev/null; do
    kb=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null)
    [ -n "$kb" ] && [ "$kb" -gt "$peak" ] && peak=$kb
    sleep 0.02
  done
  wait $pid
  echo "$peak"
}
