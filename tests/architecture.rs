//! The shape of the code, held by a test: stages know the vocabulary and not each other, imports point one way, and no
//! two modules import each other. Read from the source with `syn`, tests inside the source aside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "these functions serve tests only")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// What each top-level module may import besides itself. A module that is not listed here makes the test fail, so that
/// a new one has to say where it stands.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // The vocabulary, and the foundation that needs nothing but it.
    ("model", &[]),
    ("exit", &[]),
    ("many", &[]),
    ("document", &["model"]),
    // Stages: the vocabulary, never each other. The two that read policy files share the strict reader.
    ("ingest", &["model"]),
    ("correlate", &["model", "many"]),
    ("change", &["model"]),
    ("intel", &["model"]),
    ("rules", &["model", "document"]),
    ("signature", &[]),
    ("appetite", &["model", "document", "signature"]),
    ("assess", &["model"]),
    ("plan", &["model", "many"]),
    // Decisions: kept in git, and followed up from what is kept.
    ("ledger", &["model"]),
    ("follow", &["model", "signature"]),
    ("render", &["model"]),
    // Files of git and of hook managers; needs nothing of ours.
    ("hooks", &[]),
    ("forge", &["model"]),
    // The published brief checked from outside: its only input is the wire format, which is the renderer's.
    ("recompute", &["model", "render"]),
    // The only place where stages meet.
    (
        "commands",
        &[
            "model",
            "exit",
            "document",
            "ingest",
            "correlate",
            "change",
            "intel",
            "rules",
            "appetite",
            "assess",
            "plan",
            "render",
            "recompute",
            "forge",
            "signature",
            "ledger",
            "follow",
            "hooks",
            "many",
        ],
    ),
    ("cli", &["commands", "exit"]),
];

/// One outside package, and the only modules that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("clap", &["cli", "commands", "main"]),
    ("git2", &["change", "ledger"]),
    ("cel", &["model"]),
    ("clap_complete", &["commands"]),
    ("clap_mangen", &["commands"]),
    ("indicatif", &["commands"]),
    ("crossterm", &["commands"]),
    ("signal_hook", &["commands"]),
    ("octocrab", &["forge"]),
    ("rayon", &["ingest", "many"]),
    ("cvss_rs", &["model"]),
    ("ssh_key", &["appetite", "signature"]),
    ("quick_xml", &["ingest"]),
    ("tracing_subscriber", &["cli"]),
    ("comfy_table", &["render", "commands"]),
    ("askama", &["render"]),
    ("granit_parser", &["document"]),
    ("inquire", &["commands"]),
    ("reqwest", &["commands", "forge"]),
    ("rustls", &["commands", "forge"]),
    ("tokio", &["commands", "forge"]),
    ("serde_yaml", &["document", "rules", "appetite"]),
];

/// One `use` or path: the module that says it, what it names, and where.
#[derive(Debug)]
struct Import {
    from: Vec<String>,
    to: Vec<String>,
    place: String,
}

#[test]
fn stages_import_only_what_they_may() {
    let source = Source::read();
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for import in &source.imports {
        let (from, to) = (top(&import.from), top(&import.to));
        if from == to || from.is_empty() || from == "main" {
            continue;
        }
        match allowed.get(from) {
            None => wrong.push(format!("{}: module `{from}` has no row in MAY_IMPORT", import.place)),
            Some(may) if !may.contains(&to) => {
                wrong.push(format!("{}: `{from}` imports `{}`", import.place, import.to.join("::")));
            }
            Some(_) => {}
        }
    }
    assert!(source.imports.len() > 100, "hardly any import was found: the reader of this test is broken");
    assert!(wrong.is_empty(), "imports that point the wrong way:\n{}", wrong.join("\n"));
}

#[test]
fn no_two_modules_import_each_other() {
    let source = Source::read();
    let mut edges: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for import in &source.imports {
        let (from, to) = (import.from.join("::"), source.module_of(&import.to));
        if from != to && !to.is_empty() {
            edges.entry(from).or_default().entry(to).or_insert_with(|| import.place.clone());
        }
    }
    // An import is part of a circle if what it imports leads back to where it stands.
    let in_circles: Vec<String> = edges
        .iter()
        .flat_map(|(from, targets)| targets.iter().map(move |(to, place)| (from, to, place)))
        .filter(|(from, to, _)| leads_to(to, from, &edges))
        .map(|(from, to, place)| format!("  {from} → {to} ({place})"))
        .collect();
    assert!(in_circles.is_empty(), "modules import each other in a circle:\n{}", in_circles.join("\n"));
}

#[test]
fn each_outside_package_has_one_home() {
    let source = Source::read();
    let wrong: Vec<String> = source
        .outside
        .iter()
        .filter_map(|import| {
            let homes = HOMES.iter().find(|(package, _)| *package == import.to[0])?.1;
            let from = top(&import.from);
            (!homes.contains(&from)).then(|| format!("{}: `{}` belongs to {homes:?}", import.place, import.to[0]))
        })
        .collect();
    assert!(wrong.is_empty(), "outside packages away from home:\n{}", wrong.join("\n"));
}

#[test]
fn no_module_is_a_drawer_for_odds_and_ends() {
    for file in rust_files(Path::new("src")) {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        assert!(!["utils", "util", "common", "helpers", "misc", "imp", "mod"].contains(&stem), "{}", file.display());
    }
}

fn top(path: &[String]) -> &str {
    path.first().map_or("", String::as_str)
}

/// Whether following imports from `start` reaches `goal`.
fn leads_to(start: &str, goal: &str, edges: &BTreeMap<String, BTreeMap<String, String>>) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::from([start]), vec![start]);
    while let Some(module) = waiting.pop() {
        if module == goal {
            return true;
        }
        let next = edges.get(module).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
        waiting.extend(next.filter(|next| seen.insert(next)));
    }
    false
}

/// The modules of the library and what they import.
#[derive(Default)]
struct Source {
    modules: BTreeSet<String>,
    imports: Vec<Import>,
    outside: Vec<Import>,
}

impl Source {
    fn read() -> Self {
        let files = rust_files(Path::new("src"));
        let mut source = Self::default();
        let module = |file: &Path| -> Vec<String> {
            let path = file.strip_prefix("src").unwrap().with_extension("");
            let parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if parts == ["lib"] { Vec::new() } else { parts }
        };
        source.modules = files.iter().map(|file| module(file).join("::")).collect();
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let mut reader = Reader { module: module(file), file, source: &mut source };
            reader.visit_file(&parsed);
        }
        source
    }

    /// The module that a path names something in: the longest prefix that is a module.
    fn module_of(&self, path: &[String]) -> String {
        (1..=path.len())
            .rev()
            .map(|length| path[..length].join("::"))
            .find(|prefix| self.modules.contains(prefix))
            .unwrap_or_default()
    }
}

struct Reader<'s> {
    module: Vec<String>,
    file: &'s Path,
    source: &'s mut Source,
}

impl Reader<'_> {
    fn note(&mut self, path: &[String], line: usize) {
        let place = format!("{}:{line}", self.file.display());
        let from = self.module.clone();
        let to = match path[0].as_str() {
            "crate" => path[1..].to_vec(),
            "self" => [&self.module[..], &path[1..]].concat(),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let base = self.module.len().saturating_sub(ups);
                [&self.module[..base], &path[ups..]].concat()
            }
            "std" | "core" | "alloc" => return,
            // In edition 2024 a bare name may be a child module or an outside package.
            name => {
                let child = [&self.module[..], &path[..1]].concat();
                if self.source.modules.contains(&child.join("::")) {
                    [&self.module[..], path].concat()
                } else {
                    let to = vec![name.to_owned()];
                    self.source.outside.push(Import { from, to, place });
                    return;
                }
            }
        };
        self.source.imports.push(Import { from, to, place });
    }

    fn tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                let prefix = [prefix, &[path.ident.to_string()]].concat();
                self.tree(&prefix, &path.tree);
            }
            syn::UseTree::Name(name) => {
                let line = name.ident.span().start().line;
                let name = name.ident.to_string();
                let full = if name == "self" { prefix.to_vec() } else { [prefix, &[name]].concat() };
                self.note(&full, line);
            }
            syn::UseTree::Rename(rename) => {
                let full = [prefix, &[rename.ident.to_string()]].concat();
                self.note(&full, rename.ident.span().start().line);
            }
            syn::UseTree::Glob(glob) => self.note(prefix, glob.star_token.spans[0].start().line),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(prefix, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let for_tests = |attributes: &[syn::Attribute]| {
            attributes.iter().any(|attribute| {
                attribute.path().is_ident("cfg")
                    && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
            })
        };
        match item {
            syn::Item::Mod(module) if for_tests(&module.attrs) => {}
            syn::Item::Use(import) => self.tree(&[], &import.tree),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if parts.len() > 1 && matches!(parts[0].as_str(), "crate" | "super" | "self") {
            self.note(&parts, path.segments[0].ident.span().start().line);
        } else if parts.len() > 1 && parts[0].chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        {
            let child = [&self.module[..], &parts[..1]].concat().join("::");
            if self.source.modules.contains(&child) || HOMES.iter().any(|(package, _)| *package == parts[0]) {
                self.note(&parts, path.segments[0].ident.span().start().line);
            }
        }
        visit::visit_path(self, path);
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
