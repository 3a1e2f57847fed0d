# What both commands of the README begin with: find Node, install the packages, build. Sourced, not run.
#
# sudo is the difficult part: it replaces PATH by a safe one, so a Node from nvm, fnm, volta, asdf, mise or n is not
# found any more; and what root writes here would be root's. So Node is looked for where the user who typed sudo has
# it, and packages are installed as the owner of this folder.

oldest_node="20.19"

fail() { printf '%s\n' "$@" >&2; exit 1; }

# The home folder of the user who typed sudo, else our own.
user_home() { getent passwd "${SUDO_USER:-$(id -un)}" | cut -d: -f6; }

# True if $1 is a node that is new enough.
is_new_enough() {
  [ -x "$1" ] || return 1
  local version
  version=$("$1" -p process.versions.node 2>/dev/null) || return 1
  [ "$(printf '%s\n%s\n' "$oldest_node" "$version" | sort -V | head -n 1)" = "$oldest_node" ]
}

# Every place where a node may be, one a line, the likeliest first.
node_candidates() {
  local home
  home=$(user_home)
  [ -n "${NODE:-}" ] && printf '%s\n' "$NODE"
  command -v node || true
  ls -d "$home"/.nvm/versions/node/*/bin/node 2>/dev/null | sort -rV
  ls -d "$home"/.local/share/fnm/node-versions/*/installation/bin/node 2>/dev/null | sort -rV
  ls -d "$home"/.local/share/mise/installs/node/*/bin/node 2>/dev/null | sort -rV
  ls -d "$home"/.asdf/installs/nodejs/*/bin/node 2>/dev/null | sort -rV
  ls -d "$home"/.volta/tools/image/node/*/bin/node 2>/dev/null | sort -rV
  printf '%s\n' "$home/n/bin/node" /usr/local/bin/node /usr/bin/node /snap/bin/node
}

# Sets node, and puts its folder in front of PATH, so that npm and the scripts it runs find the same one.
find_node() {
  local candidate seen=""
  while read -r candidate; do
    if is_new_enough "$candidate"; then
      node=$candidate
      PATH=$(dirname "$node"):$PATH
      export PATH
      return
    fi
    [ -x "$candidate" ] && seen="$seen $candidate ($("$candidate" --version 2>/dev/null))"
  done < <(node_candidates)
  fail "Node $oldest_node or later is needed${seen:+; found only:$seen}." \
    "Install it from https://nodejs.org/en/download, or name it: NODE=/path/to/node $0"
}

# Runs a command as the owner of this folder.
as_owner() {
  local owner
  owner=$(stat -c %U .)
  if [ "$(id -u)" -eq 0 ] && [ "$owner" != root ] && id "$owner" >/dev/null 2>&1; then
    runuser -u "$owner" -- env PATH="$PATH" HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
  else
    "$@"
  fi
}

# Packages as the lock file has them, unless they are there already. Only their own install scripts run: ours would
# build, and both commands of the README build after this.
install_packages() {
  command -v npm >/dev/null ||
    fail "There is no npm beside $node. Install it (Debian, Ubuntu: sudo apt-get install npm)."
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    as_owner npm ci --no-audit --no-fund --ignore-scripts
    as_owner npm rebuild --silent
  fi
}

# The same, and then the build, which takes a moment.
install_and_build() {
  install_packages
  as_owner npm run --silent build
}
