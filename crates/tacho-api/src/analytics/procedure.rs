//! What a procedure is.

use serde::Serialize;
use serde_json::Value;

use super::{Context, Issue};
use crate::problem::Problem;

/// A procedure of the document's router `analytics`.
pub(crate) trait Procedure {
    /// Its name behind `analytics.`.
    const NAME: &'static str;
    /// Where in its result dates stand: fields with dots in between, `*` for every place of a list.
    const DATES: &'static [&'static str];
    /// What it takes.
    type Input: Send;
    /// What it gives.
    type Output: Serialize;

    /// Reads the input.
    fn read(input: Option<&Value>) -> Result<Self::Input, Vec<Issue>>;

    /// Answers.
    fn answer(
        context: &Context<'_>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, Problem>> + Send;
}

/// What came of a call.
pub(crate) enum Call {
    /// The result, and where dates stand in it.
    Answered(Value, &'static [&'static str]),
    /// The input is at fault.
    Invalid(Vec<Issue>),
    /// Something else is.
    Refused(Problem),
    /// There is no such procedure.
    Unknown,
}

impl Call {
    /// Calls a procedure with an input as it was sent.
    pub(crate) async fn of<P: Procedure>(context: &Context<'_>, input: Option<&Value>) -> Self {
        let input = match P::read(input) {
            Ok(input) => input,
            Err(issues) => return Call::Invalid(issues),
        };
        let answered = P::answer(context, input).await;
        match answered.and_then(|output| serde_json::to_value(output).map_err(Problem::internal)) {
            Ok(output) => Call::Answered(output, P::DATES),
            Err(problem) => Call::Refused(problem),
        }
    }
}
