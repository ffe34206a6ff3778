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

/// How an answer is given out.
pub(super) trait Form: Sized {
    /// What was found, for one who asked at `started`.
    fn from_found(found: Found, started: Instant) -> Answers<Self>;

    /// How the answer came about, if it is numbers.
    fn meta(&self) -> Option<&Meta>;
}

/// As values.
impl Form for Answered {
    fn from_found(found: Found, started: Instant) -> Answers<Self> {
        let (mut answers, is_read) = match found {
            Found::Own(answers) => return answers,
            Found::Kept { kept, is_read } => (kept.answers.clone(), is_read),
        };
        if !is_read {
            answers.from_cache = true;
            let numbers = answers.answers.iter_mut().flatten();
            for numbers in numbers.filter_map(Answered::numbers_mut) {
                numbers.meta.come_from_cache(ms_since(started));
            }
        }
        answers
    }

    fn meta(&self) -> Option<&Meta> {
        self.numbers().map(|numbers| &numbers.meta)
    }
}

/// As they are sent. What is kept is written once, whoever gets it.
impl Form for WrittenAnswer {
    fn from_found(found: Found, started: Instant) -> Answers<Self> {
        let (of, answers, is_read) = match &found {
            Found::Own(own) => (own, own.answers.iter().map(written).collect(), true),
            Found::Kept { kept, is_read } => (&kept.answers, kept.written().to_vec(), *is_read),
        };
        let mut answers = Answers {
            answers,
            as_of: of.as_of,
            as_of_lsn: of.as_of_lsn,
            from_cache: of.from_cache,
        };
        if !is_read {
            answers.from_cache = true;
            for answer in answers.answers.iter_mut().flatten() {
                answer.meta.come_from_cache(ms_since(started));
            }
        }
        answers
    }

    fn meta(&self) -> Option<&Meta> {
        Some(&self.meta)
    }
}

/// An answer, which is numbers, as it is sent.
pub(super) fn written(answer: &Result<Answered, EngineError>) -> Result<WrittenAnswer, EngineError> {
    match answer {
        Ok(Answered::Query(answer)) => WrittenAnswer::of(answer).map_err(|_| EngineError::Lost),
        Ok(_) => Err(EngineError::Lost),
        Err(error) => Err(error.clone()),
    }
}
