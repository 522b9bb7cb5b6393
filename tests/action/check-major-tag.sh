#!/bin/sh
# Tries the step of a release that moves the major tag, with a `gh` that knows the tags that it is told and writes down
# what it is asked to change.
#
#   sh tests/action/check-major-tag.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
cat >"$work/bin/gh" <<'GH'
#!/bin/sh
case "$*" in
    *"--method"*) printf '%s\n' "$*" >>"$ASKED"; exit 0 ;;
    *"--paginate repos/octo/detente/git/matching-refs/tags/v1."*) for tag in $TAGS; do echo "refs/tags/$tag"; done ;;
    *) echo "not expected: $*" >&2; exit 1 ;;
esac
GH
chmod +x "$work/bin/gh"

# try TAG MOVED TAGS: among TAGS the release TAG moves the major tag (yes or no).
try() {
    : >"$work/asked"
    PATH="$work/bin:$PATH" ASKED="$work/asked" TAGS="$3" GITHUB_REPOSITORY=octo/detente GITHUB_SHA=abc \
        "$root/.ci/major-tag" "$1" >/dev/null
    moved=no
    grep -q 'refs/tags/v1 --field sha=abc' "$work/asked" && moved=yes
    [ "$moved" = "$2" ] || { printf 'not as expected: %s among %s: moved: %s\n' "$1" "$3" "$moved"; exit 1; }
    printf 'ok: %s among %s\n' "$1" "$3"
}
try v1.0.0 yes "v1.0.0"
try v1.10.0 yes "v1.2.0 v1.9.1 v1.10.0"
try v1.1.5 no "v1.1.4 v1.2.0 v1.1.5"
# Its own tag may not be listed yet, and what is no release does not count.
try v1.2.0 yes "v1.1.5 v1.3.0-rc.1 v1.x"
