//! What of a manifest is a comment: a package that only a comment speaks of is not what the change is about.
//!
//! What cannot be told apart for sure stays: its words then count as words of the change, which is the careful reading.

/// How the comments of a kind of file begin and end.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// What the rest of a line is a comment behind.
    line: Option<&'static str>,
    /// What a comment of several lines stands between.
    block: Option<(&'static str, &'static str)>,
}

const NONE: Style = Style { line: None, block: None };
const HASH: Style = Style { line: Some("#"), block: None };
const SLASHES: Style = Style { line: Some("//"), block: Some(("/*", "*/")) };
const XML: Style = Style { line: None, block: Some(("<!--", "-->")) };

/// Styles by the ending of a file's name in lower case; JSON has no comments. First match wins.
const STYLES: &[(&str, Style)] = &[
    (".txt", HASH),
    (".in", HASH),
    (".toml", HASH),
    (".yaml", HASH),
    (".yml", HASH),
    (".py", HASH),
    (".cfg", HASH),
    (".exs", HASH),
    (".rb", HASH),
    (".gemspec", HASH),
    ("gemfile", HASH),
    ("podfile", HASH),
    ("pipfile", HASH),
    ("yarn.lock", HASH),
    ("cargo.lock", HASH),
    ("poetry.lock", HASH),
    ("pdm.lock", HASH),
    ("uv.lock", HASH),
    ("gradle.lockfile", HASH),
    ("go.mod", SLASHES),
    ("go.work", SLASHES),
    (".gradle", SLASHES),
    (".kts", SLASHES),
    (".sbt", SLASHES),
    (".swift", SLASHES),
    (".xml", XML),
    (".csproj", XML),
    (".fsproj", XML),
    (".vbproj", XML),
    (".props", XML),
    ("packages.config", XML),
];

/// The comments of one file, which is read line by line.
pub struct Comments {
    style: Style,
    inside: bool,
}

impl Comments {
    /// For the file at `path`.
    pub fn of(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        let style = STYLES.iter().find(|(ending, _)| path.ends_with(ending)).map_or(NONE, |(_, style)| *style);
        Self { style, inside: false }
    }

    /// The next line without its comment; `None` if it is nothing but a comment.
    pub fn strip<'t>(&mut self, line: &'t str) -> Option<&'t str> {
        let mut rest = line;
        if let Some((open, close)) = self.style.block {
            loop {
                if self.inside {
                    rest = rest.split_once(close)?.1;
                    self.inside = false;
                }
                // One that begins behind other text could as well stand in a string.
                match rest.trim_start().strip_prefix(open) {
                    Some(comment) => (rest, self.inside) = (comment, true),
                    None => break,
                }
            }
        }
        let kept = self.style.line.map_or(rest, |mark| before(rest, mark));
        (!kept.trim().is_empty() || line.trim().is_empty()).then_some(kept)
    }
}

/// What stands before the comment that `mark` begins: at the beginning of the line or behind a space, and in no string.
fn before<'t>(line: &'t str, mark: &str) -> &'t str {
    let (mut quote, mut escaped, mut spaced) = (None, false, true);
    for (at, c) in line.char_indices() {
        if quote.is_none() && spaced && line[at..].starts_with(mark) {
            return &line[..at];
        }
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            _ => {}
        }
        spaced = c.is_whitespace();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped<'t>(path: &str, text: &'t str) -> Vec<Option<&'t str>> {
        let mut comments = Comments::of(path);
        text.lines().map(|line| comments.strip(line)).collect()
    }

    #[test]
    fn comments_are_those_of_the_kind_of_file() {
        assert_eq!(
            stripped("requirements-dev.txt", "# old\nflask==1 # why\ngit+https://x/y#egg=z\n\n"),
            [None, Some("flask==1 "), Some("git+https://x/y#egg=z"), Some("")]
        );
        assert_eq!(stripped("a/Gemfile", "gem 'a # b' # c"), [Some("gem 'a # b' ")]);
        assert_eq!(stripped("go.mod", "\tx/y v1 // indirect\n// x"), [Some("\tx/y v1 "), None]);
        assert_eq!(
            stripped("build.gradle", "/* a\n b */ c 'https://d'\ne /* f\ng"),
            [None, Some(" c 'https://d'"), Some("e /* f"), Some("g")]
        );
        assert_eq!(
            stripped("pom.xml", "<a>\n <!-- b\n\n c --> <!-- d -->\n<e/>"),
            [Some("<a>"), None, None, None, Some("<e/>")]
        );
        assert_eq!(stripped("package-lock.json", "# a // b"), [Some("# a // b")]);
    }
}
