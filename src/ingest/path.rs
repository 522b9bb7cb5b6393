//! Places as reports write them → paths as findings carry them.
//!
//! A path is relative to the repository with `/` wherever the report lets it be; an absolute path stays absolute. No
//! path leaves the repository: `..` beyond its beginning is dropped.

use std::borrow::Cow;

/// Where a URI of a report points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, normalised.
    File(String),
    /// An address on a network.
    Address(String),
    /// Something else (an image, a package); as written.
    Thing(String),
}

impl Place {
    /// Reads a URI reference (RFC 3986) or what some scanners write instead of one: a plain path of any system.
    /// `None` if nothing is left of it.
    pub fn of_uri(uri: &str) -> Option<Self> {
        let uri = uri.trim();
        let Some((scheme, rest)) = scheme(uri) else { return Self::of_path(uri) };
        match scheme.to_ascii_lowercase().as_str() {
            "file" => {
                // `file://host/path`, `file:///path`, `file:/path`: the host is not part of the path.
                let path =
                    rest.strip_prefix("//").map_or(rest, |rest| rest.find('/').map_or("", |slash| &rest[slash..]));
                Self::of_path(path)
            }
            "http" | "https" | "ws" | "wss" => Some(Self::Address(uri.to_owned())),
            _ => Some(Self::Thing(uri.to_owned())),
        }
    }

    /// The file at a path in which characters may be escaped as in a URI. `None` if nothing is left of it.
    pub fn of_path(path: &str) -> Option<Self> {
        normalised(&percent_decoded(path)).map(Self::File)
    }
}

/// Whether a URI reference points to a file, if it points to anything.
pub fn is_of_file(uri: &str) -> bool {
    scheme(uri.trim()).is_none_or(|(scheme, _)| scheme.eq_ignore_ascii_case("file"))
}

/// Splits off a URI scheme. One letter is not one: it is the drive of a Windows path.
fn scheme(uri: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let first = scheme.chars().next()?;
    // A path such as `module:file` has a colon too; what follows a scheme of a located resource is a slash, except
    // for package URLs and names.
    let known = rest.starts_with('/') || matches!(scheme, "pkg" | "urn" | "docker" | "oci" | "jar");
    (scheme.len() > 1 && first.is_ascii_alphabetic() && scheme.chars().all(plain) && known).then_some((scheme, rest))
}

/// A path with `/`, without `.` and `..`, without empty parts. Absolute paths keep their leading `/` or drive.
/// `None` if nothing is left of it.
pub fn normalised(path: &str) -> Option<String> {
    if is_normalised(path) {
        return Some(path.to_owned());
    }
    let path = path.trim().replace('\\', "/");
    let drive = |path: &str| path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let path = path.strip_prefix('/').filter(|rest| drive(rest)).unwrap_or(&path);
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let joined: String = parts.join("/").chars().filter(|c| !c.is_control()).collect();
    match (joined.is_empty(), absolute) {
        (true, _) => None,
        (false, true) => Some(format!("/{joined}")),
        (false, false) => Some(joined),
    }
}

/// Whether a relative path is normalised as it stands; most are.
fn is_normalised(path: &str) -> bool {
    let plain = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b'\\';
    let part = |part: &str| !matches!(part, "" | "." | "..");
    path.bytes().all(plain) && path.trim().len() == path.len() && path.split('/').all(part)
}

/// Whether a normalised path is absolute.
pub fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || path.as_bytes().get(1..3) == Some(b":/")
}

/// `path` relative to `root`, if it lies below it. Both normalised.
pub fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    path.strip_prefix(root.trim_end_matches('/'))?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// Decodes `%41` and the like. What is not a well-formed escape, or does not decode to UTF-8, stays as it is.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(uri: &str) -> String {
        match Place::of_uri(uri) {
            Some(Place::File(path)) => path,
            other => panic!("{uri}: {other:?}"),
        }
    }

    #[test]
    fn uris_and_plain_paths_become_paths() {
        for (uri, path) in [
            ("src/main.c", "src/main.c"),
            ("./src//a%20b.c", "src/a b.c"),
            ("src\\app\\Main.cs", "src/app/Main.cs"),
            ("file:///scan/app/x.js", "/scan/app/x.js"),
            ("file:/scan/x.js", "/scan/x.js"),
            ("file://build.example.com/work/x.c", "/work/x.c"),
            ("file:///C:/code/file1.c", "C:/code/file1.c"),
            ("C:\\code\\file1.c", "C:/code/file1.c"),
            ("100%.txt", "100%.txt"),
            ("a%zz%2Fb", "a%zz/b"),
        ] {
            assert_eq!(file(uri), path, "{uri}");
        }
    }

    #[test]
    fn no_path_leaves_the_repository() {
        for (uri, path) in [
            ("../../etc/passwd", "etc/passwd"),
            ("a/%2e%2e/../../b", "b"),
            ("file:///a/../../../etc/passwd", "/etc/passwd"),
        ] {
            assert_eq!(file(uri), path, "{uri}");
        }
        assert_eq!(Place::of_uri("./.."), None);
        assert_eq!(Place::of_uri(""), None);
    }

    #[test]
    fn addresses_and_things_are_not_files() {
        assert_eq!(Place::of_uri("https://a.example/b"), Some(Place::Address("https://a.example/b".into())));
        assert_eq!(Place::of_uri("pkg:npm/a@1"), Some(Place::Thing("pkg:npm/a@1".into())));
        assert_eq!(file("module:file.go"), "module:file.go");
    }

    #[test]
    fn below_needs_a_whole_folder() {
        assert_eq!(below("/scan/app/x.js", "/scan/app"), Some("x.js"));
        assert_eq!(below("/scan/application/x.js", "/scan/app"), None);
        assert_eq!(below("/scan/app", "/scan/app"), None);
        assert_eq!(below("/x", "/"), Some("x"));
    }
}
