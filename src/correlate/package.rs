//! Names and versions of packages, brought to a form in which two scanners' words can be compared.
//!
//! A package URL is believed first: it is the one notation that all scanners share. Binary and source packages of a
//! distribution have different names and stay apart.

use std::str::FromStr;

use packageurl::PackageUrl;

use crate::model::component::Component;

/// What a package is called, for comparison only. A part that the report leaves out is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Package {
    /// Package type in the words of the purl specification.
    pub ecosystem: String,
    /// Name as its ecosystem compares names.
    pub name: String,
    /// Version without decoration.
    pub version: String,
}

/// Words that scanners use for purl types.
const SYNONYMS: &[(&str, &str)] = &[
    ("go", "golang"),
    ("go-module", "golang"),
    ("gomod", "golang"),
    ("python", "pypi"),
    ("pip", "pypi"),
    ("java", "maven"),
    ("java-archive", "maven"),
    ("gradle", "maven"),
    ("node", "npm"),
    ("yarn", "npm"),
    ("pnpm", "npm"),
    ("rust", "cargo"),
    ("crates.io", "cargo"),
    ("rust-crate", "cargo"),
    ("rubygems", "gem"),
    ("ruby", "gem"),
    ("packagist", "composer"),
    ("php", "composer"),
    (".net", "nuget"),
    ("dotnet", "nuget"),
    ("debian", "deb"),
    ("ubuntu", "deb"),
    ("dpkg", "deb"),
    ("alpine", "apk"),
    ("generic", ""),
    ("unknown", ""),
];

/// The purl type for a scanner's word.
pub fn ecosystem(word: &str) -> String {
    let word = word.trim().to_ascii_lowercase();
    SYNONYMS.iter().find(|(synonym, _)| *synonym == word).map_or(word.clone(), |(_, kind)| (*kind).to_owned())
}

/// Whether packages of this type are part of an operating system, not of an application.
pub fn is_of_distribution(ecosystem: &str) -> bool {
    matches!(self::ecosystem(ecosystem).as_str(), "deb" | "rpm" | "apk" | "alpm")
}

impl Package {
    /// What a component is called.
    pub fn of(component: &Component) -> Self {
        let purl = component.purl.as_deref().and_then(|text| PackageUrl::from_str(text.trim()).ok());
        let stated = ecosystem(&component.ecosystem);
        let from_purl = purl.as_ref().map(|purl| ecosystem(purl.ty())).filter(|kind| !kind.is_empty());
        let ecosystem = from_purl.clone().unwrap_or(stated);
        let full_name = purl.as_ref().filter(|_| from_purl.is_some()).and_then(purl_name);
        // Some scanners cut a Go module's major version off its name in the package URL (`…/archiver#v3`).
        let full_name = full_name.filter(|name| !(ecosystem == "golang" && component.name.len() > name.len()));
        let name = self::name(&ecosystem, full_name.as_deref().unwrap_or(&component.name));
        let stated = Some(component.version.trim()).filter(|version| !version.is_empty());
        let stated = stated.or_else(|| purl.as_ref()?.version()).unwrap_or_default();
        // A package URL may give the epoch apart from the version.
        let epoch = purl.as_ref().and_then(|purl| purl.qualifiers().get("epoch")).filter(|_| !stated.contains(':'));
        let version = match epoch {
            Some(epoch) if !stated.is_empty() => self::version(&format!("{epoch}:{stated}")),
            _ => self::version(stated),
        };
        Self { ecosystem, name, version }
    }

    /// What the package may be called by who leaves something out: Maven's group. Loose, the full name first.
    pub fn loose_names(&self) -> Vec<String> {
        let artifact = self.name.rsplit_once(':').filter(|_| self.ecosystem == "maven").map(|(_, name)| loose(name));
        std::iter::once(self.loose_name()).chain(artifact).collect()
    }

    /// Whether the report leaves something out that the ecosystem needs to tell packages apart.
    pub fn is_partial(&self) -> bool {
        self.ecosystem.is_empty() || (self.ecosystem == "maven" && !self.name.contains(':'))
    }

    /// The name in the form that is the same whether or not the ecosystem is known.
    pub fn loose_name(&self) -> String {
        loose(&self.name)
    }
}

/// The full name that a package URL gives; `None` where its namespace, which the ecosystem needs, is missing.
fn purl_name(purl: &PackageUrl<'_>) -> Option<String> {
    let (namespace, name) = (purl.namespace().unwrap_or_default(), purl.name());
    match ecosystem(purl.ty()).as_str() {
        // The namespace of these is the distribution, not part of the name.
        "deb" | "rpm" | "apk" | "alpm" => Some(name.to_owned()),
        "maven" if namespace.is_empty() => None,
        "maven" => Some(format!("{namespace}:{name}")),
        _ if namespace.is_empty() => Some(name.to_owned()),
        _ => Some(format!("{namespace}/{name}")),
    }
}

/// A package name as its ecosystem compares names.
pub fn name(ecosystem: &str, name: &str) -> String {
    let name = name.trim();
    match ecosystem {
        // PEP 503.
        "pypi" => folded(name),
        "maven" => name.replacen('/', ":", usize::from(!name.contains(':'))),
        "golang" => match name.to_lowercase().as_str() {
            "go" | "std" | "golang" | "stdlib" | "toolchain" => "stdlib".to_owned(),
            lower => lower.to_owned(),
        },
        "nuget" | "composer" | "deb" | "rpm" | "apk" | "githubactions" | "swift" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// A name in which case, and the choice of separators, make no difference.
pub fn loose(name: &str) -> String {
    folded(name.trim()).replace(':', "/")
}

/// Lower case, with every run of `-`, `_` and `.` as one `-` (PEP 503).
fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if matches!(c, '_' | '.') { '-' } else { c };
        if !(c == '-' && folded.ends_with('-')) {
            folded.extend(c.to_lowercase());
        }
    }
    folded
}

/// A version without the decoration that some scanners leave out: `v1.2.3` and `go1.2.3` of Go, `+incompatible`, the
/// epoch 0, which means none.
pub fn version(version: &str) -> String {
    let version = version.trim();
    let before_digit =
        |prefix: &str| version.strip_prefix(prefix).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let bare = before_digit("v").or_else(|| before_digit("go")).or_else(|| before_digit("0:")).unwrap_or(version);
    bare.strip_suffix("+incompatible").unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(ecosystem: &str, name: &str, version: &str, purl: Option<&str>) -> Package {
        Package::of(&Component {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: purl.map(str::to_owned),
            ..Component::default()
        })
    }

    #[test]
    fn two_ways_to_write_a_package_are_one() {
        for (a, b) in [
            (
                package("golang", "github.com/Azure/go-autorest", "v14.2.0+incompatible", None),
                package("go", "go-autorest", "14.2.0", Some("pkg:golang/github.com/azure/go-autorest@v14.2.0")),
            ),
            (
                package(
                    "golang",
                    "github.com/mholt/archiver/v3",
                    "v3.5.1",
                    Some("pkg:golang/github.com/mholt/archiver@v3.5.1#v3"),
                ),
                package("golang", "github.com/mholt/archiver/v3", "3.5.1", None),
            ),
            (package("golang", "stdlib", "go1.21.3", None), package("golang", "Go", "1.21.3", None)),
            (
                package("npm", "@babel/core", "7.1.0", None),
                package("", "core", "", Some("pkg:npm/%40babel/core@7.1.0")),
            ),
            (package("pypi", "Flask_SQLAlchemy", "2.0", None), package("pypi", "flask-sqlalchemy", " 2.0 ", None)),
            (
                package("maven", "log4j-core", "2.14.1", Some("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1")),
                package("maven", "org.apache.logging.log4j:log4j-core", "2.14.1", None),
            ),
            (
                package("deb", "login", "1:4.13+dfsg1-1+b1", None),
                package("deb", "login", "", Some("pkg:deb/debian/login@1:4.13%2Bdfsg1-1%2Bb1?arch=amd64")),
            ),
            (
                package("deb", "zlib1g", "1.2.11-2", Some("pkg:deb/debian/zlib1g@1.2.11-2?epoch=1")),
                package("deb", "zlib1g", "1:1.2.11-2", Some("pkg:deb/debian/zlib1g@1:1.2.11-2?epoch=1")),
            ),
            (
                package("rpm", "openssl", "0:1.1.1k-9", None),
                package("rpm", "openssl", "", Some("pkg:rpm/redhat/openssl@1.1.1k-9")),
            ),
        ] {
            assert_eq!(a, b);
        }
    }

    #[test]
    fn different_packages_stay_different() {
        for (a, b) in [
            (package("npm", "JSONStream", "1.0.0", None), package("npm", "jsonstream", "1.0.0", None)),
            (package("deb", "login", "1:4.13", None), package("deb", "login", "4.13", None)),
            (
                package("deb", "libssl1.1", "1", Some("pkg:deb/debian/libssl1.1@1?upstream=openssl")),
                package("deb", "openssl", "1", None),
            ),
            (package("npm", "a", "1.0.0", None), package("npm", "a", "1.0.0+dfsg", None)),
        ] {
            assert_ne!(a, b);
        }
    }

    #[test]
    fn a_word_is_not_a_decorated_version() {
        assert_eq!(version("vivid"), "vivid");
        assert_eq!(version("gopher"), "gopher");
        assert_eq!(version("2023.1"), "2023.1");
    }
}
