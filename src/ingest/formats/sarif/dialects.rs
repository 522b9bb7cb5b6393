//! What tools mean by their SARIF: a row per tool, chosen by the name of its driver.
//!
//! The specification leaves out what matters most for a package scanner (which package, which fix) and lets every tool
//! put it where it likes; some tools fill in members with text that says nothing. A row turns the generic reading into
//! what the same tool's own format would have said.

mod analysers;
mod counted;
mod packages;

use std::collections::BTreeSet;

use super::context::Context;
use super::run::Run;
use super::wire::{Record, Rule};
use crate::ingest::plain;
use crate::model::category::Category;
use crate::model::category::Category::{Code, Configuration, Container, Dependency, Malware, Runtime, Secret};
use crate::model::report::Observation;
pub use counted::Class;

/// What results count by beside their rules, their levels and what they say in properties, taxa and suppressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asks {
    /// What a result says in words.
    pub message: bool,
    /// Where it is.
    pub places: bool,
}

impl Asks {
    /// By nothing more.
    pub const NOTHING: Self = Self { message: false, places: false };
    const MESSAGE: Self = Self { message: true, places: false };
    const PLACES: Self = Self { message: false, places: true };
    /// By anything, as far as it is known.
    pub const ANYTHING: Self = Self { message: true, places: true };
}

/// What the results of a driver count by. Those of a tool that is not known may be about a running system, which their
/// places tell.
pub fn asks(driver: &str) -> Asks {
    of(driver).map_or(Asks::PLACES, |dialect| dialect.asks)
}

/// One tool's way of writing SARIF.
#[derive(Debug)]
pub struct Dialect {
    /// The tool's name in lower case, as its own formats give it.
    pub tool: &'static str,
    /// Names of the driver, in lower case; more words may follow.
    names: &'static [&'static str],
    /// What a result is unless `classify` knows better.
    pub category: Category,
    /// Kinds of test that a run is evidence for even if it found nothing; empty if the run has to tell.
    kinds: &'static [Category],
    /// The fingerprint that is stable across scans and tells results of one rule in one file apart, if there is one.
    fingerprint: Option<&'static str>,
    /// Whether one result stands for a finding at each of its places. In the specification it stands for one finding
    /// that needs a change at all of them.
    pub each_place: bool,
    /// Whether the long texts of its rules say what counts.
    pub reads_rules: bool,
    /// What its results count by beside their rules.
    pub asks: Asks,
    /// Corrects what a result counts as, where only this tool's reader can know it.
    pub classify: fn(&Context<'_>, &mut Class),
    /// Adds what only this tool's reader can know.
    pub refine: fn(&Context<'_>, &mut Observation),
}

const fn row(tool: &'static str, names: &'static [&'static str], kinds: &'static [Category]) -> Dialect {
    let category = if kinds.is_empty() { Dependency } else { kinds[0] };
    Dialect {
        tool,
        names,
        category,
        kinds,
        fingerprint: None,
        each_place: false,
        reads_rules: false,
        asks: Asks::NOTHING,
        classify: |_, _| {},
        refine: |_, _| {},
    }
}

/// Every dialect. The first row with a fitting name is taken.
const DIALECTS: &[Dialect] = &[
    // Packages.
    Dialect {
        asks: Asks::MESSAGE,
        classify: packages::class_of_trivy,
        refine: packages::trivy,
        ..row("trivy", &["trivy"], &[])
    },
    Dialect {
        reads_rules: true,
        asks: Asks::MESSAGE,
        classify: packages::class_of_grype,
        refine: packages::grype,
        ..row("grype", &["grype"], &[Dependency])
    },
    Dialect { fingerprint: Some("identity"), ..row("snyk code", &["snykcode", "snyk code"], &[Code]) },
    Dialect {
        reads_rules: true,
        asks: Asks::MESSAGE,
        classify: packages::class_of_snyk,
        refine: packages::snyk,
        ..row("snyk container", &["snyk container"], &[Container])
    },
    row("snyk iac", &["snyk iac"], &[Configuration]),
    Dialect {
        reads_rules: true,
        asks: Asks::MESSAGE,
        classify: packages::class_of_snyk,
        refine: packages::snyk,
        ..row("snyk", &["snyk open source", "snyk"], &[Dependency])
    },
    Dialect { refine: packages::osv_scanner, ..row("osv-scanner", &["osv-scanner"], &[Dependency]) },
    Dialect { refine: packages::cargo_audit, ..row("cargo-audit", &["cargo-audit"], &[Dependency]) },
    Dialect {
        classify: packages::class_of_govulncheck,
        refine: packages::govulncheck,
        ..row("govulncheck", &["govulncheck"], &[Dependency])
    },
    Dialect {
        asks: Asks::ANYTHING,
        classify: packages::class_of_dependency_check,
        refine: packages::dependency_check,
        ..row("dependency-check", &["dependency-check", "owasp dependency-check"], &[Dependency])
    },
    Dialect {
        reads_rules: true,
        asks: Asks::MESSAGE,
        classify: packages::class_of_docker_scout,
        refine: packages::docker_scout,
        ..row("docker scout", &["docker scout"], &[Container, Dependency])
    },
    Dialect {
        classify: packages::class_of_cargo_deny,
        refine: packages::cargo_deny,
        ..row("cargo-deny", &["cargo-deny"], &[Dependency])
    },
    Dialect {
        asks: Asks::PLACES,
        classify: packages::class_of_dependency_track,
        refine: packages::dependency_check,
        ..row("dependency-track", &["owasp dependency-track"], &[Dependency])
    },
    Dialect {
        classify: packages::class_of_xray,
        refine: packages::xray,
        ..row("xray", &["jfrog xray", "xray"], &[Dependency])
    },
    // It repeats what the scanners of JFrog found against its policies.
    Dialect {
        classify: packages::class_of_jfrog_policy,
        ..row("jfrog policy enforcer", &["jfrog policy enforcer"], &[])
    },
    // Code.
    Dialect { fingerprint: Some("primaryLocationLineHash"), ..row("codeql", &["codeql"], &[Code]) },
    Dialect {
        fingerprint: Some("matchBasedId/v1"),
        classify: analysers::class_of_semgrep,
        refine: analysers::semgrep,
        ..row("semgrep", &["semgrep", "opengrep"], &[Code])
    },
    Dialect { fingerprint: Some("contextHash/v1"), ..row("flawfinder", &["flawfinder"], &[Code]) },
    Dialect { classify: analysers::class_of_checkmarx, ..row("checkmarx", &["checkmarx"], &[Code]) },
    Dialect {
        category: Code,
        classify: analysers::class_of_datadog,
        ..row("datadog-static-analyzer", &["datadog-static-analyzer"], &[])
    },
    row("bandit", &["bandit"], &[Code]),
    Dialect { refine: analysers::veracode, ..row("veracode static analysis", &["veracode static analysis"], &[Code]) },
    row("gosec", &["gosec"], &[Code]),
    Dialect { each_place: true, asks: Asks::ANYTHING, ..row("njsscan", &["njsscan", "nodejsscan"], &[Code]) },
    row("eslint", &["eslint"], &[Code]),
    row("clippy", &["clippy"], &[Code]),
    row("devskim", &["devskim"], &[Code]),
    row("cppcheck", &["cppcheck"], &[Code]),
    row("spotbugs", &["spotbugs"], &[Code]),
    row("brakeman", &["brakeman"], &[Code]),
    // Settings.
    Dialect { classify: analysers::class_of_checkov, ..row("checkov", &["checkov", "bridgecrew"], &[Configuration]) },
    row("tfsec", &["tfsec"], &[Configuration]),
    row("terrascan", &["terrascan"], &[Configuration]),
    row("kics", &["kics"], &[Configuration]),
    // What Datadog made of KICS.
    row("datadog iac scanning", &["datadog iac scanning"], &[Configuration]),
    row("kubescape", &["kubescape"], &[Configuration]),
    row("dockle", &["dockle"], &[Configuration]),
    row("hadolint", &["hadolint"], &[Configuration]),
    row("zizmor", &["zizmor"], &[Configuration]),
    row("poutine", &["poutine"], &[Configuration]),
    row("kube-linter", &["kube-linter"], &[Configuration]),
    row("jfrog terraform", &["jfrog terraform"], &[Configuration]),
    row("cfn-lint", &["cfn-lint"], &[Configuration]),
    row("actionlint", &["github actions lint", "actionlint"], &[Configuration]),
    row("scorecard", &["scorecard"], &[Configuration]),
    row("cfn-guard", &["cfn-guard"], &[Configuration]),
    row("tflint", &["tflint"], &[Configuration]),
    row("kube-score", &["kube-score"], &[Configuration]),
    row("conftest", &["conftest"], &[Configuration]),
    row("legitify", &["legitify"], &[Configuration]),
    row("cnspec", &["cnspec"], &[Configuration]),
    row("psrule", &["psrule"], &[Configuration]),
    row("octoscan", &["octoscan"], &[Configuration]),
    row("ansible-lint", &["ansible-lint"], &[Configuration]),
    // Secrets.
    Dialect { classify: analysers::class_of_gitleaks, ..row("gitleaks", &["gitleaks"], &[Secret]) },
    // What became of Gitleaks.
    Dialect { classify: analysers::class_of_gitleaks, ..row("betterleaks", &["betterleaks"], &[Secret]) },
    row("trufflehog", &["trufflehog"], &[Secret]),
    row("2ms", &["2ms"], &[Secret]),
    Dialect { refine: analysers::kingfisher, ..row("kingfisher", &["kingfisher"], &[Secret]) },
    row("titus", &["titus"], &[Secret]),
    row("jfrog secrets", &["jfrog secrets", "jfrog binary secrets"], &[Secret]),
    // Microsoft's SARIF pattern matcher.
    row("spmi", &["spmi"], &[Secret]),
    row("secretlint", &["secretlint"], &[Secret]),
    row("noseyparker", &["noseyparker-cli", "noseyparker", "nosey parker"], &[Secret]),
    row("n0s1", &["n0s1"], &[Secret]),
    row("ggshield", &["ggshield", "gitguardian"], &[Secret]),
    // Running systems.
    row("zap", &["zap", "zaproxy", "owasp zap", "zed attack proxy"], &[Runtime]),
    row("nuclei", &["nuclei"], &[Runtime]),
    // Mayhem for API.
    row("mapi", &["mapi"], &[Runtime]),
    row("stackhawk", &["stackhawk"], &[Runtime]),
    // Packages that are themselves malicious. The driver is named by the ecosystem too.
    row("jfrog malicious code", &["jfrog malicious code"], &[Malware]),
    row(
        "guarddog",
        &["guarddog", "guarddog-pypi", "guarddog-npm", "guarddog-go", "guarddog-github-action", "guarddog-extension"],
        &[Malware],
    ),
];

/// The dialect of a driver, if it is a known one.
pub fn of(driver: &str) -> Option<&'static Dialect> {
    let driver = driver.to_lowercase();
    let fits = |name: &str| driver.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    DIALECTS.iter().find(|dialect| dialect.names.iter().any(|name| fits(name)))
}

/// The tool's own id of a result, made distinct by the rule and the file. Values that are no fingerprint at all
/// (Semgrep writes `requires login` on every result) are left out.
pub fn native_id(dialect: &Dialect, record: &Record<'_>, observation: &Observation) -> Option<String> {
    let name = dialect.fingerprint?;
    let value = record.fingerprints.text(&[name]).or_else(|| record.partial_fingerprints.text(&[name]))?;
    let plain = value.len() >= 8 && !value.contains(char::is_whitespace);
    let path = observation.locations.first().map_or("", |location| location.path.as_str());
    plain.then(|| [observation.rule.as_str(), "|", path, "|", &plain::title(value)].concat())
}

/// Kinds of test that a run is evidence for even if it found nothing, and a remark if that cannot be told.
pub fn kinds(dialect: Option<&Dialect>, run: &Run) -> (BTreeSet<Category>, Option<String>) {
    match dialect {
        Some(dialect) if dialect.tool == "trivy" => trivy_kinds(run),
        Some(dialect) if dialect.tool == "datadog-static-analyzer" => datadog_kinds(run),
        Some(dialect) => (dialect.kinds.iter().copied().collect(), None),
        // What an unknown tool looks for is known from its results, if it has any.
        None => (BTreeSet::new(), None),
    }
}

/// Datadog's static analyser lists every rule that ran, whether or not it found something.
fn datadog_kinds(run: &Run) -> (BTreeSet<Category>, Option<String>) {
    let kind = |rule: &Rule| {
        let secret = rule.properties.list("tags").iter().any(|tag| analysers::is_secret_of_datadog(tag));
        if secret { Secret } else { Code }
    };
    let kinds: BTreeSet<Category> = run.rules.driver.rules().iter().map(kind).collect();
    let remark =
        kinds.is_empty().then(|| "it lists no rule that ran, so it is no evidence for any kind of test".to_owned());
    (kinds, remark)
}

/// Trivy lists only rules that found something; of an image it says at least which.
fn trivy_kinds(run: &Run) -> (BTreeSet<Category>, Option<String>) {
    let mut kinds: BTreeSet<Category> =
        run.rules.driver.rules().iter().filter_map(|rule| packages::trivy_class(rule.name.as_deref()?)).collect();
    if artefact(run).is_some() {
        kinds.extend([Container, Dependency]);
    }
    let remark = kinds.is_empty().then(|| {
        "a Trivy log without results does not say which tests ran, so it is evidence for none; Trivy's own JSON \
         (--format json) says it"
            .to_owned()
    });
    (kinds, remark)
}

/// The image that a run scanned, if its properties name one.
pub fn artefact(run: &Run) -> Option<String> {
    let named = run.properties.text(&["imageName"])?;
    Some(plain::title(run.properties.text(&["repoDigests"]).unwrap_or(named)))
}
