//! tRPC's wire (version 11, queries over HTTP GET): what a call is, how results and errors are written.
//!
//! `GET /trpc/<procedure>?input=<JSON>` is one call; `GET /trpc/<a>,<b>?batch=1&input={"0":…,"1":…}` are several. A result
//! is `{"result":{"data":…}}`, an error `{"error":{"message","code","data":{"code","httpStatus","path"}}}`; those of a
//! batch stand in a list, and where their statuses differ the answer's is 207. Inputs in superjson's envelope get outputs
//! in it ([`superjson`]).

mod calls;
mod error;
mod superjson;

pub(crate) use calls::{Answered, Asked, CALLS_MAX, CallParams};
pub(crate) use error::{TrpcError, TrpcErrorBody};
