#!/usr/bin/env bash
# sudo scripts/demo.sh [options of "fastpath serve"]
#
# Installs, builds, makes a TAP interface and serves the example site on it, until Ctrl-C. Needs nothing but Node.
# Another folder: SITE=/path/to/folder sudo -E scripts/demo.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/setup.sh
. scripts/lib/setup.sh

find_node
install_and_build
[ -e /dev/net/tun ] || modprobe tun 2>/dev/null || true # fastpath says what to do if that did not help
exec "$node" dist/program/cli.js serve "${SITE:-examples/site}" "$@"
