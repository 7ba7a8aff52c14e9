//! Requests that come and go, at times that the tests set.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;

use super::*;
use crate::platform::memory::{ManualClock, Memory, NoHttp};
use crate::platform::{Attempts, Capabilities, CounterKey, CounterStore, LocalBoxFuture, Precision};
use crate::testing::{Sevens, test};

/// A limit with leases of 100 s, at the beginning of one of them.
struct World {
    memory: Memory,
    platform: Platform,
    places: Places,
}

const START: Timestamp = Timestamp(1_000_000_000);

impl World {
    fn new(limit: u64) -> Self {
        let memory = Memory::new(START);
        let platform = memory.platform(Rc::new(NoHttp), Rc::new(Sevens), Capabilities::MEMORY);
        Self { memory, platform, places: Places { limit: NonZeroU64::new(limit).unwrap(), lease: Duration::from_secs(100) } }
    }

    fn series(&self) -> CounterSeries {
        self.places.series("a", "b")
    }

    fn enter(&self) -> Option<Permit> {
        self.places.enter(&self.platform, &self.series()).now_or_never().unwrap().unwrap()
    }

    /// At so many seconds.
    fn enter_at(&self, second: u64) -> Option<Permit> {
        self.memory.clock.set(START.plus(Duration::from_secs(second)));
        self.enter()
    }

    fn settle(&self) {
        self.memory.tasks.run().now_or_never().unwrap();
    }

    /// The counter of the lease that began so many leases after the first.
    fn sum(&self, lease: u64, by: i64) -> i64 {
        let first = self.series().number(START);
        Place::new(&self.platform, &self.series(), first).add(first + lease, by).now_or_never().unwrap().unwrap()
    }
}

#[test]
fn a_place_is_free_again_when_its_permit_is_dropped() {
    let world = World::new(2);
    let (one, two) = (world.enter(), world.enter());
    assert!(one.is_some() && two.is_some());
    assert!(world.enter().is_none() && world.enter().is_none(), "what is refused takes nothing");
    drop(one);
    assert!(world.enter().is_none(), "given back beside everything else");
    world.settle();
    let three = world.enter();
    assert!(three.is_some() && world.enter().is_none());
    drop((two, three));
    world.settle();
    world.settle();
    assert_eq!(world.sum(0, 0), 0, "each once");
}

#[test]
fn others_have_places_of_their_own() {
    let world = World::new(1);
    let enter = |owner: &str, principal: &str| {
        let series = world.places.series(owner, principal);
        world.places.enter(&world.platform, &series).now_or_never().unwrap().unwrap()
    };
    let held = [enter("a", "b"), enter("a", "c"), enter("c", "b")];
    assert!(held.iter().all(Option::is_some));
    assert!(enter("a", "b").is_none());
}

#[test]
fn a_place_is_kept_for_one_to_two_leases() {
    for (begun, still_taken, free) in [(0, 199, 200), (50, 199, 200), (99, 199, 200), (100, 299, 300)] {
        let world = World::new(1);
        let permit = world.enter_at(begun);
        assert!(permit.is_some());
        assert!(world.enter_at(still_taken).is_none(), "{begun}");
        assert!(world.enter_at(free).is_some(), "{begun}");
    }
}

#[test]
fn a_place_goes_back_to_the_lease_that_it_was_taken_in() {
    let world = World::new(1);
    let permit = world.enter_at(99);
    world.memory.clock.set(START.plus(Duration::from_secs(150)));
    drop(permit);
    world.settle();
    assert_eq!((world.sum(0, 0), world.sum(1, 0)), (0, 0));

    // When nobody looks any more, no counter is made anew.
    let permit = world.enter_at(150);
    world.memory.clock.set(START.plus(Duration::from_secs(400)));
    drop(permit);
    world.settle();
    assert_eq!(world.sum(1, 0), 1);
}

#[test]
fn a_request_that_goes_on_is_not_forgotten() {
    let world = World::new(1);
    let permit = world.enter_at(50).unwrap();
    permit.renew();
    for second in [120, 250, 399] {
        world.memory.clock.set(START.plus(Duration::from_secs(second)));
        permit.renew();
        permit.renew();
        world.settle();
    }
    assert_eq!([0, 1, 2, 3].map(|lease| world.sum(lease, 0)), [0, 0, 0, 1], "counted once");
    assert!(world.enter_at(499).is_none());
    // A clock that steps back changes nothing.
    world.memory.clock.set(START.plus(Duration::from_secs(299)));
    permit.renew();
    drop(permit);
    world.settle();
    assert_eq!([0, 1, 2, 3].map(|lease| world.sum(lease, 0)), [0, 0, 0, 0]);
}

#[test]
fn a_request_that_ends_while_it_moves_on_is_counted_nowhere() {
    // In either order of what is then done beside each other.
    for ends_first in [true, false] {
        let world = World::new(1);
        let permit = world.enter().unwrap();
        world.memory.clock.set(START.plus(Duration::from_secs(120)));
        let place = permit.0.clone().unwrap();
        let later = world.series().number(START) + 1;
        if ends_first {
            drop(permit);
            world.settle();
            place.move_on(later).now_or_never().unwrap();
        } else {
            permit.renew();
            drop(permit);
            world.settle();
        }
        assert_eq!((world.sum(0, 0), world.sum(1, 0)), (0, 0), "{ends_first}");
    }
}

#[test]
fn a_move_that_fails_leaves_the_request_where_it_was() {
    let mut world = World::new(2);
    let store = Rc::new(Failing { answers: Cell::new(3), sum: Cell::new(0) });
    world.platform.counters = store.clone();
    let permit = world.enter().unwrap();
    world.memory.clock.set(START.plus(Duration::from_secs(120)));
    permit.renew();
    world.settle();
    let place = permit.0.clone().unwrap();
    assert_eq!(place.lease.get(), world.series().number(START));
    assert!(world.memory.log.lines().iter().any(|line| line.contains("may be forgotten")));
    store.answers.set(1);
    drop(permit);
    world.settle();
    assert_eq!(store.sum.get(), 0);
}

#[test]
fn the_end_of_a_lease_looks_ahead() {
    let world = World::new(1);
    let ahead = world.enter_at(100);
    assert!(ahead.is_some());
    for (second, admitted) in [(90, false), (99, false), (89, true)] {
        assert_eq!(world.enter_at(second).is_some(), admitted, "{second}");
        world.settle();
    }
}

#[test]
fn counters_below_zero_admit_no_more() {
    for (before, own, limit, admitted) in [(-5, 0, 1, true), (-5, 1, 1, false), (0, -5, 1, true), (1, -5, 1, false), (-5, -5, 2, true)] {
        let world = World::new(limit);
        world.sum(0, before);
        world.sum(1, own);
        assert_eq!(world.enter_at(100).is_some(), admitted, "{before} {own}");
    }
    let world = World::new(u64::MAX);
    world.sum(0, i64::MAX - 1);
    world.sum(1, 5);
    assert!(world.enter_at(100).is_some(), "sums do not overflow");
}

/// A store in which something else happens before questions: the number of the question, the lease and what is added to it.
struct Meddled {
    inner: Rc<dyn CounterStore>,
    asked: Cell<usize>,
    script: Vec<(usize, CounterKey, i64)>,
    /// Polls before a question is answered.
    slowness: usize,
    /// What passes of the time with each question.
    takes: Duration,
    clock: Rc<ManualClock>,
}

impl World {
    /// From now on, all are asked through a store that is meddled with.
    fn meddle(&mut self, how: impl FnOnce(&mut Meddled)) {
        let (inner, clock) = (self.platform.counters.clone(), self.memory.clock.clone());
        let mut store = Meddled { inner, asked: Cell::new(0), script: Vec::new(), slowness: 0, takes: Duration::ZERO, clock };
        how(&mut store);
        self.platform.counters = Rc::new(store);
    }
}

impl CounterStore for Meddled {
    fn increment<'a>(&'a self, key: &'a CounterKey, by: i64, until: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            self.clock.advance(self.takes);
            for (_, key, by) in self.script.iter().filter(|(at, ..)| *at == self.asked.get()) {
                self.inner.increment(key, *by, until).await?;
            }
            self.asked.set(self.asked.get() + 1);
            for _ in 0..self.slowness {
                futures::pending!();
            }
            self.inner.increment(key, by, until).await
        })
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        self.inner.remove(key)
    }

    fn count<'a>(&'a self, series: &'a CounterSeries, now: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        self.inner.count(series, now)
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}

#[test]
fn a_request_that_moves_on_is_seen_at_any_moment() {
    for (second, questions) in [(105, 3), (150, 2), (195, 3)] {
        for comes in 0..=questions {
            for leaves in comes..=questions {
                let mut world = World::new(1);
                world.sum(0, 1);
                let (series, first) = (world.series(), world.series().number(START));
                let script = vec![(comes, series.counter(first + 1), 1), (leaves, series.counter(first), -1)];
                world.meddle(|store| store.script = script);
                assert!(world.enter_at(second).is_none(), "{second}: comes {comes}, leaves {leaves}");
            }
        }
    }
}

#[test]
fn on_both_sides_of_a_turn_no_more_are_admitted_than_the_limit() {
    let mut admitted = 0;
    // Every order in which the steps of two requests can follow one another.
    for order in 0..1_u32 << 12 {
        let mut world = World::new(1);
        world.meddle(|store| store.slowness = 1);
        let series = world.series();
        let clocks = [99, 100].map(|second| Memory::new(START.plus(Duration::from_secs(second))).clock);
        let platforms = clocks.map(|clock| Platform { clock, ..world.platform.clone() });
        let mut running = platforms.each_ref().map(|platform| Box::pin(world.places.enter(platform, &series)));
        let mut permits = [None, None];
        for step in 0..24 {
            let one = if step < 12 { (order >> step & 1) as usize } else { step % 2 };
            if permits[one].is_none() {
                permits[one] = running[one].as_mut().now_or_never().map(Result::unwrap);
            }
        }
        let count = permits.iter().filter(|permit| permit.as_ref().unwrap().is_some()).count();
        assert!(count <= 1, "{order:b}");
        admitted += count;
    }
    assert!(admitted > 0);
}

#[test]
fn a_store_that_takes_its_time_over_a_turn_hides_nobody() {
    for takes in [0, 3, 8, 20] {
        let mut world = World::new(1);
        let other = world.enter_at(215);
        assert!(other.is_some());
        world.meddle(|store| store.takes = Duration::from_secs(takes));
        // It begins before the turn is near, and the other one has begun after it.
        let entered = world.enter_at(185);
        assert_eq!(entered.is_none(), takes > 0, "{takes}");
    }
}

/// Answers some times, and then no more. All counters are one.
struct Failing {
    answers: Cell<u32>,
    sum: Cell<i64>,
}

impl CounterStore for Failing {
    fn increment<'a>(&'a self, _: &'a CounterKey, by: i64, _: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        Box::pin(async move {
            let left = self.answers.get().checked_sub(1).ok_or_else(|| CounterError("down".into()))?;
            self.answers.set(left);
            self.sum.set(self.sum.get() + by);
            Ok(self.sum.get())
        })
    }

    fn remove<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        Box::pin(async { Ok(()) })
    }

    fn count<'a>(&'a self, _: &'a CounterSeries, _: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
        Box::pin(async { Err(CounterError("not asked".into())) })
    }

    fn precision(&self) -> Precision {
        Precision::Exact
    }
}

#[test]
fn a_store_that_fails_leaves_nothing_taken_that_it_can_take_back() {
    // It fails at the first or second question: nothing was taken. At the third: what was taken is given back, once it answers again.
    for (answers, sum) in [(0, 0), (1, 0), (2, 0)] {
        let mut world = World::new(1);
        let store = Rc::new(Failing { answers: Cell::new(answers), sum: Cell::new(0) });
        world.platform.counters = store.clone();
        assert!(world.places.enter(&world.platform, &world.series()).now_or_never().unwrap().is_err());
        store.answers.set(10);
        world.settle();
        assert_eq!(store.sum.get(), sum, "{answers}");
    }
}

#[test]
fn a_place_that_cannot_be_given_back_is_logged() {
    let mut world = World::new(2);
    world.platform.counters = Rc::new(Failing { answers: Cell::new(3), sum: Cell::new(0) });
    drop(world.enter().unwrap());
    world.settle();
    let lines = world.memory.log.lines();
    assert!(lines.len() == 1 && lines[0].contains("until its lease is over"), "{lines:?}");
}

#[test]
fn a_caller_who_leaves_while_the_store_answers_holds_nothing() {
    /// Counts at once, and answers never.
    struct Silent(Cell<i64>);
    impl CounterStore for Silent {
        fn increment<'a>(&'a self, _: &'a CounterKey, by: i64, _: Timestamp) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
            Box::pin(async move {
                self.0.set(self.0.get() + by);
                if by > 0 { std::future::pending().await } else { Ok(self.0.get()) }
            })
        }

        fn remove<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
            Box::pin(async { Ok(()) })
        }

        fn count<'a>(&'a self, _: &'a CounterSeries, _: Timestamp) -> LocalBoxFuture<'a, Result<Attempts, CounterError>> {
            Box::pin(std::future::pending())
        }

        fn precision(&self) -> Precision {
            Precision::Exact
        }
    }
    let mut world = World::new(1);
    let store = Rc::new(Silent(Cell::new(0)));
    world.platform.counters = store.clone();
    assert!(world.places.enter(&world.platform, &world.series()).now_or_never().is_none());
    assert_eq!(store.0.get(), 1);
    world.settle();
    assert_eq!(store.0.get(), 0);
}
