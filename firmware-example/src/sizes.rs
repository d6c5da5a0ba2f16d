//! Sizes of the program, from the linker's symbols and the stack.

use bitspin_protocol::Sizes;

use crate::stack;

unsafe extern "C" {
    static __vector_table: u32;
    static __sidata: u32;
    static __sdata: u32;
    static __edata: u32;
    static __ebss: u32;
    static __sheap: u32;
}

/// Sizes in bytes, and the stack used so far.
#[must_use]
pub fn now() -> Sizes {
    // cortex-m-rt's symbols; only their addresses are used. Flash ends with the initial values of `.data`.
    let flash_begin = &raw const __vector_table as usize;
    let data = &raw const __edata as usize - &raw const __sdata as usize;
    let flash_end = &raw const __sidata as usize + data;
    let ram_begin = &raw const __sdata as usize;
    let ram_end = (&raw const __ebss as usize).max(&raw const __sheap as usize);
    Sizes {
        flash: (flash_end - flash_begin) as u32,
        ram: (ram_end - ram_begin) as u32,
        stack: stack::high_water_mark() as u32,
        stack_room: stack::room() as u32,
    }
}
