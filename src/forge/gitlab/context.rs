//! Where a run stands: which instance, project, merge request; what the change is compared with.
//!
//! Read from the runner's variables. A job's own configuration can set any of them, and that configuration comes with the
//! change: they say where to look, never who somebody is.

use crate::forge::checkout::Base;

/// Where a run stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Where the REST interface is (`https://gitlab.example/api/v4`).
    pub api_url: String,
    /// Where people look (`https://gitlab.example`).
    pub server_url: String,
    /// Number of the project in which the pipeline runs.
    pub project: String,
    /// Project that the merge request goes to; the same unless the pipeline runs in a fork.
    pub target_project: String,
    /// Path of that project (`group/shop`).
    pub path: String,
    /// The merge request, if the pipeline is one's.
    pub merge_request: Option<u64>,
    /// Commit that statements are about: the head of the source branch, not the merge that is tested for it.
    pub head: Option<String>,
    /// Commit that the pipeline runs for, which may be such a merge.
    pub tested: Option<String>,
    /// Branch or tag on which the pipeline runs.
    pub reference: Option<String>,
    /// What the change is compared with.
    pub base: Option<Base>,
    /// The pipeline.
    pub pipeline: Option<u64>,
    /// Address of the job, for people.
    pub job_url: Option<String>,
    /// Where the checkout is.
    pub folder: Option<String>,
}

impl Context {
    /// Reads the runner's variables with `variable`. `None` outside GitLab CI/CD.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let (api_url, project) = (variable("CI_API_V4_URL")?, variable("CI_PROJECT_ID")?);
        let target_project = variable("CI_MERGE_REQUEST_PROJECT_ID").unwrap_or_else(|| project.clone());
        let path = variable("CI_MERGE_REQUEST_PROJECT_PATH").or_else(|| variable("CI_PROJECT_PATH"));
        // In a merged-results pipeline and in a merge train the commit that is tested is not the one that was pushed.
        let head = variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| variable("CI_COMMIT_SHA"));
        let target = variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
        let base = match target {
            Some(branch) => Some(Base { branch: Some(branch), commit: variable("CI_MERGE_REQUEST_DIFF_BASE_SHA") }),
            None => branch_base(&variable),
        };
        Some(Self {
            server_url: variable("CI_SERVER_URL").unwrap_or_else(|| api_url.trim_end_matches("/api/v4").to_owned()),
            api_url: api_url.trim_end_matches('/').to_owned(),
            target_project,
            project,
            path: path.unwrap_or_default(),
            merge_request: variable("CI_MERGE_REQUEST_IID").and_then(|iid| iid.parse().ok()),
            head,
            tested: variable("CI_COMMIT_SHA"),
            reference: variable("CI_COMMIT_REF_NAME"),
            base,
            pipeline: variable("CI_PIPELINE_ID").and_then(|id| id.parse().ok()),
            job_url: variable("CI_JOB_URL"),
            folder: variable("CI_PROJECT_DIR"),
        })
    }

    /// Host of the instance, as identities name it.
    pub fn host(&self) -> &str {
        let rest = self.server_url.split_once("://").map_or(self.server_url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }
}

/// On a branch the change is what the branch has over the default branch; on the default branch what was pushed last, and
/// nothing where nothing was pushed.
fn branch_base(variable: &dyn Fn(&str) -> Option<String>) -> Option<Base> {
    let (branch, default) = (variable("CI_COMMIT_BRANCH")?, variable("CI_DEFAULT_BRANCH")?);
    // Zeros stand for nothing: GitLab writes them for a branch that is new, and wherever nothing was pushed.
    let before = variable("CI_COMMIT_BEFORE_SHA").filter(|before| before.chars().any(|digit| digit != '0'));
    if branch == default && before.is_some() {
        return Some(Base { branch: None, commit: before });
    }
    // A schedule, a hand or a trigger looks at what is there already.
    let pushed = variable("CI_PIPELINE_SOURCE").is_none_or(|source| source == "push");
    (branch != default || !pushed).then_some(Base { branch: Some(default), commit: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRANCH: [(&str, &str); 6] = [
        ("CI_API_V4_URL", "https://git.example:8443/gitlab/api/v4"),
        ("CI_SERVER_URL", "https://git.example:8443/gitlab"),
        ("CI_PROJECT_ID", "7"),
        ("CI_COMMIT_SHA", "bbbb"),
        ("CI_COMMIT_BRANCH", "feature"),
        ("CI_DEFAULT_BRANCH", "main"),
    ];

    fn read(more: &[(&str, &str)]) -> Context {
        let all: Vec<(&str, &str)> = BRANCH.into_iter().chain(more.iter().copied()).collect();
        let find = |name: &str| all.iter().rev().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
        Context::read(&find).unwrap()
    }

    #[test]
    fn each_kind_of_pipeline_says_what_is_compared() {
        assert_eq!(read(&[]).base, Some(Base { branch: Some("main".into()), commit: None }));
        assert_eq!(read(&[]).host(), "git.example:8443");
        let pushed = [("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", "aaaa")];
        assert_eq!(read(&pushed).base, Some(Base { branch: None, commit: Some("aaaa".into()) }));
        let zeros = "0000000000000000000000000000000000000000";
        let first = [("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", zeros), ("CI_PIPELINE_SOURCE", "push")];
        assert_eq!(read(&first).base, None, "everything is new");
        for source in ["schedule", "web", "api", "trigger", "pipeline"] {
            let looks = [("CI_COMMIT_BRANCH", "main"), ("CI_COMMIT_BEFORE_SHA", zeros), ("CI_PIPELINE_SOURCE", source)];
            let itself = Some(Base { branch: Some("main".into()), commit: None });
            assert_eq!(read(&looks).base, itself, "nothing came with a {source}");
        }
        let merged = [
            ("CI_COMMIT_BRANCH", ""),
            ("CI_MERGE_REQUEST_IID", "12"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "3"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "cccc"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "dddd"),
        ];
        let context = read(&merged);
        assert_eq!((context.project.as_str(), context.target_project.as_str()), ("7", "3"), "from a fork");
        assert_eq!((context.merge_request, context.head.as_deref()), (Some(12), Some("cccc")), "a merged result");
        assert_eq!(context.tested.as_deref(), Some("bbbb"), "which the pipeline is of");
        assert_eq!(context.base, Some(Base { branch: Some("release".into()), commit: Some("dddd".into()) }));
        // In an ordinary merge request pipeline the variable is there and empty.
        assert_eq!(read(&[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")]).head.as_deref(), Some("bbbb"));
        assert!(Context::read(&|_| None).is_none());
    }
}
