//! The words of changed lines of a manifest or lockfile, in which the name of a package can be looked up.
//!
//! The name is seldom on the changed line itself: an upgrade in `Cargo.lock` changes `version = …` below `name = …`, in
//! `package-lock.json` lines inside `"node_modules/lodash": {`. So a changed line brings the lines that it stands under,
//! by indentation, and the nearest line above that gives a name at the same level.

use std::collections::BTreeSet;

use super::comments::Comments;

/// Most words kept of one file.
const MOST_WORDS: usize = 200_000;

/// Longest word that can be a package name.
const LONGEST: usize = 256;

/// Beginnings of lines that give the name of what the lines around them describe.
const NAMES: &[&str] =
    &["name", "\"name\"", "\"identity\"", "\"package\"", "\"location\"", "<artifactId", "- name", "- package"];

/// Words that say something of their own where a line begins with them: instructions of image recipes, directives of Go.
/// Anywhere else they are parts of names and sentences (`cloud.google.com/go`, `COPY --from`).
const DIRECTIVES: &[&str] = &["from", "image", "run", "add", "go", "toolchain"];

/// Adds the words of the lines in `changed` (ranges of line numbers from 1, ascending) and of the lines that say what
/// these are about, without what the kind of file at `path` has for comments. A directive that a line begins with is added with
/// `^` before it, which no name has.
pub fn collect(path: &str, content: &[u8], changed: &[(u32, u32)], words: &mut BTreeSet<String>) {
    let text = String::from_utf8_lossy(content);
    let mut ranges = changed.iter().peekable();
    let mut above = Above::default();
    let mut comments = Comments::of(path);
    for (number, line) in (1_u32..).zip(text.lines()) {
        while ranges.next_if(|(_, last)| *last < number).is_some() {}
        let Some((first, _)) = ranges.peek() else { return };
        // A line of nothing but a comment does not even end a paragraph.
        let Some(line) = comments.strip(line) else { continue };
        if line.trim_start().starts_with('#') {
            continue;
        }
        above.enter(line);
        if *first <= number {
            for (line, begins) in above.unsaid() {
                split(line, words);
                words.extend(directive(line).filter(|_| begins));
            }
        }
        if words.len() > MOST_WORDS {
            return;
        }
    }
}

/// Those of `words` that stand nowhere in `content`, the file `path`; none if it holds more words than are kept.
pub fn without(path: &str, words: &BTreeSet<String>, content: &[u8]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    collect(path, content, &[(1, u32::MAX)], &mut known);
    if known.len() > MOST_WORDS { BTreeSet::new() } else { words.difference(&known).cloned().collect() }
}

/// The lines that the current line stands under, outermost first, the line itself last.
#[derive(Default)]
struct Above<'t> {
    levels: Vec<LevelOf<'t>>,
    continued: bool,
}

struct LevelOf<'t> {
    indent: usize,
    line: &'t str,
    said: bool,
    /// Whether it goes on with an instruction that began above.
    continued: bool,
    /// The line of this level that gives a name, and whether its words are in.
    name: Option<(&'t str, bool)>,
}

impl<'t> Above<'t> {
    fn enter(&mut self, line: &'t str) {
        let trimmed = line.trim_start();
        if trimmed.is_empty() {
            // A blank line ends a paragraph of TOML.
            if self.levels.first().is_some_and(|level| level.indent == 0) {
                self.levels.clear();
            }
            return;
        }
        let continued = std::mem::replace(&mut self.continued, line.trim_end().ends_with('\\'));
        // The rest of an instruction that goes on over several lines stands under its first line.
        let indent = (line.len() - trimmed.len()) + usize::from(continued);
        while self.levels.last().is_some_and(|level| level.indent > indent) {
            self.levels.pop();
        }
        let gives_name = NAMES
            .iter()
            .any(|name| trimmed.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', ':', '>'])));
        let starts_table = trimmed.starts_with("[[");
        let mut name = gives_name.then_some((line, false));
        if self.levels.last().is_some_and(|level| level.indent == indent)
            && let Some(sibling) = self.levels.pop()
            && !starts_table
        {
            name = name.or(sibling.name);
        }
        self.levels.push(LevelOf { indent, line, said: false, continued, name });
    }

    /// The lines whose words are not in yet, and whether something begins with each.
    fn unsaid(&mut self) -> Vec<(&'t str, bool)> {
        let mut lines = Vec::new();
        for level in &mut self.levels {
            if !std::mem::replace(&mut level.said, true) {
                lines.push((level.line, !level.continued));
            }
            if let Some((line, said)) = &mut level.name
                && !std::mem::replace(said, true)
            {
                lines.push((*line, false));
            }
        }
        lines
    }
}

/// The directive that a line begins with.
fn directive(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '\t', '-']);
    let word = &line[..line.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(line.len())];
    let known = DIRECTIVES.iter().find(|directive| directive.eq_ignore_ascii_case(word))?;
    let behind = &line[word.len()..];
    (behind.is_empty() || behind.starts_with([' ', '\t', ':'])).then(|| format!("^{known}"))
}

/// Adds the words of a line: each run of characters that package names use, and the parts of it that may be a name.
fn split(line: &str, words: &mut BTreeSet<String>) {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '@' | '/' | '.' | '_' | '-' | '+' | '~');
    for run in line.to_lowercase().split(|c| !name(c)) {
        let run = run.trim_matches('/');
        let digest = ["sha1-", "sha256-", "sha384-", "sha512-"].iter().any(|kind| run.starts_with(kind));
        if run.is_empty() || run.len() > LONGEST || digest {
            continue;
        }
        let run = run.strip_suffix(".git").unwrap_or(run);
        add(run, words);
        let segments: Vec<&str> = run.split('/').collect();
        for (at, segment) in segments.iter().enumerate().filter(|_| segments.len() > 1) {
            add(segment, words);
            if let Some(next) = segments.get(at + 1) {
                add(&format!("{segment}/{next}"), words);
            }
        }
    }
}

/// Adds a word, and what it is without a version: `lodash@4.17.21`, `django-3.2.tar.gz`.
fn add(word: &str, words: &mut BTreeSet<String>) {
    if let Some(at) = word.rfind('@').filter(|at| *at > 0) {
        words.insert(word[..at].to_owned());
    }
    let version = word.match_indices('-').find(|(at, _)| word[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    if let Some((at, _)) = version.filter(|(at, _)| *at > 0) {
        words.insert(word[..at].to_owned());
    }
    words.insert(word.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(content: &str, line: u32) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        collect("", content.as_bytes(), &[(line, line)], &mut words);
        words
    }

    #[track_caller]
    fn names(content: &str, line: u32, expected: &str, other: &str) {
        let words = words(content, line);
        assert!(words.contains(expected), "{expected} is not in {words:?}");
        assert!(!words.contains(other), "{other} is in {words:?}");
    }

    #[test]
    fn a_changed_version_names_its_package_in_every_kind_of_lockfile() {
        let cargo = "[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n\n[[package]]\nname = \"time\"\nversion = \"0.1.42\"\nchecksum = \"ab\"\n";
        names(cargo, 7, "time", "serde");
        let npm = "{\n  \"packages\": {\n    \"node_modules/@babel/core\": {\n      \"version\": \"7.0.0\"\n    },\n    \"node_modules/lodash\": {\n      \"version\": \"4.17.15\",\n      \"integrity\": \"sha512-x/y\"\n    }\n  }\n}\n";
        names(npm, 7, "lodash", "@babel/core");
        names(npm, 4, "@babel/core", "lodash");
        let pipfile = "{\n    \"default\": {\n        \"django\": {\n            \"hashes\": [\n                \"sha256:aa\"\n            ],\n            \"version\": \"==3.2\"\n        },\n        \"flask\": {\n            \"version\": \"==1.0\"\n        }\n    }\n}\n";
        names(pipfile, 5, "django", "flask");
        names(pipfile, 10, "flask", "django");
        let yarn = "lodash@^4.17.0:\n  version \"4.17.15\"\n\n\"@babel/core@^7.0.0\":\n  version \"7.0.0\"\n";
        names(yarn, 5, "@babel/core", "lodash");
        let composer = "{\n    \"packages\": [\n        {\n            \"name\": \"symfony/http-kernel\",\n            \"version\": \"v5.0\"\n        },\n        {\n            \"name\": \"twig/twig\",\n            \"version\": \"v2\"\n        }\n    ]\n}\n";
        names(composer, 9, "twig/twig", "symfony/http-kernel");
        let pom = "<project>\n  <dependencies>\n    <dependency>\n      <groupId>a</groupId>\n      <artifactId>log4j-core</artifactId>\n      <version>2.14</version>\n    </dependency>\n    <dependency>\n      <artifactId>guava</artifactId>\n      <version>1</version>\n    </dependency>\n  </dependencies>\n</project>\n";
        names(pom, 10, "guava", "log4j-core");
        let gomod =
            "module example.com/shop\n\nrequire (\n\tgithub.com/pkg/errors v0.9.1\n\tgolang.org/x/net v0.1.0\n)\n";
        names(gomod, 5, "golang.org/x/net", "github.com/pkg/errors");
    }

    #[test]
    fn a_line_of_a_manifest_names_only_its_own_package() {
        names(
            "{\n  \"dependencies\": {\n    \"lodash\": \"^4\",\n    \"express\": \"^4\"\n  }\n}\n",
            4,
            "express",
            "lodash",
        );
        names("Django==3.2\nrequests[socks]>=2.0 # http\n", 2, "requests", "django");
    }

    #[test]
    fn a_comment_names_nothing_and_hides_nothing() {
        let mut words = BTreeSet::new();
        let lock = "[[package]]\nname = \"time\"\n# serde waits\nversion = \"0.1.42\" # for tokio\n";
        collect("Cargo.lock", lock.as_bytes(), &[(3, 4)], &mut words);
        assert!(words.contains("time") && !words.contains("serde") && !words.contains("tokio"), "{words:?}");
    }

    #[test]
    fn names_are_found_inside_addresses_and_archives() {
        let line = "      \"resolved\": \"https://registry.example/@babel/core/-/core-7.1.0.tgz\",";
        names(line, 1, "@babel/core", "lodash");
        names("    {file = \"Django-3.2.tar.gz\", hash = \"sha256:ab\"},", 1, "django", "flask");
        names("  \"location\" : \"https://github.com/apple/swift-nio.git\",", 1, "github.com/apple/swift-nio", "swift");
    }

    #[test]
    fn the_rest_of_an_instruction_belongs_to_it() {
        names("FROM debian:12\nRUN apt-get install \\\nopenssl \\\ncurl\n", 4, "^run", "^from");
        names("RUN echo \\\n# by hand\n  from here\n", 3, "^run", "^from");
    }

    #[test]
    fn a_directive_is_one_only_where_a_line_begins_with_it() {
        assert!(words("# copied from the wiki\n", 1).is_empty());
        names("COPY --from=builder /a /a\n", 1, "copy", "^from");
        names("services:\n  shop:\n    image: nginx:1\n", 3, "^image", "^from");
        names("module m\n\ngo 1.20\n\nrequire (\n\tcloud.google.com/go v0.110.0\n)\n", 6, "cloud.google.com/go", "^go");
        names("module m\n\ngo 1.20\n", 3, "^go", "module");
        names("module m\n\ntoolchain go1.21.3\n", 3, "^toolchain", "^go");
    }
}
