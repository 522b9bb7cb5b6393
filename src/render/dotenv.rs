//! The results that jobs go on with, as GitLab reads them from a dotenv report: one `NAME=value` a line.
//!
//! Only words of our own vocabulary and figures, never text out of a report: a value could otherwise set another variable.

use crate::model::appetite::OptionName;
use crate::model::brief::Brief;

use super::renderer::{Form, Renderer, Screen};

/// This renderer's row.
pub const RENDERER: Renderer = Renderer {
    id: "dotenv",
    about: "variables for later jobs (GitLab's dotenv report)",
    endings: &[".env"],
    form: Form::Whole(render),
};

fn render(brief: &Brief, _: &Screen) -> String {
    let plan = &brief.plan;
    let name = |name: &OptionName| name.as_str();
    let options: Vec<&str> = plan.options.iter().map(|option| name(&option.name)).collect();
    let score = |option: &crate::model::option::PlanOption| format!("{:.1}", option.score);
    let mut lines = vec![
        format!("DETENTE_VERDICT={}", brief.assessment.verdict.as_str()),
        format!("DETENTE_ADVICE={}", !brief.appetite.binds()),
        format!("DETENTE_OPTIONS={}", options.join(",")),
        format!("DETENTE_RECOMMENDED={}", plan.recommended.as_ref().map_or("", name)),
    ];
    for option in &plan.options {
        let upper = name(&option.name).to_uppercase().replace('-', "_");
        lines.push(format!("DETENTE_{upper}_SCORE={}", score(option)));
        // Without a declared capacity there are hours and no days: what a nominal one comes to is known to nobody.
        let delay = plan.planning.dated.then_some(option.ships.delay_working_days);
        let delay = delay.map_or_else(String::new, |days| days.to_string());
        lines.push(format!("DETENTE_{upper}_DELAY_WORKING_DAYS={delay}"));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_delay_is_empty_where_no_capacity_is_declared() {
        let delay = "DETENTE_BALANCED_DELAY_WORKING_DAYS=";
        let said = |brief| render(&brief, &Screen::default());
        assert!(said(fixture::beyond_tolerance()).contains(&format!("{delay}1\n")));
        assert!(said(fixture::without_capacity()).contains(&format!("{delay}\n")));
    }

    #[test]
    fn every_line_sets_one_variable_of_ours() {
        for (name, brief) in fixture::all() {
            for line in render(&brief, &Screen::default()).lines() {
                let (key, value) = line.split_once('=').unwrap();
                assert!(key.starts_with("DETENTE_"), "{name}: {line}");
                assert!(key.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{name}: {line}");
                assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || ",.-".contains(c)), "{name}: {line}");
            }
        }
    }
}
