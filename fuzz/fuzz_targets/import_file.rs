//! [`tacho_fuzz::import_file`], driven by coverage.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tacho_fuzz::timed(tacho_fuzz::import_file, input));
