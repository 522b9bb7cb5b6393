//! The model's brief → the wire's.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::appetite::Money;
use crate::model::assessment::{AssessedFinding, Due, Rate, RowResult};
use crate::model::basis::Range;
use crate::model::brief::{Brief, ReportSummary};
use crate::model::change::{AddedException, Change};
use crate::model::component::{Component, Fix};
use crate::model::effort::Effort;
use crate::model::finding::Suppressed;
use crate::model::option::{Commitment, Cost, Meanwhile, PlanOption, Planning, Point, Selection, Ships, Step, Waiver};
use crate::model::outlook::{Outlook, Spread};
use crate::model::service::Service;
use crate::model::standing::Standing;
use crate::model::work::{Treatment, WorkItem};

use super::super::dates::Dates;
use super::super::page;
use super::figure::{figure, finite};
use super::v1::{self, Word};

impl From<&Brief> for v1::Brief {
    fn from(brief: &Brief) -> Self {
        let dates = Dates::of(&brief.plan.planning);
        let findings = brief.assessment.findings.iter().map(|assessed| finding(assessed, &dates)).collect();
        self::brief(brief, findings, brief.plan.work.iter().map(work).collect())
    }
}

/// A brief with these lists of findings and of work.
pub fn brief<F, W>(brief: &Brief, findings: F, work: W) -> v1::Brief<F, W> {
    let (assessment, plan, appetite) = (&brief.assessment, &brief.plan, &brief.appetite);
    let dates = Dates::of(&plan.planning);
    v1::Brief {
        schema: v1::SCHEMA.to_owned(),
        now: assessment.now.to_string(),
        verdict: Word(assessment.verdict),
        unresolved_because: assessment.unresolved_because.clone(),
        notices: page::notices(brief),
        change: v1::Change {
            name: brief.change.name.clone(),
            head: brief.change.head.clone(),
            base: brief
                .change
                .base
                .as_ref()
                .map(|base| v1::Base { name: base.name.clone(), commit: base.commit.clone() }),
            files: brief.change.files.len(),
            unknown_because: brief.change.unknown_because.clone(),
            exceptions: exceptions(&brief.change),
        },
        reports: brief.reports.iter().map(report).collect(),
        coverage: assessment
            .coverage
            .iter()
            .map(|coverage| v1::Coverage {
                kind: Word(coverage.kind),
                state: Word(coverage.state),
                required: coverage.required,
                reports: coverage.reports.clone(),
                remark: coverage.remark.clone(),
            })
            .collect(),
        intel: brief.intel.clone(),
        appetite: v1::Appetite {
            sha256: appetite.sha256.to_string(),
            agreement: Word(appetite.agreement.state),
            signers: appetite.agreement.signers.clone(),
            remark: appetite.agreement.remark.clone(),
            name: appetite.name.clone(),
            origin: appetite.origin.clone(),
        },
        findings,
        suppressed: assessment.suppressed.iter().map(suppressed).collect(),
        tolerance: assessment.rows.iter().map(row).collect(),
        counterfactual: assessment.counterfactual.clone(),
        work,
        planning: planning(&plan.planning, &dates),
        options: plan.options.iter().map(|option| plan_option(option, &plan.planning, &dates)).collect(),
        merged_options: plan
            .merged
            .iter()
            .map(|merged| v1::Merged {
                names: merged.names.iter().copied().map(Word).collect(),
                why: merged.why.clone(),
            })
            .collect(),
        recommended: plan.recommended.map(Word),
        common_work: plan.common.clone(),
        selection: plan.selection.as_ref().map(selection),
        optimality: v1::Optimality { exact: plan.optimality.exact, gap: figure(plan.optimality.gap) },
        simulation: plan
            .simulation
            .map(|simulation| v1::Simulation { seed: simulation.seed.to_string(), runs: simulation.runs }),
        wish: plan.wished.as_ref().map(|wished| v1::Wished {
            ship_by: wished.wish.ship_by.map(|date| date.to_string()),
            max_effort: wished.wish.max_effort.map(figure),
            min_score: wished.wish.min_score.map(figure),
            met: wished.met,
            exact: wished.exact,
            says: wished.says.clone(),
            plan: plan_option(&wished.plan, &plan.planning, &dates),
        }),
        budget: plan.budget.as_ref().map(|budget| v1::Budget {
            quarter: budget.quarter.clone(),
            from: budget.from.to_string(),
            to: budget.to.to_string(),
            agreed: figure(budget.agreed),
            spent: figure(budget.spent),
            since: budget.since.to_string(),
            per_day: figure(budget.per_day),
            forecast: figure(budget.forecast),
        }),
        default: appetite.authority.default.as_ref().map(|default| v1::DefaultChoice {
            option: Word(default.option),
            after_hours: figure(default.after_hours),
            at: brief.default_at.map(|at| at.to_string()),
        }),
        next: brief.next.iter().map(|step| v1::Next { say: step.say.clone(), command: step.command.clone() }).collect(),
        decision: brief.standing.as_ref().map(decision),
    }
}

fn decision(standing: &Standing) -> v1::Decision {
    v1::Decision {
        state: Word(standing.state),
        option: Word(standing.option),
        approvals: standing
            .approvals
            .iter()
            .map(|approval| v1::Approval {
                who: approval.who.clone(),
                how: approval.how.to_owned(),
                roles: approval.roles.clone(),
                at: approval.at.to_string(),
                reason: approval.reason.clone(),
            })
            .collect(),
        decided_at: standing.decided_at.map(|at| at.to_string()),
        missing: standing.missing.clone(),
        void_because: standing.void_because.clone(),
        not_counted: standing.not_counted.clone(),
        first_verdict: standing.first_verdict.to_string(),
        hours_to_yes: standing.hours_to_yes.map(figure),
        commitments: standing
            .commitments
            .iter()
            .map(|(id, due)| v1::DecisionCommitment { id: id.clone(), due: due.to_string() })
            .collect(),
        record: standing.record.clone(),
    }
}

fn exceptions(change: &Change) -> Vec<v1::Exception> {
    let added = change.files.iter().flat_map(|(path, file)| file.exceptions.iter().map(move |added| (path, added)));
    let exception = |(path, added): (&String, &AddedException)| v1::Exception {
        path: path.clone(),
        line: added.line,
        tool: added.tool.clone(),
        text: added.text.clone(),
    };
    added.map(exception).collect()
}

fn report(report: &ReportSummary) -> v1::Report {
    v1::Report {
        path: report.path.clone(),
        format: report.format.clone(),
        tool: report.tool.clone(),
        tool_version: report.tool_version.clone(),
        sha256: report.sha256.to_string(),
        findings: report.findings,
        suppressed: report.suppressed,
        unread: report.unread,
        problems: report
            .problems
            .iter()
            .map(|problem| v1::Problem { message: problem.message.clone(), evidence_missing: problem.evidence_missing })
            .collect(),
    }
}

/// A finding as it is published.
pub fn finding(assessed: &AssessedFinding, dates: &Dates) -> v1::Finding {
    let (finding, knowledge) = (&assessed.finding, &assessed.knowledge);
    v1::Finding {
        id: finding.id.clone(),
        category: Word(finding.category),
        title: finding.title.clone(),
        severity: Word(assessed.severity.value),
        severity_basis: assessed.severity.basis.as_ref().map(|basis| basis.kind().to_owned()),
        severity_basis_source: assessed.severity.basis.as_ref().map(|basis| basis.source().to_owned()),
        cvss: knowledge.cvss.as_ref().map(|cvss| v1::Cvss {
            vector: cvss.vector.clone(),
            score: figure(cvss.score),
            version: cvss.version.clone(),
            source: cvss.source.clone(),
        }),
        identifiers: finding.identifiers.iter().map(ToString::to_string).collect(),
        cwe: finding.cwe.clone(),
        origin: Word(finding.origin),
        origin_evidence: finding.origin_evidence.clone(),
        sources: finding
            .sources
            .iter()
            .map(|source| v1::Source {
                tool: source.tool.clone(),
                rule: source.rule.clone(),
                report: source.report.clone(),
            })
            .collect(),
        locations: finding
            .locations
            .iter()
            .map(|location| v1::Location { path: location.path.clone(), line: location.line })
            .collect(),
        endpoint: finding.endpoint.as_ref().map(|endpoint| endpoint.url.clone()),
        endpoint_method: finding.endpoint.as_ref().and_then(|endpoint| endpoint.method.clone()),
        artefact: finding.artefact.clone(),
        component: finding.component.as_ref().map(component),
        verified: finding.verified,
        reachable: finding.reachable,
        epss: knowledge.epss.as_ref().map(|epss| figure(epss.probability)),
        epss_source: knowledge.epss.as_ref().map(|epss| epss.source.clone()),
        kev: knowledge.kev.as_ref().map(|kev| kev.listed),
        kev_source: knowledge.kev.as_ref().map(|kev| kev.source.clone()),
        confidence: finding.confidence.map(|confidence| confidence.as_str().to_owned()),
        published: finding.published.as_ref().map(|stated| stated.at.to_string()),
        fixed_since: finding.fixed_since.as_ref().map(|stated| stated.at.to_string()),
        ssvc: assessed.facts.ssvc.clone(),
        due: assessed.due.as_ref().map(|due| due_date(due, dates)),
        accepted: assessed.accepted.as_ref().map(|accepted| v1::Acceptance {
            waiver: accepted.waiver.clone(),
            until: accepted.until.to_string(),
            owner: accepted.owner.clone(),
            reason: accepted.reason.clone(),
        }),
        service: service(&assessed.service),
        rate: rate(&assessed.rate),
    }
}

fn component(component: &Component) -> v1::Component {
    v1::Component {
        purl: component.purl.clone(),
        ecosystem: component.ecosystem.clone(),
        name: component.name.clone(),
        version: component.version.clone(),
        fixed_in: match &component.fix {
            Fix::Unknown => None,
            Fix::NotAvailable => Some(Vec::new()),
            Fix::Available(versions) => Some(versions.clone()),
        },
        direct: component.direct,
    }
}

fn due_date(due: &Due, dates: &Dates) -> v1::Due {
    v1::Due {
        date: dates.date(due.at).to_string(),
        at: due.at.to_string(),
        table: due.limit.table.clone(),
        row: due.limit.row,
        outcome: due.limit.outcome.clone(),
        days: due.limit.days.map(figure),
        because: due
            .limit
            .because
            .iter()
            .map(|point| v1::DecisionPoint {
                key: point.key.to_owned(),
                value: point.value.clone(),
                rule: point.rule.clone(),
            })
            .collect(),
        clock: due.clock.clone(),
        began: due.began.as_ref().map(|began| v1::Began {
            clock: Word(began.clock),
            at: began.at.to_string(),
            source: began.source.clone(),
            agreed: Word(began.agreed),
            because: began.because.clone(),
        }),
        waivable: due.waivable,
    }
}

fn service(service: &Service) -> v1::Service {
    v1::Service {
        name: service.name.clone(),
        exposure: Word(service.exposure),
        criticality: Word(service.criticality),
        data: service.data.clone(),
        obligations: service.obligations.clone(),
        declared: service.declared,
    }
}

fn rate(rate: &Rate) -> v1::Rate {
    let words = |word: fn(&crate::model::basis::Basis) -> &str| -> BTreeMap<String, String> {
        rate.basis.iter().map(|(&part, basis)| (part.to_owned(), word(basis).to_owned())).collect()
    };
    v1::Rate {
        likely: figure(rate.points_per_day.likely),
        low: finite(rate.points_per_day.low),
        high: finite(rate.points_per_day.high),
        likelihood_per_day: figure(rate.likelihood_per_day.likely),
        likelihood_range: range(rate.likelihood_per_day),
        impact: figure(rate.impact.likely),
        impact_range: range(rate.impact),
        parts: rate.parts.iter().map(|(&part, &range)| (part.to_owned(), spread(range))).collect(),
        basis: words(|basis| basis.kind()),
        basis_source: words(|basis| basis.source()),
    }
}

fn spread(range: Range) -> v1::Spread {
    v1::Spread { low: figure(range.low), likely: figure(range.likely), high: figure(range.high) }
}

fn range(range: Range) -> v1::Range {
    v1::Range { low: finite(range.low), high: finite(range.high) }
}

fn suppressed(suppressed: &Suppressed) -> v1::Suppressed {
    v1::Suppressed {
        id: suppressed.finding.id.clone(),
        category: Word(suppressed.finding.category),
        title: suppressed.finding.title.clone(),
        severity: Word(suppressed.finding.severity),
        kind: suppressed.kind.clone(),
        reason: suppressed.reason.clone(),
    }
}

fn row(row: &RowResult) -> v1::Row {
    v1::Row {
        id: row.id.clone(),
        says: row.says.clone(),
        measured: row.measured,
        appetite: row.appetite,
        tolerance: row.tolerance,
        state: Word(row.state),
        before_ship: row.before_ship,
        findings: row.findings.clone(),
        accepted: row.accepted.clone(),
        undecided: row
            .undecided
            .iter()
            .map(|(id, facts)| (id.clone(), facts.iter().map(|&fact| fact.to_owned()).collect()))
            .collect(),
    }
}

/// A work item as it is published.
pub fn work(item: &WorkItem) -> v1::Work {
    v1::Work {
        id: item.id.clone(),
        title: item.title.clone(),
        findings: item.findings.clone(),
        treatments: item.treatments.iter().map(treatment).collect(),
    }
}

fn treatment(treatment: &Treatment) -> v1::Treatment {
    v1::Treatment {
        id: treatment.id.clone(),
        title: treatment.title.clone(),
        kind: Word(treatment.kind),
        effort_hours: effort(treatment.effort),
        uncalibrated_hours: treatment.uncalibrated.map(figure),
        takes_effect: Word(treatment.takes_effect),
        residual: figure(treatment.residual.likely),
        residual_range: range(treatment.residual),
        lead_days: figure(treatment.lead_days),
        basis: treatment.effort_basis.kind().to_owned(),
        basis_source: treatment.effort_basis.source().to_owned(),
        residual_basis: treatment.residual_basis.kind().to_owned(),
        residual_basis_source: treatment.residual_basis.source().to_owned(),
        disruption: treatment.disruption.as_ref().to_owned(),
        references: treatment.references.to_vec(),
        command: treatment.command.as_ref().map(|command| command.command.clone()),
        command_note: treatment.command.as_ref().map(|command| command.note.clone()).unwrap_or_default(),
    }
}

fn effort(effort: Effort) -> v1::Effort {
    v1::Effort { p50: figure(effort.p50), p90: figure(effort.p90) }
}

fn planning(planning: &Planning, dates: &Dates) -> v1::Planning {
    let capacity = &planning.capacity;
    v1::Planning {
        horizon_days: figure(planning.horizon_days),
        dated: planning.dated,
        capacity: v1::Capacity {
            engineers: figure(capacity.engineers),
            focus_hours: figure(capacity.focus_hours),
            basis: capacity.basis.kind().to_owned(),
            basis_source: capacity.basis.source().to_owned(),
        },
        hourly_rate: planning.hourly_rate.as_ref().map(money),
        cost_of_delay: planning.cost_of_delay.as_ref().map(|cost| money(&cost.per_day)),
        loss_per_point: planning.loss_per_point.as_ref().map(money),
        exposure_budget: planning.exposure_budget.map(figure),
        calendar_basis: capacity.basis.kind().to_owned(),
        time_zone: dates.zone_name().to_owned(),
        work_windows: planning
            .calendar
            .work
            .iter()
            .map(|window| v1::WorkWindow {
                from: figure(window.from),
                to: figure(window.to),
                hours: figure(window.hours),
            })
            .collect(),
        release_windows: planning
            .calendar
            .releases
            .iter()
            .map(|window| v1::ReleaseWindow { from: figure(window.from), to: finite(window.to) })
            .collect(),
    }
}

fn money(money: &Money) -> v1::Money {
    v1::Money { amount: figure(money.amount), currency: money.currency.clone() }
}

fn plan_option(option: &PlanOption, planning: &Planning, dates: &Dates) -> v1::PlanOption {
    let date = |at: Timestamp| planning.dated.then(|| dates.date(at).to_string());
    v1::PlanOption {
        name: Word(option.name),
        ships: ships(&option.ships, planning, dates),
        score: figure(option.score),
        score_range: range(option.score_range),
        outlook: Some(outlook(&option.outlook, planning, dates)),
        exposure: figure(option.exposure),
        baseline_exposure: figure(option.baseline_exposure),
        effort_hours: effort(option.effort),
        cost: option.cost.as_ref().map(cost),
        steps: option.steps.iter().map(step).collect(),
        open_at_ship: option.open_at_ship.clone(),
        state_at_ship: Word(option.state_at_ship),
        waivers: option.waivers.iter().map(|waiver| waiver.row.clone()).collect(),
        meanwhile: option.meanwhile.iter().map(meanwhile).collect(),
        waiver_dates: option.waivers.iter().map(|waiver| waiver_date(waiver, date(waiver.until))).collect(),
        commitments: option.commitments.iter().map(|promise| commitment(promise, planning, dates)).collect(),
        budget_share: option.budget_share.map(figure),
        approval: option.approval.clone(),
        pros: option.pros.clone(),
        cons: option.cons.clone(),
    }
}

fn outlook(outlook: &Outlook, planning: &Planning, dates: &Dates) -> v1::Outlook {
    let quantiles =
        |spread: Spread| v1::Quantiles { p10: finite(spread.p10), p50: finite(spread.p50), p90: finite(spread.p90) };
    let date = |at: Option<Timestamp>| at.filter(|_| planning.dated).map(|at| dates.date(at).to_string());
    v1::Outlook {
        ship_day: quantiles(outlook.ship_day),
        early_date: date(outlook.early),
        middle_date: date(outlook.middle),
        late_date: date(outlook.late),
        score: quantiles(outlook.score),
    }
}

fn selection(selection: &Selection) -> v1::Selection {
    let point = |point: Point| v1::Point {
        ship_day: figure(point.ship_day),
        exposure: figure(point.exposure),
        effort_hours: figure(point.effort_hours),
    };
    v1::Selection {
        fastest: point(selection.fastest),
        balanced: selection.balanced.map(point),
        most_secure: selection.most_secure.map(point),
        least_exposure: figure(selection.least_exposure),
        exposure_bound: figure(selection.exposure_bound),
        balanced_by: Word(selection.balanced_by),
        waivable: Some(v1::Waivable {
            fastest: selection.waivable.fastest,
            balanced: selection.waivable.balanced,
            most_secure: selection.waivable.most_secure,
        }),
    }
}

fn ships(ships: &Ships, planning: &Planning, dates: &Dates) -> v1::Ships {
    v1::Ships {
        day: figure(ships.day),
        date: planning.dated.then(|| dates.date(ships.at).to_string()),
        at: planning.dated.then(|| ships.at.to_string()),
        delay_working_days: ships.delay_working_days,
        hours_before_ship: figure(ships.hours_before_ship.p50),
        hours_before_ship_p90: figure(ships.hours_before_ship.p90),
    }
}

fn cost(cost: &Cost) -> v1::Cost {
    v1::Cost {
        total: figure(cost.total()),
        effort: figure(cost.effort),
        delay: figure(cost.delay),
        loss: figure(cost.loss),
        currency: cost.currency.clone(),
    }
}

fn meanwhile(way: &Meanwhile) -> v1::Meanwhile {
    v1::Meanwhile {
        work: way.work.clone(),
        treatment: treatment(&way.treatment),
        in_effect_day: figure(way.in_effect_day),
        until_day: figure(way.until_day),
    }
}

fn step(step: &Step) -> v1::Step {
    v1::Step {
        work: step.work.clone(),
        treatment: step.treatment.clone(),
        phase: Word(step.phase),
        hours: figure(step.effort.p50),
        hours_p90: figure(step.effort.p90),
        effect_day: step.effect.map(figure),
        done: step.done.map(figure),
    }
}

fn waiver_date(waiver: &Waiver, until: Option<String>) -> v1::Waiver {
    v1::Waiver { row: waiver.row.clone(), until_day: figure(waiver.until_day), until }
}

fn commitment(commitment: &Commitment, planning: &Planning, dates: &Dates) -> v1::Commitment {
    v1::Commitment {
        work: commitment.work.clone(),
        due: if planning.dated {
            v1::When::Date(dates.date(commitment.due).to_string())
        } else {
            v1::When::Day(figure(dates.day_of(commitment.due)))
        },
        at: planning.dated.then(|| commitment.due.to_string()),
    }
}
