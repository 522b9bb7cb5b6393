//! Addresses within the REST interface.

/// `text` as one segment of a path, or one value of a query: nothing in it is structure.
pub fn segment(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// An address below a repository that is named `owner/name`.
pub fn of(repository: &str, rest: &str) -> String {
    let name: Vec<String> = repository.split('/').map(segment).collect();
    format!("/repos/{}{rest}", name.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_structure() {
        assert_eq!(segment("github-actions[bot]"), "github-actions%5Bbot%5D");
        assert_eq!(segment("detente: choose"), "detente%3A%20choose");
        assert_eq!(of("octo/shop?x=1", "/issues"), "/repos/octo/shop%3Fx%3D1/issues");
    }
}
