//! The `bitspin` command.
fn main() {}
