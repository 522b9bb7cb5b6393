//! What CEL itself does not check: names and types, before a condition ever meets a finding.
//!
//! CEL is dynamically typed, and its `&&` and `||` pass over an error on the side that does not matter. A misspelt
//! fact, or a severity compared with the text `"high"`, would therefore go unnoticed and simply never match. This
//! walk over the syntax tree gives every part a type and refuses what can never be meant.
//!
//! It also keeps conditions within what can be judged exactly when a fact is unknown: a figure such as
//! `finding.epss` may only be compared with numbers written out. Between two such numbers a condition cannot change
//! its outcome, so that trying one value from each interval tries them all.

use std::collections::{BTreeMap, BTreeSet};

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use super::super::facts::{FACTS, FactKind, Scale};
use super::super::spelling::nearest;
use super::environment::environment;
use super::error::ConditionError;
use super::parse::positions;

/// What a condition refers to.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Indices into [`FACTS`].
    pub(super) facts: BTreeSet<usize>,
    /// The numbers with which each figure is compared, by index into [`FACTS`].
    pub(super) breaks: BTreeMap<usize, Vec<f64>>,
}

/// Checks that `root`, the syntax tree of `text`, names only known facts, is well typed, and yields true or false.
pub(super) fn check(root: &IdedExpr, text: &str) -> Result<References, ConditionError> {
    let mut checker = Checker { text, scope: Vec::new(), references: References::default() };
    let outcome = checker.type_of(root)?;
    if outcome != Type::Truth {
        return Err(checker.error(root, format!("a condition must be true or false, and this is {}", outcome.name())));
    }
    Ok(checker.references)
}

const FUNCTIONS: [&str; 10] =
    ["contains", "startsWith", "endsWith", "matches", "size", "exists", "exists_one", "all", "filter", "map"];

#[derive(Debug, Clone, PartialEq)]
enum Type {
    Truth,
    Whole,
    Fraction,
    /// A step of one of these scales.
    Step(&'static [Scale]),
    Text,
    /// A fact with a fixed vocabulary, by index into [`FACTS`].
    Word(usize),
    /// A figure that can be unknown, by index into [`FACTS`].
    Figure(usize),
    List(Box<Type>),
    /// Element of an empty list.
    Anything,
}

impl Type {
    fn name(&self) -> &'static str {
        match self {
            Self::Truth => "true or false",
            Self::Whole | Self::Fraction | Self::Figure(_) => "a number",
            Self::Step([Scale::Severity]) => "a severity",
            Self::Step([Scale::Confidence]) => "a confidence",
            Self::Step(_) => "a step of a scale",
            Self::Text | Self::Word(_) => "text",
            Self::List(_) => "a list",
            Self::Anything => "anything",
        }
    }

    fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Word(_) | Self::Anything)
    }

    /// The type of something that is either of the two; `None` if they have nothing in common.
    fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Figure(_), _) | (_, Self::Figure(_)) => None,
            (Self::Anything, known) | (known, Self::Anything) => Some(known),
            (Self::Step(a), Self::Step(b)) if a == b => Some(Self::Step(a)),
            (Self::Step([_, _]), Self::Step(one)) | (Self::Step(one), Self::Step([_, _])) => Some(Self::Step(one)),
            (Self::Whole | Self::Fraction, Self::Fraction) | (Self::Fraction, Self::Whole) => Some(Self::Fraction),
            (a, b) if a.is_text() && b.is_text() => Some(Self::Text),
            (Self::List(a), Self::List(b)) => a.join(*b).map(|element| Self::List(Box::new(element))),
            (a, b) if a == b => Some(a),
            _ => None,
        }
    }
}

struct Checker<'a> {
    text: &'a str,
    /// Variables of the comprehensions around, innermost last.
    scope: Vec<(String, Type)>,
    references: References,
}

impl Checker<'_> {
    fn error(&self, at: &IdedExpr, message: impl Into<String>) -> ConditionError {
        // Calls and selections are marked at their operator; the reader looks for where they begin.
        let mut first = at;
        while let Expr::Select(SelectExpr { operand, .. }) = &first.expr {
            first = operand;
        }
        let found = positions(self.text).and_then(|positions| positions.offset_for(first.id));
        let offset = found.map_or(0, |(start, _)| start as usize);
        ConditionError { message: message.into(), offset }
    }

    fn type_of(&mut self, at: &IdedExpr) -> Result<Type, ConditionError> {
        match &at.expr {
            Expr::Literal(literal) => self.literal(at, literal),
            Expr::Ident(name) => self.variable(at, name),
            Expr::Select(select) => self.fact(at, select),
            Expr::List(list) => {
                let mut element = Type::Anything;
                for item in &list.elements {
                    let kind = self.plain(item)?;
                    let (was, is) = (element.name(), kind.name());
                    element = element
                        .join(kind)
                        .ok_or_else(|| self.error(item, format!("a list of {was} cannot also hold {is}")))?;
                }
                Ok(Type::List(Box::new(element)))
            }
            Expr::Call(call) => self.call(at, call),
            Expr::Comprehension(comprehension) => self.comprehension(at, comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(self.error(at, "maps and structures have no use in a condition"))
            }
        }
    }

    /// The type of something that is used other than in a direct comparison: a figure is not allowed there.
    fn plain(&mut self, at: &IdedExpr) -> Result<Type, ConditionError> {
        match self.type_of(at)? {
            Type::Figure(fact) => Err(self.error(
                at,
                format!(
                    "`{0}` can only be compared directly with a number written out, as in `{0} >= 0.5`",
                    FACTS[fact].name
                ),
            )),
            kind => Ok(kind),
        }
    }

    fn literal(&self, at: &IdedExpr, literal: &LiteralValue) -> Result<Type, ConditionError> {
        match literal {
            LiteralValue::Boolean(_) => Ok(Type::Truth),
            LiteralValue::Int(_) | LiteralValue::UInt(_) => Ok(Type::Whole),
            LiteralValue::Double(_) => Ok(Type::Fraction),
            LiteralValue::String(_) => Ok(Type::Text),
            LiteralValue::Null => Err(self.error(
                at,
                "a fact is never null: leave the test out; a condition that depends on an unknown fact is itself \
                 unknown, and `if_unknown` says what follows",
            )),
            LiteralValue::Bytes(_) => Err(self.error(at, "bytes have no use in a condition")),
        }
    }

    fn variable(&self, at: &IdedExpr, name: &str) -> Result<Type, ConditionError> {
        if let Some((_, kind)) = self.scope.iter().rev().find(|(variable, _)| variable == name) {
            return Ok(kind.clone());
        }
        if let Some(scales) = scales_of(name) {
            return Ok(Type::Step(scales));
        }
        if is_subject(name) {
            return Err(self.error(
                at,
                format!("`{name}` by itself says nothing; name one of its facts, such as `{}`", example_of(name)),
            ));
        }
        // `severity` most likely means `finding.severity`.
        let short = FACTS.iter().find(|fact| fact.name.split_once('.').is_some_and(|(_, field)| field == name));
        let guess = short.map(|fact| fact.name).or_else(|| {
            let constants = [Scale::Severity, Scale::Confidence].into_iter().flat_map(Scale::steps);
            nearest(name, constants.map(|&(name, _)| name).chain(FACTS.iter().map(|fact| fact.name)))
        });
        Err(self.error(at, unknown("name", name, guess, "`detente appetite facts` lists what there is")))
    }

    fn fact(&mut self, at: &IdedExpr, select: &SelectExpr) -> Result<Type, ConditionError> {
        let Expr::Ident(subject) = &select.operand.expr else {
            return Err(self.error(at, format!("`.{}` can only follow `finding` or `service`", select.field)));
        };
        if self.scope.iter().any(|(variable, _)| variable == subject) {
            return Err(self.error(at, format!("`{subject}` has no part `{}`", select.field)));
        }
        let name = format!("{subject}.{}", select.field);
        let Some(index) = FACTS.iter().position(|fact| fact.name == name) else {
            // The right word of the other subject beats a similar word of the same one.
            let fields = || FACTS.iter().filter_map(|fact| fact.name.split_once('.'));
            let guess = fields().find(|&(_, field)| field == select.field).or_else(|| {
                let near = nearest(&select.field, fields().filter(|(of, _)| of == subject).map(|(_, field)| field))
                    .or_else(|| nearest(&select.field, fields().map(|(_, field)| field)))?;
                fields().filter(|&(_, field)| field == near).max_by_key(|(of, _)| of == subject)
            });
            let guess = guess.map(|(of, field)| format!("{of}.{field}"));
            let guess = guess.as_deref();
            return Err(self.error(at, unknown("fact", &name, guess, "`detente appetite facts` lists what there is")));
        };
        if select.test {
            return Err(self.error(
                at,
                format!(
                    "`has({name})` is not needed: a condition that depends on an unknown fact is itself unknown, and \
                     `if_unknown` says what follows"
                ),
            ));
        }
        self.references.facts.insert(index);
        Ok(match FACTS[index].kind {
            FactKind::Truth => Type::Truth,
            FactKind::Scale(Scale::Severity) => Type::Step(&[Scale::Severity]),
            FactKind::Scale(Scale::Confidence) => Type::Step(&[Scale::Confidence]),
            FactKind::Word(_) => Type::Word(index),
            FactKind::Number { .. } => Type::Figure(index),
            FactKind::Text => Type::Text,
            FactKind::Texts => Type::List(Box::new(Type::Text)),
            FactKind::Numbers => Type::List(Box::new(Type::Whole)),
        })
    }

    fn truth(&mut self, at: &IdedExpr) -> Result<(), ConditionError> {
        match self.plain(at)? {
            Type::Truth | Type::Anything => Ok(()),
            other => Err(self.error(at, format!("this must be true or false, and is {}", other.name()))),
        }
    }

    fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Result<Type, ConditionError> {
        let operands: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), operands.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR, [left, right]) => {
                self.truth(left)?;
                self.truth(right)?;
                Ok(Type::Truth)
            }
            (operators::LOGICAL_NOT | operators::NOT_STRICTLY_FALSE, [operand]) => {
                self.truth(operand)?;
                Ok(Type::Truth)
            }
            (operators::CONDITIONAL, [test, yes, no]) => {
                self.truth(test)?;
                let (yes_kind, no_kind) = (self.plain(yes)?, self.plain(no)?);
                let message = format!("one side is {}, the other {}", yes_kind.name(), no_kind.name());
                yes_kind.join(no_kind).ok_or_else(|| self.error(no, message))
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => self.compare(at, left, right, false),
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => self.compare(at, left, right, true),
            (operators::IN, [item, list]) => self.membership(item, list),
            (operators::NEGATE, [operand]) if literal_number(operand).is_some() => self.type_of(operand),
            // Lists and counts are joined by the expansion of `filter`, `map` and `exists_one`.
            (operators::ADD, [left, right]) => match (self.plain(left)?, self.plain(right)?) {
                (Type::Whole, Type::Whole) => Ok(Type::Whole),
                (Type::List(a), Type::List(b)) => {
                    let joined = a.join(*b).ok_or_else(|| self.error(right, "the lists hold different things"))?;
                    Ok(Type::List(Box::new(joined)))
                }
                _ => Err(self.error(at, "conditions compare facts; they do not calculate")),
            },
            (
                operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO | operators::NEGATE,
                _,
            ) => {
                operands.iter().try_for_each(|operand| self.plain(operand).map(drop))?;
                Err(self.error(at, "conditions compare facts; they do not calculate"))
            }
            (operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT, _) => {
                Err(self.error(at, "an element that may not be there cannot be picked; use `in` or `.exists(x, …)`"))
            }
            ("size", [operand]) => match self.plain(operand)? {
                Type::List(_) => Ok(Type::Whole),
                kind if kind.is_text() => Ok(Type::Whole),
                other => Err(self.error(operand, format!("{} has no size", other.name()))),
            },
            ("contains" | "startsWith" | "endsWith" | "matches", [target, argument]) if call.target.is_some() => {
                for operand in [target, argument] {
                    let kind = self.plain(operand)?;
                    if !kind.is_text() {
                        let hint = if matches!(kind, Type::List(_)) { "; for a list say `\"x\" in list`" } else { "" };
                        let message = format!("`{}` works on text, and this is {}{hint}", call.func_name, kind.name());
                        return Err(self.error(operand, message));
                    }
                }
                if call.func_name == "matches" {
                    self.pattern(argument)?;
                }
                Ok(Type::Truth)
            }
            (name, _) => {
                let why = if FUNCTIONS.contains(&name) {
                    format!("`{name}` is not used like this; {}", usage_of(name))
                } else {
                    unknown("function", name, nearest(name, FUNCTIONS), &format!("there are {}", FUNCTIONS.join(", ")))
                };
                let mut error = self.error(at, why);
                // A call is marked at its parenthesis; the name before it is what is meant.
                if self.text.get(..error.offset).is_some_and(|before| before.ends_with(name)) {
                    error.offset -= name.len();
                }
                Err(error)
            }
        }
    }

    fn compare(
        &mut self,
        at: &IdedExpr,
        left: &IdedExpr,
        right: &IdedExpr,
        ordered: bool,
    ) -> Result<Type, ConditionError> {
        let (left_kind, right_kind) = (self.type_of(left)?, self.type_of(right)?);
        match (&left_kind, &right_kind) {
            (Type::Figure(fact), _) => self.figure(*fact, right)?,
            (_, Type::Figure(fact)) => self.figure(*fact, left)?,
            (Type::Word(fact), kind) if !ordered && kind.is_text() => self.word(*fact, right)?,
            (kind, Type::Word(fact)) if !ordered && kind.is_text() => self.word(*fact, left)?,
            _ => {
                let Some(joined) = left_kind.clone().join(right_kind.clone()) else {
                    return Err(self.error(at, cannot_compare(&left_kind, &right_kind)));
                };
                if ordered && !matches!(joined, Type::Whole | Type::Fraction | Type::Step(_)) {
                    return Err(self.error(at, format!("{} has no order; use `==` or `in`", joined.name())));
                }
            }
        }
        Ok(Type::Truth)
    }

    fn membership(&mut self, item: &IdedExpr, list: &IdedExpr) -> Result<Type, ConditionError> {
        let item_kind = self.type_of(item)?;
        let list_kind = self.type_of(list)?;
        let Type::List(element) = list_kind else {
            return Err(self.error(list, format!("`in` needs a list on its right, and this is {}", list_kind.name())));
        };
        let written_out = if let Expr::List(list) = &list.expr { list.elements.as_slice() } else { &[] };
        match item_kind {
            Type::Figure(fact) if written_out.is_empty() => self.figure(fact, list)?,
            Type::Figure(fact) => written_out.iter().try_for_each(|element| self.figure(fact, element))?,
            Type::Word(fact) if element.is_text() => {
                written_out.iter().try_for_each(|element| self.word(fact, element))?;
            }
            other => {
                let message = cannot_compare(&other, &element);
                if other.join(*element).is_none() {
                    return Err(self.error(item, message));
                }
            }
        }
        Ok(Type::Truth)
    }

    /// Notes that a figure is compared with `other`, which must be a number written out and within reach.
    fn figure(&mut self, fact: usize, other: &IdedExpr) -> Result<(), ConditionError> {
        let name = FACTS[fact].name;
        let Some(number) = literal_number(other) else {
            return Err(self.error(other, format!("`{name}` can only be compared with a number written out")));
        };
        let kind = FACTS[fact].kind;
        if let FactKind::Number { least, most } = kind
            && !(least..=most).contains(&number)
        {
            return Err(self.error(other, format!("`{name}` goes from {}; {number} is beyond that", kind.values())));
        }
        self.references.breaks.entry(fact).or_default().push(number);
        Ok(())
    }

    /// Checks a text that is compared with a fact of a fixed vocabulary, if it is written out.
    fn word(&self, fact: usize, other: &IdedExpr) -> Result<(), ConditionError> {
        let (FactKind::Word(words), Expr::Literal(LiteralValue::String(text))) = (FACTS[fact].kind, &other.expr) else {
            return Ok(());
        };
        if words.contains(&text.inner()) {
            return Ok(());
        }
        let guess = nearest(text.inner(), words.iter().copied())
            .map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"));
        let message = format!(
            "`{}` is never \"{}\"; it is one of {}{guess}",
            FACTS[fact].name,
            text.inner(),
            FACTS[fact].kind.values()
        );
        Err(self.error(other, message))
    }

    fn pattern(&self, at: &IdedExpr) -> Result<(), ConditionError> {
        let Expr::Literal(LiteralValue::String(_)) = &at.expr else {
            return Err(self.error(at, "the pattern of `matches` must be written out"));
        };
        let empty = IdedExpr { id: 0, expr: Expr::Literal(LiteralValue::String(String::new().into())) };
        let trial = IdedExpr {
            id: 0,
            expr: Expr::Call(CallExpr {
                func_name: "matches".to_owned(),
                target: Some(Box::new(empty)),
                args: vec![at.clone()],
            }),
        };
        cel::Value::resolve(&trial, &cel::Context::with_env(environment()))
            .map(drop)
            .map_err(|error| self.error(at, format!("not a regular expression: {error}")))
    }

    fn comprehension(&mut self, at: &IdedExpr, over: &ComprehensionExpr) -> Result<Type, ConditionError> {
        let range = self.plain(&over.iter_range)?;
        let Type::List(element) = range else {
            return Err(self.error(&over.iter_range, format!("this must be a list, and is {}", range.name())));
        };
        if over.iter_var2.is_some() || is_subject(&over.iter_var) || scales_of(&over.iter_var).is_some() {
            return Err(self.error(at, "choose one plain variable, as in `.exists(x, …)`"));
        }
        let start = self.plain(&over.accu_init)?;
        let depth = self.scope.len();
        self.scope.push((over.iter_var.clone(), *element));
        self.scope.push((over.accu_var.clone(), start.clone()));
        self.truth(&over.loop_cond)?;
        let step = self.plain(&over.loop_step)?;
        self.scope.truncate(depth + 1);
        let joined = start.join(step).ok_or_else(|| self.error(at, "this must be true or false for each element"))?;
        self.scope.push((over.accu_var.clone(), joined));
        let result = self.plain(&over.result);
        self.scope.truncate(depth);
        result
    }
}

fn is_subject(name: &str) -> bool {
    matches!(name, "finding" | "service")
}

fn example_of(subject: &str) -> &'static str {
    if subject == "service" { "service.exposure" } else { "finding.severity" }
}

fn scales_of(constant: &str) -> Option<&'static [Scale]> {
    let has = |scale: Scale| scale.steps().iter().any(|&(name, _)| name == constant);
    match (has(Scale::Severity), has(Scale::Confidence)) {
        (true, true) => Some(&[Scale::Severity, Scale::Confidence]),
        (true, false) => Some(&[Scale::Severity]),
        (false, true) => Some(&[Scale::Confidence]),
        (false, false) => None,
    }
}

fn literal_number(at: &IdedExpr) -> Option<f64> {
    match &at.expr {
        // Beyond 2^53 a whole number is out of reach of every figure; what it is rounded to does not matter.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        Expr::Literal(LiteralValue::Int(value)) => Some(i64::from(*value) as f64),
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        Expr::Literal(LiteralValue::UInt(value)) => Some(u64::from(*value) as f64),
        Expr::Literal(LiteralValue::Double(value)) => Some(f64::from(*value)),
        Expr::Call(call) if call.func_name == operators::NEGATE => literal_number(call.args.first()?).map(|n| -n),
        _ => None,
    }
}

fn unknown(what: &str, name: &str, guess: Option<&str>, otherwise: &str) -> String {
    match guess {
        Some(guess) => format!("there is no {what} `{name}`; did you mean `{guess}`?"),
        None => format!("there is no {what} `{name}`; {otherwise}"),
    }
}

fn cannot_compare(left: &Type, right: &Type) -> String {
    let message = format!("{} cannot be compared with {}", left.name(), right.name());
    let step =
        [left, right].into_iter().find_map(|kind| if let Type::Step([scale]) = kind { Some(scale) } else { None });
    match step {
        Some(scale) => {
            let names: Vec<_> = scale.steps().iter().map(|&(name, _)| name).collect();
            format!("{message}; use {} without quotes", names.join(", "))
        }
        None => message,
    }
}

fn usage_of(function: &str) -> &'static str {
    match function {
        "contains" => "say `text.contains(\"part\")`",
        "startsWith" => "say `text.startsWith(\"part\")`",
        "endsWith" => "say `text.endsWith(\"part\")`",
        "matches" => "say `text.matches(\"pattern\")`",
        "size" => "say `list.size()`",
        "filter" => "say `list.filter(x, …)`",
        "map" => "say `list.map(x, …)`",
        "all" => "say `list.all(x, …)`",
        "exists_one" => "say `list.exists_one(x, …)`",
        _ => "say `list.exists(x, …)`",
    }
}
