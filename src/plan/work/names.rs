//! Names of work items that can be told from each other.

use std::collections::HashMap;

use super::Group;
use crate::model::work::WorkItem;

/// Adds the line to the titles of work items that would otherwise read the same, such as three secrets of one file.
pub fn tell_apart(groups: &[Group<'_>], work: &mut [WorkItem]) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for title in work.iter().flat_map(titles) {
        *counts.entry(title).or_default() += 1;
    }
    let repeated: Vec<bool> = work.iter().flat_map(titles).map(|title| counts[title] > 1).collect();
    let mut repeated = repeated.into_iter();
    for (group, item) in groups.iter().zip(work) {
        let line = group.findings[0].finding.locations.first().and_then(|location| location.line);
        let own = std::iter::once(&mut item.title);
        let titles = own.chain(item.treatments.iter_mut().map(|treatment| &mut treatment.title));
        for (title, repeated) in titles.zip(repeated.by_ref()) {
            if let Some(line) = line.filter(|_| repeated) {
                *title = format!("{title}, line {line}");
            }
        }
    }
}

/// Every title by which an item is shown.
fn titles(item: &WorkItem) -> impl Iterator<Item = &str> {
    let treatments = item.treatments.iter().map(|treatment| treatment.title.as_str());
    std::iter::once(item.title.as_str()).chain(treatments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::category::Category;
    use crate::model::location::Location;
    use crate::model::work::TakesEffect;
    use crate::plan::{sample, work};

    #[test]
    fn three_secrets_of_one_file_have_three_names() {
        let secret = |id: &str, path: &str, line: u32| {
            let mut f = sample::finding(id, Category::Secret);
            f.finding.title = "password.".to_owned();
            f.finding.locations = vec![Location { path: path.to_owned(), line: Some(line), ..Location::default() }];
            f
        };
        let findings = vec![secret("f-1", "a.yml", 3), secret("f-2", "a.yml", 14), secret("f-3", "b.yml", 9)];
        let assessment = sample::assessment(findings);
        let groups = work::groups(&assessment);
        let item = |group: &Group<'_>| WorkItem {
            id: group.id.clone(),
            title: group.title.clone(),
            findings: Vec::new(),
            treatments: vec![sample::treatment(2.0, 0.0, TakesEffect::AtOnce, 0.0)],
        };
        let mut work: Vec<WorkItem> = groups.iter().map(item).collect();
        tell_apart(&groups, &mut work);
        let mut titles: Vec<&str> = work.iter().map(|item| item.title.as_str()).collect();
        titles.sort_unstable();
        assert_eq!(titles, ["password in a.yml, line 14", "password in a.yml, line 3", "password in b.yml"]);
        let steps: Vec<&str> = work.iter().map(|item| item.treatments[0].title.as_str()).collect();
        assert!(
            [3, 14, 9].iter().all(|line| steps.iter().any(|step| step.ends_with(&format!(", line {line}")))),
            "{steps:?}"
        );
    }
}
