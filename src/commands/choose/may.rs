//! What a choice of this person would come to, said before they choose: one that does not count helps nobody.

use crate::commands::decision::Authors;
use crate::commands::governance::Governance;
use crate::follow::authority;
use crate::model::ledger::Decider;
use crate::model::verdict::Verdict;
use crate::render::json::v1;

/// One sentence for the person; `None` if there is nothing to choose.
pub fn approve(brief: &v1::Brief, governance: &Governance, by: &Decider, authors: &Authors) -> Option<String> {
    let appetite = &governance.appetite;
    if brief.options.is_empty() {
        return None;
    }
    if !appetite.binds() {
        let state = appetite.agreement.state.as_str();
        return Some(format!("The risk appetite is {state}, so a choice can be looked at and not recorded."));
    }
    if brief.verdict.0 == Verdict::BeyondTolerance && authority::is_author(by, &authors.people) {
        return Some("You wrote part of this change, so it takes somebody else to choose beyond tolerance.".to_owned());
    }
    if let (Verdict::BeyondTolerance, Some(why)) = (brief.verdict.0, &authors.others) {
        return Some(format!("Nobody can choose beyond tolerance while not all authors are known: {why}."));
    }
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for option in &brief.options {
        let wanted = appetite.approvers(brief.verdict.0, option.name.0);
        let held = authority::held(by, appetite, wanted);
        if authority::missing(wanted, std::slice::from_ref(&held)).is_empty() && !wanted.is_empty() {
            alone.push(option.name.0.as_str());
        } else if !held.is_empty() {
            together.push(option.name.0.as_str());
        }
    }
    Some(match (alone.as_slice(), together.as_slice()) {
        ([], []) => "Your key may approve none of these; the appetite file says under `roles` whose may.".to_owned(),
        (alone, []) => format!("Your key may approve {}.", all(alone)),
        ([], together) => format!("Your key may approve {}, together with others.", all(together)),
        (alone, together) => {
            format!("Your key may approve {}, and together with others {}.", all(alone), all(together))
        }
    })
}

/// `fastest, balanced and most-secure`.
fn all(options: &[&str]) -> String {
    match options {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        options => options.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_like_a_sentence() {
        let options = ["fastest", "balanced", "most-secure"];
        let said = [1, 2, 3].map(|number| all(&options[..number]));
        assert_eq!(said, ["fastest", "fastest and balanced", "fastest, balanced and most-secure"]);
    }
}
