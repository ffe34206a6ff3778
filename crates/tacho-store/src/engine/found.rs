//! Answers that were found, and the forms in which askers get them.

use std::sync::Arc;
use std::time::Instant;

use tacho_query::WrittenAnswer;
use tacho_query::answer::Meta;

use super::cache::Kept;
use super::{Answered, Answers, EngineError, ms_since};

/// Answers that were read, or that are kept.
pub(super) enum Found {
    /// Nobody else has them.
    Own(Answers<Answered>),
    /// Others get them, too. `is_read` says whether they were read for this asker.
    Kept { kept: Arc<Kept>, is_read: bool },
}

impl Found {
    /// What one gets who asked at `started`.
    pub(super) fn given<F: Form>(self, started: Instant) -> Answers<F> {
        let kept = match self {
            Found::Own(answers) => return F::own(answers),
            Found::Kept { kept, is_read: true } => return F::kept(&kept),
            Found::Kept { kept, .. } => kept,
        };
        let mut answers = F::kept(&kept);
        answers.from_cache = true;
        let given = answers.answers.iter_mut().flatten();
        for meta in given.filter_map(F::meta_mut) {
            meta.come_from_cache(ms_since(started));
        }
        answers
    }
}

/// How an answer is given out.
pub(super) trait Form: Sized {
    /// Answers that nobody else has.
    fn own(answers: Answers<Answered>) -> Answers<Self>;

    /// Answers that others get, too.
    fn kept(kept: &Kept) -> Answers<Self>;

    /// How the answer came about, if it is numbers.
    fn meta(&self) -> Option<&Meta>;

    /// The same, to be changed.
    fn meta_mut(&mut self) -> Option<&mut Meta>;
}

/// As values.
impl Form for Answered {
    fn own(answers: Answers<Answered>) -> Answers<Self> {
        answers
    }

    fn kept(kept: &Kept) -> Answers<Self> {
        kept.answers.clone()
    }

    fn meta(&self) -> Option<&Meta> {
        self.numbers().map(|numbers| &numbers.meta)
    }

    fn meta_mut(&mut self) -> Option<&mut Meta> {
        self.numbers_mut().map(|numbers| &mut numbers.meta)
    }
}

/// As they are sent. What is kept is written once, whoever gets it.
impl Form for WrittenAnswer {
    fn own(answers: Answers<Answered>) -> Answers<Self> {
        written(&answers)
    }

    fn kept(kept: &Kept) -> Answers<Self> {
        kept.written().clone()
    }

    fn meta(&self) -> Option<&Meta> {
        Some(&self.meta)
    }

    fn meta_mut(&mut self) -> Option<&mut Meta> {
        Some(&mut self.meta)
    }
}

/// Answers, which are numbers, as they are sent.
pub(super) fn written(answers: &Answers<Answered>) -> Answers<WrittenAnswer> {
    let one = |answer: &Result<Answered, EngineError>| match answer {
        Ok(Answered::Query(answer)) => WrittenAnswer::of(answer).map_err(|_| EngineError::Lost),
        Ok(_) => Err(EngineError::Lost),
        Err(error) => Err(error.clone()),
    };
    Answers {
        answers: answers.answers.iter().map(one).collect(),
        as_of: answers.as_of,
        as_of_lsn: answers.as_of_lsn,
        from_cache: answers.from_cache,
    }
}
