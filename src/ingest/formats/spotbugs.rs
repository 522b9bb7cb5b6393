//! SpotBugs and Find Security Bugs XML.
//!
//! The rank from 1 to 20 is the severity, in the four classes that SpotBugs names (scariest, scary, troubling, of
//! concern); what it calls priority is its confidence. Reports without ranks are rated by priority.

use crate::ingest::collector::Collector;
use crate::ingest::document::Document;
use crate::ingest::format::Format;
use crate::ingest::lenient::cwe;
use crate::ingest::read_error::ReadError;
use crate::ingest::sniff::Sniff;
use crate::ingest::xml::{self, Element, Visit};
use crate::ingest::{place, plain};
use crate::model::category::Category;
use crate::model::report::{Confidence, Observation};
use crate::model::severity::Severity;

/// The row of the table.
pub const FORMAT: Format = Format {
    id: "spotbugs",
    title: "SpotBugs XML",
    kinds: &[Category::Code],
    versions: "SpotBugs 3 and 4, FindBugs 2 and 3 (`-xml`, `-xml:withMessages`)",
    specification: "https://github.com/spotbugs/spotbugs/blob/master/spotbugs/etc/bugcollection.xsd",
    recognise,
    read,
};

fn recognise(sniff: &Sniff) -> bool {
    sniff.is_xml("BugCollection")
}

fn read(document: &mut Document<'_>, report: &mut Collector) -> Result<(), ReadError> {
    report.scan.tool = "spotbugs".into();
    report.scan.kinds.insert(Category::Code);
    let paths = ["BugCollection/BugInstance", "BugCollection/Errors"];
    xml::walk(document.reader(), &paths, &mut |visit| {
        match visit {
            Visit::Begin(0, root) => {
                root.attribute("version").clone_into(&mut report.scan.tool_version);
                let at = [root.attribute("analysisTimestamp"), root.attribute("timestamp")];
                let at = at.into_iter().find_map(|at| at.parse().ok().filter(|at| *at > 0));
                report.scan.at = at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
            }
            Visit::Begin(..) => {}
            Visit::Element(errors) if errors.name == "Errors" => failures(errors, report),
            Visit::Element(bug) => observe(bug, report),
        }
        Ok(())
    })
}

fn failures(errors: &Element, report: &mut Collector) {
    for error in errors.children.iter().filter(|child| child.name == "Error") {
        let what = plain::first_title(&[error.text_of("ErrorMessage"), error.text_of("Exception")]);
        report.missing(format!("SpotBugs reports an error of the analysis: {what}"));
    }
    if let Some(missing) = errors.attribute("missingClasses").parse::<u32>().ok().filter(|count| *count > 0) {
        report.remark(format!("SpotBugs did not find {missing} classes that the analysed code uses"));
    }
}

fn observe(bug: &Element, report: &mut Collector) {
    let rule = bug.attribute("type");
    if rule.is_empty() {
        return report.unread("a BugInstance without type");
    }
    // The place of the bug itself, else of the method, else of the class that it is in.
    let lines = || bug.children.iter().filter(|child| child.name == "SourceLine");
    let own = lines().find(|line| line.attribute("primary") == "true").or_else(|| lines().next());
    let of = |name: &'static str| bug.each(name, "SourceLine").next();
    let line = own.or_else(|| of("Method")).or_else(|| of("Class"));
    let location = line.and_then(|line| {
        let (first, last) = (line.attribute("start").parse().ok(), line.attribute("end").parse().ok());
        place::in_file(line.attribute("sourcepath"), first, last)
    });
    report.push(Observation {
        rule: rule.to_owned(),
        native_id: Some(bug.attribute("instanceHash").to_owned()).filter(|hash| !hash.is_empty()),
        category: Some(Category::Code),
        title: plain::first_title(&[bug.text_of("ShortMessage"), &rule.replace('_', " ")]),
        description: bug.text_of("LongMessage").to_owned(),
        severity: match (bug.attribute("rank").parse::<u8>(), bug.attribute("priority")) {
            (Ok(1..=4), _) => Severity::Critical,
            (Ok(5..=9), _) | (Err(_), "1") => Severity::High,
            (Ok(10..=14), _) | (Err(_), "2") => Severity::Medium,
            (Ok(15..=20), _) | (Err(_), "3") => Severity::Low,
            _ => Severity::Unknown,
        },
        confidence: match bug.attribute("priority") {
            "1" => Some(Confidence::High),
            "2" => Some(Confidence::Medium),
            "3" => Some(Confidence::Low),
            _ => None,
        },
        cwe: cwe(bug.attribute("cweid")).into_iter().collect(),
        locations: location.into_iter().collect(),
        ..Observation::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::formats::collect;

    #[test]
    fn bugs_are_rated_by_rank_and_errors_are_missing_evidence() {
        let report = collect(&FORMAT, include_str!("../../../tests/fixtures/reports/spotbugs/shop.xml"));
        assert_eq!((report.observations.len(), report.unread), (2, 0));
        let injection = &report.observations[0];
        assert_eq!((injection.severity, injection.confidence), (Severity::Medium, Some(Confidence::High)));
        assert_eq!((injection.cwe[0], injection.locations[0].line), (89, Some(61)));
        assert_eq!(report.observations[1].locations[0].line, Some(15), "the place of the class");
        assert_eq!(report.problems[0].message, "SpotBugs reports an error of the analysis: Unable to read Old.class");
        assert_eq!(report.scan.at.unwrap().to_string(), "2024-03-09T14:13:20Z");
    }
}
