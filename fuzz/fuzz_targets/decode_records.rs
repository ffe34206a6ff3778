//! [`tacho_fuzz::decode_records`], driven by coverage.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tacho_fuzz::timed(tacho_fuzz::decode_records, input));
