//! The appetite told to a person: what both leaders agreed, in the order of what the reader answers for.
//!
//! Every reader gets every section. What differs is the order, the lead, and whether conditions stand as they are
//! written: a CIO sees dates and benefit first, a CISO the evidence, a board the levels and who answers for what. The
//! four leadership styles shift the emphasis within that.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::appetite::{Appetite, Cadence, IfUnknown, Level, OptionName, ToleranceRow};
use crate::model::clock::Clock;
use crate::model::explanation::{Block, Explanation, Section};
use crate::model::figure;
use crate::model::rules::TimelineTable;
use crate::model::service::{Criticality, NetworkExposure, Service};
use crate::model::verdict::Verdict;

use super::agreement::PARTIES;

/// For whom the page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Anyone.
    Everyone,
    /// The chief information officer: benefit and dates first.
    Cio,
    /// A CIO who leads by the business case: money and dates first.
    CioBusiness,
    /// A CIO who leads by partnership: who decides what, first.
    CioPartnering,
    /// The chief information security officer: evidence first.
    Ciso,
    /// A CISO who leads by technical depth: conditions and tables first.
    CisoTechnical,
    /// A CISO who leads by change: levels, budget and promises first.
    CisoTransformational,
    /// The board: levels and who answers for what.
    Board,
}

impl Audience {
    /// Ids of the sections that come first, in this order; all others follow in the usual one.
    const fn first(self) -> &'static [&'static str] {
        match self {
            Self::Everyone => &[],
            Self::Cio => &["delivery", "holds", "clocks", "who-decides", "budget"],
            Self::CioBusiness => &["delivery", "budget", "holds", "clocks"],
            Self::CioPartnering => &["who-decides", "clocks", "holds", "delivery"],
            Self::Ciso => &["limits", "holds", "evidence", "obligations", "services"],
            Self::CisoTechnical => &["limits", "obligations", "evidence", "services", "baseline"],
            Self::CisoTransformational => &["levels", "budget", "baseline", "clocks", "limits"],
            Self::Board => &["statement", "levels", "who-decides", "holds", "obligations", "budget", "agreement"],
        }
    }

    /// Whether conditions stand as they are written.
    const fn reads_conditions(self) -> bool {
        matches!(self, Self::Ciso | Self::CisoTechnical)
    }
}

/// What `appetite` says, for a reader, at `now`. `tables` are the timeline tables that it may name.
pub fn explanation(
    appetite: &Appetite,
    tables: &BTreeMap<String, TimelineTable>,
    audience: Audience,
    now: Timestamp,
) -> Explanation {
    let page = Page { appetite, tables, audience };
    let mut sections = vec![
        page.statement(),
        page.levels(),
        page.holds(),
        page.limits(),
        page.who_decides(),
        page.clocks(),
        page.budget(),
        page.obligations(),
        page.delivery(),
        page.services(),
        page.evidence(),
        page.baseline(),
        page.agreement(now),
    ];
    let place = |section: &Section| audience.first().iter().position(|id| *id == section.id).unwrap_or(usize::MAX);
    sections.sort_by_key(place);
    Explanation { title: format!("Risk appetite: {}", appetite.name), lead: page.lead(), sections }
}

struct Page<'a> {
    appetite: &'a Appetite,
    tables: &'a BTreeMap<String, TimelineTable>,
    audience: Audience,
}

impl Page<'_> {
    /// The bottom line, counted from the file.
    fn lead(&self) -> Vec<String> {
        let rows = &self.appetite.tolerance;
        let holds = rows.iter().filter(|row| row.before_ship).count();
        let delivery = format!(
            "{} of {} limits can hold a release; beyond the others there is a choice of how to proceed, with a date and a price.",
            holds,
            rows.len()
        );
        let security = match self.appetite.coverage.require.len() {
            0 => "No kind of test is required, so that missing evidence does not show.".to_owned(),
            kinds => format!(
                "{} required: without their evidence nothing counts as clean.",
                counted(kinds, "kind of test is", "kinds of test are")
            ),
        };
        let agreed = match &self.appetite.agreed {
            Some(agreed) => format!("It applies from {} and is reviewed by {}.", agreed.effective, agreed.review_by),
            None => "Nobody has agreed to it: it is advice.".to_owned(),
        };
        match self.audience {
            Audience::Ciso | Audience::CisoTechnical | Audience::CisoTransformational => {
                vec![security, delivery, agreed]
            }
            Audience::Board => vec![agreed, delivery, security],
            _ => vec![delivery, security, agreed],
        }
    }

    fn statement(&self) -> Section {
        let text = self.appetite.statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = if text.is_empty() { "The file makes no statement in prose.".to_owned() } else { text };
        section("statement", "What was agreed", vec![Block::Say(text)])
    }

    fn levels(&self) -> Section {
        let rows = self.appetite.levels.iter();
        let rows =
            rows.map(|(category, level)| strings([category.as_str(), level.as_str(), meaning(*level)])).collect();
        let blocks = table(["Kind of finding", "Appetite", "Which means"], rows, "No level is named.");
        section("levels", "How much risk", blocks)
    }

    fn holds(&self) -> Section {
        let rows: Vec<String> =
            self.appetite.tolerance.iter().filter(|row| row.before_ship).map(|row| self.limit(row)).collect();
        let blocks = if rows.is_empty() {
            vec![Block::Say("Nothing holds a release: everything is a matter of choice.".to_owned())]
        } else {
            vec![Block::Say("Only this, and then with the shortest way to ship:".to_owned()), Block::Items(rows)]
        };
        section("holds", "What holds a release", blocks)
    }

    /// One row in words.
    fn limit(&self, row: &ToleranceRow) -> String {
        let says = if row.says.is_empty() { format!("`{}`", row.id) } else { row.says.clone() };
        if self.audience.reads_conditions() {
            format!("{says} ({}: {})", row.id, row.when.text().trim())
        } else {
            format!("{says} ({})", row.id)
        }
    }

    fn limits(&self) -> Section {
        let header: &[&str] = if self.audience.reads_conditions() {
            &["Limit", "A remark above", "A decision above", "Holds", "If it cannot be judged", "Counts"]
        } else {
            &["Limit", "A remark above", "A decision above", "Holds"]
        };
        let rows = self.appetite.tolerance.iter().map(|row| {
            let says = if row.says.is_empty() { row.id.clone() } else { format!("{} ({})", row.says, row.id) };
            let red = row.tolerance.map_or_else(|| "never".to_owned(), |limit| limit.to_string());
            let mut cells = vec![says, row.appetite.to_string(), red, yes_no(row.before_ship).to_owned()];
            if self.audience.reads_conditions() {
                let unknown = match row.if_unknown {
                    IfUnknown::Unresolved => "unresolved",
                    IfUnknown::Count => "counts",
                    IfUnknown::Skip => "does not count",
                };
                cells.extend([unknown.to_owned(), row.when.text().trim().to_owned()]);
            }
            cells
        });
        let table = Block::Table { header: header.iter().map(|&name| name.to_owned()).collect(), rows: rows.collect() };
        section("limits", "What is tolerated, and how much of it", vec![table])
    }

    fn who_decides(&self) -> Section {
        let mut rows = Vec::new();
        for verdict in
            [Verdict::WithinAppetite, Verdict::WithinTolerance, Verdict::BeyondTolerance, Verdict::Unresolved]
        {
            let Some(by_option) = self.appetite.authority.approvers.get(&verdict) else { continue };
            let cell = |option: &OptionName| match by_option.get(option).map(Vec::as_slice) {
                None | Some([]) => "nobody".to_owned(),
                Some(roles) => roles.join(" and "),
            };
            rows.push(std::iter::once(verdict.to_string()).chain(OptionName::ALL.iter().map(cell)).collect());
        }
        let mut blocks = table(
            ["Where a change stands", "Fastest is approved by", "Balanced", "Most secure"],
            rows,
            "The file gives nobody authority: the gate can only advise.",
        );
        let members: Vec<String> = self
            .appetite
            .roles
            .iter()
            .map(|(name, role)| {
                let people: Vec<String> = [("GitHub", &role.github), ("GitLab", &role.gitlab)]
                    .into_iter()
                    .filter(|(_, people)| !people.is_empty())
                    .map(|(forge, people)| format!("{} on {forge}", people.join(", ")))
                    .chain((!role.keys.is_empty()).then(|| counted(role.keys.len(), "SSH key", "SSH keys")))
                    .collect();
                let people = if people.is_empty() { "nobody yet".to_owned() } else { people.join("; ") };
                format!("{name}: {people}")
            })
            .collect();
        if !members.is_empty() {
            blocks.push(Block::Items(members));
        }
        if let Some(agreed) = &self.appetite.agreed {
            blocks.push(Block::Say(match &agreed.arbiter {
                Some(arbiter) => format!("What the two do not settle goes to {} ({}).", arbiter.name, arbiter.role),
                None => "No arbiter is named for what the two do not settle.".to_owned(),
            }));
        }
        section("who-decides", "Who decides what", blocks)
    }

    fn clocks(&self) -> Section {
        let mut items = Vec::new();
        items.push(match &self.appetite.authority.default {
            Some(default) => format!(
                "If nobody chooses within {} working hours, {} takes effect.",
                default.after_hours,
                default.option.as_str()
            ),
            None => "If nobody chooses, nothing takes effect by itself.".to_owned(),
        });
        if let Some(option) = self.appetite.authority.withheld_if_overdue {
            items.push(format!(
                "While a commitment is overdue, {} is not offered, on any change; it is again once everything is back on track.",
                option.as_str()
            ));
        }
        let mut of_table = |what: String, id: &String| match self.tables.get(id) {
            Some(table) => items.push(format!("{what}: {} ({id}).", days(table))),
            None => items.push(format!("{what}: by {id}.")),
        };
        if let Some(id) = &self.appetite.timeline {
            of_table("Known vulnerabilities are treated by their time limit".to_owned(), id);
        }
        for (category, id) in &self.appetite.timelines {
            of_table(format!("For {category}"), id);
        }
        items.extend(self.counted());
        if let Some(age) = self.appetite.coverage.max_age {
            items.push(format!("A report counts for {}.", figure::time(age)));
        }
        section("clocks", "Clocks", vec![Block::Items(items)])
    }

    /// From when the days of the tables are counted, if there are any.
    fn counted(&self) -> Vec<String> {
        let applies = |service: &Service| !service.obligations.is_empty();
        let any = self.appetite.timeline.is_some() || !self.appetite.timelines.is_empty();
        if !any && !self.appetite.services.iter().any(applies) {
            return Vec::new();
        }
        let from = |clock: Clock| match clock {
            Clock::Detected => "from the day on which it is first found",
            Clock::Published => "from the day on which it became public, where a report says it",
            Clock::FixAvailable => "from the day on which there was a fix, where a report says it",
        };
        let mut out = vec![format!("Days are counted {}.", from(self.appetite.clock))];
        out.extend(self.appetite.clocks.iter().map(|(table, &clock)| format!("Those of {table}: {}.", from(clock))));
        if std::iter::once(&self.appetite.clock)
            .chain(self.appetite.clocks.values())
            .any(|clock| *clock != Clock::Detected)
        {
            out.push(
                "Where no report says it, the earliest day that is known counts, and no day later than that on which it \
                 is first found."
                    .to_owned(),
            );
        }
        out
    }

    fn budget(&self) -> Section {
        let say = match self.appetite.budget {
            Some(points) => format!(
                "{points} points of exposure may be spent in a quarter. Each option says how much of it the option would use."
            ),
            None => "No exposure budget is agreed, so that no option shows a share of it.".to_owned(),
        };
        section("budget", "Exposure budget", vec![Block::Say(say)])
    }

    fn obligations(&self) -> Section {
        let mut rows = Vec::new();
        for service in &self.appetite.services {
            for id in &service.obligations {
                let (title, limits, source) = self.tables.get(id).map_or_else(
                    || (id.clone(), String::new(), String::new()),
                    |table| (format!("{}, {}", table.title, table.version), days(table), table.source.clone()),
                );
                rows.push(vec![service.name.clone(), title, limits, source]);
            }
        }
        let blocks = table(
            ["Service", "Obligation", "Time limits", "Source"],
            rows,
            "No service is bound by time limits that nobody can waive.",
        );
        section("obligations", "Obligations that nobody can waive", blocks)
    }

    fn delivery(&self) -> Section {
        let delivery = &self.appetite.delivery;
        let mut items = Vec::new();
        match &delivery.capacity {
            Some(capacity) => items.push(format!(
                "Capacity: {} {} with {} focus {} a working day.",
                capacity.engineers,
                several(capacity.engineers, "engineer"),
                capacity.focus_hours,
                several(capacity.focus_hours, "hour")
            )),
            None => items.push("No capacity is declared: options show hours and no dates.".to_owned()),
        }
        match delivery.cadence {
            Some(Cadence::Continuous) => items.push("Releases happen at any moment.".to_owned()),
            Some(Cadence::Daily) => items.push("Releases happen on every working day.".to_owned()),
            Some(Cadence::Weekly(day)) => items.push(format!("Releases happen every {day:?}.")),
            None => {}
        }
        items.extend(delivery.freezes.iter().map(|freeze| {
            let why = if freeze.why.is_empty() { String::new() } else { format!(" ({})", freeze.why) };
            format!("No release from {} to {}{why}.", freeze.from, freeze.to)
        }));
        let priced = [
            ("An hour of work", delivery.hourly_rate.as_ref()),
            ("A day of delay", delivery.cost_of_delay.as_ref().map(|cost| &cost.per_day)),
            ("A point of exposure", delivery.loss_per_point.as_ref()),
        ];
        let prices = priced.into_iter().filter_map(|(what, money)| {
            let money = money?;
            Some(format!("{what} counts as {} {}.", money.amount, money.currency))
        });
        items.extend(prices);
        section("delivery", "Delivery", vec![Block::Items(items)])
    }

    fn services(&self) -> Section {
        let rows = self.appetite.services.iter().map(|service| {
            vec![
                service.name.clone(),
                reach(service.exposure).to_owned(),
                depends(service.criticality).to_owned(),
                service.data.join(", "),
                if service.paths.is_empty() && service.images.is_empty() {
                    "the whole repository".to_owned()
                } else {
                    service.paths.iter().chain(&service.images).cloned().collect::<Vec<_>>().join(", ")
                },
            ]
        });
        let blocks = table(
            ["Service", "Who can reach it", "How much depends on it", "Data", "What belongs to it"],
            rows.collect(),
            "No service is described: everything counts as internal and important, and is marked as assumed.",
        );
        section("services", "Services", blocks)
    }

    fn evidence(&self) -> Section {
        let kinds: Vec<&str> = self.appetite.coverage.require.iter().map(|kind| kind.as_str()).collect();
        let mut items = vec![if kinds.is_empty() {
            "No kind of test is required.".to_owned()
        } else {
            format!("Required tests: {}. Without one of them nothing is judged.", kinds.join(", "))
        }];
        let declared = self.appetite.assumed_severity.iter();
        let declared: Vec<String> = declared.map(|(category, severity)| format!("{category} {severity}")).collect();
        if !declared.is_empty() {
            items.push(format!("Where a scanner states no severity, this counts: {}.", declared.join(", ")));
        }
        section("evidence", "Evidence", vec![Block::Items(items)])
    }

    fn baseline(&self) -> Section {
        let Some(baseline) = &self.appetite.baseline else {
            let say = "The file takes no stock of what was there before.".to_owned();
            return section("baseline", "What was there before", vec![Block::Say(say)]);
        };
        let rows = baseline
            .commitments
            .iter()
            .map(|promise| vec![promise.due.to_string(), promise.findings.len().to_string(), promise.why.clone()]);
        let mut blocks = vec![Block::Say(format!("Taken stock of on {}. None of it holds a change.", baseline.taken))];
        blocks.extend(table(["Treated by", "Findings", "Why then"], rows.collect(), "Nothing was open."));
        section("baseline", "What was there before", blocks)
    }

    fn agreement(&self, now: Timestamp) -> Section {
        let Some(agreed) = &self.appetite.agreed else {
            let say = "The file names no parties.".to_owned();
            return section("agreement", "Agreement", vec![Block::Say(say)]);
        };
        let mut items = Vec::new();
        for role in PARTIES {
            if let Some(party) = agreed.parties.get(role) {
                let signed = self.appetite.agreement.signers.iter().any(|signer| signer == role);
                let said = if signed { "signed" } else { "no signature that counts" };
                items.push(format!("{}: {} ({said})", role.to_uppercase(), party.name));
            }
        }
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let left = (agreed.review_by - today).get_days();
        items.push(format!(
            "From {} to the review by {}{}.",
            agreed.effective,
            agreed.review_by,
            if left < 0 {
                ", which has passed".to_owned()
            } else {
                format!(", in {}", counted(usize::try_from(left).unwrap_or(0), "day", "days"))
            }
        ));
        let state = format!("State: {}; {}", self.appetite.agreement.state.as_str(), self.appetite.agreement.remark);
        section(
            "agreement",
            "Agreement",
            vec![Block::Items(items), Block::Say(state.trim_end_matches("; ").to_owned())],
        )
    }
}

const fn section(id: &'static str, heading: &'static str, blocks: Vec<Block>) -> Section {
    Section { id, heading, blocks }
}

/// A table, or what is said without a row.
fn table<const N: usize>(header: [&str; N], rows: Vec<Vec<String>>, without: &str) -> Vec<Block> {
    if rows.is_empty() {
        return vec![Block::Say(without.to_owned())];
    }
    vec![Block::Table { header: strings(header), rows }]
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `engineer`, `engineers`.
fn several(number: f64, noun: &str) -> String {
    if (number - 1.0).abs() < f64::EPSILON { noun.to_owned() } else { format!("{noun}s") }
}

/// The days of a table, shortest first: "3, 14 or 60 days".
fn days(table: &TimelineTable) -> String {
    let mut days: Vec<f64> = table.outcomes.values().filter_map(|outcome| outcome.days).collect();
    days.sort_by(f64::total_cmp);
    days.dedup();
    let days: Vec<String> = days.iter().map(ToString::to_string).collect();
    match days.as_slice() {
        [] => "no days".to_owned(),
        [one] => format!("{one} days"),
        [front @ .., last] => format!("{} or {last} days", front.join(", ")),
    }
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

const fn meaning(level: Level) -> &'static str {
    match level {
        Level::Averse => "avoiding risk comes first, and delivery waits for it",
        Level::Minimal => "only what is safe, with little left over",
        Level::Cautious => "the safe way is preferred, some short and bounded exposure accepted",
        Level::Open => "every way is considered, and the best balance taken",
        Level::Eager => "delivery comes first, and high exposure is accepted for its benefit",
    }
}

const fn reach(exposure: NetworkExposure) -> &'static str {
    match exposure {
        NetworkExposure::Internet => "anyone",
        NetworkExposure::Internal => "the organisation's own network",
        NetworkExposure::Isolated => "nobody outside its own host",
    }
}

const fn depends(criticality: Criticality) -> &'static str {
    match criticality {
        Criticality::Essential => "its loss stops the business",
        Criticality::Important => "its loss is felt",
        Criticality::Supporting => "its loss is a nuisance",
    }
}
