//! What the server remembers of the target branch: whether it is protected, its pipelines, what their jobs left behind.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The target branch, `main`.
#[derive(Default)]
pub struct Target {
    pub protected: bool,
    /// The latest first.
    pub pipelines: Vec<Value>,
    /// Pipeline → its jobs.
    pub jobs: BTreeMap<u64, Vec<Value>>,
    /// Job → the archive of its artifacts.
    pub archives: BTreeMap<u64, Vec<u8>>,
}

impl Target {
    /// A pipeline that was pushed to `main` at `sha`, the latest one, whose only job left `archive` behind.
    pub fn ran(&mut self, id: u64, sha: &str, archive: Vec<u8>) {
        self.pipelines.insert(
            0,
            json!({"id": id, "iid": id, "project_id": 7, "sha": sha, "ref": "main", "status": "success", "source": "push"}),
        );
        self.jobs.insert(id, Vec::new());
        self.left(id, "semgrep", archive);
    }

    /// One more job of a pipeline, which left `archive` behind.
    pub fn left(&mut self, pipeline: u64, name: &str, archive: Vec<u8>) {
        let jobs = self.jobs.get_mut(&pipeline).unwrap();
        let id = pipeline * 10 + jobs.len() as u64;
        jobs.push(json!({"id": id, "name": name, "ref": "main", "tag": false, "status": "success", "artifacts": [
            {"file_type": "archive", "size": archive.len(), "filename": "artifacts.zip", "file_format": "zip"},
            {"file_type": "trace", "size": 1500, "filename": "job.log", "file_format": "raw"}]}));
        self.archives.insert(id, archive);
    }

    /// Pipelines as a query asks for them.
    pub fn listed(&self, query: &BTreeMap<String, String>) -> Vec<Value> {
        let asked = |row: &&Value| {
            ["ref", "status", "source"].iter().all(|name| query.get(*name).is_none_or(|value| row[*name] == **value))
        };
        self.pipelines.iter().filter(asked).cloned().collect()
    }
}
