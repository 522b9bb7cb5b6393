//! Detente: a CI/CD security gate that answers *how*, not *no*.
//!
//! It reads what scanners wrote, judges it against a risk appetite that CIO and CISO agreed, and where a change goes
//! beyond it, offers complete plans to choose from. This page is the map of the code.
//!
//! ```text
//! reports ──ingest──▶ Report* ──correlate──▶ Inventory ─┐
//! feeds ──intel──▶ Knowledge* ──────────────────────────┤
//! appetite file, signatures ──appetite──▶ Appetite ─────┼─assess─▶ Assessment ──plan──▶ Plan ─┐
//! rules/**.yaml ──rules──▶ RuleSet ─────────────────────┤                                     ├▶ Brief ──render──▶ text ──forge──▶ comment, check run
//! git ──change──▶ Change ───────────────────────────────┘                                     ┘
//! ```
//!
//! Hub and spokes: stages know the vocabulary ([`model`]) and never each other; only [`commands`] know the stages. Imports
//! point one way and there are no circles (`tests/architecture.rs`).
//!
//! | where | what |
//! |---|---|
//! | [`model`] | the vocabulary: pure data, one concept a file |
//! | [`document`] | strict YAML with places to point at, for [`appetite`] and [`rules`] |
//! | [`ingest`] | bytes to reports; one file and one row for each format |
//! | [`correlate`] | reports to findings, each problem once, with its origin |
//! | [`change`] | what git says about the change, and files as they stand on the target branch |
//! | [`intel`] | CVSS, EPSS and known exploitation |
//! | [`rules`] | timeline tables, treatments and assumptions, as data |
//! | [`appetite`] | the appetite file, its signatures, its schema |
//! | [`assess`] | evidence, facts, time limits, exposure, tolerance rows, verdict |
//! | [`plan`] | work items, calendar, queue, options; the formulas to recompute every figure |
//! | [`signature`] | one SSH signature over bytes, with which agreements and decisions are signed |
//! | [`ledger`] | records of decisions, commitments and waivers, kept in git |
//! | [`follow`] | what the records come to: what is decided, promised, kept, waived |
//! | [`recompute`] | a published brief, computed again from its own parts |
//! | [`render`] | the brief for people and programs; one file and one row for each form |
//! | [`many`] | the same for many things, on all processors and in their order |
//! | [`hooks`] | the hook before a push, put in and taken out |
//! | [`forge`] | GitHub and GitLab: where a run stands, what is published there, and what people ask for |
//! | [`commands`], [`cli`], [`exit`] | the edge: the only place with a clock, an environment, a terminal |
//!
//! **Pure core.** Between reading and writing, the same inputs give the same bytes: time is passed in, maps are ordered.
//!
//! **Unknown is unknown.** What cannot be read, judged or dated is said to be so
//! ([`Verdict::Unresolved`](model::verdict::Verdict::Unresolved), [`Severity::Unknown`](model::severity::Severity::Unknown)),
//! and never passes for clean. Every figure carries its [`Basis`](model::basis::Basis).

#![allow(rustdoc::private_intra_doc_links, reason = "module pages tell their own story, private parts included")]

pub mod appetite;
pub mod assess;
pub mod change;
pub mod cli;
pub mod commands;
pub mod correlate;
pub mod document;
pub mod exit;
pub mod follow;
pub mod forge;
pub mod hooks;
pub mod ingest;
pub mod intel;
pub mod ledger;
pub mod many;
pub mod model;
pub mod plan;
pub mod recompute;
pub mod render;
pub mod rules;
pub mod signature;
