//! States of sampled spins as numbers.

use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::ising::sampling::Point;
use bitspin::output::OutputFile;

use super::CommandError;
use crate::cli::IsingSample;
use crate::command::written::{Form, Written, numbered};

/// An output file for states.
pub(super) struct States {
    form: Form,
    output: OutputFile,
}

impl States {
    /// Makes sure that the file can be written, if one was asked for.
    pub(super) fn new(options: &IsingSample) -> Result<Option<Self>, CommandError> {
        let Some(path) = &options.states else {
            return Ok(None);
        };
        let form = Form::of("--states", path, &[Form::Npy, Form::Csv])?;
        let output = OutputFile::create(path, options.replace.force)?;
        Ok(Some(Self { form, output }))
    }

    /// Writes the last states of all chains of `units` spins: -1 and 1, or, of a QUBO, its variables 0 and 1.
    pub(super) fn write(
        self,
        options: &IsingSample,
        points: &[Point],
        units: usize,
        is_qubo: bool,
    ) -> Result<Written, CommandError> {
        let path = options.states.as_deref().unwrap_or("states.npy".as_ref());
        let chains = points.first().map_or(0, |point| point.states.len());
        let shape = [points.len(), chains, units];
        let names = [
            vec!["beta".to_string(), "chain".to_string()],
            numbered('s', units),
        ];
        let format = self.form.array().unwrap_or(ArrayFormat::Npy);
        let mut file = ArrayFile::new::<i8>(format, &shape, &names.concat());
        let down = if is_qubo { 0 } else { -1 };
        let mut row = vec![0_i8; units];
        for point in points {
            for (chain, state) in point.states.iter().enumerate() {
                for (i, spin) in row.iter_mut().enumerate() {
                    let is_up = state[i / 64] >> (i % 64) & 1 == 1;
                    *spin = if is_up { 1 } else { down };
                }
                file.named_row(&format!("{},{chain}", point.beta), &row);
            }
        }
        let written = Written::array(path, self.form, &file);
        self.output.commit(file.into_bytes())?;
        Ok(written)
    }
}
