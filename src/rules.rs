//! Stage: `rules/**/*.yaml` → [`RuleSet`](crate::model::rules::RuleSet).
