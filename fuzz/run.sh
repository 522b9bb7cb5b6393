#!/usr/bin/env bash
# Runs every reader for a while on changed fixtures, then the other targets: `fuzz/run.sh 30`, or `fuzz/run.sh 300 sarif grype`
# for the readers of these formats alone. One at a time; the first crash ends it and names the input that made it.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:?usage: fuzz/run.sh SECONDS [FORMAT]...}
shift
reports=../tests/fixtures/reports
formats=("$@")
[ $# -gt 0 ] || mapfile -t formats < <(ls "$reports")

# cargo-fuzz wants a nightly compiler for its flags; a stable one takes them too where it is told to. No sanitizer: there is
# no unsafe code here for one to watch.
fuzz() {
    local target=$1 corpus=$2
    mkdir -p "corpus/$corpus"
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none "$target" "corpus/$corpus" "${@:3}" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1
}

for format in "${formats[@]}"; do
    DETENTE_FORMAT=$format fuzz reader "reader-$format" "$reports/$format"
done
[ $# -eq 0 ] || exit 0

# What `inspect` is given: each fixture as it is, compressed, and in an archive.
seeds=corpus/seeds
mkdir -p "$seeds/recognised" "$seeds/mapping"
python3 - "$reports" "$seeds/recognised" <<'PACK'
import gzip, pathlib, sys, zipfile

reports, seeds = map(pathlib.Path, sys.argv[1:])
for report in (report for report in reports.glob("*/*") if report.is_file()):
    content, name = report.read_bytes(), f"{report.parent.name}-{report.name}"
    (seeds / name).write_bytes(content)
    (seeds / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    with zipfile.ZipFile(seeds / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(report.name), content)
PACK
for mapping in ../rules/formats/*.yaml; do
    id=$(basename "$mapping" .yaml)
    for report in "$reports/$id"/*; do
        { cat "$mapping"; printf '\n---\n'; cat "$report"; } >"$seeds/mapping/$id-$(basename "$report")"
    done
done
fuzz recognised recognised "$seeds/recognised"
fuzz mapping mapping "$seeds/mapping"
fuzz statements statements "$reports/openvex" "$reports/csaf" "$reports/cyclonedx"
fuzz appetite appetite ../rules/presets ../rules/profiles ../rules/timelines ../rules/treatments
fuzz signature signature ../tests/appetite
for target in condition brief record comment; do
    fuzz "$target" "$target"
done
