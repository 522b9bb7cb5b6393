#!/bin/sh
# Tries the step that runs `detente` with a program in its place that says how it was called: what the inputs become, that
# nothing in them is a command, and how the step ends.
#
#   sh tests/action/check-run.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
# One line for each argument; a brief if it was asked for one; the exit code that the test wants of that command.
cat >"$work/bin/detente" <<'SH'
#!/bin/sh
for argument; do printf '<%s>\n' "$argument"; done
printf 'token: %s\n' "$(git config --get-all http.https://github.example/.extraheader | tail -n 1)"
for argument; do case "$argument" in json=*) echo '{}' >"${argument#json=}" ;; esac; done
case "$1" in gate) exit "${GATE:-0}" ;; *) exit "${OTHER:-0}" ;; esac
SH
chmod +x "$work/bin/detente"

said=
# run [VARIABLE=VALUE…]
run() {
    : >"$work/output"
    rm -rf "$work/folder"
    said=$(env -i PATH="$work/bin:$PATH" HOME="$work" GITHUB_OUTPUT="$work/output" OUTPUT_FOLDER="$work/folder" \
        GITHUB_SERVER_URL=https://github.example "$@" sh "$root/action/run.sh")
}
# holds WHAT WORDS: the last run said this; says no: it did not.
holds() {
    case "$said" in
        *"$2"*) printf 'ok: %s\n' "$1" ;;
        *) printf 'not as expected: %s: it says\n%s\n' "$1" "$said"; exit 1 ;;
    esac
}
ends() {
    grep -qx "exit-code=$2" "$work/output" || { printf 'not as expected: %s: %s\n' "$1" "$(cat "$work/output")"; exit 1; }
    printf 'ok: %s\n' "$1"
}
newline='
'

run IN_REPORTS="  a b.sarif  $newline*.json$newline$newline\$(touch $work/pwned)$newline-x" IN_LABELS=true
holds 'a line is one argument, and nothing in it is expanded' "<-->$newline<a b.sarif>$newline<*.json>$newline<\$(touch $work/pwned)>$newline<-x>"
[ ! -e "$work/pwned" ] || { echo 'an input was run'; exit 1; }
holds 'what was judged is published' "<publish>$newline<$work/folder/brief.json>$newline<--labels>"
ends 'it ends well' 0
run IN_RECORD=true IN_REQUIRE_DECISION=true GATE=1
holds 'switches are passed on' '<--record>'
ends 'a decision that is needed is published first, and then ends the job' 1
holds 'it was published all the same' '<publish>'
run IN_PUBLISH=always OTHER=5
holds 'publishing can be required' '<--required>'
ends 'and then ends the job' 5
run GATE=3 OTHER=5 IN_PUBLISH=always
ends 'what was judged counts before what could not be published' 3
run IN_PUBLISH=sometimes
ends 'a word that is none is said' 2
for word in yes True 1; do
    run IN_REQUIRE_DECISION="$word"
    holds "$word is no switch, and is said to be none" "the input require-decision is \"$word\", expected true or false"
    ends 'and it is not left off in silence' 2
done
run IN_REQUIRE_DECISION=false IN_RECORD=
ends 'what is off is off' 0
run IN_MODE=merge
ends 'a mode that is none is said' 2
run IN_MODE=choose IN_BOT='my-app[bot]' GITHUB_TOKEN=t0ken
holds 'choosing answers' "<reply>$newline<--bot>$newline<my-app[bot]>"
holds 'git has the token' "AUTHORIZATION: basic $(printf 'x-access-token:t0ken' | base64)"
run IN_MODE=choose GITHUB_TOKEN=t0ken GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=x
holds 'behind what the job set' "AUTHORIZATION: basic $(printf 'x-access-token:t0ken' | base64)"
run IN_MODE=publish IN_ISSUES=true
holds 'publishing what another run left' "<publish>$newline<--issues>"
case "$said" in *'AUTHORIZATION'*) echo 'a token came from nowhere'; exit 1 ;; *) ;; esac
