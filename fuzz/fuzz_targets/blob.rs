//! The target `blob`, with bytes from libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (bitspin_fuzz::target("blob").run)(bytes));
