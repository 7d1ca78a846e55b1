//! Crossbeam's queues, with the same work and the same consumer check as the other workers.
//!
//! Says what it has, then runs what standard input asks for: `CASE CANDIDATE ITEMS` a line.

mod harness;

use crossbeam_channel::{bounded, Receiver, Sender};
use crossbeam_queue::ArrayQueue;
use harness::{Item, Outcome, Queue, Words};
use std::io::{BufRead, Write};

impl<T: Item> Queue<T> for ArrayQueue<T> {
    fn with_capacity(capacity: usize) -> Self {
        ArrayQueue::new(capacity)
    }
    fn try_push(&self, item: T) -> bool {
        self.push(item).is_ok()
    }
    fn try_pop(&self) -> Option<T> {
        self.pop()
    }
}

struct Channel<T>(Sender<T>, Receiver<T>);

impl<T: Item> Queue<T> for Channel<T> {
    fn with_capacity(capacity: usize) -> Self {
        let (sender, receiver) = bounded(capacity);
        Channel(sender, receiver)
    }
    fn try_push(&self, item: T) -> bool {
        self.0.try_send(item).is_ok()
    }
    fn try_pop(&self) -> Option<T> {
        self.1.try_recv().ok()
    }
}

const CASES: [&str; 9] = [
    "spsc_8B", "spsc_64B", "mpmc_1p1c", "mpmc_2p1c", "mpmc_1p2c", "mpmc_2p2c", "mpmc_3p1c",
    "uncontended_ns", "round_trip_ns",
];

fn run<Q8: Queue<u64>, Q64: Queue<Words>>(case: &str, items: u64) -> Outcome {
    match case {
        "spsc_8B" => harness::transfer::<u64, Q8>(1, 1, items),
        "spsc_64B" => harness::transfer::<Words, Q64>(1, 1, items),
        "uncontended_ns" => harness::uncontended::<Q8>(items),
        "round_trip_ns" => harness::round_trip::<Q8>(items),
        _ => {
            let digit = |index: usize| u64::from(case.as_bytes()[index] - b'0');
            harness::transfer::<u64, Q8>(digit(5), digit(7), items)
        }
    }
}

fn main() {
    for case in CASES {
        println!("has {case} crossbeam::ArrayQueue\nhas {case} crossbeam::channel");
    }
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        let items = words[2].parse().expect("a number of items");
        let before = harness::probe();
        let outcome = match words[1] {
            "crossbeam::ArrayQueue" => run::<ArrayQueue<u64>, ArrayQueue<Words>>(words[0], items),
            "crossbeam::channel" => run::<Channel<u64>, Channel<Words>>(words[0], items),
            _ => std::process::exit(2),
        };
        let after = harness::probe();
        let (value, violations, lost) = (outcome.value, outcome.violations, harness::lost_share());
        println!("{value:.4} {before:.1} {after:.1} {violations} {lost:.4}");
        std::io::stdout().flush().expect("an open pipe");
    }
}
