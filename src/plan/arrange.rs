//! From what each item should do to a queue: who is due first is done first, and otherwise what saves most per hour.
//!
//! Items with a deadline that together ask for more hours than there are before it get a cheaper treatment, where that loses
//! least per hour, or lose their deadline (as the rule of Moore and Hodgson has it, the longest first). The queue is then
//! laid from its end: of the items that may still be done so late, the one that saves least per hour is last (Smith 1956).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::evaluate::{Place, Queue};
use super::problem::{Choice, Item, Problem};

/// What an item should do.
#[derive(Debug, Clone, Copy)]
pub struct Intent {
    /// Item and choice.
    pub place: Place,
    /// Whether it must be in effect at ship.
    pub by_ship: bool,
}

/// A queue, and where it was tight.
#[derive(Debug)]
pub struct Arranged {
    /// The queue.
    pub queue: Queue,
    /// Where treatments had to be made cheaper, from the first deadline on.
    pub tight: Vec<Tight>,
}

/// A deadline before which hours are short.
#[derive(Debug, Clone, Copy)]
pub struct Tight {
    /// Hours of queued work.
    pub deadline: f64,
    /// Points per day that the last hour won costs.
    pub rate: f64,
}

/// A place with what its order depends on.
#[derive(Debug, Clone, Copy)]
struct Task {
    intent: Intent,
    hours: f64,
    /// Hours of queued work by which it must be done.
    deadline: f64,
}

/// Lays a queue that is meant to ship on day `ship`.
pub fn arrange(problem: &Problem, intents: &[Intent], ship: f64) -> Arranged {
    let mut tasks: Vec<Task> = intents.iter().map(|&intent| task(problem, intent, ship)).collect();
    tasks
        .sort_unstable_by(|a, b| a.deadline.total_cmp(&b.deadline).then(a.intent.place.item.cmp(&b.intent.place.item)));
    let tight = make_fit(problem, &mut tasks, ship);
    let places = from_the_end(problem, tasks, ship);
    let marker = places.iter().rposition(|task| task.intent.by_ship).map_or(0, |last| last + 1);
    Arranged { queue: Queue { places: places.into_iter().map(|task| task.intent.place).collect(), marker }, tight }
}

fn chosen(problem: &Problem, place: Place) -> (&Item, &Choice) {
    let item = &problem.items[place.item];
    (item, &item.choices[place.choice])
}

fn task(problem: &Problem, intent: Intent, ship: f64) -> Task {
    let (item, choice) = chosen(problem, intent.place);
    let clock = &problem.clock;
    let by = |day: f64| if day < choice.lead { 0.0 } else { clock.hours_by(day - choice.lead + 1e-9) };
    let mut deadline = if intent.by_ship { by(ship) } else { f64::INFINITY };
    for due in &item.dues {
        // A release on the day itself is what counts, where there is one.
        let last = if choice.at_once || due.day <= ship { due.day } else { last_release(problem, due.day).max(ship) };
        let last = if due.introduced { last.max(ship) } else { last.max(0.0) };
        // One that has passed, or that no release meets, asks for nothing.
        if by(last) >= choice.hours && (choice.at_once || due.introduced || due.day >= ship) {
            deadline = deadline.min(by(last));
        }
    }
    Task { intent, hours: choice.hours, deadline }
}

fn last_release(problem: &Problem, day: f64) -> f64 {
    let releases = &problem.clock.calendar().releases;
    let next = releases.partition_point(|window| window.from <= day);
    next.checked_sub(1).map_or(f64::NEG_INFINITY, |last| day.min(releases[last].to))
}

/// A figure to order by, highest first, with what it is of.
struct Ranked<T>(f64, T);

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl<T> Eq for Ranked<T> {}
impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Sees to it that tasks in the order of their deadlines can keep them; what that took is [`Arranged::tight`].
fn make_fit(problem: &Problem, tasks: &mut [Task], ship: f64) -> Vec<Tight> {
    let mut tight: Vec<Tight> = Vec::new();
    let mut hours = 0.0;
    // Cheaper treatments of the tasks so far, by what an hour less costs.
    let mut cheaper: BinaryHeap<Ranked<(usize, usize)>> = BinaryHeap::new();
    let mut longest: BinaryHeap<Ranked<usize>> = BinaryHeap::new();
    for at in 0..tasks.len() {
        if tasks[at].deadline.is_infinite() {
            break;
        }
        hours += tasks[at].hours;
        offer_cheaper(problem, tasks, at, ship, &mut cheaper);
        longest.push(Ranked(tasks[at].hours, at));
        while hours > tasks[at].deadline + 1e-9 {
            if let Some(Ranked(value, (index, choice))) = cheaper.pop() {
                match tight.last_mut() {
                    Some(last) if last.deadline >= tasks[at].deadline => last.rate = last.rate.max(-value),
                    _ => tight.push(Tight { deadline: tasks[at].deadline, rate: -value }),
                }
                let new = &problem.items[tasks[index].intent.place.item].choices[choice];
                if new.hours < tasks[index].hours && tasks[index].deadline.is_finite() {
                    hours += new.hours - tasks[index].hours;
                    tasks[index].intent.place.choice = choice;
                    tasks[index].hours = new.hours;
                    offer_cheaper(problem, tasks, index, ship, &mut cheaper);
                }
            } else if let Some(Ranked(_, index)) = longest.pop() {
                // It is still done, when there is time for it.
                if tasks[index].deadline.is_finite() && !tasks[index].intent.by_ship {
                    hours -= tasks[index].hours;
                    tasks[index].deadline = f64::INFINITY;
                }
            } else {
                break;
            }
        }
    }
    tight
}

fn offer_cheaper(
    problem: &Problem,
    tasks: &[Task],
    at: usize,
    ship: f64,
    cheaper: &mut BinaryHeap<Ranked<(usize, usize)>>,
) {
    let task = &tasks[at];
    let (item, now) = chosen(problem, task.intent.place);
    for (index, choice) in item.choices.iter().enumerate() {
        let intent = Intent { place: Place { item: task.intent.place.item, choice: index }, ..task.intent };
        if choice.hours < now.hours - 1e-9 && self::task(problem, intent, ship).deadline >= task.deadline - 1e-6 {
            let loss = (rate(item, now) - rate(item, choice)) / (now.hours - choice.hours);
            cheaper.push(Ranked(-loss, (at, index)));
        }
    }
}

/// Points per day that a treatment saves.
fn rate(item: &Item, choice: &Choice) -> f64 {
    (1.0 - choice.residual) * (item.introduced + item.ambient)
}

/// The order of the tasks.
fn from_the_end(problem: &Problem, mut tasks: Vec<Task>, ship: f64) -> Vec<Task> {
    tasks
        .sort_unstable_by(|a, b| a.deadline.total_cmp(&b.deadline).then(a.intent.place.item.cmp(&b.intent.place.item)));
    let mut hours: f64 = tasks.iter().map(|task| task.hours).sum();
    let by_ship = problem.clock.hours_by(ship);
    // What an hour of it saves a day: of work that is done by ship and waits for it, nothing.
    let rank = |task: &Task, shipped: bool| {
        let (item, choice) = chosen(problem, task.intent.place);
        let open = if shipped {
            item.introduced + item.ambient
        } else if choice.at_once {
            item.ambient
        } else {
            0.0
        };
        -(1.0 - choice.residual) * open / task.hours.max(1e-6)
    };
    let mut shipped = hours > by_ship;
    let mut open: BinaryHeap<Ranked<Task>> = BinaryHeap::new();
    let mut order = Vec::with_capacity(tasks.len());
    loop {
        while tasks.last().is_some_and(|task| task.deadline >= hours - 1e-9) {
            open.extend(tasks.pop().map(|task| Ranked(rank(&task, shipped), task)));
        }
        let Some(next) = open.pop().map(|ranked| ranked.1).or_else(|| tasks.pop()) else { break };
        hours -= next.hours;
        order.push(next);
        if shipped && hours <= by_ship {
            shipped = false;
            open = open.into_iter().map(|ranked| Ranked(rank(&ranked.1, false), ranked.1)).collect();
        }
    }
    order.reverse();
    order
}
