//! How scanners name package ecosystems, and how they write fixed versions.
//!
//! Every scanner has words of its own for the same dozen ecosystems (`gomod`, `gobinary`, `go-module`, `Go`). They are
//! brought to the words of the purl specification, so that one package is one package whoever saw it.

use packageurl::PackageUrl;

use crate::model::category::Category;
use crate::model::component::Component;

/// The purl type for a scanner's word, whatever its case; a release after `:` (`Debian:12`) is dropped. Empty if the
/// word is not known.
pub fn ecosystem(word: &str) -> &'static str {
    let word = word.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    match word.as_str() {
        "npm" | "node-pkg" | "nodepkg" | "nodejs" | "node.js" | "yarn" | "pnpm" | "bun" | "javascript" => "npm",
        "pip" | "pypi" | "pipenv" | "poetry" | "uv" | "python" | "python-pkg" | "pythonpkg" | "pylock" => "pypi",
        "maven" | "pom" | "jar" | "java" | "java-archive" | "gradle" | "gradle-lockfile" | "sbt" | "sbt-lockfile" => {
            "maven"
        }
        "go" | "golang" | "gomod" | "gobinary" | "go-module" => "golang",
        "cargo" | "crates.io" | "rust" | "rust-crate" | "rustbinary" | "rust-binary" => "cargo",
        "gem" | "rubygems" | "bundler" | "gemspec" | "ruby" => "gem",
        "nuget" | "dotnet" | "dotnet-core" | "dotnet_core" | "packages-props" => "nuget",
        "composer" | "composer-vendor" | "packagist" | "php" | "php-composer" => "composer",
        "hex" | "elixir" | "mix" => "hex",
        "pub" | "dart" | "dart-pub" => "pub",
        "swift" | "swifturl" | "swiftpm" => "swift",
        "cocoapods" | "pod" => "cocoapods",
        "conan" => "conan",
        "conda" | "conda-pkg" | "conda-environment" => "conda",
        "cran" | "r-package" => "cran",
        "hackage" => "hackage",
        "julia" => "julia",
        "github actions" | "github-action" | "githubactions" => "githubactions",
        "k8s" | "kubernetes" => "k8s",
        "apk" | "alpine" | "wolfi" | "chainguard" | "minimos" => "apk",
        "deb" | "dpkg" | "debian" | "ubuntu" | "echo" => "deb",
        "rpm"
        | "redhat"
        | "red hat"
        | "centos"
        | "rocky"
        | "rocky linux"
        | "alma"
        | "almalinux"
        | "oracle"
        | "amazon"
        | "fedora"
        | "photon"
        | "photon os"
        | "mariner"
        | "cbl-mariner"
        | "azurelinux"
        | "azure linux"
        | "suse"
        | "opensuse"
        | "opensuse-leap"
        | "opensuse-tumbleweed"
        | "opensuse.leap"
        | "opensuse.tumbleweed"
        | "suse linux enterprise server"
        | "suse linux enterprise micro"
        | "openeuler"
        | "mageia" => "rpm",
        "alpm" | "arch" => "alpm",
        "portage" => "ebuild",
        "bitnami" => "bitnami",
        _ => "",
    }
}

/// Whether packages of this purl type belong to the operating-system layer or to the application.
pub fn category(ecosystem: &str) -> Category {
    match ecosystem {
        "apk" | "deb" | "rpm" | "alpm" | "ebuild" => Category::Container,
        _ => Category::Dependency,
    }
}

/// Type and full name in a package URL, the name as its ecosystem writes it: `npm` and `@scope/name`.
pub fn of_purl(text: &str) -> Option<(String, String)> {
    let purl: PackageUrl<'_> = text.parse().ok()?;
    let name = match (purl.ty(), purl.namespace()) {
        // The namespace of an operating-system package is the vendor, not a part of the name.
        ("apk" | "deb" | "rpm" | "alpm", _) | (_, None) => purl.name().to_owned(),
        ("maven", Some(group)) => format!("{group}:{}", purl.name()),
        (_, Some(namespace)) => format!("{namespace}/{}", purl.name()),
    };
    Some((purl.ty().to_owned(), name))
}

/// The component that a package URL names.
pub fn component(text: &str) -> Option<Component> {
    let text = text.trim();
    let (ecosystem, name) = of_purl(text)?;
    let version = text.parse::<PackageUrl<'_>>().ok()?.version().unwrap_or_default().to_owned();
    Some(Component { ecosystem, name, version, purl: Some(text.to_owned()), ..Component::default() })
}

/// Type of the packages that a manifest or lock file of this name lists; empty if the name says nothing.
pub fn of_file(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match name.as_str() {
        "package-lock.json" | "package.json" | "yarn.lock" | "pnpm-lock.yaml" | "npm-shrinkwrap.json" | "bun.lock" => {
            "npm"
        }
        "pipfile.lock" | "pipfile" | "poetry.lock" | "pyproject.toml" | "uv.lock" | "pdm.lock" | "setup.py" => "pypi",
        "go.mod" | "go.sum" => "golang",
        "cargo.lock" | "cargo.toml" => "cargo",
        "gemfile.lock" | "gemfile" => "gem",
        "composer.lock" | "composer.json" => "composer",
        "pom.xml" | "build.gradle" | "build.gradle.kts" | "gradle.lockfile" => "maven",
        "packages.lock.json" | "packages.config" | "project.assets.json" => "nuget",
        "mix.lock" => "hex",
        "pubspec.lock" => "pub",
        "package.resolved" => "swift",
        "podfile.lock" => "cocoapods",
        "conan.lock" => "conan",
        _ if name.starts_with("requirements") && ends(&[".txt"]) => "pypi",
        _ if ends(&[".jar", ".war", ".ear"]) => "maven",
        _ if ends(&[".csproj", ".deps.json"]) => "nuget",
        _ => "",
    }
}

/// The package URL of an application package. `None` for operating-system packages, whose URL also needs the vendor.
pub fn purl(ecosystem: &str, name: &str, version: &str) -> Option<String> {
    if ecosystem.is_empty() || name.is_empty() || category(ecosystem) == Category::Container {
        return None;
    }
    let (namespace, name) = match ecosystem {
        "maven" => name.rsplit_once(':').map_or((None, name), |(group, artifact)| (Some(group), artifact)),
        _ => name.rsplit_once('/').map_or((None, name), |(namespace, name)| (Some(namespace), name)),
    };
    let mut purl = PackageUrl::new(ecosystem.to_owned(), name.to_owned()).ok()?;
    if let Some(namespace) = namespace {
        purl.with_namespace(namespace.to_owned()).ok()?;
    }
    if !version.is_empty() {
        purl.with_version(version.to_owned()).ok()?;
    }
    Some(purl.to_string())
}

/// The first version of each range of good versions: `>=1.2.3 <2 || >=2.0.1` is fixed in 1.2.3 and in 2.0.1.
pub fn first_of_ranges(ranges: &str) -> Vec<String> {
    ranges
        .split("||")
        .filter_map(|range| {
            let comparators: Vec<&str> = range.split([',', ' ']).filter(|part| !part.is_empty()).collect();
            // `>= 1.2.3` is two parts, `>=1.2.3` is one.
            comparators.iter().enumerate().find_map(|(index, part)| {
                let version = [">=", "^", "~>", "~", "=="].iter().find_map(|sign| part.strip_prefix(sign));
                match version.or_else(|| part.strip_prefix('=')) {
                    Some("") => comparators.get(index + 1).map(|next| (*next).to_owned()),
                    Some(version) => Some(version.to_owned()),
                    None => part.starts_with(|c: char| c.is_ascii_digit()).then(|| (*part).to_owned()),
                }
            })
        })
        .collect()
}

/// The version that ends each range of bad versions, where the range excludes it: `>=1.0 <1.2.3` is fixed in 1.2.3.
pub fn ends_of_ranges(ranges: &str) -> Vec<String> {
    ranges
        .split("||")
        .filter_map(|range| {
            let (_, end) = range.rsplit_once('<')?;
            let end = end.trim();
            (!end.starts_with('=') && !end.contains(' ')).then(|| end.to_owned())
        })
        .collect()
}

/// The numbers in texts such as `CWE-79`, `cwe-79` or `79`, ascending and each once.
pub fn cwe_numbers<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Vec<u32> {
    let mut numbers: Vec<u32> = texts.into_iter().filter_map(|text| super::lenient::cwe(text.as_ref())).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_package_has_one_name_whoever_saw_it() {
        for word in ["gomod", "gobinary", "go-module", "Go"] {
            assert_eq!(ecosystem(word), "golang");
        }
        assert_eq!(ecosystem("Alpine:v3.18"), "apk");
        assert_eq!(ecosystem("homebrewed"), "");
        for (purl, name) in [
            ("pkg:npm/%40angular/cli@1.0.0", "@angular/cli"),
            ("pkg:maven/org.slf4j/slf4j-api@1", "org.slf4j:slf4j-api"),
            ("pkg:golang/github.com/gogo/protobuf@1.3.1", "github.com/gogo/protobuf"),
            ("pkg:deb/debian/libc6@2.28-10?arch=amd64", "libc6"),
        ] {
            assert_eq!(of_purl(purl).unwrap().1, name);
        }
        assert_eq!(of_purl("not a purl"), None);
    }

    #[test]
    fn a_purl_and_a_file_name_tell_the_package() {
        let found = component("pkg:deb/debian/libc-bin@2.36-9+deb12u1?arch=amd64").unwrap();
        assert_eq!((found.ecosystem.as_str(), found.name.as_str()), ("deb", "libc-bin"));
        assert_eq!(found.version, "2.36-9+deb12u1");
        assert_eq!(component("not a purl"), None);
        assert_eq!(of_file("services/a/go.sum"), "golang");
        assert_eq!(of_file("requirements-dev.txt"), "pypi");
        assert_eq!(of_file("README.md"), "");
    }

    #[test]
    fn purls_are_built_for_application_packages() {
        assert_eq!(purl("npm", "@angular/cli", "1.0.0").unwrap(), "pkg:npm/%40angular/cli@1.0.0");
        assert_eq!(purl("maven", "org.slf4j:slf4j-api", "").unwrap(), "pkg:maven/org.slf4j/slf4j-api");
        assert_eq!(purl("golang", "github.com/a/b", "v1").unwrap(), "pkg:golang/github.com/a/b@v1");
        assert_eq!(purl("deb", "libc6", "1"), None);
        assert_eq!(purl("npm", "", "1"), None);
    }

    #[test]
    fn fixed_versions_are_read_from_ranges() {
        for (ranges, fixed) in [
            (">=1.2.3 <2.0.0 || >=2.0.1", vec!["1.2.3", "2.0.1"]),
            (">= 4.17.11", vec!["4.17.11"]),
            (">=0.13.10, <0.14.0", vec!["0.13.10"]),
            ("^0.2.5", vec!["0.2.5"]),
            ("1.2.0", vec!["1.2.0"]),
            ("<0.0.0", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(first_of_ranges(ranges), fixed, "{ranges}");
        }
        for (ranges, fixed) in
            [("<7.2.2 || >=8.0.0 <8.1.1", vec!["7.2.2", "8.1.1"]), ("<=1.0", vec![]), ("*", vec![]), (">=2", vec![])]
        {
            assert_eq!(ends_of_ranges(ranges), fixed, "{ranges}");
        }
    }

    #[test]
    fn cwe_numbers_are_read_however_written() {
        assert_eq!(cwe_numbers(["CWE-79: Cross-site Scripting", "cwe-22", "79", "NVD-CWE-noinfo"]), [22, 79]);
    }
}
