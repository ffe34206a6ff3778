//! What runs now and what happened last, for live pages.
//!
//! The merger tells the [`Hub`] what it has merged before the store has it, so that a checkpoint of the store never stalls a
//! page. Per organization, and per set of rows that somebody sees, there is a [`State`] as long as somebody watches it:
//! executions that have not ended, counts by the second of the last hour, and the last events. It begins with what the
//! store holds ([`tacho_store::live`]) and follows from there; whenever it may have missed something, it begins anew. The
//! state of everything also knows how each workflow fared last ([`Recent`]), from which the [`Detector`] tells what is
//! wrong.
//!
//! Nothing here reads a clock or the store, or knows of HTTP. A state agrees with the store's rows at every quiet moment,
//! within these limits: [`ACTIVE_MAX`] executions are known one by one (all are counted), [`STEPS_MAX`] steps of each, and
//! steps that began more than a day before the state did are not known. Nor are those that came before an execution which
//! names neither workflow nor user.

mod active;
mod detector;
mod event;
mod fact;
mod hub;
mod recent;
mod state;
mod view;
mod windows;

pub use active::{ACTIVE_MAX, Active, Progress, STEPS_MAX};
pub use detector::{
    Detection, DetectionKey, Detector, Expired, Judged, PATIENCE_US, SETTLE_US, Subject, Subjects,
};
pub use event::{EVENTS_MAX, Event, EventKind};
pub use hub::{Hub, TooManyViews, Watch};
pub use recent::{RECENT_MAX, Recent};
pub use state::{Changes, State};
pub use view::Load;
pub use windows::{Point, Window, Windows};
