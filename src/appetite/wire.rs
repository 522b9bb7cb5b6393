//! The shape of the appetite file, key by key. Private: what the values mean is checked in [`super::meaning`].
//!
//! The doc comments here are what the JSON Schema says, so that an editor can show them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::model::appetite::{IfUnknown, Level, OptionName};
use crate::model::category::Category;
use crate::model::service::{Criticality, NetworkExposure};
use crate::model::severity::Severity;

use super::clocks::Clocks;

/// Words of the file for an enumeration of the model.
macro_rules! words {
    ($(#[$doc:meta])* $word:ident for $model:ident: $($variant:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $word {
            $($variant),+
        }

        impl From<$word> for $model {
            fn from(word: $word) -> Self {
                match word {
                    $($word::$variant => Self::$variant),+
                }
            }
        }
    };
}

words! {
    /// Kind of finding, and of the test that looks for it.
    CategoryWord for Category: Dependency, Code, Secret, Configuration, Runtime, Container, Malware, Licence
}
words! {
    /// Appetite level, most careful first (UK Orange Book).
    LevelWord for Level: Averse, Minimal, Cautious, Open, Eager
}
words! {
    /// Severity.
    SeverityWord for Severity: Info, Low, Medium, High, Critical
}
words! {
    /// Who can reach a service over the network.
    ExposureWord for NetworkExposure: Internet, Internal, Isolated
}
words! {
    /// How much the organisation depends on a service.
    CriticalityWord for Criticality: Essential, Important, Supporting
}
words! {
    /// What a row does with a finding for which its condition depends on unknown facts.
    IfUnknownWord for IfUnknown: Unresolved, Count, Skip
}
words! {
    /// One of the three options.
    OptionWord for OptionName: Fastest, Balanced, MostSecure
}

/// The risk appetite that CIO and CISO agreed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Detente appetite file")]
pub(super) struct File {
    /// Version of this format: 1.
    #[allow(dead_code, reason = "checked before the rest is read")]
    pub(super) version: u64,
    /// Name of what the appetite governs.
    pub(super) name: String,
    /// The appetite in prose.
    #[serde(default)]
    pub(super) statement: String,
    /// Who agreed, and until when.
    pub(super) agreed: Option<Agreed>,
    /// Appetite level per category.
    #[serde(default)]
    pub(super) levels: BTreeMap<CategoryWord, LevelWord>,
    /// Services of the repository; the first match wins.
    #[serde(default)]
    pub(super) services: Vec<Service>,
    /// Timeline tables that set time limits.
    pub(super) timelines: Option<Timelines>,
    /// From when their days are counted; from when it was first found, if it is not said.
    pub(super) clocks: Option<Clocks>,
    /// Measurable rows under the appetite.
    pub(super) tolerance: Vec<Row>,
    /// What to assume where a report says nothing.
    #[serde(default)]
    pub(super) unknown: Unknown,
    /// Evidence that must be there.
    #[serde(default)]
    pub(super) coverage: Coverage,
    /// Exposure that may be spent.
    pub(super) budget: Option<Budget>,
    /// The delivery side.
    #[serde(default)]
    pub(super) delivery: Delivery,
    /// Who may approve which option at which verdict.
    #[serde(default)]
    pub(super) authority: Authority,
    /// Members of the roles.
    #[serde(default)]
    pub(super) roles: BTreeMap<String, Role>,
    /// Findings that were there when this was agreed.
    pub(super) baseline: Option<Baseline>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreed {
    /// First day on which it applies.
    pub(super) effective: String,
    /// Day by which it must be looked at again.
    pub(super) review_by: String,
    /// The two parties.
    pub(super) parties: Parties,
    /// To whom a stalled or overdue matter goes.
    pub(super) arbiter: Option<Arbiter>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Parties {
    /// Chief information officer: delivery.
    pub(super) cio: Party,
    /// Chief information security officer: security.
    pub(super) ciso: Party,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Party {
    /// The person's name.
    pub(super) name: String,
    /// Public SSH keys, as in an authorized-keys file.
    #[serde(default)]
    pub(super) keys: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arbiter {
    /// Role, such as `coo`.
    pub(super) role: String,
    /// The person's name.
    pub(super) name: String,
    /// Public SSH keys. With one of them the arbiter vouches for a party whose key is lost, or who has left.
    #[serde(default)]
    pub(super) keys: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    /// Name, unique within the file.
    pub(super) name: String,
    /// Globs over repository paths that belong to it.
    #[serde(default)]
    pub(super) paths: Vec<String>,
    /// Globs over image names that belong to it.
    #[serde(default)]
    pub(super) images: Vec<String>,
    /// Who can reach it.
    pub(super) exposure: ExposureWord,
    /// How much the organisation depends on it.
    pub(super) criticality: CriticalityWord,
    /// Kinds of data it handles, such as `cardholder`.
    #[serde(default)]
    pub(super) data: Vec<String>,
    /// Timeline tables that always apply to it and cannot be waived.
    #[serde(default)]
    pub(super) obligations: Vec<String>,
    /// Values of SSVC decision points in place of those that are derived, such as `automatable: "no"`.
    #[serde(default)]
    pub(super) decision_points: BTreeMap<String, String>,
}

/// Id of the default timeline table, or one per category.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
pub(super) enum Timelines {
    One(String),
    Several(BTreeMap<TimelineKey, String>),
}

/// `default`, or a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TimelineKey {
    Default,
    Dependency,
    Code,
    Secret,
    Configuration,
    Runtime,
    Container,
    Malware,
    Licence,
}

impl TimelineKey {
    /// The category, unless it is the default.
    pub(super) const fn category(self) -> Option<Category> {
        match self {
            Self::Default => None,
            Self::Dependency => Some(Category::Dependency),
            Self::Code => Some(Category::Code),
            Self::Secret => Some(Category::Secret),
            Self::Configuration => Some(Category::Configuration),
            Self::Runtime => Some(Category::Runtime),
            Self::Container => Some(Category::Container),
            Self::Malware => Some(Category::Malware),
            Self::Licence => Some(Category::Licence),
        }
    }
}

/// By hand, since a derived one could not say which key is wrong.
impl<'de> Deserialize<'de> for Timelines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrSeveral;

        impl<'de> Visitor<'de> for OneOrSeveral {
            type Value = Timelines;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the id of a timeline table, or a mapping of `default` and categories to ids")
            }

            fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<Timelines, E> {
                Ok(Timelines::One(id.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Timelines, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Timelines::Several)
            }
        }

        deserializer.deserialize_any(OneOrSeveral)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Id, unique within the file: letters, digits, `-`, `_` and `.`.
    pub(super) id: String,
    /// What it means, for people.
    #[serde(default)]
    pub(super) says: String,
    /// Condition in CEL over `finding.…` and `service.…`: which findings it counts.
    pub(super) when: String,
    /// Amber above this count; as `tolerance` if left out.
    pub(super) appetite: Option<u64>,
    /// Red above this count; a row without it can only be amber.
    pub(super) tolerance: Option<u64>,
    /// Whether a red row must be treated before ship. It cannot be waived.
    #[serde(default)]
    pub(super) before_ship: bool,
    /// What to do with a finding for which the condition depends on unknown facts.
    pub(super) if_unknown: Option<IfUnknownWord>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Unknown {
    /// Severity to judge by where no scanner states one, per category.
    #[serde(default)]
    pub(super) severity: BTreeMap<CategoryWord, SeverityWord>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Coverage {
    /// Kinds of test that must have run.
    #[serde(default)]
    pub(super) require: Vec<Required>,
    /// How old a report may be, such as `24h` or `7d`.
    pub(super) max_age: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Required {
    /// Kind of test.
    pub(super) kind: CategoryWord,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Budget {
    /// Exposure points.
    pub(super) exposure: f64,
    /// Period for which they are granted.
    #[allow(dead_code, reason = "there is only one, but the file says it")]
    pub(super) per: BudgetPeriod,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BudgetPeriod {
    Quarter,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    /// Who can work on it, and when.
    pub(super) capacity: Option<Capacity>,
    /// Periods without releases.
    #[serde(default)]
    pub(super) freezes: Vec<Freeze>,
    /// When releases happen.
    pub(super) releases: Option<Releases>,
    /// What an hour of work costs.
    pub(super) hourly_rate: Option<Money>,
    /// What delay costs.
    pub(super) cost_of_delay: Option<CostOfDelay>,
    /// What a point of exposure costs.
    pub(super) loss_per_point: Option<Money>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Capacity {
    /// Engineers who can work on it.
    pub(super) engineers: f64,
    /// Hours a day that each can really spend on it.
    pub(super) focus_hours: f64,
    /// Working days, such as `mon-fri` or `mon, tue, thu`.
    pub(super) week: Option<String>,
    /// Days without work.
    #[serde(default)]
    pub(super) holidays: Vec<String>,
    /// The working day, such as `09:00-17:00`.
    pub(super) hours: Option<String>,
    /// IANA time zone of the working day, such as `Europe/Berlin`.
    pub(super) time_zone: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Freeze {
    /// First day.
    pub(super) from: String,
    /// Last day.
    pub(super) to: String,
    /// Reason.
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Releases {
    /// How often.
    pub(super) cadence: CadenceWord,
    /// Weekday of a weekly release, such as `tue`.
    pub(super) on: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CadenceWord {
    Continuous,
    Daily,
    Weekly,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Money {
    /// Amount in units of the currency.
    pub(super) amount: f64,
    /// ISO 4217 code, such as `EUR`.
    pub(super) currency: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CostOfDelay {
    /// Amount in units of the currency.
    pub(super) amount: f64,
    /// ISO 4217 code, such as `EUR`.
    pub(super) currency: String,
    /// Calendar time that costs this much.
    pub(super) per: DelayPeriod,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DelayPeriod {
    Day,
    Week,
}

/// Roles that may approve each option.
pub(super) type Approvers = BTreeMap<OptionWord, Vec<String>>;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Authority {
    /// Who may approve while every row is within appetite.
    pub(super) within_appetite: Option<Approvers>,
    /// Who may approve while some row is amber.
    pub(super) within_tolerance: Option<Approvers>,
    /// Who may approve while some row is red.
    pub(super) beyond_tolerance: Option<Approvers>,
    /// Who may approve while evidence is missing.
    pub(super) unresolved: Option<Approvers>,
    /// What takes effect if nobody chooses.
    pub(super) default: Option<DefaultChoice>,
    /// What changes while a commitment is overdue, until it is back on track.
    pub(super) overdue: Option<Overdue>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Overdue {
    /// The option that is not offered meanwhile.
    pub(super) withhold: Withheld,
}

/// There is always another way to ship than the one that promises most for later.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Withheld {
    Fastest,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultChoice {
    /// The option.
    pub(super) option: OptionWord,
    /// After how many working hours, such as `4h`.
    pub(super) after: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    /// Logins of people on GitHub, and teams as `organisation/team`.
    #[serde(default)]
    pub(super) github: Vec<String>,
    /// Names of people on GitLab, and groups by their whole path.
    #[serde(default)]
    pub(super) gitlab: Vec<String>,
    /// Public SSH keys.
    #[serde(default)]
    pub(super) keys: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    /// Day on which they were taken stock of.
    pub(super) taken: String,
    /// By when they are promised to be treated.
    pub(super) commitments: Vec<Commitment>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Commitment {
    /// Day by which the findings are treated.
    pub(super) due: String,
    /// Where the day comes from.
    #[serde(default)]
    pub(super) why: String,
    /// Ids of the findings, as `detente gate` shows them.
    pub(super) findings: Vec<String>,
}
