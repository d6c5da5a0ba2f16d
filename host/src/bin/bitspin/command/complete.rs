//! `bitspin rbm complete`.

mod means;

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::completion::{Completion, EntryError, Plan, complete_with};
use bitspin::data::{Dataset, Holdout, Images, Table};
use bitspin::display::shown;
use bitspin::engine::{Engine, engine};
use bitspin::hopfield::Half;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::RbmFile;
use bitspin::output::OutputFile;
use bitspin::report::grid::Grid;
use bitspin::report::progress::Progress;
use bitspin_core::rbm::Groups;
use bitspin_core::rng::{Purpose, Streams};
use rand_core::Rng;
use serde_json::json;

use super::recorded::{Prepared, pixels};
use super::rows::Rows;
use super::written::{Form, Written, numbered};
use super::{CommandError, check_size, load_model};
use crate::cli::Complete;
use means::{column_means, is_set, mean_filled};

/// Images in the picture.
const PICTURED: usize = 16;

/// Fills in missing entries, measures the error where the truth is known, and writes the result.
pub(crate) fn run(options: &Complete) -> Result<(), CommandError> {
    if let Some(share) = options
        .hide
        .filter(|share| !(*share > 0.0 && *share <= 1.0))
    {
        return Err(CommandError::usage(format!(
            "--hide: expected a fraction above 0 and up to 1, not {share}"
        )));
    }
    let file = load_model(&options.model)?;
    let engine = engine(&file.parameters).map_err(CommandError::at(&options.model))?;
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let options = &Complete {
        data: prepared.options.clone(),
        ..options.clone()
    };
    let work = Work {
        options,
        prepared: &prepared,
        engine,
        threads: options.run.threads(),
        interrupt: Interrupt::install(),
    };
    let path = options.data.data.as_deref();
    let data = match path.filter(|path| Table::is_named(path)) {
        Some(path) if options.hide.is_none() => {
            let table = Table::read(path, &options.data.table(None))?;
            super::say(&table.notes);
            if table.picture.0 == 1 {
                prepared.tell();
                return work.fill(&file, &table);
            }
            table.into_dataset(Holdout::None)?
        }
        _ => prepared.load(None, Rows::Measured)?,
    };
    check_size(&options.model, &file, &data.name, &data.train.images)?;
    prepared.tell();
    work.restore(&data)
}

struct Work<'a> {
    options: &'a Complete,
    prepared: &'a Prepared,
    engine: Engine,
    threads: usize,
    interrupt: Interrupt,
}

impl Work<'_> {
    /// Fills in the missing entries of a table.
    fn fill(&self, file: &RbmFile, table: &Table) -> Result<(), CommandError> {
        let options = self.options;
        if let Some(half) = options.erase {
            return Err(CommandError::usage(format!(
                "--erase {half:?}: expected images, {} is a table; --hide hides some of its entries",
                table.name
            ).to_lowercase()));
        }
        let images = Images::new(1, table.units(), table.levels().to_vec());
        let images = images.map_err(CommandError::failed)?;
        check_size(&options.model, file, &table.name, &images)?;
        let (missing, Some(known)) = (table.missing(), table.known()) else {
            return Err(CommandError::usage(format!(
                "{}: expected missing entries to fill in, found none; --hide 0.1 hides some and measures the error",
                table.name
            )));
        };
        if let Some(range) = table.range {
            return Err(CommandError::usage(format!(
                "{}: expected 0 and 1 to fill in, found grey levels from {} to {}; --hide 0.1 hides some and measures the error",
                table.name,
                range.black(),
                range.white()
            )));
        }
        let path = options.out.clone().unwrap_or("completed.csv".into());
        let form = Form::of("--out", &path, &[Form::Csv, Form::Npy])?;
        let output = OutputFile::create(&path, options.replace.force)?;
        let completed = self.complete(&self.packed(&images), known)?;
        let units = table.units();
        let truth = |at: usize| table.entry(at / units, at % units).map(|level| level > 0);
        let file = self.array(
            form.array().unwrap_or(ArrayFormat::Npy),
            table.units(),
            &truth,
            &completed,
        );
        let written = Written::array(&path, form, &file);
        output.commit(match form {
            Form::Csv => self.table(table, &completed)?,
            _ => file.into_bytes(),
        })?;
        if options.run.json {
            let mut told = json!({
                "data": table.name, "missing": missing, "entries": table.levels().len(), "filled_with": self.kind(),
                "burn_in": options.burn_in, "steps": options.steps, "seed": options.run.seed, "out": shown(&path),
                "files": [written],
            });
            self.prepared.add_to(&mut told, options.run.seed);
            super::print_json(&told);
        } else {
            super::print(&format!(
                "{}: {missing} of {} entries filled in with {}",
                shown(&path),
                table.levels().len(),
                self.kind()
            ));
        }
        Ok(())
    }

    /// Hides a part of held-out images or rows, fills it in, and measures.
    fn restore(&self, data: &Dataset) -> Result<(), CommandError> {
        let options = self.options;
        let is_picture = data.columns.is_none();
        if options.out.is_some() && !is_picture {
            return Err(CommandError::usage(
                "--out: expected without --hide for a table, of which only the error is measured",
            ));
        }
        let path = options.out.clone().unwrap_or("completed.png".into());
        let form = match is_picture {
            true => Form::of("--out", &path, &[Form::Png, Form::Npy, Form::Csv])?,
            false => Form::Png,
        };
        let output = match is_picture {
            true => Some(OutputFile::create(&path, options.replace.force)?),
            false => None,
        };
        let images = data.test.images.first(options.digits);
        let truth = self.packed(&images);
        let given = data.test.known.clone();
        let known = self.hide(&images, given.as_deref());
        let means = column_means(data, options);
        let start = self.packed(&mean_filled(&images, &truth, &known, &means)?);
        let completed = self.complete(&start, &known)?;
        let hidden = |at: usize| {
            let set = |bits: &[u64]| is_set(bits, at, images.pixels_per_image());
            !set(&known) && given.as_deref().is_none_or(set)
        };
        let (units, p) = (images.pixels_per_image(), &completed.probabilities);
        let entries = || (0..p.len()).filter(|&at| hidden(at));
        let is_one = |at: usize| is_set(truth.bits(), at, units);
        let model = EntryError::of(entries().map(|at| (is_one(at), f64::from(p[at]))));
        let mean = EntryError::of(entries().map(|at| (is_one(at), means[at % units])));
        if model.entries == 0 {
            return Err(CommandError::usage(
                "--hide: expected a larger fraction; this one hides no entry",
            ));
        }
        let mut written = None;
        if let Some(output) = output {
            let entry = |at: usize| is_set(&known, at, units).then(|| is_one(at));
            output.commit(match form.array() {
                Some(format) => {
                    let file = self.array(format, units, &entry, &completed);
                    written = Some(Written::array(&path, form, &file));
                    file.into_bytes()
                }
                None => {
                    written = Some(Written::new(&path, form));
                    self.picture(&images, &truth, &known, &completed)?
                }
            })?;
        }
        self.report(data, (model, mean), written);
        Ok(())
    }

    /// Mask of the entries of held-out rows that stay known, among those in `given`.
    fn hide(&self, images: &Images, given: Option<&[u64]>) -> Vec<u64> {
        let (rows, columns) = (images.rows(), images.columns());
        let words = images.pixels_per_image().div_ceil(64);
        let mut known = vec![0; images.count() * words];
        let mut random = Streams::new(self.options.run.seed, Purpose::Training).next_stream();
        for row in 0..images.count() {
            for unit in 0..rows * columns {
                let keeps = match (self.options.hide, self.options.erase) {
                    (Some(share), _) => f64::from(random.next_u32()) / 4_294_967_296.0 >= share,
                    (None, half) => {
                        let place = (unit / columns, unit % columns);
                        !half.unwrap_or(Half::Bottom).holds(place, (rows, columns))
                    }
                };
                known[row * words + unit / 64] |= u64::from(keeps) << (unit % 64);
            }
        }
        if let Some(given) = given {
            known
                .iter_mut()
                .zip(given)
                .for_each(|(known, given)| *known &= given);
        }
        known
    }

    fn packed(&self, images: &Images) -> BitMatrix {
        self.options.data.pack(images, self.options.run.seed)
    }

    fn complete(&self, start: &BitMatrix, known: &[u64]) -> Result<Completion, CommandError> {
        let options = self.options;
        let plan = Plan {
            burn_in: options.burn_in,
            steps: options.steps,
            seed: options.run.seed,
            threads: self.threads,
        };
        let groups = Groups::all_binary(self.engine.shape());
        let progress = Progress::new(start.count() as u64, "rows");
        let tick = |rows| progress.inc(rows);
        let completed = complete_with(
            &self.engine,
            &groups,
            start,
            known,
            plan,
            Control::new().interrupt(&self.interrupt).progress(&tick),
        );
        progress.finish();
        completed
            .map_err(CommandError::failed)?
            .ok_or_else(|| CommandError::Interrupted("interrupted; nothing was written".into()))
    }

    /// The kind of values that fill missing entries.
    fn kind(&self) -> &'static str {
        if self.options.samples {
            "samples"
        } else {
            "probabilities"
        }
    }

    /// Rows of `units` numbers: known entries as they are, missing ones as probabilities (float32) or samples (uint8).
    fn array(
        &self,
        format: ArrayFormat,
        units: usize,
        known: &dyn Fn(usize) -> Option<bool>,
        completed: &Completion,
    ) -> ArrayFile {
        let count = completed.probabilities.len() / units;
        let (shape, names) = ([count, units], numbered('v', units));
        let entries = |row: usize| (row * units..(row + 1) * units).map(|at| (at, known(at)));
        if self.options.samples {
            let mut file = ArrayFile::new::<u8>(format, &shape, &names);
            for row in 0..count {
                let drawn = |at: usize| is_set(completed.sample.bits(), at, units);
                let cells = entries(row).map(|(at, known)| known.unwrap_or_else(|| drawn(at)));
                file.row(&cells.map(u8::from).collect::<Vec<_>>());
            }
            return file;
        }
        let mut file = ArrayFile::new::<f32>(format, &shape, &names);
        for row in 0..count {
            let p = |at: usize| completed.probabilities[at];
            let cells = entries(row).map(|(at, known)| known.map_or_else(|| p(at), f32::from));
            file.row(&cells.collect::<Vec<_>>());
        }
        file
    }

    /// The completed table as CSV.
    fn table(&self, table: &Table, completed: &Completion) -> Result<Vec<u8>, CommandError> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |row: Vec<String>| writer.write_record(row).map_err(CommandError::failed);
        let label = table.labels.as_ref().map(|_| "label".to_string());
        if let Some(columns) = &table.columns {
            let heading = table.row_names.iter().map(|(heading, _)| heading.clone());
            write(
                heading
                    .chain(columns.iter().cloned())
                    .chain(label)
                    .collect(),
            )?;
        }
        let units = table.units();
        for row in 0..table.count() {
            let cell = |unit: usize| {
                let at = row * units + unit;
                match table.entry(row, unit) {
                    Some(level) => u8::from(level > 0).to_string(),
                    None if self.options.samples => {
                        u8::from(is_set(completed.sample.bits(), at, units)).to_string()
                    }
                    None => format!("{:.4}", completed.probabilities[at]),
                }
            };
            let name = table.row_names.iter().map(|(_, names)| names[row].clone());
            let label = table.labels.iter().map(|labels| labels[row].to_string());
            write(name.chain((0..units).map(cell)).chain(label).collect())?;
        }
        writer.into_inner().map_err(CommandError::failed)
    }

    /// The first images: original, erased, restored.
    fn picture(
        &self,
        images: &Images,
        truth: &BitMatrix,
        known: &[u64],
        completed: &Completion,
    ) -> Result<Vec<u8>, CommandError> {
        let (units, shown) = (images.pixels_per_image(), images.count().min(PICTURED));
        let tile = |row: usize, level: &dyn Fn(usize) -> u8| -> Vec<u8> {
            (row * units..(row + 1) * units).map(level).collect()
        };
        let bit = |set: bool| 255 * u8::from(set);
        let real = |at: usize| bit(is_set(truth.bits(), at, units));
        let left = |at: usize| {
            if is_set(known, at, units) {
                real(at)
            } else {
                96
            }
        };
        let filled = |at: usize| match self.options.samples {
            true => bit(is_set(completed.sample.bits(), at, units)),
            false => (255.0 * completed.probabilities[at]) as u8,
        };
        let mut tiles = Vec::new();
        for level in [&real as &dyn Fn(usize) -> u8, &left, &filled] {
            tiles.extend((0..shown).map(|row| tile(row, level)));
        }
        let draw = || {
            Grid::new(images.rows(), images.columns())?
                .tiles_per_row(shown)
                .magnification(2)
                .draw(&tiles)?
                .to_png()
        };
        draw().map_err(CommandError::failed)
    }

    /// Prints the figures.
    fn report(
        &self,
        data: &Dataset,
        (model, mean): (EntryError, EntryError),
        written: Option<Written>,
    ) {
        let options = self.options;
        if options.run.json {
            let mut told = json!({
                "data": data.name, "entries": model.entries,
                "burn_in": options.burn_in, "steps": options.steps, "seed": options.run.seed,
                "model": model, "mean_filling": mean, "files": written.iter().collect::<Vec<_>>(),
            });
            self.prepared.add_to(&mut told, options.run.seed);
            return super::print_json(&told);
        }
        let mut text = format!(
            "{data}\n{}, {} hidden entries of held-out rows, {} steps after {}\n\n{:<22} {:>14} {:>14} {:>14}\n",
            pixels(&options.data, options.run.seed),
            model.entries,
            options.steps,
            options.burn_in,
            "",
            "squared error",
            "nats per entry",
            "wrong"
        );
        for (name, error) in [("the model", model), ("mean-filling", mean)] {
            text += &format!(
                "{name:<22} {:>14.5} {:>14.5} {:>13.2}%\n",
                error.mse,
                error.nll,
                100.0 * error.wrong
            );
        }
        if let Some(written) = written {
            let what = match written.is_picture() {
                true => "original, erased and restored images",
                false => "completed rows",
            };
            text += &format!("\n{}\n", written.line(what));
        }
        super::print(text.trim_end());
    }
}
