//! The same work and the same consumer check for every Rust candidate.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const CAPACITY: usize = 1024;
const PRODUCER_SHIFT: u32 = 48;

mod c {
    #[link(name = "probe", kind = "static")]
    extern "C" {
        pub fn peers_pin(index: i32);
        pub fn peers_idle(threads: i32, attempts: i32);
        pub fn peers_round_trip_ns() -> f64;
        pub fn peers_now_ns() -> f64;
        pub fn peers_begin();
        pub fn peers_end() -> f64;
        pub fn peers_lost_share() -> f64;
    }
}

/// Nanoseconds of a raw round trip between the first two processors.
pub fn probe() -> f64 {
    // SAFETY: the function takes nothing and touches nothing of ours.
    unsafe { c::peers_round_trip_ns() }
}

/// The largest share, 0 to 1, that a thread of the last sample was without its processor.
pub fn lost_share() -> f64 {
    // SAFETY: as for probe.
    unsafe { c::peers_lost_share() }
}

fn now() -> f64 {
    // SAFETY: as for probe.
    unsafe { c::peers_now_ns() }
}

/// 64 bytes, every word of which says which item it is.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Words([u64; 8]);

pub trait Item: Copy + Send + 'static {
    fn make(value: u64) -> Self;
    fn value(&self) -> u64;
    fn torn(&self) -> bool;
}

impl Item for u64 {
    fn make(value: u64) -> Self {
        value
    }
    fn value(&self) -> u64 {
        *self
    }
    fn torn(&self) -> bool {
        false
    }
}

impl Item for Words {
    fn make(value: u64) -> Self {
        Words([value; 8])
    }
    fn value(&self) -> u64 {
        self.0[0]
    }
    fn torn(&self) -> bool {
        self.0.iter().fold(0, |all, word| all | (word ^ self.0[0])) != 0
    }
}

pub trait Queue<T>: Sync {
    fn with_capacity(capacity: usize) -> Self;
    fn try_push(&self, item: T) -> bool;
    fn try_pop(&self) -> Option<T>;
}

pub struct Outcome {
    /// Million operations a second, or nanoseconds.
    pub value: f64,
    pub violations: u64,
}

struct Waiting {
    threads: i32,
    attempts: i32,
}

impl Waiting {
    fn idle(&mut self) {
        // SAFETY: the function pauses or yields, nothing else.
        unsafe { c::peers_idle(self.threads, self.attempts) };
        self.attempts += 1;
    }
}

struct Check {
    sees_all: bool,
    last: [u64; 8],
    violations: u64,
    sum: u64,
}

impl Check {
    fn new(sees_all: bool) -> Self {
        Check { sees_all, last: [0; 8], violations: 0, sum: 0 }
    }

    #[inline(always)]
    fn take<T: Item>(&mut self, item: &T) {
        let value = item.value();
        let number = value & ((1 << PRODUCER_SHIFT) - 1);
        let last = &mut self.last[(value >> PRODUCER_SHIFT) as usize & 7];
        let follows = if self.sees_all { number == *last + 1 } else { number > *last };
        self.violations += u64::from(!follows | item.torn());
        *last = number;
        self.sum = self.sum.wrapping_add(value);
    }
}

/// Starts `count` pinned threads together and returns the nanoseconds until all have ended.
fn timed(count: u64, body: impl Fn(u64) + Sync) -> f64 {
    let ready = AtomicU64::new(0);
    let go = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|index| {
                let (ready, go, body) = (&ready, &go, &body);
                scope.spawn(move || {
                    // SAFETY: any index is allowed.
                    unsafe { c::peers_pin(index as i32) };
                    ready.fetch_add(1, Ordering::AcqRel);
                    while !go.load(Ordering::Acquire) {
                        std::thread::yield_now();
                    }
                    // SAFETY: as for probe; begin and end are one thread's.
                    unsafe { c::peers_begin() };
                    body(index);
                    unsafe { c::peers_end() }
                })
            })
            .collect();
        while ready.load(Ordering::Acquire) != count {
            std::thread::yield_now();
        }
        let began = now();
        go.store(true, Ordering::Release);
        let ends = threads.into_iter().map(|thread| thread.join().expect("no panic"));
        ends.fold(began, f64::max) - began
    })
}

fn push<T: Item, Q: Queue<T>>(queue: &Q, item: T, waiting: &mut Waiting) {
    while !queue.try_push(item) {
        waiting.idle();
    }
    waiting.attempts = 0;
}

fn pop<T: Item, Q: Queue<T>>(queue: &Q, waiting: &mut Waiting) -> T {
    loop {
        if let Some(item) = queue.try_pop() {
            waiting.attempts = 0;
            return item;
        }
        waiting.idle();
    }
}

/// Producers push `items` in all; each consumer takes an equal part.
pub fn transfer<T: Item, Q: Queue<T>>(producers: u64, consumers: u64, items: u64) -> Outcome {
    let unit = producers * consumers;
    let total = (items / unit).max(1) * unit;
    let queue = Q::with_capacity(CAPACITY);
    let (sum, violations) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = (producers + consumers) as i32;
    let duration = timed(producers + consumers, |index| {
        let mut waiting = Waiting { threads, attempts: 0 };
        if index < producers {
            for number in 1..=total / producers {
                push(&queue, T::make(index << PRODUCER_SHIFT | number), &mut waiting);
            }
            return;
        }
        let mut check = Check::new(consumers == 1);
        for _ in 0..total / consumers {
            check.take(&pop::<T, Q>(&queue, &mut waiting));
        }
        sum.fetch_add(check.sum, Ordering::AcqRel);
        violations.fetch_add(check.violations, Ordering::AcqRel);
    });
    let each = total / producers;
    let expected = (0..producers)
        .fold(0u64, |all, p| all.wrapping_add(each * (p << PRODUCER_SHIFT) + each * (each + 1) / 2));
    let differs = u64::from(sum.into_inner() != expected);
    Outcome { value: total as f64 * 1e3 / duration, violations: violations.into_inner() + differs }
}

/// Nanoseconds of a round trip over two queues.
pub fn round_trip<Q: Queue<u64>>(items: u64) -> Outcome {
    let (there, back) = (Q::with_capacity(CAPACITY), Q::with_capacity(CAPACITY));
    let violations = AtomicU64::new(0);
    let duration = timed(2, |index| {
        let mut waiting = Waiting { threads: 2, attempts: 0 };
        let mut check = Check::new(true);
        for number in 1..=items {
            if index == 0 {
                push(&there, number, &mut waiting);
                check.take(&pop::<u64, Q>(&back, &mut waiting));
            } else {
                let item = pop::<u64, Q>(&there, &mut waiting);
                push(&back, item, &mut waiting);
            }
        }
        violations.fetch_add(check.violations, Ordering::AcqRel);
    });
    Outcome { value: duration / items as f64, violations: violations.into_inner() }
}

/// Nanoseconds of a push and a pop by one thread.
pub fn uncontended<Q: Queue<u64>>(items: u64) -> Outcome {
    let queue = Q::with_capacity(CAPACITY);
    let violations = AtomicU64::new(0);
    let duration = timed(1, |_| {
        let mut waiting = Waiting { threads: 1, attempts: 0 };
        let mut check = Check::new(true);
        for number in 1..=items {
            push(&queue, number, &mut waiting);
            check.take(&pop::<u64, Q>(&queue, &mut waiting));
        }
        violations.fetch_add(check.violations, Ordering::AcqRel);
    });
    Outcome { value: duration / items as f64, violations: violations.into_inner() }
}
