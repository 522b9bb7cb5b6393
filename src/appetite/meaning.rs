//! From keys and words to the agreement that they mean, with every value checked.

use std::collections::{BTreeMap, BTreeSet};

use super::clocks::{self, Clocks};
use super::values;
use super::wire;
use crate::document::{Document, DocumentError};
use crate::model::appetite::{
    Agreed, Agreement, AgreementState, Appetite, Arbiter, Authority, Baseline, BaselineCommitment, Cadence, Capacity,
    CostOfDelay, CoverageRule, DefaultChoice, Delivery, Freeze, Money, OptionName, Party, Role, ToleranceRow,
};
use crate::model::basis::Basis;
use crate::model::category::Category;
use crate::model::clock::Clock;
use crate::model::condition::Condition;
use crate::model::digest::Digest;
use crate::model::service::Service;
use crate::model::spelling::nearest;
use crate::model::ssvc;
use crate::model::verdict::Verdict;
use crate::model::zone::zone;

/// More engineers than this are a mistyped figure, and hours beyond counting.
const MOST_ENGINEERS: f64 = 100_000.0;

/// The appetite that `file` means.
pub(super) fn appetite(document: &Document, file: wire::File, bytes: &[u8]) -> Result<Appetite, DocumentError> {
    let read = Reader { document };
    read.text("name", &file.name)?;
    let (timeline, timelines) = read.timelines(file.timelines)?;
    let (clock, clocks) = file.clocks.map(Clocks::meant).unwrap_or_default();
    let services = read.services(file.services)?;
    let obliged = services.iter().flat_map(|service| &service.obligations);
    let applied: BTreeSet<&str> =
        timeline.iter().chain(timelines.values()).chain(obliged).map(String::as_str).collect();
    read.clocks(&clocks, &applied)?;
    Ok(Appetite {
        origin: document.origin().to_owned(),
        sha256: Digest::of(bytes),
        agreement: Agreement {
            state: AgreementState::Unsigned,
            signers: Vec::new(),
            remark: "its signatures have not been looked at".to_owned(),
        },
        name: file.name,
        statement: file.statement.trim().to_owned(),
        agreed: file.agreed.map(|agreed| read.agreed(agreed)).transpose()?,
        levels: file.levels.into_iter().map(|(category, level)| (category.into(), level.into())).collect(),
        services,
        timeline,
        timelines,
        clock,
        clocks,
        tolerance: read.rows(file.tolerance)?,
        assumed_severity: file
            .unknown
            .severity
            .into_iter()
            .map(|(at, severity)| (at.into(), severity.into()))
            .collect(),
        coverage: read.coverage(file.coverage)?,
        budget: file
            .budget
            .map(|budget| read.positive("budget.exposure", budget.exposure, "the budget"))
            .transpose()?,
        delivery: read.delivery(file.delivery)?,
        authority: read.authority(file.authority)?,
        roles: read.roles(file.roles)?,
        baseline: file.baseline.map(|baseline| read.baseline(baseline)).transpose()?,
    })
}

struct Reader<'a> {
    document: &'a Document,
}

impl Reader<'_> {
    /// Places what is wrong with a value.
    fn at<T>(&self, path: &str, value: Result<T, String>) -> Result<T, DocumentError> {
        value.map_err(|message| self.document.error_at(path, message))
    }

    fn refuse<T>(&self, path: &str, message: impl Into<String>, help: &str) -> Result<T, DocumentError> {
        Err(self.document.error_at(path, message).with_help(help))
    }

    fn text(&self, path: &str, text: &str) -> Result<(), DocumentError> {
        if text.trim().is_empty() {
            self.refuse(path, "there is no text here", "say what it is called")
        } else {
            Ok(())
        }
    }

    fn positive(&self, path: &str, number: f64, what: &str) -> Result<f64, DocumentError> {
        self.at(path, values::positive(number, what))
    }

    fn agreed(&self, agreed: wire::Agreed) -> Result<Agreed, DocumentError> {
        let effective = self.at("agreed.effective", values::date(&agreed.effective))?;
        let review_by = self.at("agreed.review_by", values::date(&agreed.review_by))?;
        if review_by <= effective {
            let message = format!("the review on {review_by} is not after the first day, {effective}");
            return self.refuse("agreed.review_by", message, "agree on a later day for the review");
        }
        let parties = [("cio", agreed.parties.cio), ("ciso", agreed.parties.ciso)];
        for (role, party) in &parties {
            self.text(&format!("agreed.parties.{role}.name"), &party.name)?;
        }
        if let Some(arbiter) = &agreed.arbiter {
            self.text("agreed.arbiter.role", &arbiter.role)?;
            self.text("agreed.arbiter.name", &arbiter.name)?;
        }
        Ok(Agreed {
            effective,
            review_by,
            parties: parties
                .into_iter()
                .map(|(role, party)| (role.to_owned(), Party { name: party.name, keys: party.keys }))
                .collect(),
            arbiter: agreed.arbiter.map(|arbiter| Arbiter {
                role: arbiter.role,
                name: arbiter.name,
                keys: arbiter.keys,
            }),
        })
    }

    fn services(&self, services: Vec<wire::Service>) -> Result<Vec<Service>, DocumentError> {
        let mut names = BTreeSet::new();
        for (at, service) in services.iter().enumerate() {
            let path = format!("services[{at}]");
            self.text(&format!("{path}.name"), &service.name)?;
            if !names.insert(&service.name) {
                let message = format!("there is already a service `{}`", service.name);
                return self.refuse(&format!("{path}.name"), message, "give each service a name of its own");
            }
            for (key, value) in &service.decision_points {
                self.decision_point(&format!("{path}.decision_points"), key, value)?;
            }
            for (key, globs) in [("paths", &service.paths), ("images", &service.images)] {
                for (index, glob) in globs.iter().enumerate() {
                    let problem =
                        globset::Glob::new(glob).map(drop).map_err(|error| format!("not a glob: {}", error.kind()));
                    self.at(&format!("{path}.{key}[{index}]"), problem)?;
                }
            }
        }
        let service = |service: wire::Service| Service {
            name: service.name,
            paths: service.paths,
            images: service.images,
            exposure: service.exposure.into(),
            criticality: service.criticality.into(),
            data: service.data,
            obligations: service.obligations,
            decision_points: service.decision_points,
            declared: true,
        };
        Ok(services.into_iter().map(service).collect())
    }

    fn decision_point(&self, path: &str, key: &str, value: &str) -> Result<(), DocumentError> {
        let Some(values) = ssvc::values_of(key) else {
            let known: Vec<&str> = ssvc::DECISION_POINTS.iter().map(|(key, _)| *key).collect();
            let guess =
                nearest(key, known.iter().copied()).map_or_else(String::new, |key| format!("; did you mean `{key}`?"));
            let error = self
                .document
                .error_at_key(&format!("{path}.{key}"), format!("there is no decision point `{key}`{guess}"));
            return Err(error.with_help(format!("one of {}", known.join(", "))));
        };
        if values.contains(&value) {
            return Ok(());
        }
        let message = format!("`{key}` cannot be `{value}`");
        self.refuse(&format!("{path}.{key}"), message, &format!("one of {}", values.join(", ")))
    }

    fn timelines(
        &self,
        timelines: Option<wire::Timelines>,
    ) -> Result<(Option<String>, BTreeMap<Category, String>), DocumentError> {
        let mut default = None;
        let mut by_category = BTreeMap::new();
        match timelines {
            None => {}
            Some(wire::Timelines::One(id)) => default = Some(id),
            Some(wire::Timelines::Several(ids)) => {
                for (key, id) in ids {
                    match key.category() {
                        None => default = Some(id),
                        Some(category) => {
                            by_category.insert(category, id);
                        }
                    }
                }
            }
        }
        if default.as_ref().into_iter().chain(by_category.values()).any(|id| id.trim().is_empty()) {
            return self.refuse("timelines", "a timeline table has no id here", "name a table, or leave the key out");
        }
        Ok((default, by_category))
    }

    /// A clock is for a table that applies: one for another is a slip of the pen that would make no difference.
    fn clocks(&self, clocks: &BTreeMap<String, Clock>, applied: &BTreeSet<&str>) -> Result<(), DocumentError> {
        match clocks.keys().find(|table| !applied.contains(table.as_str())) {
            Some(table) => {
                let known: Vec<&str> = std::iter::once(clocks::DEFAULT).chain(applied.iter().copied()).collect();
                let guess = nearest(table, known.iter().copied())
                    .map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
                let message = format!("no time limit is set by a timeline table `{table}`{guess}");
                self.refuse(&format!("clocks.{table}"), message, &format!("one of {}", known.join(", ")))
            }
            None => Ok(()),
        }
    }

    fn rows(&self, rows: Vec<wire::Row>) -> Result<Vec<ToleranceRow>, DocumentError> {
        if rows.is_empty() {
            return self.refuse(
                "tolerance",
                "there is no row: every change would be within appetite",
                "add a row with `id`, `when` and `tolerance`",
            );
        }
        let mut ids = BTreeSet::new();
        for (at, row) in rows.iter().enumerate() {
            let path = format!("tolerance[{at}].id");
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if row.id.is_empty() || row.id.len() > 64 || !row.id.chars().all(plain) {
                let message = format!("`{}` cannot be an id", row.id);
                return self.refuse(&path, message, "use up to 64 letters, digits, `-`, `_` and `.`");
            }
            if !ids.insert(&row.id) {
                let message = format!("there is already a row `{}`", row.id);
                return self.refuse(&path, message, "give each row an id of its own");
            }
        }
        rows.into_iter().enumerate().map(|(at, row)| self.row(&format!("tolerance[{at}]"), row)).collect()
    }

    fn row(&self, path: &str, row: wire::Row) -> Result<ToleranceRow, DocumentError> {
        let Some(appetite) = row.appetite.or(row.tolerance) else {
            let message = format!("the row `{}` has no limit", row.id);
            return self.refuse(path, message, "add `tolerance: …`, `appetite: …` or both");
        };
        if let Some(tolerance) = row.tolerance.filter(|&tolerance| tolerance < appetite) {
            let message = format!("the tolerance limit {tolerance} is below the appetite limit {appetite}");
            let help = "red begins where amber ends: `tolerance` must be at least `appetite`";
            return self.refuse(&format!("{path}.tolerance"), message, help);
        }
        if row.before_ship && row.tolerance.is_none() {
            let message = format!("the row `{}` is `before_ship`, but can never be red", row.id);
            return self.refuse(
                &format!("{path}.before_ship"),
                message,
                "add `tolerance: …`, the count above which it is red",
            );
        }
        let when = Condition::compile(row.when.trim_end())
            .map_err(|error| self.document.error_within(&format!("{path}.when"), error.offset, error.message))?;
        Ok(ToleranceRow {
            id: row.id,
            says: row.says.trim().to_owned(),
            when,
            appetite,
            tolerance: row.tolerance,
            before_ship: row.before_ship,
            if_unknown: row.if_unknown.map(Into::into).unwrap_or_default(),
        })
    }

    fn coverage(&self, coverage: wire::Coverage) -> Result<CoverageRule, DocumentError> {
        let mut require: Vec<Category> = Vec::new();
        for (at, required) in coverage.require.iter().enumerate() {
            let kind = required.kind.into();
            if require.contains(&kind) {
                let message = format!("`{kind}` is already required");
                return self.refuse(&format!("coverage.require[{at}]"), message, "leave it out");
            }
            require.push(kind);
        }
        let max_age = coverage.max_age.map(|text| self.at("coverage.max_age", values::duration(&text))).transpose()?;
        Ok(CoverageRule { require, max_age })
    }

    fn delivery(&self, delivery: wire::Delivery) -> Result<Delivery, DocumentError> {
        let mut currency = None;
        let mut money = |path: &str, amount: f64, code: &str| -> Result<Money, DocumentError> {
            let money = self.at(path, values::money(amount, code))?;
            let first = currency.get_or_insert_with(|| money.currency.clone());
            if *first == money.currency {
                Ok(money)
            } else {
                let message = format!("this is in {}, and another amount in {first}", money.currency);
                self.refuse(&format!("{path}.currency"), message, "use one currency throughout the file")
            }
        };
        let hourly_rate = delivery.hourly_rate;
        let hourly_rate = hourly_rate.map(|m| money("delivery.hourly_rate", m.amount, &m.currency)).transpose()?;
        let cost_of_delay = delivery.cost_of_delay.map(|cost| {
            let price = money("delivery.cost_of_delay", cost.amount, &cost.currency)?;
            let days = match cost.per {
                wire::DelayPeriod::Day => 1.0,
                wire::DelayPeriod::Week => 7.0,
            };
            Ok(CostOfDelay { per_day: Money { amount: price.amount / days, ..price } })
        });
        let cost_of_delay = cost_of_delay.transpose()?;
        let loss_per_point = delivery.loss_per_point;
        let loss_per_point =
            loss_per_point.map(|m| money("delivery.loss_per_point", m.amount, &m.currency)).transpose()?;
        Ok(Delivery {
            capacity: delivery.capacity.map(|capacity| self.capacity(capacity)).transpose()?,
            freezes: delivery
                .freezes
                .into_iter()
                .enumerate()
                .map(|(at, freeze)| self.freeze(&format!("delivery.freezes[{at}]"), freeze))
                .collect::<Result<_, _>>()?,
            cadence: delivery.releases.map(|releases| self.cadence(&releases)).transpose()?,
            hourly_rate,
            cost_of_delay,
            loss_per_point,
        })
    }

    fn capacity(&self, capacity: wire::Capacity) -> Result<Capacity, DocumentError> {
        let path = |key: &str| format!("delivery.capacity.{key}");
        for (key, number) in [("engineers", capacity.engineers), ("focus_hours", capacity.focus_hours)] {
            if number == 0.0 {
                return self.refuse(
                    &path(key),
                    format!("with `{key}: 0` nothing could ever be treated, so that no option has a date"),
                    "declare what can really be spent, or leave `capacity` out: then options show hours and no dates",
                );
            }
            self.positive(&path(key), number, &format!("`{key}`"))?;
        }
        if capacity.engineers > MOST_ENGINEERS {
            let message = format!("`engineers` must be at most {MOST_ENGINEERS}, and is {:e}", capacity.engineers);
            return self.refuse(&path("engineers"), message, "declare who can really work on what this file governs");
        }
        let week = capacity.week.as_deref().unwrap_or("mon-fri");
        let week = self.at(&path("week"), values::week(week))?;
        let hours = capacity.hours.as_deref().unwrap_or("09:00-17:00");
        let hours = self.at(&path("hours"), values::hours(hours))?;
        let day = (hours.1 - hours.0).total(jiff::Unit::Hour).unwrap_or(24.0);
        if capacity.focus_hours > day {
            let message = format!("{} focus hours do not fit into a working day of {day}", capacity.focus_hours);
            return self.refuse(&path("focus_hours"), message, "lower `focus_hours`, or widen `hours`");
        }
        let time_zone = capacity.time_zone.unwrap_or_else(|| "UTC".to_owned());
        if zone(&time_zone).is_none() {
            let message = format!("there is no time zone `{time_zone}`");
            return self.refuse(&path("time_zone"), message, "name one as in `Europe/Berlin`, or `UTC`");
        }
        let holidays = capacity.holidays.iter().enumerate();
        let holidays = holidays.map(|(at, day)| self.at(&path(&format!("holidays[{at}]")), values::date(day)));
        Ok(Capacity {
            engineers: capacity.engineers,
            focus_hours: capacity.focus_hours,
            week,
            holidays: holidays.collect::<Result<_, _>>()?,
            hours,
            time_zone,
            basis: Basis::Declared("delivery.capacity".to_owned()),
        })
    }

    fn freeze(&self, path: &str, freeze: wire::Freeze) -> Result<Freeze, DocumentError> {
        let from = self.at(&format!("{path}.from"), values::date(&freeze.from))?;
        let to = self.at(&format!("{path}.to"), values::date(&freeze.to))?;
        if to < from {
            let message = format!("the freeze ends on {to}, before it begins on {from}");
            return self.refuse(&format!("{path}.to"), message, "exchange the two days");
        }
        Ok(Freeze { from, to, why: freeze.why })
    }

    fn cadence(&self, releases: &wire::Releases) -> Result<Cadence, DocumentError> {
        match (releases.cadence, &releases.on) {
            (wire::CadenceWord::Continuous, None) => Ok(Cadence::Continuous),
            (wire::CadenceWord::Daily, None) => Ok(Cadence::Daily),
            (wire::CadenceWord::Weekly, Some(day)) => {
                Ok(Cadence::Weekly(self.at("delivery.releases.on", values::weekday(day))?))
            }
            (wire::CadenceWord::Weekly, None) => {
                self.refuse("delivery.releases", "a weekly release needs a day", "add `on: tue`")
            }
            (_, Some(_)) => self.refuse(
                "delivery.releases.on",
                "only a weekly release has a day",
                "leave `on` out, or say `cadence: weekly`",
            ),
        }
    }

    fn authority(&self, authority: wire::Authority) -> Result<Authority, DocumentError> {
        let mentioned = [
            (Verdict::WithinAppetite, authority.within_appetite),
            (Verdict::WithinTolerance, authority.within_tolerance),
            (Verdict::BeyondTolerance, authority.beyond_tolerance),
            (Verdict::Unresolved, authority.unresolved),
        ];
        let mut approvers: BTreeMap<Verdict, BTreeMap<OptionName, Vec<String>>> = BTreeMap::new();
        for (verdict, by_option) in mentioned {
            let Some(by_option) = by_option else { continue };
            let path = format!("authority.{verdict}");
            if by_option.values().all(Vec::is_empty) {
                let message = format!("at `{verdict}` nobody could approve anything");
                return self.refuse(&path, message, "name at least one role for one option; `anyone` is a role");
            }
            if let Some(default) = &authority.default
                && by_option.get(&default.option).is_none_or(Vec::is_empty)
            {
                let option: OptionName = default.option.into();
                let message = format!(
                    "`{}` takes effect if nobody chooses, but at `{verdict}` nobody may approve it",
                    option.as_str()
                );
                return self.refuse("authority.default.option", message, &format!("name a role for it in `{path}`"));
            }
            approvers.insert(verdict, by_option.into_iter().map(|(option, roles)| (option.into(), roles)).collect());
        }
        let withheld = authority.overdue.as_ref().map(|overdue| match overdue.withhold {
            wire::Withheld::Fastest => OptionName::Fastest,
        });
        if let Some(option) = withheld {
            if authority.default.as_ref().is_some_and(|default| OptionName::from(default.option) == option) {
                let message = format!("`{}` takes effect if nobody chooses, so it cannot be withheld", option.as_str());
                return self.refuse("authority.overdue.withhold", message, "let another option take effect by default");
            }
            let only = |by_option: &BTreeMap<OptionName, Vec<String>>| {
                by_option.iter().all(|(name, roles)| *name == option || roles.is_empty())
            };
            if let Some((verdict, _)) = approvers.iter().find(|(_, by_option)| only(by_option)) {
                let message = format!(
                    "at `{verdict}` nobody may approve anything but `{}`, so it cannot be withheld",
                    option.as_str()
                );
                let add = format!("name a role for another option in `authority.{verdict}`");
                return self.refuse("authority.overdue.withhold", message, &add);
            }
        }
        let default = authority.default.map(|default| {
            let after_hours = self.at("authority.default.after", values::working_hours(&default.after))?;
            Ok(DefaultChoice { option: default.option.into(), after_hours })
        });
        Ok(Authority { approvers, default: default.transpose()?, withheld_if_overdue: withheld })
    }

    fn roles(&self, roles: BTreeMap<String, wire::Role>) -> Result<BTreeMap<String, Role>, DocumentError> {
        if roles.contains_key("anyone") {
            return Err(self
                .document
                .error_at_key("roles.anyone", "`anyone` means everybody and cannot have members")
                .with_help("choose another name for the role"));
        }
        let role = |role: wire::Role| Role { github: role.github, gitlab: role.gitlab, keys: role.keys };
        Ok(roles.into_iter().map(|(name, members)| (name, role(members))).collect())
    }

    fn baseline(&self, baseline: wire::Baseline) -> Result<Baseline, DocumentError> {
        let taken = self.at("baseline.taken", values::date(&baseline.taken))?;
        let mut known = BTreeSet::new();
        let mut commitments = Vec::new();
        for (at, promise) in baseline.commitments.into_iter().enumerate() {
            let path = format!("baseline.commitments[{at}]");
            let due = self.at(&format!("{path}.due"), values::date(&promise.due))?;
            if due < taken {
                let message =
                    format!("these findings are promised by {due}, before they were taken stock of, on {taken}");
                return self.refuse(&format!("{path}.due"), message, "promise a later day");
            }
            for (index, id) in promise.findings.iter().enumerate() {
                if !known.insert(id.clone()) {
                    let message = format!("the finding `{id}` is promised twice");
                    return self.refuse(&format!("{path}.findings[{index}]"), message, "keep one of the two");
                }
            }
            commitments.push(BaselineCommitment {
                due,
                why: promise.why,
                findings: promise.findings.into_iter().collect(),
            });
        }
        Ok(Baseline { taken, commitments })
    }
}
