//! The table of formats. A new format is one file beside this one and one row here.

mod acunetix_xml;
mod aqua;
mod asff;
mod bandit;
mod brakeman;
mod burp_xml;
mod cargo_audit;
mod cfn_lint;
mod cfn_nag;
mod checkmarx_one;
mod checkmarx_report;
mod checkmarx_xml;
mod checkov;
mod csaf;
mod cyclonedx;
mod dependency_check;
mod dependency_check_json;
mod dependency_track;
mod detect_secrets;
mod dotnet_vulnerable;
mod eslint;
mod fortify_fvdl;
mod generic_findings;
mod github_alerts;
mod gitlab;
mod gitleaks;
mod gosec;
mod govulncheck;
mod grype;
mod hadolint;
mod hdf;
mod junit;
mod kics;
mod kube_bench;
mod lynis;
mod mend;
mod mobsf;
mod mobsfscan;
mod nessus_xml;
mod netsparker;
mod netsparker_xml;
mod nexpose_xml;
mod nikto;
mod nmap;
mod npm_audit;
mod nuclei;
mod ocsf;
mod openvas_xml;
mod openvex;
pub(super) mod osv_scanner;
mod pip_audit;
mod polaris;
mod retire;
mod sarif;
mod scout_suite;
mod semgrep;
mod semgrep_app;
mod snyk_test;
mod sonar_generic;
mod sonarqube;
mod spotbugs;
mod ssh_audit;
mod sslscan_xml;
mod sslyze_json;
mod sslyze_xml;
mod talisman;
mod tfsec;
mod trivy;
mod trivy_operator;
mod trufflehog;
mod twistcli;
mod veracode_json;
mod veracode_xml;
mod vuls;
mod wapiti;
mod wapiti_xml;
mod wizcli;
mod wpscan;
mod xccdf;
mod xray;
mod yarn_audit;
mod zap;
mod zap_json;
mod zap_xml;

use super::format::Format;

/// Every format, in alphabetical order of id.
pub const FORMATS: &[&Format] = &[
    &acunetix_xml::FORMAT,
    &aqua::FORMAT,
    &asff::FORMAT,
    &bandit::FORMAT,
    &brakeman::FORMAT,
    &burp_xml::FORMAT,
    &cargo_audit::FORMAT,
    &cfn_lint::FORMAT,
    &cfn_nag::FORMAT,
    &checkmarx_one::FORMAT,
    &checkmarx_report::FORMAT,
    &checkmarx_xml::FORMAT,
    &checkov::FORMAT,
    &csaf::FORMAT,
    &cyclonedx::FORMAT,
    &dependency_check::FORMAT,
    &dependency_check_json::FORMAT,
    &dependency_track::FORMAT,
    &detect_secrets::FORMAT,
    &dotnet_vulnerable::FORMAT,
    &eslint::FORMAT,
    &fortify_fvdl::FORMAT,
    &generic_findings::FORMAT,
    &github_alerts::FORMAT,
    &gitlab::FORMAT,
    &gitleaks::FORMAT,
    &gosec::FORMAT,
    &govulncheck::FORMAT,
    &grype::FORMAT,
    &hadolint::FORMAT,
    &hdf::FORMAT,
    &junit::FORMAT,
    &kics::FORMAT,
    &kube_bench::FORMAT,
    &lynis::FORMAT,
    &mend::FORMAT,
    &mobsf::FORMAT,
    &mobsfscan::FORMAT,
    &nessus_xml::FORMAT,
    &netsparker::FORMAT,
    &netsparker_xml::FORMAT,
    &nexpose_xml::FORMAT,
    &nikto::FORMAT,
    &nmap::FORMAT,
    &npm_audit::FORMAT,
    &nuclei::FORMAT,
    &ocsf::FORMAT,
    &openvas_xml::FORMAT,
    &openvex::FORMAT,
    &osv_scanner::FORMAT,
    &pip_audit::FORMAT,
    &polaris::FORMAT,
    &retire::FORMAT,
    &sarif::FORMAT,
    &scout_suite::FORMAT,
    &semgrep::FORMAT,
    &semgrep_app::FORMAT,
    &snyk_test::FORMAT,
    &sonar_generic::FORMAT,
    &sonarqube::FORMAT,
    &spotbugs::FORMAT,
    &ssh_audit::FORMAT,
    &sslscan_xml::FORMAT,
    &sslyze_json::FORMAT,
    &sslyze_xml::FORMAT,
    &talisman::FORMAT,
    &tfsec::FORMAT,
    &trivy::FORMAT,
    &trivy_operator::FORMAT,
    &trufflehog::FORMAT,
    &twistcli::FORMAT,
    &veracode_json::FORMAT,
    &veracode_xml::FORMAT,
    &vuls::FORMAT,
    &wapiti::FORMAT,
    &wapiti_xml::FORMAT,
    &wizcli::FORMAT,
    &wpscan::FORMAT,
    &xccdf::FORMAT,
    &xray::FORMAT,
    &yarn_audit::FORMAT,
    &zap_json::FORMAT,
    &zap_xml::FORMAT,
];

/// What `format` makes of a document; the document must be recognised by it and by nothing else.
#[cfg(test)]
fn collect(format: &Format, text: &str) -> super::collector::Collected {
    let sniff = super::sniff::Sniff::of(text.as_bytes());
    let claims: Vec<_> = FORMATS.iter().filter(|format| (format.recognise)(&sniff)).map(|format| format.id).collect();
    assert_eq!(claims, [format.id], "recognised by");
    let mut collector = super::collector::Collector::default();
    let mut document = super::document::Document::new(&sniff, text);
    if let Err(error) = (format.read)(&mut document, &mut collector) {
        collector.missing(error.to_string());
    }
    collector.finish()
}
