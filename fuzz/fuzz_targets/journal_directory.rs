//! [`tacho_fuzz::journal_directory`], driven by coverage.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tacho_fuzz::timed(tacho_fuzz::journal_directory, input));
