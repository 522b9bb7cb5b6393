//! A separate run, not part of `cargo test`: sets of real reports about one thing, of which it is known how many problems
//! they come to (`CROSS_TOOL_SETS.json` of the corpus). Run with `cargo test --test corpus_sets`.
//!
//! The corpus is looked for in `../shared/corpus` and in `$DETENTE_CORPUS`; without it the run says so and passes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use detente::correlate::{correlate, heed};
use detente::ingest::{Formats, Limits, ingest};
use detente::model::change::Change;
use detente::model::finding::Inventory;
use detente::model::identifier::Identifier;
use detente::model::origin::Origin;
use detente::model::report::Report;

fn main() -> ExitCode {
    let corpus = std::env::var_os("DETENTE_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if !corpus.is_dir() {
        println!("skipped: the corpus of real scanner output ({}) is not here", corpus.display());
        return ExitCode::SUCCESS;
    }
    let mut checks = Checks { differing: 0 };
    one_image_three_scanners(&corpus, &mut checks);
    one_module_two_names(&corpus, &mut checks);
    one_scan_in_several_formats(&corpus, &mut checks);
    before_and_after(&corpus, &mut checks);
    statements_of_vex(&corpus, &mut checks);
    println!("{} differing", checks.differing);
    if checks.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Checks {
    differing: usize,
}

impl Checks {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        let verdict = if found == expected { "ok" } else { "DIFFERS" };
        println!("{verdict}: {what}: expected {expected:?}, found {found:?}");
        self.differing += usize::from(found != expected);
    }

    /// How often two problems became one finding, and one problem two. Two results are one problem if they name the same
    /// CVE and the same package, and two problems if they name different CVEs or, by scanners that name packages as they
    /// are installed (Snyk names their sources), different packages; of the other pairs nothing is known.
    fn rates(&mut self, what: &str, reports: &[Report]) {
        let mut reports = reports.to_vec();
        let mut results = Vec::new();
        for report in &mut reports {
            for observation in &mut report.observations {
                let tool = observation.tool.clone().unwrap_or_else(|| report.scan.tool.clone());
                let cves: BTreeSet<Identifier> =
                    observation.identifiers.iter().filter(|name| name.is_cve()).cloned().collect();
                let package = observation.component.as_ref().map(|component| component.name.to_lowercase());
                // By this name the result is found again among the sources of a finding.
                let mark = format!("{tool} {}", results.len());
                observation.tool = Some(mark.clone());
                results.push((report.path.clone(), mark, cves, package.filter(|_| !tool.contains("snyk"))));
            }
        }
        let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for finding in merged(&reports).findings {
            for source in finding.sources {
                found.entry((source.report, source.tool)).or_default().insert(finding.id.clone());
            }
        }
        let ids = |(report, mark, ..): &(String, String, _, _)| &found[&(report.clone(), mark.clone())];
        let (mut merged, mut different, mut missed, mut same) = (0_usize, 0_usize, 0_usize, 0_usize);
        for (number, one) in results.iter().enumerate() {
            for another in &results[number + 1..] {
                let together = !ids(one).is_disjoint(ids(another));
                let packages = one.3.as_ref().zip(another.3.as_ref());
                let disagree = packages.is_some_and(|(a, b)| a != b);
                // Where no CVE is named nothing is known; and whether a Go module's major version is written into its name is a matter of taste.
                let alike = disagree && packages.is_some_and(|(a, b)| a.starts_with(b) || b.starts_with(a));
                if alike || one.2.is_empty() || another.2.is_empty() {
                    continue;
                }
                if one.2.is_disjoint(&another.2) || disagree {
                    different += 1;
                    merged += usize::from(together);
                } else if packages.is_some() {
                    same += 1;
                    missed += usize::from(!together);
                }
            }
        }
        println!(
            "rates: {what}: {merged} of {different} pairs of different problems merged, {missed} of {same} of one missed"
        );
        self.equal(&format!("{what}: false merges"), &merged, &0);
    }
}

fn one_image_three_scanners(corpus: &Path, checks: &mut Checks) {
    let folder = "openvex__vexctl/examples/sarif";
    let path = |tool: &str| format!("{folder}/nginx-{tool}.sarif.json");
    let all = read(corpus, &[&path("grype"), &path("trivy"), &path("snyk")]);
    checks.equal("nginx: results of three scanners", &observations(&all), &263);
    let inventory = merged(&all);
    let names: BTreeSet<&Identifier> =
        inventory.findings.iter().flat_map(|finding| &finding.identifiers).filter(|name| name.is_cve()).collect();
    checks.equal("nginx: CVEs", &names.len(), &65);
    // 99 pairs of CVE and binary package, and the one CVE that only Snyk sees.
    checks.equal("nginx: findings", &inventory.findings.len(), &100);
    checks.rates("nginx by three scanners", &all);
    let two = merged(&read(corpus, &[&path("grype"), &path("trivy")]));
    checks.equal("nginx: pairs of CVE and package that Grype and Trivy share", &seen_by(&two, 2), &99);
}

fn one_module_two_names(corpus: &Path, checks: &mut Checks) {
    let all = read(
        corpus,
        &[
            "DefectDojo__sample-scan-files/grype/k-client-grype-sca.json",
            "DefectDojo__sample-scan-files/trivy/k-client_trivy-report.json",
        ],
    );
    checks.equal("k-client: results of two scanners", &observations(&all), &48);
    checks.rates("k-client by two scanners", &all);
    let inventory = merged(&all);
    checks.equal("k-client: findings", &inventory.findings.len(), &24);
    checks.equal("k-client: findings that both see", &seen_by(&inventory, 2), &24);
}

fn one_scan_in_several_formats(corpus: &Path, checks: &mut Checks) {
    let alpine = "aquasecurity__trivy/integration/testdata/alpine-310";
    let paths = ["json", "sarif", "gitlab"].map(|form| format!("{alpine}.{form}.golden"));
    for path in &paths {
        checks.equal(path, &merged(&read(corpus, &[path])).findings.len(), &4);
    }
    let together = paths.each_ref().map(String::as_str);
    checks.rates("alpine in three formats", &read(corpus, &together));
    checks.equal("alpine: the same four in each format", &merged(&read(corpus, &together)).findings.len(), &4);

    let grype = "anchore__grype/grype/presenter";
    let together = [
        format!("{grype}/json/testdata/snapshot/TestJsonImgsPresenter.golden"),
        format!("{grype}/sarif/testdata/snapshot/TestSarifPresenter_image.golden"),
        format!("{grype}/cyclonedx/testdata/snapshot/TestCycloneDxPresenterImage.golden"),
    ];
    let together = together.each_ref().map(String::as_str);
    checks.rates("grype in three formats", &read(corpus, &together));
    checks.equal("grype: the same two in each format", &merged(&read(corpus, &together)).findings.len(), &2);
}

fn before_and_after(corpus: &Path, checks: &mut Checks) {
    let folder = "google__osv-scanner/internal/ci/testdata/vulns";
    let (a, b) = (format!("{folder}/test-vuln-results-a.json"), format!("{folder}/test-vuln-results-b.json"));
    let introduced = |before: &str, after: &str| {
        let inventory = correlate(&read(corpus, &[after]), Some(read(corpus, &[before])), &Change::default());
        let new = inventory.findings.into_iter().filter(|finding| finding.origin == Origin::Introduced);
        new.map(|finding| finding.title).collect::<Vec<_>>()
    };
    // OSV-Scanner's own comparison calls GHSA-c3h9-896r-86jm new in b. It is CVE-2021-3121, which a holds already under
    // the name GO-2021-0053: nothing new for whoever has to treat it.
    checks.equal("osv-scanner: new from a to b", &introduced(&a, &b), &Vec::new());
    checks.equal("osv-scanner: new from b to a", &introduced(&b, &a), &Vec::new());
}

/// What stays open of a report under statements of VEX, as the tests of vexctl and Trivy expect it.
fn statements_of_vex(corpus: &Path, checks: &mut Checks) {
    let vexctl = "openvex__vexctl/examples/sarif";
    let trivy = "aquasecurity__trivy/integration/testdata";
    let mut cases: Vec<(String, String, usize)> = Vec::new();
    for (vex, open) in
        [("sample-1statement", [98, 98, 64]), ("sample-history", [98, 98, 64]), ("sample-2vulns", [96, 96, 63])]
    {
        for (tool, open) in ["grype", "trivy", "snyk"].into_iter().zip(open) {
            cases.push((format!("{vexctl}/{vex}.openvex.json"), format!("{vexctl}/nginx-{tool}.sarif.json"), open));
        }
    }
    cases.push((format!("{trivy}/fixtures/vex/file/openvex.json"), format!("{trivy}/gomod.json.golden"), 4));
    for (vex, report, open) in cases {
        let heeded = heed(read(corpus, &[&vex, &report]));
        checks.equal(&format!("{report} under {vex}"), &observations(&heeded), &open);
    }
}

fn read(corpus: &Path, paths: &[&str]) -> Vec<Report> {
    let paths: Vec<String> = paths.iter().map(|path| corpus.join(path).display().to_string()).collect();
    ingest(&paths, &mut std::io::empty(), &Formats::with(&[]), &Limits::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn merged(reports: &[Report]) -> Inventory {
    correlate(reports, None, &Change::default())
}

fn observations(reports: &[Report]) -> usize {
    reports.iter().map(|report| report.observations.len()).sum()
}

/// Findings that at least `count` tools see.
fn seen_by(inventory: &Inventory, count: usize) -> usize {
    let tools = |finding: &detente::model::finding::Finding| {
        finding.sources.iter().map(|source| source.tool.clone()).collect::<BTreeSet<_>>().len()
    };
    inventory.findings.iter().filter(|finding| tools(finding) >= count).count()
}
