//! Exceptions for scanners that a change adds: a line that tells a scanner not to count something.
//!
//! An exception may well be right. But nobody signed it, and what it hides is in no report: so it is shown. Only lines
//! that the change adds count, and inside source files only where a comment can begin, so that prose about `nosec` is
//! none.

use crate::model::change::AddedException;

/// Files that hold nothing but exceptions, or settings by which a scanner leaves things out: ending of the path, and
/// whose they are.
const FILES: &[(&str, &str)] = &[
    (".trivyignore", "Trivy"),
    (".trivyignore.yaml", "Trivy"),
    (".trivyignore.yml", "Trivy"),
    (".semgrepignore", "Semgrep"),
    (".gitleaksignore", "Gitleaks"),
    (".gitleaks.toml", "Gitleaks"),
    (".snyk", "Snyk"),
    (".checkov.yaml", "Checkov"),
    (".checkov.yml", "Checkov"),
    (".checkov.baseline", "Checkov"),
    ("osv-scanner.toml", "OSV-Scanner"),
    (".grype.yaml", "Grype"),
    (".grype.yml", "Grype"),
    (".bandit", "Bandit"),
    (".nsprc", "npm audit"),
    (".auditignore", "npm audit"),
    ("audit-ci.json", "npm audit"),
    (".eslintignore", "ESLint"),
    (".hadolint.yaml", "Hadolint"),
    (".hadolint.yml", "Hadolint"),
    (".tfsec/config.yml", "tfsec"),
    (".cargo/audit.toml", "cargo-audit"),
    ("deny.toml", "cargo-deny"),
    (".talismanrc", "Talisman"),
    (".secrets.baseline", "detect-secrets"),
    (".trufflehogignore", "TruffleHog"),
    (".zap/rules.tsv", "ZAP"),
    ("sonar-project.properties", "SonarQube"),
    ("dependency-check-suppressions.xml", "Dependency-Check"),
    ("brakeman.ignore", "Brakeman"),
    (".nancy-ignore", "Nancy"),
    (".mobsf", "mobsfscan"),
    (".njsscan", "njsscan"),
];

/// Words in a comment that tell a scanner not to count this place, in lower case: several scanners read them in any case.
const MARKERS: &[(&str, &str)] = &[
    ("nosec", "Bandit, gosec"),
    ("nosem", "Semgrep"),
    ("nosemgrep", "Semgrep"),
    ("checkov:skip", "Checkov"),
    ("nolint", "golangci-lint"),
    ("nosonar", "SonarQube"),
    ("eslint-disable", "ESLint"),
    ("eslint-disable-line", "ESLint"),
    ("eslint-disable-next-line", "ESLint"),
    ("gitleaks:allow", "Gitleaks"),
    ("trufflehog:ignore", "TruffleHog"),
    ("ggignore", "GitGuardian"),
    ("pragma: allowlist secret", "detect-secrets"),
    ("pragma: allowlist nextline secret", "detect-secrets"),
    ("tfsec:ignore", "tfsec"),
    ("tflint-ignore", "TFLint"),
    ("ts:skip", "Terrascan"),
    ("trivy:ignore", "Trivy"),
    ("kics-scan ignore", "KICS"),
    ("kics-scan ignore-line", "KICS"),
    ("kics-scan ignore-block", "KICS"),
    ("kics-scan disable", "KICS"),
    ("kics-scan enable", "KICS"),
    ("hadolint ignore", "Hadolint"),
    ("hadolint global ignore", "Hadolint"),
    ("deepcode ignore", "Snyk"),
    ("file deepcode ignore", "Snyk"),
    ("njsscan-ignore", "njsscan"),
    ("mobsf-ignore", "mobsfscan"),
    ("lgtm", "CodeQL"),
    ("codeql", "CodeQL"),
    ("devskim: ignore", "DevSkim"),
    ("skipcq", "DeepSource"),
    ("bearer:disable", "Bearer"),
    ("zizmor: ignore", "zizmor"),
    ("flawfinder: ignore", "Flawfinder"),
    ("cppcheck-suppress", "Cppcheck"),
    ("phpcs:ignore", "PHP_CodeSniffer"),
    ("phpcs:disable", "PHP_CodeSniffer"),
    ("rubocop:disable security", "RuboCop"),
    ("noqa", "Ruff, flake8-bandit"),
];

/// What can begin a comment in front of a marker.
const COMMENTS: &[&str] = &["#", "//", "/*", "<!--", "--", "*", ";", "%"];

/// Endings of files in which a marker is prose.
const PROSE: &[&str] = &[".md", ".rst", ".adoc", ".txt", ".html"];

/// Most exceptions that are listed of one file; one more says that there are further ones.
const MOST: usize = 1_000;

/// The scanner whose exceptions the file at `path` holds, if it is such a file.
pub fn of_file(path: &str) -> Option<&'static str> {
    let ends = |ending: &str| path.strip_suffix(ending).is_some_and(|front| front.is_empty() || front.ends_with('/'));
    FILES.iter().find(|(ending, _)| ends(ending)).map(|(_, tool)| *tool)
}

/// Collects what the added line says, if it is an exception.
pub fn collect(path: &str, line: u32, content: &[u8], found: &mut Vec<AddedException>) {
    if found.len() > MOST || PROSE.iter().any(|ending| path.ends_with(ending)) {
        return;
    }
    let text = String::from_utf8_lossy(content);
    let text = text.trim();
    let exception = match of_file(path) {
        Some(tool) if !text.is_empty() && !text.starts_with('#') => Some(tool),
        Some(_) => None,
        None => marker(text),
    };
    if let Some(tool) = exception {
        let text = match found.len() {
            MOST => "and further lines of this file, which are not listed".to_owned(),
            _ => text.chars().filter(|c| !c.is_control()).take(160).collect(),
        };
        found.push(AddedException { line, tool: tool.to_owned(), text });
    }
}

/// The scanner that a line speaks to.
fn marker(line: &str) -> Option<&'static str> {
    let line = line.to_ascii_lowercase();
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let says = |marker: &str| {
        line.match_indices(marker).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + marker.len()..]);
            let alone = !before.ends_with(part) && !after.starts_with(part);
            alone && is_meant(marker, after) && COMMENTS.iter().any(|comment| before.contains(comment))
        })
    };
    MARKERS.iter().find(|(marker, _)| says(marker)).map(|(_, tool)| *tool)
}

/// Whether what follows makes an exception of a word that is used otherwise, too.
fn is_meant(marker: &str, after: &str) -> bool {
    match marker {
        // CodeQL's words are also its name: only with brackets are they an exception.
        "lgtm" | "codeql" => after.starts_with('['),
        // Alone it leaves out everything, else the rules that are named; those of flake8-bandit begin with S.
        "noqa" => after.strip_prefix(':').is_none_or(|rules| {
            let mut rules = rules.split([',', ' ']).map(|rule| rule.strip_prefix('s'));
            rules.any(|number| number.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit())))
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> Option<String> {
        let mut exceptions = Vec::new();
        collect(path, 7, line.as_bytes(), &mut exceptions);
        exceptions.into_iter().next().map(|exception| exception.tool)
    }

    #[test]
    fn a_comment_that_speaks_to_a_scanner_is_an_exception() {
        for (path, line, tool) in [
            ("a.py", "subprocess.call(x, shell=True)  # nosec B602", "Bandit, gosec"),
            ("a.go", "exec.Command(x) // #nosec G204", "Bandit, gosec"),
            ("a.go", "exec.Command(x) //nolint:gosec", "golangci-lint"),
            ("a.js", "eval(x) // nosemgrep: eval", "Semgrep"),
            ("a.js", "// eslint-disable-next-line security/detect-eval", "ESLint"),
            ("a.js", "/* eslint-disable */", "ESLint"),
            ("A.java", "run(x); // NOSONAR", "SonarQube"),
            ("main.tf", "#checkov:skip=CKV_AWS_20:public on purpose", "Checkov"),
            ("main.tf", "  # tfsec:ignore:aws-s3", "tfsec"),
            ("a.py", "key = 'x'  # pragma: allowlist secret", "detect-secrets"),
            ("a.js", "eval(x) // nosem", "Semgrep"),
            ("a.js", "eval(x) // NoSemgrep", "Semgrep"),
            ("a.py", "x = 1  # noqa: S105", "Ruff, flake8-bandit"),
            ("a.py", "x = 1  # noqa:E501,S105", "Ruff, flake8-bandit"),
            ("a.py", "x = 1  # NOQA", "Ruff, flake8-bandit"),
            ("main.tf", "# kics-scan ignore-line", "KICS"),
            ("main.tf", "# kics-scan disable=e38a8e0a", "KICS"),
            ("Dockerfile", "# hadolint global ignore=DL3006", "Hadolint"),
            ("Dockerfile", "# hadolint ignore=DL3006", "Hadolint"),
            ("ci.yml", "uses: a/b@v1 # zizmor: ignore[unpinned-uses]", "zizmor"),
            ("a.min.js", &format!("{} // nosemgrep", "x".repeat(9_000)), "Semgrep"),
            ("a.c", "f(x); // lgtm[cpp/overflow]", "CodeQL"),
            ("deep/.trivyignore", "CVE-2024-1", "Trivy"),
            ("osv-scanner.toml", "id = \"CVE-2024-1\"", "OSV-Scanner"),
        ] {
            assert_eq!(found(path, line).as_deref(), Some(tool), "{line}");
        }
    }

    #[test]
    fn prose_names_and_comments_of_exception_files_are_none() {
        for (path, line) in [
            ("README.md", "Use `# nosec` sparingly"),
            ("a.py", "nosec = read()"),
            ("a.py", "# nosecret here"),
            ("a.py", "x = 1  # noqa: E501, SIM105"),
            ("main.tf", "# kics-scan ignored nothing"),
            ("a.py", "print('no sec')"),
            ("a.js", "const eslint_disable = 1 // fine"),
            ("a.c", "// scanned by codeql every night"),
            (".trivyignore", "# accepted until the next release"),
            (".trivyignore", "   "),
            ("my.trivyignore", "CVE-2024-1"),
        ] {
            assert_eq!(found(path, line), None, "{path}: {line}");
        }
    }

    #[test]
    fn every_word_is_an_exception_by_itself_and_many_are_not_left_out_in_silence() {
        for (marker, tool) in MARKERS {
            let bracket = if matches!(*marker, "lgtm" | "codeql") { "[js/x]" } else { "" };
            assert_eq!(found("a.x", &format!("x # {marker}{bracket}")).as_deref(), Some(*tool), "{marker}");
        }
        let mut exceptions = Vec::new();
        (1..3_000).for_each(|line| collect("a.py", line, b"x # nosec", &mut exceptions));
        assert_eq!(exceptions.len(), MOST + 1);
        assert!(exceptions[MOST].text.contains("which are not listed"));
    }
}
