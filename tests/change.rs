//! Changes as real repositories show them.

#![allow(clippy::expect_used, reason = "a helper that cannot set up its repository must end the test")]

use std::fs;
use std::path::{Path, PathBuf};

use detente::change::{self, ChangeError, Sought};
use git2::build::CheckoutBuilder;
use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

/// A repository in a folder of its own, which is removed afterwards.
struct Shop {
    folder: TempDir,
    repository: Repository,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repository =
            Repository::init_opts(folder.path(), RepositoryInitOptions::new().initial_head("main")).expect("init");
        // The settings of the machine that runs the test make no difference.
        repository.config().expect("config").set_bool("core.autocrlf", false).expect("set");
        Self { folder, repository }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folders");
        fs::write(path, content).expect("write");
        self
    }

    fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path().join(path)).expect("remove");
        self
    }

    /// Commits the work tree on top of the head.
    fn commit(&self) -> Oid {
        self.commit_as("A commit")
    }

    fn commit_as(&self, message: &str) -> Oid {
        let mut index = self.repository.index().expect("index");
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).expect("add");
        index.update_all(["*"], None).expect("update");
        index.write().expect("write");
        let tree = self.repository.find_tree(index.write_tree().expect("tree")).expect("tree");
        let parent = self.repository.head().ok().map(|head| head.peel_to_commit().expect("commit"));
        let author = Signature::new("A. Example", "a@example.com", &Time::new(1_700_000_000, 0)).expect("signature");
        let parents: Vec<_> = parent.iter().collect();
        self.repository.commit(Some("HEAD"), &author, &author, message, &tree, &parents).expect("commit")
    }

    /// Starts a branch at the head and goes to it.
    fn branch(&self, name: &str) -> &Self {
        let head = self.repository.head().expect("head").peel_to_commit().expect("commit");
        self.repository.branch(name, &head, false).expect("branch");
        self.repository.set_head(&format!("refs/heads/{name}")).expect("set head");
        self
    }

    /// Goes back to a branch.
    fn go(&self, name: &str) -> &Self {
        self.repository.set_head(&format!("refs/heads/{name}")).expect("set head");
        self.repository.checkout_head(Some(CheckoutBuilder::new().force())).expect("checkout");
        self
    }

    fn refer(&self, name: &str, to: Oid) -> &Self {
        self.repository.reference(name, to, true, "test").expect("reference");
        self
    }
}

/// Twenty numbered lines.
fn lines() -> String {
    (1..=20).fold(String::new(), |text, number| text + &format!("line {number}\n"))
}

#[test]
fn added_and_changed_lines_are_known_by_their_new_numbers() {
    let shop = Shop::new();
    let base = shop.write("src/app.js", lines()).commit();
    shop.branch("work");
    let edited = lines()
        .replace("line 3\n", "line 3\nnew a\nnew b\n")
        .replace("line 10\n", "changed\n")
        .replace("line 20\n", "");
    shop.write("src/app.js", edited).write("src/new.js", "one\ntwo\n").commit();

    let change = change::read(shop.path(), Some("main"), false);
    assert_eq!(change.unknown_because, "");
    assert_eq!(
        change.base.as_ref().map(|base| (base.name.as_str(), base.commit.clone())),
        Some(("main", base.to_string()))
    );
    assert_eq!(change.files["src/app.js"].added, [(4, 5), (12, 12)]);
    assert_eq!(change.files["src/new.js"].added, [(1, 2)]);
    assert!(change.files["src/new.js"].created && !change.files["src/app.js"].created);
    assert!(change.files["src/app.js"].touches(12, 15) && !change.files["src/app.js"].touches(6, 11));
    assert!(change.paths.contains("src/new.js"));
}

#[test]
fn what_happened_on_the_base_since_is_not_part_of_the_change() {
    let shop = Shop::new();
    let fork = shop.write("a.txt", "a\n").commit();
    shop.branch("work").write("b.txt", "b\n").commit();
    let work = shop.repository.head().expect("head").target().expect("target");
    shop.repository.set_head("refs/heads/main").expect("main");
    let main = shop.remove("b.txt").write("a.txt", "a\nmore\n").commit();
    shop.repository.set_head_detached(work).expect("detached");

    let change = change::read(shop.path(), Some("main"), false);
    let base = change.base.expect("a base");
    assert_eq!((base.commit, change.target.and_then(|target| target.tip)), (fork.to_string(), Some(main.to_string())));
    assert_eq!(change.files.keys().collect::<Vec<_>>(), ["b.txt"]);
    assert_eq!(change.head, Some(work.to_string()));
}

#[test]
fn a_renamed_file_keeps_its_old_lines() {
    let shop = Shop::new();
    shop.write("old.js", lines()).write("plain.js", format!("other\n{}", lines())).commit();
    shop.branch("work").remove("old.js").write("lib/new.js", lines().replace("line 7\n", "line 7\nadded\n"));
    shop.remove("plain.js").write("lib/plain.js", format!("other\n{}", lines())).commit();

    let change = change::read(shop.path(), Some("main"), false);
    let file = &change.files["lib/new.js"];
    assert_eq!((file.old_path.as_deref(), file.created, file.added.as_slice()), (Some("old.js"), false, &[(8, 8)][..]));
    let plain = &change.files["lib/plain.js"];
    assert_eq!((plain.old_path.as_deref(), plain.opaque, plain.added.len()), (Some("plain.js"), false, 0));
}

#[test]
fn it_is_known_next_to_which_lines_something_is_gone() {
    let shop = Shop::new();
    shop.write("a.js", lines().replace("line 12\n", "\n")).commit();
    let edited = lines().replace("line 3\n", "").replace("line 8\n", "other\n").replace("line 12\n", "");
    shop.branch("work").write("a.js", edited.replace("line 20\n", "line 20\nmore\n")).commit();
    let file = &change::read(shop.path(), Some("main"), false).files["a.js"];
    // A blank line that goes is none, nor is a line that only comes.
    assert_eq!(file.lost, [(2, 3), (6, 8)]);
}

#[test]
fn a_submodule_that_changes_is_named() {
    let shop = Shop::new();
    let point = |to: Oid| {
        let mut index = shop.repository.index().expect("index");
        let mut entry = git2::IndexEntry {
            ctime: git2::IndexTime::new(0, 0),
            mtime: git2::IndexTime::new(0, 0),
            dev: 0,
            ino: 0,
            mode: 0o160_000,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: to,
            flags: 0,
            flags_extended: 0,
            path: b"libs/pay".to_vec(),
        };
        index.add(&entry).expect("add");
        entry.path = b"libs/other".to_vec();
        entry.id = Oid::from_str(&"1".repeat(40)).expect("an id");
        index.add(&entry).expect("add");
        let tree = shop.repository.find_tree(index.write_tree().expect("tree")).expect("tree");
        let author = Signature::now("A. Example", "a@example.com").expect("signature");
        let parent = shop.repository.head().expect("head").peel_to_commit().expect("commit");
        shop.repository.commit(Some("HEAD"), &author, &author, "Point", &tree, &[&parent]).expect("commit")
    };
    let first = shop.write("a.txt", "a\n").commit();
    let second = point(first);
    shop.branch("work");
    point(second);
    let change = change::read(shop.path(), Some("main"), false);
    assert_eq!(change.submodules.iter().collect::<Vec<_>>(), ["libs/pay"], "{}", change.unknown_because);
    assert!(change.files.is_empty());
}

#[test]
fn other_line_ends_are_no_change() {
    let shop = Shop::new();
    shop.write("a.txt", lines()).commit();
    shop.branch("work").write("a.txt", lines().replace('\n', "\r\n").replace("line 5\r", "line five\r")).commit();
    assert_eq!(change::read(shop.path(), Some("main"), false).files["a.txt"].added, [(5, 5)]);
}

#[test]
fn strange_names_and_contents_are_read() {
    let shop = Shop::new();
    shop.write("readme", "x").commit();
    shop.branch("work")
        .write("a folder/a file.txt", "x\n")
        .write("naïve.txt", "x\n")
        .write("logo.png", b"\x89PNG\0\0".as_slice());
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
        fs::write(shop.path().join(name), "x\n").expect("write");
    }
    shop.commit();

    let change = change::read(shop.path(), Some("main"), false);
    assert_eq!(change.unknown_because, "");
    assert!(change.files.contains_key("a folder/a file.txt") && change.files.contains_key("naïve.txt"));
    #[cfg(target_os = "linux")]
    assert!(change.files.contains_key("caf\u{fffd}.txt") && change.paths.contains("caf\u{fffd}.txt"));
    assert!(change.files["logo.png"].opaque);
}

#[test]
fn a_lockfile_tells_which_package_changes() {
    let lock = |version: &str| {
        format!(
            "{{\n  \"packages\": {{\n    \"node_modules/express\": {{\n      \"version\": \"4.18.0\"\n    }},\n    \
             \"node_modules/lodash\": {{\n      \"version\": \"{version}\"\n    }}\n  }}\n}}\n"
        )
    };
    let shop = Shop::new();
    shop.write("package-lock.json", lock("4.17.15")).write("web/Cargo.toml", "[package]\n").commit();
    shop.branch("work").write("package-lock.json", lock("4.17.20")).commit();

    let change = change::read(shop.path(), Some("main"), false);
    let file = &change.files["package-lock.json"];
    assert!(file.manifest && file.words.contains("lodash") && !file.words.contains("express"), "{:?}", file.words);
    assert!(file.fresh.contains("4.17.20") && !file.fresh.contains("lodash"), "{:?}", file.fresh);
    assert!(change.manifests["package-lock.json"].lock);
    assert_eq!(change.manifests["web/Cargo.toml"].ecosystems, ["cargo"]);
}

#[test]
fn the_work_tree_counts_only_if_asked() {
    let shop = Shop::new();
    shop.write("a.txt", "a\n").write("package.json", "{}\n").write(".gitignore", "out/\n").commit();
    shop.write("a.txt", "a\nb\n").write("new.txt", "x\n").write("out/report.json", "{}");
    shop.write("package.json", "{\n  \"dependencies\": {\n    \"lodash\": \"^4\"\n  }\n}\n");

    let committed = change::read(shop.path(), Some("main"), false);
    assert!(committed.files.is_empty() && committed.unknown_because.is_empty());
    let all = change::read(shop.path(), Some("main"), true);
    assert_eq!(all.files.keys().collect::<Vec<_>>(), ["a.txt", "new.txt", "package.json"]);
    assert_eq!(all.files["a.txt"].added, [(2, 2)]);
    assert!(all.files["new.txt"].created && all.paths.contains("new.txt"));
    assert!(all.files["package.json"].words.contains("lodash"));
    // On the default branch itself, what is not committed is the change even if no base is named.
    assert_eq!(change::read(shop.path(), None, true).files.len(), 3);
}

#[test]
fn a_subfolder_a_linked_work_tree_and_a_bare_clone_show_the_same_change() {
    let shop = Shop::new();
    shop.write("services/pay/main.py", "x\n").commit();
    shop.branch("work").write("services/pay/main.py", "x\ny\n").commit();
    let expected = change::read(shop.path(), Some("main"), false);
    assert_eq!(expected.files["services/pay/main.py"].added, [(2, 2)]);

    let elsewhere = tempfile::tempdir().expect("a folder");
    let linked = elsewhere.path().join("linked");
    let head = shop.repository.find_reference("refs/heads/main").expect("main");
    shop.repository
        .worktree("linked", &linked, Some(git2::WorktreeAddOptions::new().reference(Some(&head))))
        .expect("work tree");
    Repository::open(&linked)
        .expect("linked")
        .set_head_detached(Oid::from_str(&expected.head.clone().expect("head")).expect("id"))
        .expect("head");
    let clone = elsewhere.path().join("bare.git");
    let url = shop.path().to_str().expect("UTF-8").to_owned();
    git2::build::RepoBuilder::new().bare(true).clone(&url, &clone).expect("clone");
    for folder in [shop.path().join("services/pay"), linked, clone] {
        let base = if folder.ends_with("bare.git") {
            expected.base.as_ref().expect("base").commit.clone()
        } else {
            "main".to_owned()
        };
        let change = change::read(&folder, Some(&base), folder.ends_with("bare.git"));
        assert_eq!(change.files, expected.files, "{} {}", folder.display(), change.unknown_because);
    }
}

#[test]
fn the_default_base_is_the_first_that_is_not_the_head() {
    let shop = Shop::new();
    let first = shop.write("a.txt", "a\n").commit();
    shop.branch("work");
    let second = shop.write("a.txt", "b\n").commit();
    let named = |shop: &Shop| change::read(shop.path(), None, false).base.map(|base| base.name);
    assert_eq!(named(&shop).as_deref(), Some("main"));
    shop.refer("refs/remotes/origin/master", first);
    assert_eq!(named(&shop).as_deref(), Some("origin/master"));
    shop.refer("refs/remotes/origin/main", second);
    assert_eq!(named(&shop).as_deref(), Some("origin/master"));
    shop.refer("refs/remotes/origin/trunk", first);
    shop.repository
        .reference_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/trunk", true, "test")
        .expect("origin/HEAD");
    assert_eq!(named(&shop).as_deref(), Some("origin/trunk"));
}

#[test]
fn the_main_line_here_is_no_base_where_the_remote_has_one() {
    let shop = Shop::new();
    shop.write("a.txt", "a\n").commit();
    shop.branch("work");
    let pulled = shop.write("a.txt", "b\n").commit();
    shop.refer("refs/remotes/origin/main", pulled);
    // Without a commit of its own the branch changes nothing; `main` here was only not brought up to date.
    let change = change::read(shop.path(), None, false);
    assert!(change.base.is_none() && change.files.is_empty(), "{:?}", change.base);
    let change = change::read(shop.path(), None, true);
    assert_eq!(change.base.expect("base").name, "origin/main");
}

#[test]
fn a_scan_of_a_parent_is_one_of_the_change_only_if_that_was_merged() {
    let shop = Shop::new();
    let first = shop.write("a.txt", "a\n").commit();
    let second = shop.write("a.txt", "b\n").commit();
    assert_eq!(change::read(shop.path(), Some("main"), false).scanned_as, Vec::<String>::new());
    let find = |id| shop.repository.find_commit(id).expect("commit");
    let author = Signature::now("A. Example", "a@example.com").expect("signature");
    let (into, merged) = (find(first), find(second));
    let tree = merged.tree().expect("tree");
    let merge = shop.repository.commit(None, &author, &author, "Merge", &tree, &[&into, &merged]).expect("commit");
    shop.repository.set_head_detached(merge).expect("head");
    let scanned_as = change::read(shop.path(), Some("main"), false).scanned_as;
    assert_eq!(scanned_as, [first.to_string(), second.to_string()]);
}

#[test]
fn a_branch_that_only_the_remote_has_is_found_under_its_plain_name() {
    let shop = Shop::new();
    let first = shop.write("a.txt", "a\n").commit();
    shop.refer("refs/remotes/origin/release/1.2", first).write("a.txt", "b\n").commit();
    assert_eq!(change::read(shop.path(), Some("release/1.2"), false).base.expect("base").name, "origin/release/1.2");
}

#[test]
fn a_tag_never_stands_in_for_a_branch() {
    let shop = Shop::new();
    let main = shop.write("a.txt", "a\n").commit();
    let earlier = shop.write("b.txt", "b\n").commit();
    shop.branch("work");
    let work = shop.write("c.txt", "c\n").commit();
    shop.refer("refs/heads/main", earlier).refer("refs/remotes/origin/main", earlier);
    shop.refer("refs/remotes/origin/release", earlier).refer("refs/tags/v1", earlier);
    for name in ["main", "origin/main", "release", "origin/gone", "refs/heads/main", &earlier.to_string()] {
        shop.refer(&format!("refs/tags/{name}"), work);
    }
    let read = |name: &str| change::read(shop.path(), Some(name), false);
    for (name, shown, clear) in [
        ("main", "main", false),
        ("origin/main", "origin/main", false),
        ("release", "origin/release", false),
        ("refs/heads/main", "main", true),
        ("refs/remotes/origin/main", "origin/main", true),
        (&earlier.to_string(), &earlier.to_string(), true),
        (&earlier.to_string()[..12], &earlier.to_string()[..12], true),
        ("v1", "v1", true),
        ("refs/tags/v1", "refs/tags/v1", true),
    ] {
        let change = read(name);
        let base = change.base.expect(name);
        assert_eq!((base.name.as_str(), base.commit), (shown, earlier.to_string()), "{name}");
        assert_eq!(change.remarks.is_empty(), clear, "{name}: {:?}", change.remarks);
    }
    assert_eq!(read("origin/main~1").base.expect("a base").commit, main.to_string());
    assert_eq!(read("refs/tags/origin/main").base.expect("a base").commit, work.to_string(), "it was asked for");
    assert!(read("origin/gone").unknown_because.contains("does not exist in this clone"), "it was never fetched");
}

#[test]
fn the_target_is_known_where_the_base_is_not() {
    let shop = Shop::new();
    let main = shop.write("a.txt", "a\n").commit();
    let author = Signature::now("A. Example", "a@example.com").expect("signature");
    let tree = shop.repository.find_commit(main).expect("commit").tree().expect("tree");
    let island = shop.repository.commit(None, &author, &author, "Alone", &tree, &[]).expect("commit");
    shop.repository.set_head_detached(island).expect("detached");
    let change = change::read(shop.path(), Some("main"), false);
    let target = change.target.expect("a target");
    assert_eq!((target.name.as_str(), target.tip, change.base), ("main", Some(main.to_string()), None));
    let change = change::read(shop.path(), Some("nowhere"), false);
    assert_eq!(change.target.map(|target| (target.name, target.tip)), Some(("nowhere".to_owned(), None)));
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let nowhere = tempfile::tempdir().expect("a folder");
    let reason = |folder: &Path, base: Option<&str>| change::read(folder, base, false).unknown_because;
    assert!(reason(nowhere.path(), None).contains("not in a git repository"));

    let shop = Shop::new();
    assert!(reason(shop.path(), Some("main")).contains("no commit yet"));
    let first = shop.write("a.txt", "a\n").commit();
    assert!(reason(shop.path(), None).contains("--base HEAD~1"));

    shop.refer("refs/remotes/origin/main", first).refer("refs/heads/develop", first);
    let message = reason(shop.path(), Some("origin/mian"));
    assert!(message.contains("origin/main") && message.contains("git fetch origin mian"), "{message}");
    assert!(message.contains("fetch-depth: 0"), "{message}");

    let author = Signature::now("A. Example", "a@example.com").expect("signature");
    let tree = shop.repository.find_commit(first).expect("commit").tree().expect("tree");
    shop.repository.commit(Some("refs/heads/island"), &author, &author, "Alone", &tree, &[]).expect("commit");
    let change = change::read(shop.path(), Some("island"), false);
    assert!(change.unknown_because.contains("no commit in common"), "{}", change.unknown_because);
    assert!(change.files.is_empty() && change.head.is_some() && change.paths.contains("a.txt"));
}

#[test]
fn a_shallow_clone_without_the_merge_base_says_so() {
    let shop = Shop::new();
    let fork = shop.write("a.txt", "a\n").commit();
    shop.branch("work").write("b.txt", "b\n").commit();
    let work = shop.repository.head().expect("head").target().expect("target");
    shop.repository.set_head("refs/heads/main").expect("main");
    let main = shop.write("a.txt", "more\n").commit();
    shop.repository.set_head("refs/heads/work").expect("work");
    assert_eq!(change::read(shop.path(), Some("main"), false).base.expect("base").commit, fork.to_string());
    // As `git fetch --depth 1` leaves it: both tips are boundaries.
    let mut boundary = [main.to_string(), work.to_string()];
    boundary.sort();
    fs::write(shop.repository.path().join("shallow"), boundary.join("\n") + "\n").expect("write");
    let change = change::read(shop.path(), Some("main"), false);
    assert!(change.unknown_because.contains("shallow") && change.unknown_because.contains("--unshallow"), "{change:?}");
    assert!(change.base.is_none() && change.files.is_empty());
}

#[test]
fn a_repository_of_another_kind_is_named() {
    for setting in ["objectformat = sha256", "refstorage = reftable"] {
        let shop = Shop::new();
        shop.write("a.txt", "a\n").commit();
        let config = format!("[core]\n\trepositoryformatversion = 1\n[extensions]\n\t{setting}\n");
        fs::write(shop.repository.path().join("config"), config).expect("write");
        let message = change::read(shop.path(), None, false).unknown_because;
        assert!(message.contains("SHA-256 and reftable"), "{setting}: {message}");
    }
}

/// File of a loose object.
fn object(shop: &Shop, id: Oid) -> PathBuf {
    let id = id.to_string();
    shop.repository.path().join("objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn a_partial_clone_says_what_it_cannot_compare() {
    let shop = Shop::new();
    let base = shop.write("a.txt", "a\n").write("b.txt", "b\n").commit();
    shop.branch("work").write("a.txt", "a\nmore\n").write("b.txt", "b\nmore\n").commit();
    let tree = shop.repository.find_commit(base).expect("commit").tree().expect("tree");
    fs::remove_file(object(&shop, tree.get_name("a.txt").expect("entry").id())).expect("remove");
    let change = change::read(shop.path(), Some("main"), false);
    assert!(change.files["a.txt"].opaque && !change.files["b.txt"].opaque);
    assert_eq!(change.files["b.txt"].added, [(2, 2)]);

    fs::remove_file(object(&shop, tree.id())).expect("remove");
    let change = change::read(shop.path(), Some("main"), false);
    assert!(change.unknown_because.contains("missing from this clone"), "{}", change.unknown_because);
}

#[test]
fn a_trusted_file_comes_from_the_revision_and_never_from_the_work_tree() {
    let shop = Shop::new();
    shop.write(".detente/appetite.yml", "agreed\n").commit();
    shop.branch("work").write(".detente/appetite.yml", "mine\n").commit();
    shop.write(".detente/appetite.yml", "not even committed\n");
    let read = |revision: &str, path: &str| change::trusted_file(shop.path(), revision, path);
    assert_eq!(read("main", ".detente/appetite.yml").expect("read"), Some(b"agreed\n".to_vec()));
    assert_eq!(read("main", ".detente/other.yml").expect("read"), None);
    assert_eq!(read("main", ".detente/appetite.yml/x").expect("read"), None);
    assert!(matches!(read("main", ".detente"), Err(ChangeError::NotAFile { .. })));
    assert!(matches!(read("nowhere", ".detente/appetite.yml"), Err(ChangeError::NoSuchRevision { .. })));
    for path in ["", "/etc/passwd", "../secret", ".detente/../../secret", "a\\b", "./../x"] {
        assert!(matches!(read("main", path), Err(ChangeError::Path(_))), "{path}");
    }
}

#[test]
fn a_path_is_seen_from_the_root_of_its_repository() {
    let shop = Shop::new();
    shop.write("web/a.txt", "x\n");
    let inside = |path: PathBuf| change::path_in_repository(&shop.path().join("web"), &path);
    assert_eq!(inside(shop.path().join(".detente/appetite.yml")).as_deref(), Some(".detente/appetite.yml"));
    assert_eq!(inside(shop.path().join("web/../web/./a.txt")).as_deref(), Some("web/a.txt"));
    assert_eq!(inside(shop.path().join("../elsewhere/a.txt")), None);
    assert_eq!(inside(shop.path().to_owned()), None);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("web", shop.path().join("linked")).expect("link");
        assert_eq!(inside(shop.path().join("linked/a.txt")).as_deref(), Some("linked/a.txt"));
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_a_trusted_file() {
    let shop = Shop::new();
    shop.write("secret.yml", "x\n");
    std::os::unix::fs::symlink("secret.yml", shop.path().join("appetite.yml")).expect("link");
    shop.commit();
    let error = change::trusted_file(shop.path(), "main", "appetite.yml").expect_err("a link");
    assert!(error.to_string().contains("symbolic link"), "{error}");
}

#[test]
fn a_huge_file_is_not_read_as_trusted() {
    let shop = Shop::new();
    shop.write("appetite.yml", vec![b'#'; change::MOST_TRUSTED_BYTES + 1]).commit();
    assert!(matches!(change::trusted_file(shop.path(), "main", "appetite.yml"), Err(ChangeError::TooLarge { .. })));
}

/// A change of two commits on `feature`, which begins at `main`; `main` is checked out again. Returns its two commits.
fn two_commits(shop: &Shop) -> [Oid; 2] {
    shop.write("a.txt", "one\ntwo\n").write("b.txt", "x\n").commit();
    shop.branch("feature");
    let first = shop.write("a.txt", "one\ntwo\nthree\n").commit();
    let second = shop.write("b.txt", "x\ny\n").commit();
    shop.go("main");
    [first, second]
}

/// Whether `main` has the change `name` that was decided about at `head`.
fn has(shop: &Shop, name: &str, head: Oid, later: &[Oid]) -> bool {
    let sought = Sought {
        name: name.to_owned(),
        head: head.to_string(),
        later: later.iter().map(Oid::to_string).collect(),
        since: "2023-11-15T00:00:00Z".parse().expect("a moment"),
    };
    change::merged(shop.path(), "main", &[sought]).expect("a repository")[0]
}

#[test]
fn a_change_is_on_a_branch_however_it_was_merged() {
    let done = |then: &dyn Fn(&Shop)| {
        let shop = Shop::new();
        let [first, second] = two_commits(&shop);
        shop.write("other.txt", "o\n").commit();
        then(&shop);
        [first, second].map(|head| has(&shop, "pull/7", head, &[]))
    };
    assert_eq!(done(&|_| {}), [false, false], "it is not there");
    assert_eq!(
        done(&|shop| {
            shop.write("a.txt", "one\ntwo\nthree\n").write("b.txt", "x\ny\n").commit();
        }),
        [false, true],
        "squashed"
    );
    let rebased = |shop: &Shop| {
        shop.write("a.txt", "one\ntwo\nthree\n").commit();
        shop.write("more.txt", "m\n").commit();
        shop.write("b.txt", "x\ny\n").commit();
    };
    assert_eq!(done(&rebased), [true, true], "rebased");
    let half = |shop: &Shop| {
        shop.write("b.txt", "x\ny\n").commit();
    };
    assert_eq!(done(&half), [false, false], "half of it is not the whole");
    let other = |shop: &Shop| {
        shop.write("a.txt", "one\ntwo\nfour\n").write("b.txt", "x\ny\n").commit();
    };
    assert_eq!(done(&other), [false, false], "something else in the same files");
}

#[test]
fn a_change_that_went_on_is_known_by_a_later_head_of_it() {
    let shop = Shop::new();
    let [first, second] = two_commits(&shop);
    shop.write("a.txt", "one\ntwo\nthree\n").write("b.txt", "x\ny\n").commit();
    assert!(!has(&shop, "pull/7", first, &[]));
    assert!(has(&shop, "pull/7", first, &[second]));
    // A branch that is still in this clone says itself how it went on.
    assert!(has(&shop, "branch/feature", first, &[]));
    assert!(!has(&shop, "branch/main", first, &[]), "the tip of another branch does not go on from it");
}

#[test]
fn a_change_whose_commits_are_gone_is_known_by_what_the_forge_wrote() {
    let shop = Shop::new();
    two_commits(&shop);
    let gone = Oid::from_str("1111111111111111111111111111111111111111").expect("an id");
    shop.write("a.txt", "all of it\n").commit();
    assert!(!has(&shop, "pull/7", gone, &[]));
    shop.write("c.txt", "").commit_as("Take cards (#7)");
    assert!(has(&shop, "pull/7", gone, &[]));
    assert!(!has(&shop, "pull/8", gone, &[]));
    // What was merged under that number long before is another repository's, of which this one is a copy.
    let sought = Sought {
        name: "pull/7".to_owned(),
        head: gone.to_string(),
        later: Vec::new(),
        since: "2023-11-17T00:00:00Z".parse().expect("a moment"),
    };
    assert_eq!(change::merged(shop.path(), "main", &[sought]).expect("a repository"), [false]);
}
