#!/bin/sh
# Runs one step of the work with the action's inputs. Text from outside comes in as environment variables and is only ever
# used quoted. The exit code goes into an output, so that the brief is kept whatever it says; the action's last step ends
# the job with it.
set -eu

folder="${OUTPUT_FOLDER:-${RUNNER_TEMP:-/tmp}/detente}"
mkdir -p "$folder"
brief="$folder/brief.json"
newline='
'

output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }

# lines OPTION TEXT: adds `OPTION LINE` to the list of arguments for each line of TEXT; without OPTION only the line.
arguments=
lines() {
    rest="$2$newline"
    while [ -n "$rest" ]; do
        line=${rest%%"$newline"*}
        rest=${rest#*"$newline"}
        line=$(printf '%s' "$line" | tr -d '\r' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//')
        if [ -n "$line" ]; then
            [ -z "$1" ] || arguments="$arguments$1$newline"
            arguments="$arguments$line$newline"
        fi
    done
}
# refuse INPUT VALUE EXPECTED: ends the step with what is wrong with an input.
refuse() {
    printf '::error title=Detente::the input %s is "%s", expected %s\n' "$1" "$2" "$3"
    output exit-code 2
    exit 0
}
# switch OPTION VALUE: adds OPTION if VALUE is true. A `yes` that counts for nothing would leave a gate open in silence.
switch() {
    case "$2" in
        true) lines '' "$1" ;;
        false | '') ;;
        *) refuse "${1#--}" "$2" 'true or false' ;;
    esac
}

# with COMMAND…: runs it with the list of arguments behind it, one for each line.
with() {
    set -f
    old="$IFS"
    IFS="$newline"
    # Split at line breaks alone, and no pattern is filled in by the shell: detente does that itself.
    # shellcheck disable=SC2086
    set -- "$@" $arguments
    IFS="$old"
    set +f
    "$@"
}

publishing() {
    arguments=
    lines --bot "${IN_BOT:-}"
    lines --sarif "${IN_SARIF:-}"
    switch --labels "${IN_LABELS:-}"
    switch --issues "${IN_ISSUES:-}"
    case "${IN_PUBLISH:-auto}" in
        auto) ;;
        always) lines '' --required ;;
        never) lines '' --local ;;
        *) refuse publish "$IN_PUBLISH" 'auto, always or never' ;;
    esac
}

# set_git KEY VALUE: a setting of git for detente alone, behind those that the job made the same way.
set_git() {
    number=${GIT_CONFIG_COUNT:-0}
    export "GIT_CONFIG_KEY_$number=$1" "GIT_CONFIG_VALUE_$number=$2" "GIT_CONFIG_COUNT=$((number + 1))"
}
# The ledger is fetched and pushed with the token, so that the checkout need not keep one where every other step could read it.
if [ -n "${GITHUB_TOKEN:-}" ]; then
    header="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader"
    # An empty value first: with the checkout's own header beside it GitHub refuses the request.
    set_git "$header" ''
    set_git "$header" "AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\r\n')"
fi

code=0
case "${IN_MODE:-gate}" in
    gate)
        rm -f "$brief" "$folder/comment.md"
        lines --appetite "${IN_APPETITE:-}"
        lines --allowed-signers "${IN_ALLOWED_SIGNERS:-}"
        lines --appetite-root "${IN_APPETITE_ROOT:-}"
        lines --base "${IN_BASE:-}"
        lines --base-report "${IN_BASE_REPORTS:-}"
        lines --kev "${IN_KEV:-}"
        lines --epss "${IN_EPSS:-}"
        switch --require-decision "${IN_REQUIRE_DECISION:-}"
        switch --record "${IN_RECORD:-}"
        lines --output "json=$brief${newline}markdown=$folder/comment.md"
        lines '' --
        lines '' "${IN_REPORTS:-}"
        with detente gate || code=$?
        if [ -f "$brief" ]; then
            output brief "$brief"
            output comment "$folder/comment.md"
            publishing
            published=0
            with detente publish "$brief" || published=$?
            [ "$code" -ne 0 ] || code=$published
        fi
        ;;
    publish)
        publishing
        with detente publish || code=$?
        ;;
    choose)
        arguments=
        lines --bot "${IN_BOT:-}"
        switch --labels "${IN_LABELS:-}"
        lines --appetite "${IN_APPETITE:-}"
        lines --allowed-signers "${IN_ALLOWED_SIGNERS:-}"
        lines --appetite-root "${IN_APPETITE_ROOT:-}"
        with detente reply || code=$?
        ;;
    *)
        printf '::error title=Detente::the input mode is "%s", expected gate, publish or choose\n' "$IN_MODE"
        code=2
        ;;
esac
output exit-code "$code"
