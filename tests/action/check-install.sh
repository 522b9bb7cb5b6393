#!/bin/sh
# Tries the action's installer against releases that it makes itself from the program PROGRAM: verified, from the cache,
# altered, absent, and named by what a workflow can name.
#
#   sh tests/action/check-install.sh PROGRAM
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
name="detente-$version-x86_64-unknown-linux-musl.tar.gz"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

release="$work/releases/v$version"
mkdir -p "$release" "$work/pack"
cp "$program" "$work/pack/detente"
tar -czf "$release/$name" -C "$work/pack" detente
(cd "$release" && sha256sum -- * >SHA256SUMS)

# try WHAT CODE WORDS [VARIABLE=VALUE…]: the installer ends with CODE and says WORDS.
try() {
    what="$1" code="$2" words="$3"
    shift 3
    : >"$work/path"
    set +e
    said=$(env -i PATH="$PATH" HOME="$work" GITHUB_ACTION_PATH="$root" GITHUB_PATH="$work/path" RUNNER_TEMP="$work/temp" \
        RUNNER_TOOL_CACHE="$work/cache" RUNNER_OS=Linux RUNNER_ARCH=X64 SERVER_URL="file://$work/none" \
        ACTION_REPOSITORY=octo/detente DOWNLOAD_URL="file://$work/releases" "$@" sh "$root/action/install.sh" 2>&1)
    got=$?
    set -e
    case "$said" in
        *"$words"*) ;;
        *) printf 'not as expected: %s: it says\n%s\n' "$what" "$said"; exit 1 ;;
    esac
    [ "$got" -eq "$code" ] || { printf 'not as expected: %s: code %s\n%s\n' "$what" "$got" "$said"; exit 1; }
    printf 'ok: %s\n' "$what"
}
# A build from source is only seen to begin: a cargo that ends at once stands in for the real one.
mkdir -p "$work/bin"
printf '#!/bin/sh\nexit 3\n' >"$work/bin/cargo"
chmod +x "$work/bin/cargo"
source="PATH=$work/bin:$PATH"

try 'a version tag takes its release' 0 "from release $version" ACTION_REF="v$version"
[ "$("$(cat "$work/path")/detente" --version)" = "detente $version" ]
try 'the second time it comes from the cache' 0 'from the tool cache' ACTION_REF="v$version" DOWNLOAD_URL="file://$work/gone"
try 'a major tag takes the newest release of its line' 0 "detente $version" ACTION_REF="v${version%%.*}"
try 'a branch is a state between releases' 3 'building from source' ACTION_REF=main "$source"
try 'a commit that is no release is built' 3 'building from source' ACTION_REF=0123456789012345678901234567890123456789 "$source"
try 'a checkout of the action is built' 3 'building from source' ACTION_REPOSITORY= ACTION_REF= "$source"
try 'a version that is asked for has to be there' 2 'release 99.0.0 cannot be had' WANTED_VERSION=99.0.0
try 'a version is no path' 2 'expected a version' WANTED_VERSION=../../x
try 'a program that came along is used' 0 'as given' PROGRAM="$program"
try 'a program that is none is refused' 2 'not a program' PROGRAM="$work/none"
mkdir "$work/brought"
cp "$program" "$work/brought/detente-for-us"
try 'under another name too' 0 'as given' PROGRAM="$work/brought/detente-for-us"
[ "$("$(cat "$work/path")/detente" --version)" = "detente $version" ]
cd "$work/brought"
try 'and without a path' 0 'as given' PROGRAM=detente-for-us
[ "$("$(cat "$work/path")/detente" --version)" = "detente $version" ]
try 'a folder is no program' 2 'not a program' PROGRAM="$work/brought"
cd "$root"

# A release that only members of the repository see: GitHub hands it out by its interface, to whoever shows a token.
members="$work/members"
mkdir -p "$members/bin"
cp "$release/SHA256SUMS" "$members/11"
cp "$release/$name" "$members/12"
api=https://api.github.com/repos/octo/detente/releases
printf '{"url":"%s/1","name":"v%s","assets":[{"url":"%s/assets/11","id":11,"name":"SHA256SUMS"},\n  {\n "url": "%s/assets/12",\n "name": "%s",\n "size": 1}]}' \
    "$api" "$version" "$api" "$api" "$name" >"$members/v$version"
cat >"$members/bin/curl" <<'SH'
#!/bin/sh
shown=
if [ "$1" = --config ]; then shown=$(cat); fi
while [ $# -gt 1 ]; do
    if [ "$1" = --output ]; then file="$2"; fi
    shift
done
case "$shown $1" in
    'header = "Authorization: Bearer t0ken" https://api.github.com/repos/octo/detente/releases/'*) cp "$MEMBERS/${1##*/}" "$file" ;;
    *) exit 22 ;;
esac
SH
cat >"$members/bin/gh" <<'SH'
#!/bin/sh
case "$*" in *--help) exit 0 ;; esac
[ -z "$GH_SAYS" ] || { echo "$GH_SAYS"; exit 1; }
SH
# Its tags are for members too.
cat >"$members/bin/git" <<'SH'
#!/bin/sh
[ "${GIT_CONFIG_KEY_0:-}" = http.https://github.com/.extraheader ] || exit 128
[ "$GIT_CONFIG_VALUE_0" = "AUTHORIZATION: basic $(printf 'x-access-token:t0ken' | base64)" ] && printf '%s\trefs/tags/v1\n' "$GIT_SAYS"
SH
cp "$work/bin/cargo" "$members/bin/cargo"
chmod +x "$members/bin/"*
# member WHAT CODE WORDS [VARIABLE=VALUE…]
member() {
    rm -rf "$work/cache"
    what="$1" code="$2" words="$3"
    shift 3
    try "$what" "$code" "$words" ACTION_REF="v$version" SERVER_URL=https://github.com DOWNLOAD_URL= GH_SAYS= \
        PATH="$members/bin:$PATH" MEMBERS="$members" GH_TOKEN=t0ken "$@"
}
member 'a release for members is had with the token' 0 "from release $version"
member 'and not without one that they have' 3 'building from source' GH_TOKEN=other
member 'a mirror is not shown the token' 3 'building from source' DOWNLOAD_URL=https://mirror.example
member 'an attestation that is not there is said' 2 'no attestation' GH_SAYS='HTTP 404: Not Found'
member 'one that could not be looked for too' 2 'could not be checked' GH_SAYS='HTTP 401: Bad credentials'
member 'the release of a tag by its commit' 0 "from release $version" ACTION_REF="$(printf %040d 7)" GIT_SAYS="$(printf %040d 7)"

rm -rf "$work/cache"
printf 'x' >>"$release/$name"
try 'a file with another digest is not used' 2 'not used' ACTION_REF="v$version"
[ ! -e "$work/cache/detente/$version" ] || { echo 'it was kept all the same'; exit 1; }
[ ! -s "$work/path" ] || { echo 'it is on the PATH all the same'; exit 1; }
# Its digest is what the release says, and it cannot be unpacked.
head -c 1000 "$release/$name" >"$work/cut" && mv "$work/cut" "$release/$name"
(cd "$release" && sha256sum -- "$name" >SHA256SUMS)
try 'an archive that cannot be unpacked is said to be none' 2 'could not be unpacked' ACTION_REF="v$version"
[ ! -e "$work/cache/detente/$version/x86_64-unknown-linux-musl.complete" ] || { echo 'it counts as installed'; exit 1; }
[ ! -s "$work/path" ] || { echo 'it is on the PATH all the same'; exit 1; }
rm "$release/SHA256SUMS"
try 'a release without checksums is none' 3 'building from source' ACTION_REF="v$version" "$source"
