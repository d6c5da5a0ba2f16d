//! `bitspin rbm transform`.

use std::path::Path;

use bitspin::BitMatrix;
use bitspin::array_file::{ArrayFile, ArrayFormat, unpack};
use bitspin::data::{Dataset, HeldOut, Images};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::evaluate::{HiddenLayer, HiddenStates};
use bitspin::interrupt::Interrupt;
use bitspin::output::OutputFile;
use bitspin::report::progress::Progress;
use serde_json::json;

use super::model::Model;
use super::recorded::{Prepared, pixels};
use super::written::{Form, Written, numbered};
use super::{CommandError, refuse_missing, rows};
use crate::cli::{DataOptions, Rows, StateForm, Transform};

/// Rows per batch; besides a batch, memory holds only the bytes of the file.
const BATCH: usize = 4096;

/// Computes the hidden layer of data, and writes it.
pub(crate) fn run(options: &Transform) -> Result<(), CommandError> {
    let forms: &[Form] = match options.states {
        Some(StateForm::Packed) => &[Form::Npy],
        _ => &[Form::Npy, Form::Csv],
    };
    let form = Form::of("--out", &options.out, forms)?;
    let format = form.array().unwrap_or(ArrayFormat::Npy);
    let threads = options.run.threads();
    let model = Model::load(&options.model)?;
    let prepared = Prepared::new(&options.model, model.metadata(), &options.data)?;
    let output = OutputFile::create(&options.out, options.replace.force)?;
    let data = prepared.load(None, rows::Rows::Measured)?;
    refuse_missing(&data)?;
    model.check_size(&options.model, &data.name, &data.train.images)?;
    prepared.tell();
    let work = Work {
        options,
        data: &prepared.options,
        model: &model,
        threads,
    };
    let file = work.file(format, &selected(&data, options.rows))?;
    let written = Written::array(&options.out, form, &file);
    output.commit(file.into_bytes())?;
    let what = match options.states {
        None => "probabilities",
        Some(StateForm::Bits) => "states",
        Some(StateForm::Packed) => "packed states",
    };
    if options.run.json {
        let mut told = json!({
            "data": data.name, "rows": file_rows(&data, options.rows), "hidden": model.parameters().hidden,
            "what": what, "seed": options.run.seed, "files": [written],
        });
        prepared.add_to(&mut told, options.run.seed);
        super::print_json(&told);
    } else {
        super::print(&format!(
            "{data}\n{}\n{}: hidden {what}, {}",
            pixels(&prepared.options, options.run.seed),
            shown(&options.out),
            written.words()
        ));
    }
    Ok(())
}

/// The images of the rows that were asked for.
pub(crate) fn selected(data: &Dataset, rows: Rows) -> Vec<&Images> {
    let (train, test) = (&data.train.images, &data.test.images);
    match rows {
        _ if data.held_out == HeldOut::None => vec![train],
        Rows::All => vec![train, test],
        Rows::Train => vec![train],
        Rows::Test => vec![test],
    }
}

/// The number of these rows.
fn file_rows(data: &Dataset, rows: Rows) -> usize {
    let images = selected(data, rows);
    images.iter().map(|images| images.count()).sum()
}

struct Work<'a> {
    options: &'a Transform,
    data: &'a DataOptions,
    model: &'a Model,
    threads: usize,
}

impl Work<'_> {
    fn bad(&self, error: bitspin_core::Error) -> CommandError {
        let path: &Path = &self.options.model;
        CommandError::usage(format!("{}: {error}", shown(path)))
    }

    /// The array as the bytes of a file, made batch by batch.
    fn file(&self, format: ArrayFormat, parts: &[&Images]) -> Result<ArrayFile, CommandError> {
        let rows: usize = parts.iter().map(|images| images.count()).sum();
        let hidden = self.model.parameters().hidden;
        let names = match format {
            ArrayFormat::Csv => numbered('h', hidden),
            ArrayFormat::Npy => Vec::new(),
        };
        let progress = Progress::new(rows as u64, "rows");
        let interrupt = Interrupt::install();
        let file = match self.options.states {
            None => {
                let layer = match self.model {
                    Model::Labelled(file) => HiddenLayer::with_labels(&file.parameters),
                    Model::Plain(file) => HiddenLayer::new(&file.parameters),
                };
                let layer = layer.map_err(|error| self.bad(error))?;
                let mut file = ArrayFile::new::<f32>(format, &[rows, hidden], &names);
                self.batches(parts, &interrupt, &progress, |batch| {
                    let found = layer.probabilities(batch, self.threads)?;
                    found.chunks_exact(hidden).for_each(|row| file.row(row));
                    Ok(())
                })?;
                file
            }
            Some(form) => self.states(form, format, parts, (&interrupt, &progress))?,
        };
        progress.finish();
        Ok(file)
    }

    fn states(
        &self,
        form: StateForm,
        format: ArrayFormat,
        parts: &[&Images],
        (interrupt, progress): (&Interrupt, &Progress),
    ) -> Result<ArrayFile, CommandError> {
        let rows: usize = parts.iter().map(|images| images.count()).sum();
        let hidden = self.model.parameters().hidden;
        let engine = engine(self.model.parameters()).map_err(|error| self.bad(error))?;
        let mut states = HiddenStates::new(&engine, self.model.classes(), self.options.run.seed);
        let columns = match form {
            StateForm::Bits => hidden,
            StateForm::Packed => hidden.div_ceil(8),
        };
        let mut file = ArrayFile::new::<u8>(format, &[rows, columns], &numbered('h', columns));
        let mut row = vec![0; columns];
        self.batches(parts, interrupt, progress, |batch| {
            for bits in states.draw(batch)?.chunks_exact(hidden.div_ceil(64)) {
                match form {
                    StateForm::Bits => unpack(bits, &mut row),
                    StateForm::Packed => {
                        let bytes = bits.iter().flat_map(|word| word.to_le_bytes());
                        row.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
                    }
                }
                file.row(&row);
            }
            Ok(())
        })?;
        Ok(file)
    }

    /// Calls `work` with the rows of all parts as bits, batch by batch.
    fn batches(
        &self,
        parts: &[&Images],
        interrupt: &Interrupt,
        progress: &Progress,
        mut work: impl FnMut(&BitMatrix) -> Result<(), bitspin_core::Error>,
    ) -> Result<(), CommandError> {
        for images in parts {
            let packed = self.data.pack(images, self.options.run.seed);
            for bits in packed.bits().chunks(BATCH * packed.words_per_row()) {
                if interrupt.is_set() {
                    return Err(CommandError::Interrupted(
                        "interrupted; nothing was written".into(),
                    ));
                }
                let batch = BitMatrix::from_bits(packed.units(), bits.to_vec());
                let batch = batch.map_err(CommandError::failed)?;
                work(&batch).map_err(|error| self.bad(error))?;
                progress.inc(batch.count() as u64);
            }
        }
        Ok(())
    }
}
