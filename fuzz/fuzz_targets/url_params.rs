//! [`tacho_fuzz::url_params`], driven by coverage.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tacho_fuzz::timed(tacho_fuzz::url_params, input));
