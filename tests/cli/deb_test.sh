#!/bin/sh
# make deb: a package that lintian accepts, with everything in its place.
. "$(dirname "$0")/../lib.sh"
TOP=$(cd "$TESTS/.." && pwd)
for tool in dpkg-deb dpkg-shlibdeps strip; do
  command -v $tool >/dev/null && continue
  skip "the package" "no $tool"
  done_testing
  exit
done
if ldd "$AB" | grep -q 'lib[a-z]*san\.'; then
  skip "the package" "nobody packs a program with sanitizers"
  done_testing
  exit
fi
umask 077 # ours must not keep others from what is installed

run make -C "$TOP" --no-print-directory -s B="$B" deb
is "make deb" "$rc" 0
deb=$(printf '%s\n' "$out" | tail -1)
ok "it says where the package is" [ -s "$deb" ]
if command -v lintian >/dev/null; then
  is "lintian accepts it" "$(lintian --fail-on error,warning "$deb" 2>/dev/null)" ""
else
  skip "lintian accepts it" "no lintian"
fi
like "it depends on what it is linked with" "$(dpkg-deb -f "$deb" Depends)" 'libuv1.*libpcre2|libpcre2.*libuv1'
is "its version is the program's" "agent-batch $(dpkg-deb -f "$deb" Version)" "$("$AB" --version)"

dpkg-deb -x "$deb" "$T/root"
bin=$T/root/usr/bin share=$T/root/usr/share
missing=
for f in "$TOP"/man/*.[15]; do
  [ -e "$share/man/man${f##*.}/${f##*/}.gz" ] || missing="$missing ${f##*/}"
done
is "every page is in it" "$missing" ""
missing=
for f in "$bin"/*; do
  [ -e "$share/man/man1/${f##*/}.1.gz" ] || missing="$missing ${f##*/}"
done
is "every name has a page" "$missing" ""
is "no link leads nowhere" "$(find "$T/root" -xtype l)" ""
is "others may read all of it" "$(find "$T/root/usr" -type d ! -perm -005; find "$T/root/usr" -type f ! -perm -004)" ""
like "the licence is told" "$(cat "$share/doc/agent-batch/copyright")" '^ Permission is hereby granted'
(cd "$T/root" && dpkg-deb -e "$deb" "$T/control" && md5sum -c --quiet "$T/control/md5sums") >"$T/md5" 2>&1
is "its sums are right" "$?/$(cat "$T/md5")" "0/"

cd "$T" || exit 2
printf 'task\n"[[sim duration=0]]"\n' >t.csv
run "$bin/agent-batch" launch t.csv --agent sim --no-tui
is "what is in it runs" "$rc" 0
run "$bin/summon_agent" shell true
is "by every name" "$rc" 0
done_testing
