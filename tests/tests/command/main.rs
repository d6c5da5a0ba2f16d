//! The `bitspin` command, run as a user runs it, and the files that it reads and writes.

mod bad_input;
mod boltzmann;
mod data;
mod documentation;
mod faults;
mod good_input;
mod grey_levels;
mod held_out_gaps;
mod help;
mod hopfield;
mod ising_files;
mod ising_sample;
mod killed;
mod labels;
mod levels;
mod model_file;
mod readme;
mod records;
mod tables;
mod written;
