#!/usr/bin/env bash
# scripts/debian-package.sh [folder]
#
# Makes fastpath_VERSION_ARCH.deb in the folder (default: dist): the program with its libraries in /usr/lib/fastpath,
# /usr/bin/fastpath, manual pages, completion for three shells, the systemd units and their user, and the documents with
# all files that they lead to. Needs dpkg-deb. DEBFULLNAME and DEBEMAIL name the maintainer, as for Debian's own tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/setup.sh
. scripts/lib/setup.sh
command -v dpkg-deb >/dev/null || fail "There is no dpkg-deb here." "Install it: sudo apt-get install dpkg"
find_node
install_and_build

out=$(realpath "${1:-dist}")
version=$("$node" -p 'require("./package.json").version')
architecture=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
lib=$root/usr/lib/fastpath
chmod 755 "$work"
umask 022

# The program as npm would publish it, with the libraries that it needs at run time.
mkdir -p "$lib" "$root/usr/bin"
npm pack --ignore-scripts --silent --pack-destination "$work" >/dev/null
tar -xzf "$work"/fastpath-*.tgz -C "$lib" --strip-components=1
cp package-lock.json "$lib/"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --silent --prefix "$lib"

# What the documents lead to lies with them, in the tree of the repository, so that their links are right. The labs need
# the source, too: students write parts of it anew, and their editors want the types.
documents=$root/usr/share/doc/fastpath
mkdir -p "$documents"
for part in README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md docs packaging; do mv "$lib/$part" "$documents/"; done
for part in examples labs schema src; do ln -s "../../../lib/fastpath/$part" "$documents/$part"; done
rm -rf "$lib"/{package-lock.json,LICENSE,dist/man}
find "$lib" -type f -name '*.map' -delete
find "$lib/dist/program" "$lib/node_modules" -type f -name '*.d.ts' -delete

# Of the libraries, what runs on Debian: no sources in other languages, tests, or binaries for another C library.
libraries=$lib/node_modules
rm -rf "$libraries/zod/src" "$libraries"/@koromix/*/musl_*
find "$libraries" -type d \( -name test -o -name tests -o -name vendor -o -name .github \) -prune -exec rm -rf {} +
find "$libraries" -type f \( -name '.npmignore' -o -name '.eslint*' -o -name '.editorconfig' -o -name '.travis.yml' \
  -o -name '.prettier*' -o -name '.nycrc' -o -iname 'license*' -size 0 \) -delete
find "$libraries" -type f -regextype posix-extended -regex '.*\.(d\.)?([cm]?ts|cc|c|h|hh|inc|md|markdown)' -delete
find "$lib" -type f -exec chmod 644 {} +
cat >"$root/usr/bin/fastpath" <<'SH'
#!/bin/sh
exec node /usr/lib/fastpath/dist/program/cli.js "$@"
SH
chmod 755 "$root/usr/bin/fastpath"

# Pages, completion, units.
install -D -m 644 -t "$root/usr/share/man/man1" dist/man/*.1
gzip -9n "$root"/usr/share/man/man1/*.1
complete() { "$node" dist/program/cli.js completion "$1"; }
install -d "$root"/usr/share/{bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d}
complete bash >"$root/usr/share/bash-completion/completions/fastpath"
complete zsh >"$root/usr/share/zsh/vendor-completions/_fastpath"
complete fish >"$root/usr/share/fish/vendor_completions.d/fastpath.fish"
install -D -m 644 -t "$root/usr/lib/systemd/system" packaging/systemd/*.service
install -D -m 644 packaging/systemd/fastpath.sysusers.conf "$root/usr/lib/sysusers.d/fastpath.conf"
install -D -m 644 LICENSE "$documents/copyright"
maintainer="${DEBFULLNAME:-fastpath} <${DEBEMAIL:-$(id -un)@$(hostname -f)}>"
gzip -9n >"$documents/changelog.gz" <<CHANGELOG
fastpath ($version) unstable; urgency=medium

  * CHANGELOG.md says what is new.

 -- $maintainer  $(date -R)
CHANGELOG

mkdir -p "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: fastpath
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Depends: nodejs (>= 20.19), iproute2, libc6
Section: net
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f1)
Description: web server with a TCP/IP stack of its own on a TAP interface
 fastpath answers HTTP requests inside the receive path of a user-space TCP/IP
 stack, from a memory cache that holds precomputed checksums.
CONTROL
cat >"$root/DEBIAN/postinst" <<'SH'
#!/bin/sh
set -e
if command -v systemd-sysusers >/dev/null; then systemd-sysusers fastpath.conf; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
SH
cat >"$root/DEBIAN/postrm" <<'SH'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
SH
chmod 755 "$root"/DEBIAN/post*
dpkg-deb --root-owner-group --build "$root" "$out/fastpath_${version}_$architecture.deb"
