//! What one commit of the ledger has that another has not. Folders that are the same are not gone into, so the cost is
//! that of the change and not that of the ledger: libgit2's own comparison of trees walks all of both.

use std::cmp::Ordering;

use git2::{ObjectType, Oid, Repository, Tree, TreeEntry};

/// Folders within each other that are gone into. Records lie at most four deep; what lies deeper was put there by hand,
/// and counts as a file, which it then is not.
const DEEPEST: usize = 16;

/// How a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It was not there before.
    Added(Oid),
    /// It is not there any more.
    TakenOut,
    /// Its content, or what kind of file it is, is another.
    Replaced(Oid),
}

/// Every file that differs between two trees, with its path.
pub(super) fn changes(
    repository: &Repository,
    before: Option<&Tree<'_>>,
    after: &Tree<'_>,
) -> Result<Vec<(String, Change)>, git2::Error> {
    let mut found = Vec::new();
    compare(repository, before, Some(after), "", &mut found)?;
    Ok(found)
}

/// Walks two trees side by side; git keeps the entries of a tree in one order.
fn compare(
    repository: &Repository,
    before: Option<&Tree<'_>>,
    after: Option<&Tree<'_>>,
    folder: &str,
    found: &mut Vec<(String, Change)>,
) -> Result<(), git2::Error> {
    let mut old = before.into_iter().flat_map(|tree| tree.iter()).peekable();
    let mut new = after.into_iter().flat_map(|tree| tree.iter()).peekable();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => place(old).cmp(place(new)),
        };
        let was = if order.is_le() { old.next() } else { None };
        let is = if order.is_ge() { new.next() } else { None };
        if let (Some(was), Some(is)) = (&was, &is)
            && was.id() == is.id()
            && was.filemode_raw() == is.filemode_raw()
        {
            continue;
        }
        let Some(name) = was.as_ref().or(is.as_ref()).map(|entry| String::from_utf8_lossy(entry.name_bytes())) else {
            continue;
        };
        let path = format!("{folder}{name}");
        let deep = folder.matches('/').count() >= DEEPEST;
        if !deep && was.as_ref().or(is.as_ref()).is_some_and(is_folder) {
            let (was, is) = (tree(repository, was.as_ref())?, tree(repository, is.as_ref())?);
            compare(repository, was.as_ref(), is.as_ref(), &format!("{path}/"), found)?;
        } else {
            let change = match (was, is) {
                (None, Some(is)) => Change::Added(is.id()),
                (Some(_), Some(is)) => Change::Replaced(is.id()),
                (_, None) => Change::TakenOut,
            };
            found.push((path, change));
        }
    }
}

/// What an entry is ordered by: its name, that of a folder as if a slash ended it. A file and a folder of one name are
/// two entries.
fn place<'e>(entry: &'e TreeEntry<'_>) -> impl Iterator<Item = u8> + use<'e> {
    entry.name_bytes().iter().copied().chain(is_folder(entry).then_some(b'/'))
}

fn is_folder(entry: &TreeEntry<'_>) -> bool {
    entry.kind() == Some(ObjectType::Tree)
}

fn tree<'r>(repository: &'r Repository, entry: Option<&TreeEntry<'_>>) -> Result<Option<Tree<'r>>, git2::Error> {
    entry.map(|entry| repository.find_tree(entry.id())).transpose()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use git2::build::TreeUpdateBuilder;
    use git2::{Delta, FileMode};
    use proptest::prelude::*;

    use super::*;

    fn tree_of<'r>(repository: &'r Repository, files: &BTreeMap<String, (u8, bool)>) -> Tree<'r> {
        let mut update = TreeUpdateBuilder::new();
        let mut written: Vec<&str> = Vec::new();
        for (path, (content, executable)) in files {
            // What is a file cannot be a folder too.
            if written.iter().any(|file| path.strip_prefix(file).is_some_and(|rest| rest.starts_with('/'))) {
                continue;
            }
            let blob = repository.blob(&[*content]).unwrap();
            update.upsert(path.as_str(), blob, if *executable { FileMode::BlobExecutable } else { FileMode::Blob });
            written.push(path);
        }
        let empty = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        repository.find_tree(update.create_updated(repository, &empty).unwrap()).unwrap()
    }

    /// The same by libgit2, which walks everything.
    fn by_libgit2(repository: &Repository, before: &Tree<'_>, after: &Tree<'_>) -> Vec<(String, Change)> {
        let diff = repository.diff_tree_to_tree(Some(before), Some(after), None).unwrap();
        diff.deltas()
            .map(|delta| {
                let path = delta.new_file().path().unwrap().to_str().unwrap().to_owned();
                let content = delta.new_file().id();
                match delta.status() {
                    Delta::Added => (path, Change::Added(content)),
                    Delta::Deleted => (path, Change::TakenOut),
                    _ => (path, Change::Replaced(content)),
                }
            })
            .collect()
    }

    fn sorted(mut changes: Vec<(String, Change)>) -> Vec<(String, Change)> {
        changes.sort_by_key(|(path, change)| (path.clone(), format!("{change:?}")));
        changes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Names that sort differently as files and as folders (`a`, `a-`, `a/`, `a0`) among them.
        #[test]
        fn differences_are_those_that_libgit2_finds(
            old in proptest::collection::btree_map("[ab][-0]?(/[ab][-0]?){0,3}", (0_u8..3, any::<bool>()), 0..24),
            new in proptest::collection::btree_map("[ab][-0]?(/[ab][-0]?){0,3}", (0_u8..3, any::<bool>()), 0..24),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let repository = Repository::init_bare(folder.path()).unwrap();
            let mixed: BTreeMap<_, _> = old.iter().step_by(2).chain(&new).map(|(k, v)| (k.clone(), *v)).collect();
            let (old, new) = (tree_of(&repository, &old), tree_of(&repository, &mixed));
            let found = changes(&repository, Some(&old), &new).unwrap();
            prop_assert_eq!(sorted(found), sorted(by_libgit2(&repository, &old, &new)));
        }
    }

    #[test]
    fn what_lies_too_deep_is_named_and_not_gone_into() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let files = BTreeMap::from([(vec!["d"; 100].join("/"), (0, false)), ("a".to_owned(), (0, false))]);
        let found = changes(&repository, None, &tree_of(&repository, &files)).unwrap();
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a", &vec!["d"; DEEPEST + 1].join("/")]);
    }
}
