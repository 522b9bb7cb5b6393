//! Credentials that a result quotes are masked wherever they stand: in its title, its description, its code.
//!
//! A scanner for secrets quotes the secret; an analyser of code quotes the line with a hard-coded password in it. What is
//! known of the secret its reader masks; here everything that is quoted is masked, in whatever format.

use memchr::memmem;

use super::secret;
use crate::model::category::Category;
use crate::model::report::Observation;

/// Weaknesses that are about a credential in the code or the settings: hard-coded ones (CWE-259, CWE-321, CWE-798), and those
/// that are kept as they are (CWE-256, CWE-260, CWE-312).
const WEAKNESSES: [u32; 6] = [256, 259, 260, 312, 321, 798];

/// Parts of titles and names of rules, in lower case, that tell of a credential in the open.
const PHRASES: [&str; 7] = [
    "secrets passed via",
    "exposure of secret",
    "sensitive environment",
    "sensitive aws key",
    "private key",
    "secret has plain text",
    "plaintext value is not used for",
];

/// What something that is written into the code or the settings is called, in lower case; `-` is a space here.
const HARD_CODED: [&str; 2] = ["hardcoded", "hard coded"];

/// What a credential is called, in lower case; more letters may follow.
const CREDENTIALS: [&str; 6] = ["secret", "password", "passphrase", "credential", "key", "token"];

/// What rules quote that is no credential.
const NONE_AT_ALL: [&str; 1] = ["build-args"];

/// What some scanners write in the place of a secret.
const TAKEN_OUT: &str = "REDACTED";

/// Whether a result is about a credential. Of one that states no weakness and may be about one, its title, the name of its
/// rule or the text tells: some formats have no other place for it.
pub fn is_about_one(observation: &Observation) -> bool {
    let may_say = || {
        matches!(observation.category, Some(Category::Code | Category::Configuration))
            && observation.component.is_none()
    };
    let (title, rule, text) = (&observation.title, &observation.rule, &observation.description);
    match observation.cwe.as_slice() {
        _ if observation.category == Some(Category::Secret) => true,
        [] => {
            may_say()
                && ([title, text].into_iter().any(|text| says_so(text))
                    || [title, rule].into_iter().any(|name| names_one(name)))
        }
        stated => stated.iter().any(|cwe| WEAKNESSES.contains(cwe)),
    }
}

/// Whether a title or the name of a rule tells of a credential in the open. Long texts may mention one in passing.
fn names_one(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '_', '.'], " ");
    let is_credential = |word: &str| CREDENTIALS.iter().any(|called| word.starts_with(called));
    let names_credential = || name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_credential);
    PHRASES.iter().any(|phrase| name.contains(phrase))
        || HARD_CODED.iter().any(|word| name.contains(word)) && names_credential()
}

/// Whether a text names one of the weaknesses: `CWE-259`, `CWE: 259`, or the address of its page.
fn says_so(text: &str) -> bool {
    let named = |after: &str| {
        let rest = after.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().is_ok_and(|number| WEAKNESSES.contains(&number))
    };
    ["CWE", "/definitions/"].iter().any(|mark| {
        let mut places = memmem::find_iter(text.as_bytes(), mark);
        places.any(|at| text.get(at + mark.len()..).is_some_and(named))
    })
}

/// Masks what is quoted of the credential.
pub fn hide(observation: &mut Observation) {
    // The names of its rule and of the file are none.
    let paths = observation.locations.iter().map(|place| place.path.clone());
    let rule = observation.rule.clone();
    let known: Vec<String> = paths.chain([rule.clone()]).collect();
    let is_known = |quoted: &str| {
        NONE_AT_ALL.contains(&quoted) || spells_out(quoted, &rule) || known.iter().any(|name| is_name(quoted, name))
    };
    observation.title = without_quotations(&observation.title, is_known);
    observation.description = without_quotations(&observation.description, is_known);
    for place in &mut observation.locations {
        place.snippet = place.snippet.take().map(|snippet| hidden_code(&snippet, is_known));
    }
}

/// Whether it is a name, or the last part of a path.
fn is_name(quoted: &str, name: &str) -> bool {
    name.strip_suffix(quoted).is_some_and(|rest| rest.is_empty() || rest.ends_with(['/', '\\']))
}

/// Whether it is the name of a rule spelled out: `Slack Token` is that of `slack-token`. One word alone may be a password.
fn spells_out(quoted: &str, rule: &str) -> bool {
    let words = |name: &str| name.split([' ', '-', '_']).map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let named = words(quoted);
    let is_word = |word: &String| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    named.len() > 1 && named.iter().all(is_word) && named == words(rule)
}

/// Code with its quotations masked, and beside them what is assigned to the name of a credential; where it has none, nothing
/// tells which part the credential is.
fn hidden_code(code: &str, is_known: impl Fn(&str) -> bool) -> String {
    let hidden = without_quotations(code, is_known);
    let is_masked = hidden.contains(secret::MASK) || hidden.contains(TAKEN_OUT) || code.trim().is_empty();
    if is_masked { hidden.split_inclusive('\n').map(without_assigned).collect() } else { secret::masked(code) }
}

/// A line in which what is assigned to the name of a credential without quotation marks is masked:
/// `export AWS_SECRET_ACCESS_KEY=…`, `password: …`.
fn without_assigned(line: &str) -> String {
    let Some(sign) = line.find(['=', ':']) else { return line.to_owned() };
    let (name, rest) = line.split_at(sign);
    let lower = name.to_ascii_lowercase();
    let value = rest[1..].trim();
    let is_reference = value.starts_with(['"', '\'', '`', '$', '<', '{', '[', '(']) || value.contains(secret::MASK);
    if is_reference || value.len() < 4 || !CREDENTIALS.iter().any(|called| lower.contains(called)) {
        return line.to_owned();
    }
    [name, &rest[..1], &rest[1..].replacen(value, &secret::masked(value), 1)].concat()
}

/// `text` with everything between quotation marks masked, except what is masked already or known.
fn without_quotations(text: &str, is_known: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['\'', '"', '`']) {
        let (before, quotation) = rest.split_at(open);
        let (mark, after) = quotation.split_at(1);
        shown.push_str(before);
        shown.push_str(mark);
        // An apostrophe within a word opens nothing.
        if mark == "'" && before.ends_with(|c: char| c.is_alphanumeric()) {
            rest = after;
            continue;
        }
        // One that is cut off ends with its first word.
        let end = closing(after, mark, before.ends_with('\\')).or_else(|| after.find(char::is_whitespace));
        let (inside, behind) = after.split_at(end.unwrap_or(after.len()));
        if inside.len() < 4 || inside.ends_with(secret::MASK) || inside.contains(TAKEN_OUT) || is_known(inside) {
            shown.push_str(inside);
        } else {
            shown.push_str(&secret::masked(inside));
        }
        rest = match behind.strip_prefix(mark) {
            Some(behind) => {
                shown.push_str(mark);
                behind
            }
            None => behind,
        };
    }
    shown.push_str(rest);
    shown
}

/// Where a quotation ends: at the next mark, but within a quotation one that is escaped is part of it.
fn closing(text: &str, mark: &str, opened_by_escaped: bool) -> Option<usize> {
    let is_escaped = |at: &usize| text[..*at].ends_with('\\') && !opened_by_escaped;
    let marks = || text.match_indices(mark).map(|(at, _)| at);
    marks().find(|at| !is_escaped(at)).or_else(|| marks().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::location::Location;

    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn quotations_are_masked_and_apostrophes_stay() {
        for (text, shown) in [
            ("it isn't 'hunter2hunter2' nor \"x\"", "it isn't 'hun****' nor \"x\""),
            ("{\"Match\": \"k=\\\"hunter2hunter2\\\"\"}", "{\"M****\": \"k=\\\"****\"}"),
            ("k = \\\"hunter2hunter2\\\" here", "k = \\\"hun****\" here"),
            ("the key 'hunter2hunter2…", "the key 'hun****"),
            ("the key 'hunter2hunter2 and", "the key 'hun**** and"),
            ("'wJal****' is masked", "'wJal****' is masked"),
            ("key = \"REDACTED\"", "key = \"REDACTED\""),
        ] {
            assert_eq!(without_quotations(text, |_| false), shown);
        }
    }

    #[test]
    fn a_result_is_about_a_credential_by_its_kind_its_weakness_or_its_words() {
        let seen = |category, cwe: &[u32], description: &str| Observation {
            category: Some(category),
            cwe: cwe.to_vec(),
            description: description.to_owned(),
            ..Observation::default()
        };
        for (observation, is_one) in [
            (seen(Category::Secret, &[], ""), true),
            (seen(Category::Code, &[798], ""), true),
            (seen(Category::Code, &[], "Severity: LOW CWE: CWE-259 (https://example.org)"), true),
            (seen(Category::Code, &[], "see https://cwe.mitre.org/data/definitions/321.html"), true),
            (seen(Category::Code, &[], "CWE-2590, CWE-25, cwe"), false),
            (seen(Category::Code, &[79], "CWE-259"), false),
            (seen(Category::Dependency, &[], "CWE-259"), false),
        ] {
            assert_eq!(is_about_one(&observation), is_one, "{observation:?}");
        }
    }

    #[test]
    fn titles_and_rules_tell_of_credentials_in_code_and_settings() {
        let seen = |category, rule: &str, title: &str| Observation {
            category: Some(category),
            rule: rule.to_owned(),
            title: title.to_owned(),
            ..Observation::default()
        };
        for (observation, is_one) in [
            (seen(Category::Configuration, "DS-0031", "Secrets passed via `build-args` or envs"), true),
            (
                seen(Category::Configuration, "AWS-0036", "Task definition defines sensitive environment variable(s)."),
                true,
            ),
            (seen(Category::Configuration, "CKV_AWS_46", "Ensure no hard-coded secrets exist in EC2 user data"), true),
            (seen(Category::Code, "G101", "G101: Potential hardcoded credentials"), true),
            (seen(Category::Code, "detected-private-key", "Found a key"), true),
            (seen(Category::Code, "jwt-hardcode.hardcoded-jwt-secret", "A literal"), true),
            (seen(Category::Code, "x", "Hardcoded IP address"), false),
            (seen(Category::Code, "x", "Password is compared in variable time"), false),
            (seen(Category::Configuration, "AWS-0028", "aws_instance should activate session tokens"), false),
            (seen(Category::Dependency, "x", "Hardcoded password in cart"), false),
        ] {
            assert_eq!(is_about_one(&observation), is_one, "{observation:?}");
        }
    }

    #[test]
    fn what_is_assigned_to_the_name_of_a_credential_is_masked_beside_quotations() {
        let code = "resource \"aws_instance\" \"web\" {\n  ami = web\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7\n  \
                    password: Sup3rS3cret\n  token = ${var.token}\n}";
        let location = Location { path: "main.tf".into(), snippet: Some(code.to_owned()), ..Location::default() };
        let mut observation = Observation {
            title: "Secrets passed via `build-args` or envs".into(),
            locations: vec![location],
            ..Observation::default()
        };
        hide(&mut observation);
        assert_eq!(
            observation.locations[0].snippet.as_deref(),
            Some(
                "resource \"aws****\" \"web\" {\n  ami = web\nexport AWS_SECRET_ACCESS_KEY=wJa****\n  password: Su****\n  \
                 token = ${var.token}\n}"
            )
        );
        assert_eq!(observation.title, "Secrets passed via `build-args` or envs");
    }

    #[test]
    fn names_of_files_and_rules_are_shown() {
        let location = Location { path: "web/password.html".into(), ..Location::default() };
        let mut observation = Observation {
            rule: "Slack Token".into(),
            title: "'Slack Token' in 'password.html', 'web/password.html': 'sword.html'".into(),
            locations: vec![location],
            ..Observation::default()
        };
        hide(&mut observation);
        assert_eq!(observation.title, "'Slack Token' in 'password.html', 'web/password.html': 'sw****'");
    }

    #[test]
    fn the_name_of_a_rule_may_be_spelled_out_and_one_word_is_none() {
        for (rule, quoted, shown) in [
            ("slack-token", "Slack Token", "Slack Token"),
            ("aws_access-key", "AWS Access Key", "AWS Access Key"),
            ("slack-token", "Slack Token 2", "Sla****"),
            ("slack-token", "Slack  Token", "Sla****"),
            ("slack-token", "slacktoken", "sl****"),
            ("slack-token", "xoxb-slack-token", "xoxb****"),
            ("password", "Password", "Pa****"),
            ("pass-word!", "Pass-Word!", "Pa****"),
            ("", "hunter2 hunter2", "hun****"),
        ] {
            let mut observation =
                Observation { rule: rule.into(), title: format!("of type '{quoted}'"), ..Observation::default() };
            hide(&mut observation);
            assert_eq!(observation.title, format!("of type '{shown}'"), "{rule}");
        }
    }

    #[test]
    fn code_without_a_quotation_is_masked_as_a_whole() {
        let code = |snippet: &str| {
            let location = Location { path: "a".into(), snippet: Some(snippet.to_owned()), ..Location::default() };
            let mut observation = Observation { locations: vec![location], ..Observation::default() };
            hide(&mut observation);
            observation.locations.remove(0).snippet
        };
        assert_eq!(code(&format!("key: {KEY}")).as_deref(), Some("key:****"));
        assert_eq!(code(&format!("key = '{KEY}'")).as_deref(), Some("key = 'wJal****'"));
        assert_eq!(code("key = wJal****").as_deref(), Some("key = wJal****"));
    }
}
