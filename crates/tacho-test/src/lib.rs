//! For development: what tests over the whole workspace share.
