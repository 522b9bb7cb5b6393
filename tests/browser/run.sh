#!/usr/bin/env bash
# Opens the pages that Detente writes in a real headless Chromium: not part of `cargo test`, because it installs a browser
# driver from npm and, where it may, Chromium from Debian. Leaves screenshots under target/browser/.
#
#   tests/browser/run.sh [path of the detente program]
#
# MANY=page.html measures that page instead of a stretched one; ONLY=text runs the checks whose name has that text.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program="$(realpath "${1:-target/debug/detente}")"
work=target/browser

find_chromium() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && command -v "$name"; then return; fi
    done
}
chromium="$(find_chromium)"
if [ -z "$chromium" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q && apt-get install -q -y --no-install-recommends chromium
    chromium="$(find_chromium)"
fi
if [ -z "$chromium" ]; then
    echo "no Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to its path" >&2
    exit 1
fi

mkdir -p "$work"
cp tests/browser/package.json tests/browser/*.mjs "$work/"
(cd "$work" && npm install --silent --no-audit --no-fund --no-package-lock)
cd "$work" && exec node pages.mjs "$program" "$chromium"
