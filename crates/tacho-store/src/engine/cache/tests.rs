use std::collections::HashMap;
use std::time::Instant;

use proptest::prelude::*;
use tacho_core::record::RecordType;
use tacho_core::time::{TimeRange, Timestamp};
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::engine::Epochs;
use crate::engine::holds::{HOLD, Holds};
use crate::{Change, Lsn, Retracted, Target};

const LIFE: Duration = Duration::from_secs(300);

fn organization() -> OrganizationId {
    OrganizationId::from_bytes([3; 16])
}

fn answers(as_of_lsn: Lsn) -> Answers<Answered> {
    Answers {
        answers: Vec::new(),
        as_of: Timestamp::MIN,
        as_of_lsn,
        from_cache: false,
    }
}

/// What stands for an asker who says nothing, whatever the clock shows.
fn held(holds: &Holds, committed: Lsn, at: Instant) -> Held {
    holds.at(organization(), HOLD, committed, Timestamp::MIN, at)
}

/// What stands where nothing else was ever asked.
fn first_held(committed: Lsn) -> Held {
    held(&Holds::default(), committed, Instant::now())
}

fn changed(lsn: Lsn) -> Epoch {
    Epoch { rebuilds: 0, lsn }
}

/// What has not changed keeps its key whatever is committed; what changes gets another, once in a hold.
#[test]
fn a_key_moves_on_with_what_matters_to_it() {
    let cache = AnswerCache::new(1_000_000, LIFE);
    let (scope, start) = (Scope::all(organization()), Instant::now());
    let holds = Holds::default();
    let key = |changed, committed, seconds| {
        let at = start + Duration::from_secs(seconds);
        cache.key(&scope, "a", changed, held(&holds, committed, at))
    };
    let old = key(changed(3), 10, 0);
    assert_eq!(old.epoch.lsn, 3);
    assert_eq!(key(changed(3), 11, 1), old);
    assert_eq!(key(changed(3), 5_000, 1_000), old);
    let held = key(changed(5_001), 5_001, 1_001);
    assert_eq!(held.epoch.lsn, 5_000);
    assert_eq!(key(changed(5_020), 5_030, 1_004), held);
    assert_eq!(key(changed(5_020), 5_030, 1_005).epoch.lsn, 5_020);
    let rebuilt = Epoch { rebuilds: 1, lsn: 3 };
    assert_ne!(key(rebuilt, 5_030, 1_005), old);
}

#[tokio::test]
async fn what_is_asked_at_once_is_read_once() {
    let cache = AnswerCache::new(1_000_000, LIFE);
    let key = |text: &str| {
        let scope = Scope::all(organization());
        cache.key(&scope, text, changed(7), first_held(7))
    };
    let reads = AtomicU64::new(0);
    let read = || async {
        reads.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok(answers(7))
    };
    let (one, other) = tokio::join!(cache.get(key("a"), read()), cache.get(key("a"), read()));
    assert_ne!(one.unwrap().1, other.unwrap().1);
    assert!(!cache.get(key("a"), read()).await.unwrap().1);
    assert!(cache.get(key("b"), read()).await.unwrap().1);
    assert_eq!(reads.into_inner(), 2);
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses), (2, 2));
}

#[tokio::test]
async fn what_lags_or_fails_is_not_kept() {
    let cache = AnswerCache::new(1_000_000, LIFE);
    let key = || {
        let scope = Scope::owned(organization(), vec!["ada".into()]);
        cache.key(&scope, "a", changed(7), first_held(7))
    };
    let lagging = async { Ok(answers(6)) };
    assert!(cache.get(key(), lagging).await.unwrap().1);
    let failing = async { Err(EngineError::Lost) };
    assert!(cache.get(key(), failing).await.is_err());
    let in_part = async {
        Ok(Answers {
            answers: vec![Err(EngineError::Lost)],
            ..answers(7)
        })
    };
    assert!(cache.get(key(), in_part).await.unwrap().1);
    assert!(cache.get(key(), async { Ok(answers(7)) }).await.unwrap().1);
    assert!(!cache.get(key(), async { Ok(answers(7)) }).await.unwrap().1);
}

/// Where records of the model change something: a type, and a month.
const PLACES: [(RecordType, &str); 5] = [
    (RecordType::Workflow, "2026-11-01T00:00:00Z"),
    (RecordType::Cost, "2025-01-01T00:00:00Z"),
    (RecordType::Cost, "2025-02-01T00:00:00Z"),
    (RecordType::Cost, "2026-11-01T00:00:00Z"),
    (RecordType::Step, "2026-11-01T00:00:00Z"),
];

/// The places that questions of the model ask about. All depend on the workflows, too.
const QUESTIONS: [&[usize]; 5] = [&[1], &[3], &[1, 2], &[3, 4], &[4]];

/// Something that happens in the model.
#[derive(Clone, Debug)]
enum Step {
    /// Records are acknowledged that change something in these places.
    Commit(Vec<usize>),
    /// The next records are merged to be applied: all but so many that are acknowledged.
    Merge(usize),
    /// What was merged is applied.
    Apply,
    /// What was merged is not applied, and will be merged anew.
    Fail,
    /// The store is set aside, and made anew from the journal.
    Rebuild,
    /// Time goes by, in milliseconds.
    Wait(u64),
    /// A question is asked; what was merged may be applied between asking and reading.
    Ask(usize, bool),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec(0..PLACES.len(), 1..3).prop_map(Step::Commit),
        3 => (0..3usize).prop_map(Step::Merge),
        3 => Just(Step::Apply),
        1 => Just(Step::Fail),
        1 => prop::bool::weighted(0.2).prop_map(|is| if is { Step::Rebuild } else { Step::Apply }),
        3 => prop_oneof![0..400u64, 4_000..7_000u64].prop_map(Step::Wait),
        8 => (0..QUESTIONS.len(), prop::bool::weighted(0.2)).prop_map(|(question, is_slow)| Step::Ask(question, is_slow)),
    ]
}

/// What a question is answered: how often the store has been made anew, and the last record that matters to it.
type Content = (u64, Lsn);

/// Journal, store and cache of one organization.
struct World {
    cache: AnswerCache,
    holds: Holds,
    epochs: Epochs,
    runtime: Runtime,
    start: Instant,
    now: Duration,
    /// The place that each record changes, in the order of their positions, which begin at 1.
    journal: Vec<usize>,
    merged: Option<Lsn>,
    applied: Lsn,
    rebuilds: u64,
    /// Up to where a store made anew must get before it is read.
    whole_from: Lsn,
    /// Up to where the journal went at what times, and how the store was.
    commits: Vec<(Duration, Lsn)>,
    stores: Vec<(Duration, u64, Lsn)>,
}

impl World {
    fn new() -> Self {
        Self {
            cache: AnswerCache::new(1_000_000, LIFE),
            holds: Holds::default(),
            epochs: Epochs::default(),
            runtime: Builder::new_current_thread().build().unwrap(),
            start: Instant::now(),
            // Late enough that a hold could have begun before everything.
            now: 2 * HOLD,
            journal: Vec::new(),
            merged: None,
            applied: 0,
            rebuilds: 0,
            whole_from: 0,
            commits: vec![(Duration::ZERO, 0)],
            stores: vec![(Duration::ZERO, 0, 0)],
        }
    }

    fn committed(&self) -> Lsn {
        self.journal.len() as Lsn
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Commit(places) => {
                self.journal.extend(places);
                self.commits.push((self.now, self.committed()));
            }
            Step::Merge(left) => {
                let up_to = self.committed().saturating_sub(left as Lsn);
                if up_to > self.applied {
                    let change = self.change(up_to);
                    self.epochs.note(organization(), &change);
                    self.merged = Some(up_to);
                }
            }
            Step::Apply => {
                if let Some(up_to) = self.merged.take() {
                    self.applied = up_to;
                    self.stores.push((self.now, self.rebuilds, up_to));
                }
            }
            Step::Fail => self.merged = None,
            Step::Rebuild => {
                self.epochs.note_rebuild(organization());
                self.rebuilds += 1;
                (self.merged, self.applied, self.whole_from) = (None, 0, self.committed());
                self.stores.push((self.now, self.rebuilds, 0));
            }
            Step::Wait(ms) => self.now += Duration::from_millis(ms),
            Step::Ask(question, is_slow) => self.ask(question, is_slow)?,
        }
        Ok(())
    }

    fn change(&self, up_to: Lsn) -> Change {
        let records = &self.journal[self.applied as usize..up_to as usize];
        let touched = records.iter().map(|place| {
            let (record_type, month) = PLACES[*place];
            Retracted {
                target: Target {
                    record_type,
                    is_open: false,
                },
                lsn: 0,
                event_time: month.parse().unwrap(),
            }
        });
        Change {
            applied_lsn: up_to,
            retracted: touched.collect(),
            rows: Vec::new(),
        }
    }

    /// What a store of which that much is applied would answer.
    fn content(&self, question: usize, rebuilds: u64, applied: Lsn) -> Content {
        let records = (1..).zip(&self.journal[..applied as usize]);
        let matters = |place: &usize| *place == 0 || QUESTIONS[question].contains(place);
        let last = records.filter(|(_, place)| matters(place)).last();
        (rebuilds, last.map_or(0, |(lsn, _)| lsn))
    }

    fn ask(&mut self, question: usize, is_slow: bool) -> Result<(), TestCaseError> {
        let ranges = QUESTIONS[question].iter().map(|place| {
            let (record_type, month) = PLACES[*place];
            let start: Timestamp = month.parse().unwrap();
            let end = start.plus_micros(1_000_000);
            (record_type, TimeRange { start, end })
        });
        let key = self.cache.key(
            &Scope::all(organization()),
            &question.to_string(),
            self.epochs.of(organization(), ranges),
            held(&self.holds, self.committed(), self.start + self.now),
        );
        let before = self.content(question, self.rebuilds, self.applied);
        if is_slow {
            self.take(Step::Apply)?;
        }
        let fresh = self.content(question, self.rebuilds, self.applied);
        let is_whole = self.applied >= self.whole_from;
        let read = async {
            is_whole.then_some(()).ok_or(EngineError::Lost)?;
            Ok(Answers {
                answers: Vec::new(),
                as_of: Timestamp::from_micros((fresh.0 * 1_000_000 + fresh.1) as i64),
                as_of_lsn: self.applied,
                from_cache: false,
            })
        };
        let Ok((kept, is_read)) = self.runtime.block_on(self.cache.get(key, read)) else {
            prop_assert!(!is_whole);
            return Ok(());
        };
        let answered = kept.answers.as_of.as_micros() as u64;
        let answered: Content = (answered / 1_000_000, answered % 1_000_000);
        if is_read {
            prop_assert_eq!(answered, fresh);
            return Ok(());
        }
        // What a fresh answer was at some time of the last while.
        let while_ago = self.now - HOLD;
        let ends = self.stores[1..].iter().map(|(since, ..)| *since);
        let stores = self.stores.iter().zip(ends.chain([Duration::MAX]));
        let mut lately = stores
            .filter(|(_, end)| *end >= while_ago)
            .map(|(store, _)| store);
        prop_assert!(
            lately.any(|(_, rebuilds, applied)| answered == self.content(question, *rebuilds, *applied)),
            "{answered:?} was no answer to question {question} since {while_ago:?}"
        );
        // It has all that was acknowledged by then, unless no fresh answer has.
        let acknowledged = self.commits.iter().rfind(|(at, _)| *at <= while_ago);
        let acknowledged = acknowledged.map_or(0, |(_, lsn)| *lsn);
        let is_up_to_date = answered >= self.content(question, self.rebuilds, acknowledged);
        prop_assert!(is_up_to_date || answered == before || answered == fresh);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Law: a kept answer is what a fresh one was within the hold, and has what was acknowledged before that if a fresh one
    /// has it; whatever is committed, merged, applied, failed and made anew between and during questions.
    #[test]
    fn a_kept_answer_is_a_fresh_one_of_lately(steps in prop::collection::vec(any_step(), 1..60)) {
        let mut world = World::new();
        for step in steps {
            world.take(step)?;
        }
    }
}

/// Answers outside of the process, which tell how often they were asked for.
#[derive(Default)]
struct Outside {
    values: std::sync::Mutex<HashMap<String, Vec<u8>>>,
    is_gone: AtomicBool,
}

impl crate::engine::SharedCache for Outside {
    fn get<'a>(&'a self, key: &'a str) -> crate::engine::BoxFuture<'a, Option<Vec<u8>>> {
        let value = self.values.lock().unwrap().get(key).cloned();
        let value = value.filter(|_| !self.is_gone.load(Ordering::Relaxed));
        Box::pin(async { value })
    }

    fn put(&self, key: String, value: Vec<u8>, _: Duration) {
        self.values.lock().unwrap().insert(key, value);
    }

    fn status(&self) -> crate::engine::SharedCacheStatus {
        crate::engine::SharedCacheStatus::default()
    }

    fn check(&self) -> crate::engine::BoxFuture<'_, Result<Duration, String>> {
        Box::pin(async { Ok(Duration::ZERO) })
    }
}

/// What is kept outside is found there by a cache that has lost it, and by nobody if it was thrown away, is nonsense, or
/// the outside is gone.
#[test]
fn answers_are_found_outside() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let outside = Arc::new(Outside::default());
    let (scope, holds) = (Scope::all(organization()), Holds::default());
    let is_read = |cache: &AnswerCache| {
        let key = cache.key(&scope, "a", changed(3), held(&holds, 10, Instant::now()));
        let (found, is_read) = runtime
            .block_on(cache.get(key, async { Ok(answers(10)) }))
            .unwrap();
        assert_eq!(found.answers.as_of_lsn, 10);
        is_read
    };
    let cache = || {
        let cache = AnswerCache::new(1_000_000, LIFE);
        cache.share(outside.clone());
        cache
    };
    let first = cache();
    assert!(is_read(&first) && !is_read(&first));
    let second = cache();
    assert!(!is_read(&second));
    assert_eq!((second.stats().shared_hits, second.stats().hits), (1, 1));
    holds.forget(organization());
    assert!(is_read(&second));
    outside.is_gone.store(true, Ordering::Relaxed);
    assert!(is_read(&cache()));
    outside.is_gone.store(false, Ordering::Relaxed);
    for value in outside.values.lock().unwrap().values_mut() {
        *value = b"nonsense".to_vec();
    }
    assert!(is_read(&cache()));
}

/// A value that was damaged outside, or comes from under another key, is no answer, however well it reads.
#[test]
fn an_outside_that_lies_is_not_believed() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let outside = Arc::new(Outside::default());
    let (scope, holds) = (Scope::all(organization()), Holds::default());
    let position_of = |text: &str, lsn: u64| {
        let cache = AnswerCache::new(1_000_000, LIFE);
        cache.share(outside.clone());
        let key = cache.key(&scope, text, changed(3), held(&holds, 10, Instant::now()));
        let (found, is_read) = runtime
            .block_on(cache.get(key, async { Ok(answers(lsn)) }))
            .unwrap();
        (found.answers.as_of_lsn, is_read)
    };
    assert_eq!(position_of("a", 10), (10, true));
    let of_a: Vec<u8> = outside.values.lock().unwrap().values().next().unwrap().clone();
    assert_eq!(position_of("b", 20), (20, true));
    let set_all = |value: &[u8]| {
        let mut values = outside.values.lock().unwrap();
        values.values_mut().for_each(|kept| *kept = value.to_vec());
    };
    set_all(&of_a);
    assert_eq!(position_of("a", 30), (10, false));
    assert_eq!(position_of("b", 30), (30, true));
    for at in 0..of_a.len() {
        let mut damaged = of_a.clone();
        damaged[at] ^= 1;
        set_all(&damaged);
        assert_eq!(position_of("a", 40), (40, true), "byte {at}");
    }
    for length in 0..of_a.len() {
        set_all(&of_a[..length]);
        assert_eq!(position_of("a", 50), (50, true), "{length} bytes");
    }
}
