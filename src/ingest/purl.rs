//! Package URLs and what stands in for them: which component a report speaks of.

use std::str::FromStr;

use packageurl::PackageUrl;

use crate::model::category::Category;
use crate::model::component::Component;

/// The component that a package URL names. `None` if the text is not a package URL.
pub fn component(purl: &str) -> Option<Component> {
    let parsed = PackageUrl::from_str(purl.trim()).ok()?;
    let name = match (parsed.ty(), parsed.namespace()) {
        // The namespace of an operating-system package is the distribution, which is not part of its name.
        (ty, _) if is_system(ty) => parsed.name().to_owned(),
        ("maven", Some(group)) => format!("{group}:{}", parsed.name()),
        (_, Some(namespace)) => format!("{namespace}/{}", parsed.name()),
        (_, None) => parsed.name().to_owned(),
    };
    Some(Component {
        ecosystem: parsed.ty().to_owned(),
        name,
        version: parsed.version().unwrap_or_default().to_owned(),
        purl: Some(purl.trim().to_owned()),
        ..Component::default()
    })
}

/// Whether packages of this type belong to the operating system of an image or host.
pub fn is_system(ecosystem: &str) -> bool {
    matches!(ecosystem, "deb" | "rpm" | "apk" | "alpm" | "alpine" | "portage" | "ebuild" | "swid" | "kb")
}

/// The kind of a known vulnerability in a package of this type.
pub fn category(ecosystem: &str) -> Category {
    if is_system(ecosystem) { Category::Container } else { Category::Dependency }
}

/// Type of the packages that a manifest or lock file of this name lists; empty if the name says nothing.
pub fn ecosystem_of_file(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.as_str() {
        "package-lock.json" | "package.json" | "yarn.lock" | "pnpm-lock.yaml" | "npm-shrinkwrap.json" | "bun.lock" => {
            "npm"
        }
        "pipfile.lock" | "pipfile" | "poetry.lock" | "pyproject.toml" | "uv.lock" | "pdm.lock" | "setup.py" => "pypi",
        "go.mod" | "go.sum" => "golang",
        "cargo.lock" | "cargo.toml" => "cargo",
        "gemfile.lock" | "gemfile" => "gem",
        "composer.lock" | "composer.json" => "composer",
        "pom.xml" | "build.gradle" | "build.gradle.kts" | "gradle.lockfile" | "build.sbt.lock" => "maven",
        "packages.lock.json" | "packages.config" | "project.assets.json" => "nuget",
        "mix.lock" => "hex",
        "pubspec.lock" => "pub",
        "package.resolved" => "swift",
        "podfile.lock" => "cocoapods",
        "conan.lock" => "conan",
        name if name.starts_with("requirements") && name.ends_with(".txt") => "pypi",
        name if [".jar", ".war", ".ear"].iter().any(|end| name.ends_with(end)) => "maven",
        name if [".csproj", ".deps.json"].iter().any(|end| name.ends_with(end)) => "nuget",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_their_ecosystem_writes_them() {
        for (purl, ecosystem, name, version) in [
            ("pkg:npm/%40angular/core@12.0.0", "npm", "@angular/core", "12.0.0"),
            ("pkg:maven/org.apache.bcel/bcel@6.5.0", "maven", "org.apache.bcel:bcel", "6.5.0"),
            ("pkg:golang/github.com/a/b@v1.2.3", "golang", "github.com/a/b", "v1.2.3"),
            ("pkg:deb/debian/libc-bin@2.36-9+deb12u1?arch=amd64", "deb", "libc-bin", "2.36-9+deb12u1"),
            ("pkg:cargo/regex@1.5.4", "cargo", "regex", "1.5.4"),
        ] {
            let found = component(purl).unwrap();
            assert_eq!(
                (found.ecosystem.as_str(), found.name.as_str(), found.version.as_str()),
                (ecosystem, name, version)
            );
        }
        assert_eq!(component("not a purl"), None);
    }

    #[test]
    fn a_file_name_tells_the_ecosystem() {
        assert_eq!(ecosystem_of_file("services/a/go.sum"), "golang");
        assert_eq!(ecosystem_of_file("requirements-dev.txt"), "pypi");
        assert_eq!(ecosystem_of_file("README.md"), "");
    }
}
