#!/bin/sh
# Builds a Debian package of what `make install` installs, with dpkg's own tools and no more.
#   build.sh OUT_DIR VERSION        prints the path of the package
# Run by `make deb`, from the top of the source, with everything built (B).
set -eu
out=$1 version=$2
here=$(dirname "$0")
for tool in dpkg-deb dpkg-shlibdeps strip gzip; do
  command -v $tool >/dev/null || { echo "make deb: there is no $tool: apt-get install dpkg-dev binutils" >&2; exit 1; }
done
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
root=$stage/root
doc=$root/usr/share/doc/agent-batch
${MAKE:-make} --no-print-directory install B="${B:-build}" DESTDIR="$root" PREFIX=/usr >/dev/null

# ---- as Debian has it -----------------------------------------------------------------------
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/agent-batch" "$root"/usr/libexec/agent-batch/*
gzip -9n "$root"/usr/share/man/man?/*.? 2>/dev/null || true # links to pages come now
for link in $(find "$root/usr/share/man" -type l); do
  ln -s "$(readlink "$link").gz" "$link.gz"
  rm "$link"
done
{
  sed "s/@HOLDER@/$(sed -n 's/^Copyright (c) //p' LICENSE)/" "$here/copyright.in"
  sed -n '/^Permission/,$s/^$/./; /^Permission/,$s/^/ /p' LICENSE
} >"$doc/copyright"
rm -f "$doc/LICENSE"
gzip -9nc "$here/changelog" >"$doc/changelog.gz"
install -D -m 644 "$here/lintian-overrides" "$root/usr/share/lintian/overrides/agent-batch"

# ---- what it needs, and the package -----------------------------------------------------------
mkdir -p "$stage/source/debian" "$root/DEBIAN"
printf 'Source: agent-batch\n\nPackage: agent-batch\nArchitecture: any\n' >"$stage/source/debian/control"
depends=$(cd "$stage/source" &&
  dpkg-shlibdeps -O "$root/usr/bin/agent-batch" "$root/usr/libexec/agent-batch/agent-batch-sim" 2>/dev/null |
  sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "make deb: dpkg-shlibdeps finds no libraries" >&2; exit 1; }
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$(dpkg --print-architecture)/" -e "s/@DEPENDS@/$depends/" \
  -e "s/@SIZE@/$(du -sk "$root" | cut -f1)/" "$here/control.in" >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
deb=$out/agent-batch_${version}_$(dpkg --print-architecture).deb
mkdir -p "$out"
dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
echo "$deb"
