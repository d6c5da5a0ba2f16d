//! Scores of single rows.

use bitspin::BitMatrix;
use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::data::HeldOut;
use bitspin::evaluate::{free_energies, pseudo_log_likelihoods};
use bitspin::model_file::RbmParameters;
use bitspin::output::OutputFile;

use super::Packed;
use crate::cli::{Eval, Rows};
use crate::command::CommandError;
use crate::command::written::{Form, Written};

/// An output file for scores.
pub(super) struct RowScores {
    form: Form,
    output: OutputFile,
}

impl RowScores {
    /// Makes sure that the file can be written, if one was asked for.
    pub(super) fn new(options: &Eval) -> Result<Option<Self>, CommandError> {
        let Some(path) = &options.per_row else {
            return Ok(None);
        };
        let form = Form::of("--per-row", path, &[Form::Csv, Form::Npy])?;
        let output = OutputFile::create(path, options.force)?;
        Ok(Some(Self { form, output }))
    }

    /// Scores rows one by one and writes the file. `ln_z` makes log-likelihoods of free energies, in a column of its
    /// name.
    pub(super) fn write(
        self,
        options: &Eval,
        model: &RbmParameters,
        packed: &Packed,
        ln_z: Option<(&'static str, f64)>,
        threads: usize,
    ) -> Result<Written, CommandError> {
        let path = options.per_row.as_deref().unwrap_or("rows.csv".as_ref());
        let splits = [("train", &packed.train), ("test", &packed.test)];
        let parts: Vec<(&str, &BitMatrix)> = match (packed.held_out, options.rows) {
            (HeldOut::None, _) => vec![("all", &packed.test)],
            (_, Rows::All) => splits.to_vec(),
            (_, Rows::Train) => vec![splits[0]],
            (_, Rows::Test) => vec![splits[1]],
        };
        let mut columns = vec!["free_energy", "pseudo_log_likelihood"];
        columns.extend(ln_z.map(|(name, _)| name));
        let names = [&["row", "split"][..], &columns].concat();
        let count: usize = parts.iter().map(|(_, images)| images.count()).sum();
        let format = self.form.array().unwrap_or(ArrayFormat::Csv);
        let mut file = ArrayFile::new::<f64>(format, &[count, columns.len()], &names);
        for (split, images) in parts {
            let bad = CommandError::at(&options.model);
            let free = free_energies(model, images, threads).map_err(bad)?;
            let pseudo = pseudo_log_likelihoods(model, images, threads).map_err(bad)?;
            for (row, (free, pseudo)) in free.into_iter().zip(pseudo).enumerate() {
                let mut scores = vec![free, pseudo];
                scores.extend(ln_z.map(|(_, ln_z)| -free - ln_z));
                file.named_row(&format!("{row},{split}"), &scores);
            }
        }
        let columns = columns.into_iter().map(String::from).collect();
        let written = Written::array(path, self.form, &file).with_columns(columns);
        self.output.commit(file.into_bytes())?;
        Ok(written)
    }
}
