#!/bin/sh
# Everything that `make check` checks; closes with "N passed, N failed, N skipped".
#   SAN=address,undefined: only the tests that run programs, all of them under the sanitizers.
set -u
cd "$(dirname "$0")/.." || exit 2
make=${MAKE:-make}
jobs=$(nproc 2>/dev/null || echo 2)
totals=$(mktemp) || exit 2
export TEST_TOTALS="$totals"
failed=0

# The closing line, and the end.
close() {
  awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$totals"
  rc=$?
  rm -f "$totals"
  [ "$failed" = 0 ] && exit $rc
  exit 1
}

# A step that is one test: its output is shown only when it fails, errors first.
step() {
  name=$1
  shift
  out=$(mktemp)
  if "$@" >"$out" 2>&1; then
    echo "ok     $name"
    echo "1 0 0" >>"$totals"
    rm -f "$out"
    return 0
  fi
  echo "FAILED $name"
  grep -E -m 20 'error:|undefined reference' "$out" | sed 's/^/  /'
  tail -n 60 "$out" | sed 's/^/  /'
  echo "0 1 0" >>"$totals"
  failed=1
  rm -f "$out"
  return 1
}

build() { # build DIR VARIABLES...: programs and unit tests, warnings are errors
  dir=$1
  shift
  $make --no-print-directory -j"$jobs" WERROR=1 B="$dir" "$@" all programs-for-tests
}

run() { # run DIR TESTS...
  dir=$1
  shift
  [ $# -gt 0 ] || return 0
  B=$PWD/$dir TEST_JOBS=$jobs sh tests/run.sh "$@" || failed=1
}

scripts() { ls tests/cli/*_test.sh tests/faults/*_test.sh tests/tui/*_test.sh 2>/dev/null; }

simulate() { "$1/tests/sim/sim" --count "$2"; }

if [ -n "${SAN:-}" ]; then
  step "build with $SAN" build build/san-gcc SAN="$SAN" || close
  run build/san-gcc build/san-gcc/tests/unit/*_test $(scripts)
  step "simulator with $SAN" simulate build/san-gcc 1000
else
  step "build with gcc" build build || close # no test means anything without it
  step "build with clang" build build/clang CC=clang
  step "build with gcc, address and undefined sanitizers" build build/san-gcc SAN=address,undefined
  run build/san-gcc build/san-gcc/tests/unit/*_test
  step "simulator with sanitizers, 500 batches" simulate build/san-gcc 500
  step "simulator, 10000 batches" simulate build 10000
  run build $(scripts)
  step "every header compiles alone" $make --no-print-directory hdr-check
  if clang-format --version 2>/dev/null | grep -q 'version 14'; then
    step "formatted" $make --no-print-directory format-check
  fi
  if command -v mandoc >/dev/null; then
    step "manual pages" sh tests/man.sh
  fi
fi

close
