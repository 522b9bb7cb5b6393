//! A new appetite file: a profile's text with the answers of two leaders in it.
//!
//! The profile's own words and comments stay; its parts are exchanged one by one, by their keys at the beginning of a
//! line. Whatever comes from outside (names, globs, titles of findings) is quoted, so that it cannot be anything but
//! text. The result is an appetite file like any other: whoever writes it reads it back.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::appetite::Level;
use crate::model::category::Category;
use crate::model::preset::Preset;
use crate::model::service::Service;

/// What is put into the profile.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Name of the profile.
    pub profile: &'a str,
    /// Its text.
    pub profile_text: &'a str,
    /// Name of what the appetite governs.
    pub name: String,
    /// First day.
    pub effective: Date,
    /// Day of the review.
    pub review_by: Date,
    /// Name and public keys of the CIO.
    pub cio: (String, Vec<String>),
    /// Name and public keys of the CISO.
    pub ciso: (String, Vec<String>),
    /// Role, name and public keys of the arbiter.
    pub arbiter: Option<(String, String, Vec<String>)>,
    /// Levels other than the profile's, with the text of the profile that shows what the level means.
    pub levels: BTreeMap<Category, (Level, &'a str)>,
    /// Services.
    pub services: Vec<Service>,
    /// Regulations.
    pub presets: Vec<Preset>,
    /// Kinds of test that must have run.
    pub required: Vec<Category>,
    /// Day on which the findings were taken stock of, and the promises about them.
    pub baseline: Option<(Date, Vec<Promise>)>,
}

/// Findings promised to be treated by a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The day.
    pub due: Date,
    /// Where the day comes from.
    pub why: String,
    /// Findings: id, and what it is in a few words.
    pub findings: Vec<(String, String)>,
}

/// Rows of a profile that judge by severity, whatever the category.
const BY_SEVERITY: [&str; 3] = ["new-critical", "new-high", "new-medium"];

/// Rows of a profile that belong to one category.
const BY_CATEGORY: [(Category, &[&str]); 3] = [
    (Category::Secret, &["verified-secret", "new-secret"]),
    (Category::Malware, &["malware"]),
    (Category::Licence, &["new-licence"]),
];

/// The text of the new file.
pub fn draft(draft: &Draft<'_>) -> String {
    let mut out = heading(draft);
    for (key, text) in sections(draft.profile_text) {
        match key {
            "name" => out += &format!("name: {}\n", quoted(&draft.name)),
            "levels" => out += &format!("{}\n{}", agreed(draft), levels(draft, text)),
            "timelines" => out += &format!("{}{}", services(draft), timelines(draft, text)),
            "tolerance" => out += &tolerance(draft, text),
            "coverage" => out += &coverage(draft),
            _ => out += text,
        }
    }
    out + &optional(draft) + &baseline(draft)
}

/// The parts of a profile by their key, each with the comments above it.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let (mut at, mut comments) = (0, None);
    for line in text.split_inclusive('\n') {
        let key = line.split(':').next().unwrap_or_default();
        if line.starts_with('#') {
            comments.get_or_insert(at);
        } else {
            if !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase()) {
                starts.push((comments.unwrap_or(at), key));
            }
            comments = None;
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([text.len()]).collect::<Vec<_>>();
    let parts = starts.into_iter().zip(ends).map(|((start, key), end)| (key, &text[start..end]));
    // What stands above the first key speaks of the profile itself.
    parts.map(|(key, part)| if key == "version" { (key, "version: 1\n") } else { (key, part) }).collect()
}

fn heading(draft: &Draft<'_>) -> String {
    let mut out = format!(
        "# The risk appetite that CIO and CISO agree. It begins with the profile `{}`; every figure in it is for both to\n\
         # settle. Every part and word: `detente schema appetite`, `detente appetite facts`, `detente appetite explain`.\n\
         #\n\
         # Once both are content: `detente appetite sign --as cio --key FILE`, the same `--as ciso`, and commit this file\n\
         # with its two signatures to the target branch. Whoever changes a byte of it afterwards has to ask both again.\n",
        draft.profile
    );
    for preset in &draft.presets {
        out += &format!("#\n# {}, version {}\n", comment(&preset.title), comment(&preset.version));
        out += &wrapped(&format!("Source: {}", preset.source));
        for clause in &preset.clauses {
            out += &wrapped(&format!("- {}: {}", clause.clause, clause.says));
        }
    }
    out
}

fn agreed(draft: &Draft<'_>) -> String {
    let keys = |keys: &[String]| keys.iter().map(|key| quoted(key)).collect::<Vec<_>>().join(", ");
    let party =
        |(name, texts): &(String, Vec<String>)| format!("{{ name: {}, keys: [{}] }}", quoted(name), keys(texts));
    let mut out = format!(
        "agreed:\n  effective: {}\n  review_by: {}            # after it the gate only advises, until both sign again\n  \
         parties:\n    cio: {}\n    ciso: {}\n",
        draft.effective,
        draft.review_by,
        party(&draft.cio),
        party(&draft.ciso)
    );
    out += &match &draft.arbiter {
        Some((role, name, texts)) => format!(
            "  # Decides where the two do not, and vouches with a key where one of theirs is lost.\n  \
             arbiter: {{ role: {}, name: {}, keys: [{}] }}\n",
            quoted(role),
            quoted(name),
            keys(texts)
        ),
        None => "  # To whom a matter goes that the two do not settle:\n  \
                 # arbiter: { role: coo, name: C. Example, keys: [\"ssh-ed25519 …\"] }\n"
            .to_owned(),
    };
    out
}

fn levels(draft: &Draft<'_>, text: &str) -> String {
    let mut out = String::from("# averse, minimal, cautious, open, eager (UK Orange Book), by kind of finding.\n");
    for line in text.lines() {
        let changed = draft.levels.iter().find(|(category, _)| line.starts_with(&format!("  {category}: ")));
        match changed {
            Some((category, (level, _))) => out += &format!("  {category}: {}\n", level.as_str()),
            None => out += &format!("{line}\n"),
        }
    }
    out
}

fn services(draft: &Draft<'_>) -> String {
    if draft.services.is_empty() {
        return "# What a finding would hurt; the first match wins. Without it everything counts as internal and important.\n\
                # services:\n\
                #   - name: checkout\n\
                #     paths: [\"services/checkout/**\"]\n\
                #     exposure: internet                # internet, internal, isolated\n\
                #     criticality: essential            # essential, important, supporting\n\
                #     data: [cardholder]\n\
                #     obligations: [pci-dss-6.3.3]      # time limits that nobody can waive\n"
            .to_owned();
    }
    let list = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    let mut out = String::from("# What a finding would hurt; the first match wins.\nservices:\n");
    for service in &draft.services {
        out += &format!("  - name: {}\n", quoted(&service.name));
        for (key, texts) in [("paths", &service.paths), ("images", &service.images)] {
            if !texts.is_empty() {
                out += &format!("    {key}: [{}]\n", list(texts));
            }
        }
        out += &format!("    exposure: {}\n", service.exposure.as_str());
        out += &format!("    criticality: {}\n", service.criticality.as_str());
        if !service.data.is_empty() {
            out += &format!("    data: [{}]\n", list(&service.data));
        }
        let tables: Vec<&str> = draft.presets.iter().filter_map(|preset| preset.timeline.as_deref()).collect();
        if !tables.is_empty() {
            out += &format!("    obligations: [{}]      # time limits that nobody can waive\n", tables.join(", "));
        }
    }
    out
}

/// Without a service to bind it to, a regulation's table is the default.
fn timelines(draft: &Draft<'_>, text: &str) -> String {
    let table = draft.presets.iter().find_map(|preset| preset.timeline.as_deref());
    match table.filter(|_| draft.services.is_empty()) {
        Some(table) => format!("timelines: {table}\n"),
        None => text.to_owned(),
    }
}

fn tolerance(draft: &Draft<'_>, text: &str) -> String {
    let own: Vec<Category> = draft
        .levels
        .keys()
        .copied()
        .filter(|category| BY_CATEGORY.iter().all(|(special, _)| special != category))
        .collect();
    let apart = match own.as_slice() {
        [] => String::new(),
        [one] => format!(" && finding.category != \"{one}\""),
        several => {
            let names: Vec<String> = several.iter().map(|category| format!("\"{category}\"")).collect();
            format!(" && !(finding.category in [{}])", names.join(", "))
        }
    };
    let mut out = String::from(
        "# How many open findings may match `when`: amber above `appetite`, red above `tolerance`. A red row with\n\
         # `before_ship: true` holds the release; all others are a matter of choice.\ntolerance:\n",
    );
    for preset in &draft.presets {
        out += &indented(&preset.rows);
    }
    for (id, row) in rows(text) {
        let special = BY_CATEGORY.iter().find(|(_, ids)| ids.contains(&id)).map(|(category, _)| category);
        let exchanged = special.and_then(|category| {
            let (_, profile) = draft.levels.get(category)?;
            rows(profile).into_iter().find(|(other, _)| *other == id).map(|(_, row)| row)
        });
        out += &match exchanged {
            Some(row) => row.to_owned(),
            None if BY_SEVERITY.contains(&id) => with_condition(row, &apart),
            None => row.to_owned(),
        };
    }
    for category in own {
        let Some((level, profile)) = draft.levels.get(&category) else { continue };
        out += &format!("  # {category}: {}\n", level.as_str());
        for (id, row) in rows(profile).into_iter().filter(|(id, _)| BY_SEVERITY.contains(id)) {
            let row = row.replacen(&format!("id: {id}\n"), &format!("id: {category}-{id}\n"), 1);
            out += &with_condition(&row, &format!(" && finding.category == \"{category}\""));
        }
    }
    out
}

/// The rows of a profile's tolerance section, or of a whole profile, with their ids.
fn rows(text: &str) -> Vec<(&str, &str)> {
    let section = sections(text).into_iter().find(|(key, _)| *key == "tolerance").map_or(text, |(_, section)| section);
    let mut starts: Vec<usize> = section.match_indices("  - id: ").map(|(at, _)| at).collect();
    starts.push(section.len());
    starts
        .windows(2)
        .map(|ends| {
            let row = &section[ends[0]..ends[1]];
            (row.trim_start_matches("  - id: ").lines().next().unwrap_or_default().trim(), row)
        })
        .collect()
}

/// The row with more in its condition.
fn with_condition(row: &str, more: &str) -> String {
    let line = |line: &str| {
        if line.trim_start().starts_with("when:") { format!("{line}{more}\n") } else { format!("{line}\n") }
    };
    row.lines().map(line).collect()
}

fn coverage(draft: &Draft<'_>) -> String {
    let kinds: Vec<String> = draft.required.iter().map(|kind| format!("{{ kind: {kind} }}")).collect();
    format!(
        "# Evidence that must be there; without it nothing is judged.\ncoverage:\n  require: [{}]\n  # max_age: 24h\n",
        kinds.join(", ")
    )
}

/// The parts that only the leaders can fill in: shown, and never invented.
fn optional(draft: &Draft<'_>) -> String {
    let mut out = String::from(
        "# Exposure that may be spent a quarter, in points; `detente appetite simulate` shows what past changes used.\n\
         # budget: { exposure: 500, per: quarter }\n\
         # The delivery side. Without it options show hours and no dates, and no money.\n\
         # delivery:\n\
         #   capacity: { engineers: 2, focus_hours: 5, week: mon-fri, holidays: [2026-12-25], time_zone: Europe/Berlin }\n\
         #   freezes: [{ from: 2026-12-18, to: 2027-01-04, why: year-end trading }]\n\
         #   releases: { cadence: daily }\n\
         #   hourly_rate: { amount: 95, currency: EUR }\n\
         #   cost_of_delay: { amount: 4000, currency: EUR, per: day }\n",
    );
    if draft.baseline.is_none() {
        out += "# What was there before can be promised by a day: `detente appetite new REPORT…` takes stock of it.\n";
    }
    out
}

fn baseline(draft: &Draft<'_>) -> String {
    let Some((taken, promises)) = &draft.baseline else { return String::new() };
    let mut out = format!(
        "# What was there when this was agreed. None of it holds a change, and each has its day.\nbaseline:\n  taken: {taken}\n  \
         commitments:\n"
    );
    for promise in promises {
        out += &format!("    - due: {}\n      why: {}\n      findings:\n", promise.due, quoted(&promise.why));
        for (id, title) in &promise.findings {
            out += &format!("        - {}  # {}\n", quoted(id), comment(title));
        }
    }
    if promises.is_empty() {
        out = format!("# Nothing was open when this was agreed.\nbaseline: {{ taken: {taken}, commitments: [] }}\n");
    }
    out
}

/// A text as a double-quoted scalar: in YAML what JSON writes means the same.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if ends_line(c) { ' ' } else { c }).collect();
    serde_json::Value::from(text).to_string()
}

/// A text that cannot leave its comment.
fn comment(text: &str) -> String {
    let mut clean: String = text.chars().map(|c| if ends_line(c) { ' ' } else { c }).take(100).collect();
    clean.truncate(clean.trim_end().len());
    clean
}

/// Whether some reader of YAML takes it for the end of a line, or does not take it at all.
fn ends_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn wrapped(text: &str) -> String {
    let options = textwrap::Options::new(118)
        .initial_indent("# ")
        .subsequent_indent("#   ")
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let text: String = text.chars().map(|c| if ends_line(c) { ' ' } else { c }).collect();
    textwrap::fill(text.trim(), options) + "\n"
}

fn indented(rows: &str) -> String {
    rows.lines().map(|line| format!("  {}\n", line.trim_end())).collect::<String>().replace("  \n", "\n")
}
