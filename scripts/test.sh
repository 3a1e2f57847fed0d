#!/usr/bin/env bash
# scripts/test.sh
#
# Installs, builds, checks types, lint and format, and runs all tests. Tests over a real TAP interface run in network
# namespaces of their own: as root, or as an ordinary user where user namespaces are allowed; elsewhere they are
# skipped, and say why.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/setup.sh
. scripts/lib/setup.sh

find_node
install_packages
exec npm test # which builds
