#!/bin/sh
# All benchmarks, one after the other; exit 1 when one missed its figure.
cd "$(dirname "$0")" || exit 2
rc=0
for b in launch-rate turnaround memory check-rate gate tui; do
  "./$b" || { echo "  MISSED: $b"; rc=1; }
done
exit $rc
