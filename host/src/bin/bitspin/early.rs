//! The check of the CPU, before anything else can run.
//!
//! A release build is optimised as a whole, so that even the start of Rust's runtime may use every instruction that the
//! build allows; on a CPU that lacks one, `main` would die by SIGILL before its first line. The loader, though, calls
//! the functions of `.init_array` before it calls `main`, and this one uses nothing but `cpuid` and two functions of
//! the C library, which is compiled for any CPU.

use bitspin::cpu::first_missing_feature;

#[used]
// SAFETY: the section is an array of pointers to functions, which the loader calls with C's calling convention.
#[unsafe(link_section = ".init_array")]
static CHECK: extern "C" fn() = check;

extern "C" fn check() {
    let Some(feature) = first_missing_feature() else {
        return;
    };
    for text in [
        "error: this bitspin was built for a CPU with ",
        feature,
        ", which this one lacks; build it on this machine, or for any x86-64 with RUSTFLAGS=\"-C target-cpu=x86-64\"\n",
    ] {
        // SAFETY: the pointer and the length are those of a string; that the write may fail does not matter.
        unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
    }
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(1) }
}
