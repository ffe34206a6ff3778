//! Realistic histories of automations.
