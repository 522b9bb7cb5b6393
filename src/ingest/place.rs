//! Places as reports write them, brought to one form.

use crate::model::location::{Endpoint, Location};

/// A place in a file, or `None` if the report names no file. Lines are as the report counts them, from 1.
pub fn in_file(path: &str, first: Option<u32>, last: Option<u32>) -> Option<Location> {
    let path = relative(path);
    let end_line = last.filter(|last| first.is_some_and(|first| first <= *last));
    (!path.is_empty()).then_some(Location { path, line: first, end_line, snippet: None })
}

/// A path with `/` between its parts and without the `./` that some tools put before it. What is absolute stays so:
/// only the adapter can know whether its tool means the root of the repository.
fn relative(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let mut rest = path.strip_prefix("file://").unwrap_or(&path);
    while let Some(inner) = rest.strip_prefix("./") {
        rest = inner.trim_start_matches('/');
    }
    rest.to_owned()
}

/// A place in a running system, or `None` if the report names no address.
pub fn endpoint(url: &str, method: &str, parameter: &str) -> Option<Endpoint> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Some(Endpoint {
        url: given(&without_credentials(url))?,
        method: given(method).map(|method| method.to_ascii_uppercase()),
        parameter: given(parameter),
    })
}

/// `https://user:password@host/…` without what stands before the `@`.
fn without_credentials(url: &str) -> String {
    let url = url.trim();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_form() {
        for (written, expected) in [
            ("./src/a.py", "src/a.py"),
            (".\\src\\a.py", "src/a.py"),
            ("file:///srv/a.py", "/srv/a.py"),
            (".//a", "a"),
            (".env", ".env"),
            ("../a", "../a"),
        ] {
            assert_eq!(in_file(written, None, None).unwrap().path, expected);
        }
        assert_eq!(in_file("  ", Some(1), None), None);
        assert_eq!(in_file("a", Some(5), Some(3)).unwrap().end_line, None);
    }

    #[test]
    fn addresses_carry_no_credentials() {
        let url = |text| endpoint(text, "get", "").unwrap().url;
        assert_eq!(url("https://me:s3cret@shop.example:8443/a?b=c@d"), "https://shop.example:8443/a?b=c@d");
        assert_eq!(url("https://shop.example/@me"), "https://shop.example/@me");
        assert_eq!(url("shop.example:3306"), "shop.example:3306");
        assert_eq!(endpoint("", "GET", "q"), None);
        assert_eq!(endpoint("x", "get", "").unwrap().method.as_deref(), Some("GET"));
    }
}
