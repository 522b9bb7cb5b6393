//! What a result counts as: its kind and its severity. A summary needs no more, so they are made out without the rest of
//! the observation, and by the same rules for both.

use std::collections::BTreeSet;

use super::context::Context;
use super::dialects::{Class, Dialect};
use super::wire::Rule;
use super::{identifiers, severity};
use crate::ingest::path::Place;
use crate::ingest::place;
use crate::model::category::Category;

/// Most places of one result that are looked at.
pub const MOST_PLACES: usize = 20;

/// What a result counts as: by the specification, and then as its tool means it.
pub fn of(context: &Context<'_>, dialect: Option<&Dialect>) -> Class {
    let stated = match context.inherited {
        Some(rule) => rule.stated,
        None => severity::stated(context.record, context.rule),
    };
    let mut class = Class {
        category: dialect.map_or_else(|| category(context), |dialect| dialect.category),
        severity: stated.unwrap_or_else(|| severity::by_level(context.record, context.rule, context.level)),
    };
    if let Some(dialect) = dialect {
        (dialect.classify)(context, &mut class);
    }
    class
}

/// What a result of a tool that is not known is about: what its identifiers, its tags or its place say, else code.
fn category(context: &Context<'_>) -> Category {
    if !identifiers::of(context).is_empty() {
        return Category::Dependency;
    }
    let by_place = || has_address(context).then_some(Category::Runtime);
    let by_name = || of_tool(&context.run.rules.driver.name);
    context.tags().find_map(of_tag).or_else(by_place).or_else(by_name).unwrap_or(Category::Code)
}

/// How drivers of tools that analyse code are called, or the first words of it: they need no row among the dialects, but do not
/// say what they look for where they found nothing. Makers whose tools test otherwise, too, are not among them.
const ANALYSERS: &[&str] = &[
    "aderyn",
    "android lint",
    "bearer",
    "biome",
    "cargo-geiger",
    "checkstyle",
    "clang",
    "clang-static-analyzer",
    "codechecker",
    "codeguru",
    "codiga",
    "contrast scan",
    "corgea",
    "coverity",
    "credo",
    "cwe_checker",
    "cxsast",
    "datadog static analyzer",
    "deepsource",
    "detekt",
    "dlint",
    "error prone",
    "errorprone",
    "fb-contrib",
    "find security bugs",
    "findsecbugs",
    "flake8",
    "flawfinder",
    "fortify sca",
    "fortify static code analyzer",
    "gcc",
    "gnu c",
    "golangci-lint",
    "hcl appscan static analyzer",
    "horusec",
    "infer",
    "insider",
    "inspectcode",
    "jetbrains inspectcode",
    "joern",
    "kiuwan",
    "klocwork",
    "ktlint",
    "micro focus fortify static code analyzer",
    "microsoft (r) visual c# compiler",
    "microsoft c/c++",
    "microsoft.codeanalysis",
    "microsoft.codequality",
    "mobsfscan",
    "msvc",
    "mypy",
    "mythril",
    "nullaway",
    "oxlint",
    "phpcs",
    "phpstan",
    "pmd",
    "polyspace",
    "prefast",
    "psalm",
    "pvs-studio",
    "pylint",
    "pyre",
    "pyright",
    "pysa",
    "qdandroid",
    "qdcpp",
    "qdgo",
    "qdjs",
    "qdjvm",
    "qdjvmc",
    "qdnet",
    "qdnetc",
    "qdphp",
    "qdpy",
    "qdpyc",
    "qodana",
    "resharper",
    "revive",
    "roslyn",
    "rubocop",
    "ruff",
    "rust-analyzer",
    "scan-build",
    "security code scan",
    "securitycodescan",
    "semmle",
    "shellcheck",
    "slither",
    "sobelow",
    "solhint",
    "sonarcloud",
    "sonarlint",
    "sonarqube",
    "staticcheck",
    "stylelint",
    "swiftlint",
    "tslint",
    "zeropath",
];

/// What a tool that is not known looks for by its name: secrets if it speaks of them, code if it is known to analyse it. Names
/// of rules do not tell: a rule on how secrets are stored is about code.
pub fn of_tool(name: &str) -> Option<Category> {
    let name = name.to_ascii_lowercase();
    let has = |wanted: &[&str]| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| wanted.contains(&word));
    if has(&["secret", "secrets", "credential", "credentials"]) {
        return Some(Category::Secret);
    }
    let begins = |analyser: &&str| {
        name.strip_prefix(*analyser).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    let is_analyser = has(&["sast"]) || ANALYSERS.iter().any(begins);
    is_analyser.then_some(Category::Code)
}

/// What rules of a tool that is not known look for, as far as their tags say. A rule without such a tag may look at anything.
pub fn of_rules<'r>(rules: impl Iterator<Item = &'r Rule>) -> BTreeSet<Category> {
    let of_rule = |rule: &Rule| rule.properties.list("tags").iter().find_map(|tag| of_tag(tag));
    rules.filter_map(of_rule).collect()
}

/// The kind of test that a tag means.
fn of_tag(tag: &str) -> Option<Category> {
    match tag.to_ascii_lowercase().as_str() {
        "secret" | "secrets" | "secret-detection" => Some(Category::Secret),
        "iac"
        | "infrastructure-as-code"
        | "misconfiguration"
        | "terraform"
        | "kubernetes"
        | "cloudformation"
        | "dockerfile" => Some(Category::Configuration),
        "sca" | "vulnerable-dependency" | "dependency" => Some(Category::Dependency),
        "container" | "container-scanning" => Some(Category::Container),
        "malware" => Some(Category::Malware),
        "license" | "licence" => Some(Category::Licence),
        "sast" => Some(Category::Code),
        "dast" => Some(Category::Runtime),
        _ => None,
    }
}

/// Whether one of the places is an address in a running system.
fn has_address(context: &Context<'_>) -> bool {
    let written = context.record.locations.iter().take(MOST_PLACES);
    let artifacts = written.filter_map(|location| location.physical_location.artifact_location.as_ref());
    let mut resolved = artifacts.filter_map(|artifact| context.places.resolve(artifact, context.roots));
    resolved.any(|at| matches!(at, Place::Address(url) if place::endpoint(&url, "", "").is_some()))
}
