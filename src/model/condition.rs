//! Conditions in CEL over [`Facts`], compiled once, evaluated in three-valued logic.
//!
//! **Unknown facts.** A condition is evaluated for every way in which the unknown facts that it names could turn out
//! (supervaluation). If the outcome is the same each time, it is known: `finding.kev || finding.severity >= HIGH`
//! holds for a critical finding whether or not the finding is in KEV, and `x || !x` always holds. If not, the outcome
//! is unknown, and the facts that make the difference are named. This is exact, since the check at load allows only
//! conditions that can tell finitely many classes of values apart.
//!
//! **Speed.** Findings are many and conditions are few, and most conditions ask only for facts with few values.
//! Their outcomes are remembered by the classes of the facts that they name, and by the weaknesses, of which a project
//! has few.

mod axis;
mod check;
mod environment;
mod error;
mod parse;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use cel::common::ast::IdedExpr;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Value};

use super::facts::{FACTS, Fact, FactKind, Facts, Scale};
use axis::Axis;
use environment::environment;
pub use error::ConditionError;

/// Longest condition that is read, in bytes.
const MOST_TEXT: usize = 4096;
/// Ways in which unknown facts can turn out that are tried at most; beyond it, the outcome is unknown.
const MOST_COMPLETIONS: usize = 4096;
/// Outcomes that are remembered at most.
const MOST_REMEMBERED: usize = 4096;

/// A compiled condition. Cheap to clone.
#[derive(Clone)]
pub struct Condition(Arc<Compiled>);

struct Compiled {
    text: String,
    expression: IdedExpr,
    /// Indices into [`FACTS`] of the facts that the condition names.
    facts: Vec<usize>,
    /// Those of them that can be unknown.
    axes: Vec<Axis>,
    /// Outcomes by the classes of the facts and by the numbers (of weaknesses); `None` if the condition also names texts.
    remembered: Option<RwLock<Memory>>,
}

/// Outcomes that are remembered, and how many they are.
#[derive(Default)]
struct Memory {
    outcomes: BTreeMap<u64, HashMap<Box<[u32]>, Truth>>,
    count: usize,
}

/// Outcome of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds whatever the unknown facts are.
    True,
    /// It does not hold, whatever the unknown facts are.
    False,
    /// It depends on facts that are not known; their names, sorted.
    Unknown(Vec<&'static str>),
}

impl Condition {
    /// Compiles `text` and checks that it names only known facts, is well typed, and yields a boolean.
    pub fn compile(text: &str) -> Result<Self, ConditionError> {
        let refuse = |message: &str| Err(ConditionError { message: message.to_owned(), offset: 0 });
        if text.trim().is_empty() {
            return refuse("the condition is empty; say `true` for one that always holds");
        }
        if text.len() > MOST_TEXT {
            return refuse("the condition is longer than 4,096 bytes");
        }
        let expression = parse::parse(text)?;
        let references = check::check(&expression, text)?;
        let mut breaks = references.breaks;
        let facts: Vec<usize> = references.facts.into_iter().collect();
        let axes: Vec<Axis> =
            facts.iter().filter_map(|&fact| Axis::of(fact, breaks.remove(&fact).unwrap_or_default())).collect();
        let others = facts.iter().filter(|&&fact| !axes.iter().any(|axis| axis.fact == fact));
        let numbers: Vec<bool> = others.map(|&fact| FACTS[fact].kind == FactKind::Numbers).collect();
        let remembered = matches!(numbers.as_slice(), [] | [true]).then(RwLock::default);
        let condition = Self(Arc::new(Compiled { text: text.to_owned(), expression, facts, axes, remembered }));
        condition.try_out()?;
        Ok(condition)
    }

    /// The condition as written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Names of the facts that the condition asks for, in the order of [`FACTS`].
    pub fn facts(&self) -> impl Iterator<Item = &'static str> {
        self.0.facts.iter().map(|&fact| FACTS[fact].name)
    }

    /// Evaluates the condition.
    pub fn evaluate(&self, facts: &Facts) -> Truth {
        let compiled = &*self.0;
        let mut binding = Binding { values: compiled.facts.iter().map(|&at| (at, (FACTS[at].read)(facts))).collect() };
        let Some((memory, key)) = compiled.remembered.as_ref().zip(compiled.key(&binding)) else {
            return compiled.supervaluate(&mut binding);
        };
        let (class, numbers) = key;
        let known = memory.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(truth) = known.outcomes.get(&class).and_then(|outcomes| outcomes.get(numbers)) {
            return truth.clone();
        }
        drop(known);
        let truth = compiled.supervaluate(&mut binding);
        let mut memory = memory.write().unwrap_or_else(PoisonError::into_inner);
        if memory.count < MOST_REMEMBERED {
            memory.count += 1;
            memory.outcomes.entry(class).or_default().insert(numbers.into(), truth.clone());
        }
        truth
    }

    /// Runs it once on made-up facts, so that what the check cannot foresee is refused at load and not met in a gate.
    fn try_out(&self) -> Result<(), ConditionError> {
        let texts = ["sample".to_owned()];
        let value = |at: usize| {
            let axis = self.0.axes.iter().find(|axis| axis.fact == at).and_then(|axis| axis.values.last().copied());
            axis.unwrap_or(match FACTS[at].kind {
                FactKind::Texts => Fact::Texts(&texts),
                FactKind::Numbers => Fact::Numbers(&[79]),
                _ => Fact::Text("sample"),
            })
        };
        let binding = Binding { values: self.0.facts.iter().map(|&at| (at, Some(value(at)))).collect() };
        self.0.run(&binding).map(drop).map_err(|message| ConditionError { message, offset: 0 })
    }
}

impl Compiled {
    /// What an outcome is remembered by: the class of each fact, or that it is unknown, and the numbers.
    fn key<'v>(&self, binding: &Binding<'v>) -> Option<(u64, &'v [u32])> {
        // The axes come in the order of the facts.
        let mut axes = self.axes.iter().peekable();
        let (mut key, mut numbers) = (0_u64, &[][..]);
        for &(fact, value) in &binding.values {
            match axes.next_if(|axis| axis.fact == fact) {
                Some(axis) => {
                    let class = value.map_or(Some(0), |value| axis.class(value).map(|class| class + 1))?;
                    key = key.checked_mul(axis.classes() + 1)?.checked_add(class)?;
                }
                None => match value {
                    Some(Fact::Numbers(listed)) => numbers = listed,
                    _ => return None,
                },
            }
        }
        Some((key, numbers))
    }

    /// Evaluates for every way in which the unknown facts could turn out.
    fn supervaluate(&self, binding: &mut Binding<'_>) -> Truth {
        let unknown: Vec<(usize, &Axis)> = binding
            .values
            .iter()
            .enumerate()
            .filter(|(_, (_, value))| value.is_none())
            .filter_map(|(slot, &(at, _))| Some((slot, self.axes.iter().find(|axis| axis.fact == at)?)))
            .collect();
        let all = || Truth::Unknown(sorted(unknown.iter().map(|(_, axis)| FACTS[axis.fact].name)));
        let completions = unknown.iter().try_fold(1_usize, |product, (_, axis)| product.checked_mul(axis.values.len()));
        let Some(completions) = completions.filter(|&count| count <= MOST_COMPLETIONS) else { return all() };
        let mut outcomes = Vec::with_capacity(completions);
        for completion in 0..completions {
            let mut rest = completion;
            for &(slot, axis) in &unknown {
                binding.values[slot].1 = Some(axis.values[rest % axis.values.len()]);
                rest /= axis.values.len();
            }
            match self.run(binding) {
                Ok(outcome) => outcomes.push(outcome),
                // What cannot be computed is not known to be false.
                Err(_) => return all(),
            }
        }
        match outcomes.as_slice() {
            [first, rest @ ..] if rest.iter().all(|outcome| outcome == first) => {
                if *first {
                    Truth::True
                } else {
                    Truth::False
                }
            }
            _ => Truth::Unknown(sorted(deciding(&unknown, &outcomes))),
        }
    }

    fn run(&self, binding: &Binding<'_>) -> Result<bool, String> {
        let mut context = Context::with_env(environment());
        context.set_variable_resolver(binding);
        match Value::resolve(&self.expression, &context) {
            Ok(Value::Bool(outcome)) => Ok(outcome),
            Ok(_) => Err("a condition must be true or false".to_owned()),
            Err(error) => Err(format!("cannot be computed: {error}")),
        }
    }
}

/// The unknown facts that make a difference: those of which two values give different outcomes, all else equal.
fn deciding(unknown: &[(usize, &Axis)], outcomes: &[bool]) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut stride = 1;
    for (_, axis) in unknown {
        let values = axis.values.len();
        // Completions that differ in this fact alone lie `stride` apart.
        let differs = (0..outcomes.len()).any(|at| {
            let first = at - (at / stride % values) * stride;
            outcomes[at] != outcomes[first]
        });
        if differs {
            names.push(FACTS[axis.fact].name);
        }
        stride *= values;
    }
    names
}

fn sorted(names: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_unstable();
    names
}

/// The values of the facts that a condition names.
struct Binding<'a> {
    values: Vec<(usize, Option<Fact<'a>>)>,
}

impl VariableResolver for Binding<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(&(_, value)) = self.values.iter().find(|&&(at, _)| FACTS[at].name == name) {
            return value.map(as_cel);
        }
        let steps = [Scale::Severity, Scale::Confidence].into_iter().flat_map(Scale::steps);
        steps.into_iter().find(|(step, _)| *step == name).map(|&(_, value)| CowVal::owned(CelInt::from(value)))
    }
}

fn as_cel(fact: Fact<'_>) -> CowVal<'_, '_> {
    fn boxed<'v>(value: impl Val + 'v) -> Box<dyn Val + 'v> {
        Box::new(value)
    }
    match fact {
        Fact::Truth(value) => CowVal::owned(CelBool::from(value)),
        Fact::Step(value) => CowVal::owned(CelInt::from(value)),
        Fact::Number(value) => CowVal::owned(CelDouble::from(value)),
        Fact::Text(value) => CowVal::owned(CelString::from(value)),
        Fact::Texts(values) => {
            let items: Vec<_> = values.iter().map(|value| boxed(CelString::from(value.as_str()))).collect();
            CowVal::owned(CelList::from(items))
        }
        Fact::Numbers(values) => {
            let items: Vec<_> = values.iter().map(|&value| boxed(CelInt::from(i64::from(value)))).collect();
            CowVal::owned(CelList::from(items))
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({})", self.0.text)
    }
}

#[cfg(test)]
mod tests;
