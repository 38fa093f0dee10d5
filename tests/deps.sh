#!/bin/sh
# What agent-batch needs on this machine.
#   deps.sh install      install by apt what is missing (quick when nothing is)
#   deps.sh need-build   name what is missing to build, and fail; installs nothing
set -u

build_pkgs="gcc make pkg-config libc6-dev libncurses-dev libcjson-dev libcsv-dev libuv1-dev libpcre2-dev"
test_pkgs="clang libclang-rt-14-dev clang-format musl-tools libcmocka-dev tmux jq mandoc parallel procps"

have_pcre2() { printf "#define PCRE2_CODE_UNIT_WIDTH 8\n#include <pcre2.h>\n" | ${CC:-cc} -E -x c - >/dev/null 2>&1; }
have_header() { echo "#include <$1>" | ${CC:-cc} -E -x c - >/dev/null 2>&1; }

missing_build() {
  command -v "${CC:-cc}" >/dev/null || { echo "gcc"; return; }
  command -v pkg-config >/dev/null || echo "pkg-config"
  have_header curses.h || echo "libncurses-dev"
  have_header cjson/cJSON.h || echo "libcjson-dev"
  have_header csv.h || echo "libcsv-dev"
  have_header uv.h || echo "libuv1-dev"
  have_pcre2 || echo "libpcre2-dev"
}

missing_pkgs() {
  command -v dpkg-query >/dev/null || { missing_build; return; }
  for p in $build_pkgs $test_pkgs; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
    installed) ;;
    *)
      case $p in
      # Another version of the runtime will do; a package that this release lacks is left out below.
      pkg-config) command -v pkg-config >/dev/null || echo "$p" ;;
      *) echo "$p" ;;
      esac ;;
    esac
  done
}

case ${1:-} in
need-build)
  m=$(missing_build | tr '\n' ' ')
  [ -z "$m" ] && exit 0
  echo "agent-batch needs packages that are not installed: $m" >&2
  echo "install them with 'make deps', or: apt-get install $m" >&2
  exit 1
  ;;
install)
  m=$(missing_pkgs | tr '\n' ' ')
  [ -z "$m" ] && exit 0
  command -v apt-get >/dev/null || { echo "no apt-get here: install by hand: $m" >&2; exit 1; }
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "installing: $m"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq || exit 1
  can=
  for p in $m; do
    if apt-cache show "$p" >/dev/null 2>&1; then can="$can $p"; else echo "not in this release, left out: $p"; fi
  done
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $can >/dev/null
  ;;
*)
  echo "usage: deps.sh install|need-build" >&2
  exit 2
  ;;
esac
