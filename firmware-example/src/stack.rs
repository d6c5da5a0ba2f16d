//! How much of the stack was used.

/// What `cortex-m-rt`'s feature `paint-stack` fills the stack with before the program begins.
const PAINT: u32 = 0xcccc_cccc;

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// Bytes of the stack that were ever used: up to the first word from its far end that has lost its paint.
#[must_use]
pub fn high_water_mark() -> usize {
    let top = &raw const _stack_start;
    let mut at = &raw const _stack_end;
    // SAFETY: between the two symbols of the linker lies the stack, in RAM; its words are read only.
    while at < top && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    top as usize - at as usize
}

/// Bytes that the stack may take.
#[must_use]
pub fn room() -> usize {
    &raw const _stack_start as usize - &raw const _stack_end as usize
}
