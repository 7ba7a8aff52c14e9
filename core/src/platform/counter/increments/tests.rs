//! Attempts in every order that a small random scheduler finds, each step of each attempt by itself.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::FutureExt;

use super::*;
use crate::platform::RecentAttempts;
use crate::testing::test;

/// Repeatable randomness: an LCG, of which the upper half is good enough.
struct Dice(Cell<u64>);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        (self.0.get() >> 33) as usize % sides
    }
}

/// A store in which every operation takes a while.
struct Slow<'d> {
    values: RefCell<BTreeMap<CounterKey, i64>>,
    dice: &'d Dice,
    slowness: usize,
}

/// Not ready for some polls.
struct Wait(usize);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        match self.0.checked_sub(1) {
            None => Poll::Ready(()),
            Some(left) => {
                self.0 = left;
                Poll::Pending
            }
        }
    }
}

impl<'d> Slow<'d> {
    fn new(dice: &'d Dice, slowness: usize) -> Self {
        Self { values: RefCell::default(), dice, slowness }
    }

    fn after_a_while<T: 'static>(
        &self,
        key: &CounterKey,
        work: impl FnOnce(&mut BTreeMap<CounterKey, i64>, &CounterKey) -> T + 'static,
    ) -> LocalBoxFuture<'_, Result<T, CounterError>> {
        let key = key.clone();
        Box::pin(async move {
            Wait(self.dice.roll(self.slowness)).await;
            let done = work(&mut self.values.borrow_mut(), &key);
            Wait(self.dice.roll(self.slowness)).await;
            Ok(done)
        })
    }
}

impl Increments for Slow<'_> {
    fn add<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        self.after_a_while(key, |values, key| {
            let value = values.entry(key.clone()).or_insert(0);
            *value += 1;
            *value
        })
    }

    fn read<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
        self.after_a_while(key, |values, key| values.get(key).copied().unwrap_or(0))
    }

    fn remove<'a>(&'a self, key: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
        self.after_a_while(key, |values, key| {
            values.remove(key);
        })
    }
}

fn series() -> CounterSeries {
    CounterSeries::new("limit", "a", "b", Duration::from_secs(1))
}

/// Runs attempts at these times (ms) against an empty store, interleaved; returns what each saw.
fn interleaved(dice: &Dice, times: &[u64]) -> Vec<Attempts> {
    let (store, series) = (Slow::new(dice, 4), series());
    let mut seen: Vec<Option<Attempts>> = vec![None; times.len()];
    let mut running: Vec<_> =
        times.iter().enumerate().map(|(n, at)| (n, Box::pin(count_by_increments(&store, &series, Timestamp(*at))))).collect();
    while !running.is_empty() {
        let at = dice.roll(running.len());
        let (n, attempt) = &mut running[at];
        if let Poll::Ready(outcome) = attempt.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            seen[*n] = Some(outcome.unwrap().0);
            drop(running.swap_remove(at));
        }
    }
    seen.into_iter().flatten().collect()
}

fn admitted(seen: &[Attempts], limit: u64) -> usize {
    seen.iter().filter(|attempts| attempts.total() <= limit).count()
}

#[test]
fn inside_a_span_exactly_the_limit_are_admitted() {
    for seed in 0..200 {
        let dice = Dice(Cell::new(seed));
        let (count, limit) = (1 + dice.roll(40), 1 + dice.roll(20));
        let seen = interleaved(&dice, &vec![50_500; count]);
        assert_eq!(admitted(&seen, limit as u64), limit.min(count), "seed {seed}");
    }
}

#[test]
fn never_more_than_the_limit_within_reach() {
    for seed in 0..300 {
        let dice = Dice(Cell::new(seed));
        let (count, limit) = (1 + dice.roll(40), 1 + dice.roll(20));
        // Clocks that are wrong by up to a window, which is as far as spans reach.
        let times: Vec<u64> = (0..count).map(|_| 50_000 + dice.roll(11_000) as u64).collect();
        assert!(admitted(&interleaved(&dice, &times), limit as u64) <= limit, "seed {seed}");
    }
}

#[test]
fn at_the_end_of_a_span_too_few_by_those_that_were_under_way() {
    let mut fewer = 0;
    for seed in 0..300 {
        let dice = Dice(Cell::new(seed));
        let (count, limit) = (2 + dice.roll(40), 1 + dice.roll(20));
        let times: Vec<u64> = (0..count).map(|_| 50_900 + 100 * dice.roll(2) as u64).collect();
        let seen = interleaved(&dice, &times);
        let overtaken = seen.iter().zip(&times).filter(|(attempts, at)| **at == 50_900 && attempts.spans.iter().any(|(n, _)| *n == 51));
        let (overtaken, admitted) = (overtaken.count(), admitted(&seen, limit as u64));
        assert!(admitted <= limit && admitted + overtaken >= limit.min(count), "seed {seed}: {admitted} of {limit}, {overtaken} overtaken");
        fewer += usize::from(admitted < limit.min(count));
    }
    assert!(fewer > 0, "the bound is never needed");
}

#[test]
fn one_after_the_other_it_is_what_a_lock_would_give() {
    let (dice, series) = (Dice(Cell::new(1)), series());
    let (store, mut locked) = (Slow::new(&dice, 1), RecentAttempts::default());
    let mut at = 0;
    for _ in 0..2_000 {
        at += dice.roll(900) as u64 * if dice.roll(50) == 0 { 100 } else { 1 };
        let (attempts, first) = count_by_increments(&store, &series, Timestamp(at)).now_or_never().unwrap().unwrap();
        assert_eq!(attempts, locked.count(&series, Timestamp(at)));
        assert_eq!(first, attempts.spans.last().unwrap().1 == 1);
    }
}

#[test]
fn what_is_out_of_reach_is_removed() {
    let dice = Dice(Cell::new(1));
    let (store, series) = (Slow::new(&dice, 1), series());
    for second in 0..1_000 {
        count_by_increments(&store, &series, Timestamp::from_seconds(second)).now_or_never().unwrap().unwrap();
    }
    let names: Vec<_> = store.values.borrow().keys().map(|key| key.as_str().to_owned()).collect();
    assert_eq!(names.len(), KEPT as usize);
    assert!(names.iter().all(|name| !is_spent(name, Timestamp::from_seconds(999))), "{names:?}");
    assert!(names.iter().all(|name| is_spent(name, Timestamp::from_seconds(1_020))), "{names:?}");
}

#[test]
fn a_store_that_is_down_says_so() {
    struct Down;
    impl Increments for Down {
        fn add<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
            Box::pin(async { Ok(1) })
        }

        fn read<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<i64, CounterError>> {
            Box::pin(async { Err(CounterError("down".into())) })
        }

        fn remove<'a>(&'a self, _: &'a CounterKey) -> LocalBoxFuture<'a, Result<(), CounterError>> {
            Box::pin(async { Err(CounterError("down".into())) })
        }
    }
    let counted = count_by_increments(&Down, &series(), Timestamp(0)).now_or_never().unwrap();
    assert_eq!(counted.unwrap_err(), CounterError("down".into()), "what others did is not guessed");
}
