//! The target `computer`, with bytes from libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (bitspin_fuzz::target("computer").run)(bytes));
