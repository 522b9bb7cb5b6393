#!/bin/sh
# Makes what a run of the action needs, in the folder FOLDER: an agreement that holds today, signed by two keys made for it,
# a report with a finding beyond it, and one without.
#
#   sh tests/action/prepare.sh FOLDER
set -eu
folder="$1"
mkdir -p "$folder/beyond" "$folder/clean"

# In days since 1970, and back: `date -d` and `date -v` differ between systems.
day() {
    awk -v days="$(($(date +%s) / 86400 + $1))" 'BEGIN {
        z = days + 719468; era = int(z / 146097); doe = z - era * 146097
        yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
        doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
        d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9
        printf "%04d-%02d-%02d", yoe + era * 400 + (m <= 2), m, d }'
}

for role in cio ciso; do
    rm -f "$folder/$role" "$folder/$role.pub"
    ssh-keygen -q -t ed25519 -N '' -C "$role" -f "$folder/$role"
done
cat >"$folder/appetite.yml" <<YAML
version: 1
name: The action's own test
statement: Nothing high goes live.
agreed:
  effective: $(day -1)
  review_by: $(day 30)
  parties:
    cio: { name: A. Example, keys: ["$(cat "$folder/cio.pub")"] }
    ciso: { name: B. Example, keys: ["$(cat "$folder/ciso.pub")"] }
services:
  - { name: shop, paths: ["**"], exposure: internet, criticality: important }
tolerance:
  - id: high
    says: No high finding, new or old. Where it stands makes no difference to this test.
    when: finding.severity >= HIGH
    appetite: 0
    tolerance: 0
coverage:
  require: [{ kind: code }]
delivery:
  capacity: { engineers: 1, focus_hours: 6 }
authority:
  within-tolerance: { fastest: [anyone], balanced: [anyone], most-secure: [anyone] }
  beyond-tolerance: { fastest: [lead], balanced: [lead], most-secure: [anyone] }
roles:
  lead: { github: [octocat] }
YAML
: >"$folder/allowed_signers"
for role in cio ciso; do
    rm -f "$folder/appetite.yml.sig"
    ssh-keygen -q -Y sign -n detente-appetite -f "$folder/$role" "$folder/appetite.yml"
    mv "$folder/appetite.yml.sig" "$folder/appetite.yml.$role.sig"
    printf '%s %s\n' "$role" "$(cat "$folder/$role.pub")" >>"$folder/allowed_signers"
done

sarif() {
    # shellcheck disable=SC2016 # `$schema` is a property's name
    printf '{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":{"driver":{"name":"Semgrep OSS","rules":[{"id":"eval","defaultConfiguration":{"level":"error"},"properties":{"security-severity":"8.1"}}]}},"invocations":[{"executionSuccessful":true}],"results":[%s]}]}\n' "$1"
}
sarif '' >"$folder/clean/semgrep.sarif"
sarif '{"ruleId":"eval","level":"error","message":{"text":"eval of what a visitor sends"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"README.md"},"region":{"startLine":1}}}]}' >"$folder/beyond/semgrep.sarif"
