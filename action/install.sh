#!/bin/sh
# Puts `detente` on the PATH of the steps that follow: the released program with its checksum verified, from the tool
# cache where it is there already; built from source where there is no release of what the workflow names.
#
# Text from outside comes in as environment variables and is only ever used quoted.
set -eu

say() { printf 'detente: %s\n' "$*"; }
stop() {
    printf '::error title=Detente::%s\n' "$*"
    exit 2
}

source_dir="$GITHUB_ACTION_PATH"
own_version=$(sed -n 's/^version = "\([0-9A-Za-z.+-]*\)"$/\1/p' "$source_dir/Cargo.toml" | head -n 1)
repository="${ACTION_REPOSITORY:-}"
ref="${ACTION_REF:-}"

case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-X64) target=x86_64-pc-windows-msvc ;;
    *) target= ;;
esac
case "$target" in *windows*) program=detente.exe ;; *) program=detente ;; esac

tags() {
    GIT_TERMINAL_PROMPT=0 git ls-remote "$SERVER_URL/$repository" "refs/tags/v$own_version" "refs/tags/v$own_version^{}" 2>/dev/null
}
# What only those see who may read the repository: the token is handed over where no list of processes shows it.
tags_as_member() {
    [ -n "${GH_TOKEN:-}" ] || return 1
    header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GH_TOKEN" | base64 | tr -d '\r\n')"
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$SERVER_URL/.extraheader" GIT_CONFIG_VALUE_0="$header" tags
}

# The release that the workflow names: by the input, by a tag (a major tag stands for the newest release of its line,
# whose source this is), or by the commit of such a tag. Anything else is a state between releases.
release=
wanted="${WANTED_VERSION:-}"
if [ -n "$wanted" ]; then
    release="${wanted#v}"
    case "$release" in *[!0-9A-Za-z.+-]*) stop "the input version is '$wanted', expected a version such as 1.2.3" ;; esac
elif [ -n "$repository" ]; then
    major=${own_version%%.*}
    minor=${own_version#*.}
    minor=${minor%%.*}
    case "$ref" in
        "v$own_version" | "v$major" | "v$major.$minor") release="$own_version" ;;
        *[!0-9a-f]*) ;;
        *)
            if [ ${#ref} -eq 40 ] && command -v git >/dev/null 2>&1; then
                # A tag and, where it is annotated, the commit behind it.
                tagged=$(tags || tags_as_member || true)
                case "$tagged" in *"$ref"*) release="$own_version" ;; esac
            fi
            ;;
    esac
fi

cache="${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/detente"
work="${RUNNER_TEMP:-/tmp}/detente-install"
mkdir -p "$work"

add_path() {
    printf '%s\n' "$1" >>"$GITHUB_PATH"
    say "$("$1/$program" --version) from $2"
}

# fetch NAME: this file of the release, into $work.
fetch() {
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --location --retry 3 --output "$work/$1" "$url/$1" || fetch_as_member "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$work/$1" "$url/$1"
    else
        stop "neither curl nor wget is here to download $url/$1: install one of them in the container"
    fi
}

# A release that only those see who may read the repository is handed out by the REST interface alone, file by file by its
# number. A mirror is never shown the token.
fetch_as_member() {
    [ -n "${GH_TOKEN:-}" ] && [ -z "${DOWNLOAD_URL:-}" ] || return 1
    releases="${GITHUB_API_URL:-https://api.github.com}/repos/$repository/releases"
    as_member application/vnd.github+json "$work/release.json" "$releases/tags/v$release" || return 1
    # shellcheck disable=SC2020 # one for each
    number=$(tr ',{}' '\n\n\n' <"$work/release.json" | awk -F '"' -v name="$1" '
        $2 == "url" && $4 ~ /\/releases\/assets\/[0-9]+$/ { number = $4; sub(/.*\//, "", number) }
        $2 == "name" && $4 == name { print number; exit }')
    [ -n "$number" ] && as_member application/octet-stream "$work/$1" "$releases/assets/$number"
}

# as_member KIND FILE ADDRESS: with the token, which stands on no command line and goes to no other host.
as_member() {
    printf 'header = "Authorization: Bearer %s"\n' "$GH_TOKEN" |
        curl --config - --fail --silent --show-error --location --retry 3 --header "Accept: $1" --output "$2" "$3"
}

# What GitHub itself says of how the file was built. A server of one's own keeps no attestations.
attested() {
    case "$SERVER_URL" in https://github.com | https://*.ghe.com) ;; *) return 0 ;; esac
    [ -n "${GH_TOKEN:-}" ] && [ -z "${DOWNLOAD_URL:-}" ] && gh attestation --help >/dev/null 2>&1 || return 0
    if said=$(GH_HOST="${SERVER_URL#https://}" gh attestation verify "$work/$name" --repo "$repository" 2>&1); then
        return 0
    fi
    printf '%s\n' "$said"
    case "$said" in
        *'HTTP 401'* | *'HTTP 403'* | *'HTTP 429'* | *'HTTP 5'* | *'dial tcp'* | *'gh auth login'*)
            stop "$name has the right digest, and its attestation could not be checked, as the lines above say: not used. Run" \
                "the job again, or give the action a token that $SERVER_URL accepts (input token)" ;;
        *) stop "$name has the right digest, and no attestation that it was built by $repository: not used" ;;
    esac
}

digest() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

from_release() {
    place="$cache/$release/$target"
    if [ -f "$place.complete" ] && [ -x "$place/$program" ]; then
        add_path "$place" "the tool cache"
        return 0
    fi
    name="detente-$release-$target.tar.gz"
    url="${DOWNLOAD_URL:-$SERVER_URL/$repository/releases/download}/v$release"
    if ! fetch SHA256SUMS; then
        say "there is no release $release at $url that can be read from here"
        return 1
    fi
    # Only a whole line with exactly this name counts.
    expected=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
    if [ -z "$expected" ]; then
        say "release $release has nothing for $target"
        return 1
    fi
    fetch "$name" || stop "$url/$name is listed in the release and cannot be downloaded"
    actual=$(digest "$work/$name")
    [ "$actual" = "$expected" ] || stop "$name has the SHA-256 digest $actual, and the release says $expected: not used"
    attested
    rm -rf "$place" "$place.complete"
    # The shell does not stop at an error in here, where it asks whether this came about.
    mkdir -p "$place" || stop "$place cannot be made: give the tool cache a folder that can be written to"
    # By its name alone: a path that begins with a drive is another host to tar.
    (cd "$work" && tar -xzf "$name" -C "$place" "$program") ||
        stop "$name could not be unpacked, as the line above says: tar and gzip are needed, and room for it in $cache"
    "$place/$program" --version >/dev/null || stop "the program in $name does not run here"
    : >"$place.complete"
    add_path "$place" "release $release"
}

from_source() {
    command -v cargo >/dev/null 2>&1 ||
        stop "there is no release for this state of the action, and no cargo to build it: name a release tag, or install Rust"
    say "building from source"
    # Under a folder of its own, so that nothing of the repository under test can set how it is built.
    (cd "$source_dir" && cargo install --locked --quiet --path . --root "$work/built")
    add_path "$work/built/bin" "source"
}

if [ -n "${PROGRAM:-}" ]; then
    # A program that the workflow brought along, under whatever name: the next steps call it by ours.
    given="$(cd "$(dirname "$PROGRAM")" 2>/dev/null && pwd)/$(basename "$PROGRAM")"
    version=$("$given" --version 2>/dev/null) || stop "the input program names $PROGRAM, which is not a program that can be run"
    mkdir -p "$work/given"
    ln -sf "$given" "$work/given/$program"
    printf '%s\n' "$work/given" >>"$GITHUB_PATH"
    say "$version as given"
elif [ -n "$release" ] && [ -n "$target" ] && from_release; then
    :
elif [ -n "$wanted" ]; then
    stop "release $wanted cannot be had for ${RUNNER_OS:-this system} ${RUNNER_ARCH:-}: see the lines above"
else
    from_source
fi
