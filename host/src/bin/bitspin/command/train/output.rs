//! Results of a run: the model, its pictures, the learning curve, and the printed summary.

use std::collections::BTreeMap;

use bitspin::data::{Dataset, Images};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::model_file::{DataRecord, LabelledFile, LabelledParameters, RbmFile, RbmParameters};
use bitspin::output::OutputDirectory;
use bitspin::report::filters::{Palette, filters};
use bitspin::report::grid::Grid;
use bitspin::report::image::PictureError;
use bitspin::report::table::csv;
use bitspin::report::units::{HiddenUnit, strongest};
use bitspin::sampling::{Chains, bits_to_grey};
use bitspin::train::{EpochMetrics, learning_curve};
use bitspin_core::rbm::train::Method;
use serde_json::json;

use super::checkpoints;
use super::presets::schedule_metadata;
use super::run::Run;
use super::watched::Labels;
use crate::command::recorded::record_of;
use crate::command::written::Written;
use crate::command::{CommandError, print, print_json};

/// The files of a run with labels.
const LABELLED_FILES: [&str; 3] = ["model.safetensors", "metrics.csv", "learning-curve.svg"];

/// The files of a run without labels.
const FILES: [&str; 6] = [
    "model.safetensors",
    "metrics.csv",
    "real.png",
    "generated.png",
    "filters.png",
    "learning-curve.svg",
];

/// The files of a run.
pub(super) fn files(labelled: bool) -> &'static [&'static str] {
    if labelled { &LABELLED_FILES } else { &FILES }
}

/// Images in a picture, as many as in the lecture's minibatch.
const PICTURED: usize = 64;

/// Hidden units whose weights are drawn.
const FILTERS: usize = 100;

/// Hidden units whose columns are printed, and columns per unit.
const LISTED: usize = 12;
const DRIVERS: usize = 6;

impl Run<'_> {
    /// Writes all results, and prints where they are.
    pub(super) fn write(
        &mut self,
        data: &Dataset,
        mut output: OutputDirectory,
    ) -> Result<(), CommandError> {
        let images = &data.train.images;
        let parameters = match &self.best {
            Some(best) => best.parameters.clone(),
            None => self.trainer.parameters(),
        };
        output.add("model.safetensors", self.model_file(data, &parameters)?)?;
        let rows: Vec<_> = self.metrics.iter().map(EpochMetrics::row).collect();
        output.add("metrics.csv", csv(&rows))?;
        if self.labels.is_none() {
            let (real, generated) = self.pictures(&parameters, images)?;
            output.add("real.png", real)?;
            output.add("generated.png", generated)?;
            output.add("filters.png", filter_picture(&parameters, images)?)?;
        }
        output.add("learning-curve.svg", self.curve()?.into_bytes())?;
        let checkpoint = self.checkpoint();
        output.replace(checkpoints::FILE, checkpoint)?;
        output.commit()?;
        self.conclude(data, &parameters);
        Ok(())
    }

    /// The model with the settings that made it.
    fn model_file(
        &self,
        data: &Dataset,
        parameters: &RbmParameters,
    ) -> Result<Vec<u8>, CommandError> {
        let o = self.options;
        let trained = match &self.best {
            Some(best) => best.epoch,
            None => self.metrics.len(),
        };
        let settings = &self.settings;
        let model = match self.labels {
            Some(_) => "rbm with label units",
            None => "rbm",
        };
        let method = match settings.method {
            Method::ContrastiveDivergence => "cd",
            Method::Persistent => "pcd",
        };
        let all = [
            ("bitspin_version", env!("CARGO_PKG_VERSION").to_string()),
            ("model", model.to_string()),
            ("epochs", trained.to_string()),
            ("batch", settings.batch.to_string()),
            ("batch_final", settings.final_batch().to_string()),
            ("method", method.to_string()),
            ("centred", settings.centred.to_string()),
            ("momentum", settings.momentum.to_string()),
            ("weight_decay", settings.weight_decay.to_string()),
            ("l1", settings.l1.to_string()),
            ("sparsity_target", settings.sparsity.target.to_string()),
            ("sparsity_cost", settings.sparsity.cost.to_string()),
            ("seed", settings.seed.to_string()),
            self.checkpoints.metadata(),
        ];
        let mut metadata = all
            .into_iter()
            .chain(schedule_metadata(settings))
            .map(|(key, value)| (key.to_string(), value))
            .collect::<BTreeMap<_, _>>();
        let record = record_of(o, data);
        let parameters = parameters.clone();
        let Some(Labels { classes, .. }) = self.labels else {
            record.write(&mut metadata);
            let file = RbmFile {
                parameters,
                metadata,
            };
            return file.to_bytes().map_err(CommandError::failed);
        };
        metadata.insert("objective".into(), settings.objective.to_string());
        let names = (0..classes).map(|class| class.to_string());
        DataRecord {
            label_names: Some(names.collect()),
            ..record
        }
        .write(&mut metadata);
        let joint = parameters;
        let file = LabelledFile {
            parameters: LabelledParameters { joint, classes },
            metadata,
        };
        file.to_bytes().map_err(CommandError::failed)
    }

    /// Binarised held-out images and their reconstructions, as in the lecture.
    fn pictures(
        &self,
        parameters: &RbmParameters,
        images: &Images,
    ) -> Result<(Vec<u8>, Vec<u8>), CommandError> {
        let engine = engine(parameters).map_err(CommandError::failed)?;
        let real = self.evaluation.test.clone().take(PICTURED);
        let mut chains = Chains::from_visible(&engine, &real, self.options.run.seed)
            .map_err(CommandError::failed)?;
        chains.run(&engine, self.settings.final_steps(), 1);
        let picture = |bits: &[u64]| {
            grid(images)?
                .draw(&bits_to_grey(bits, images.pixels_per_image()))?
                .to_png()
        };
        let pictures = picture(real.bits()).and_then(|real| Ok((real, picture(chains.visible())?)));
        pictures.map_err(CommandError::failed)
    }

    /// The learning curve as SVG.
    fn curve(&self) -> Result<String, CommandError> {
        let settings = &self.settings;
        let title = match self.labels {
            Some(_) => format!(
                "RBM with labels, {} hidden units, {}",
                self.hidden, settings.objective
            ),
            None => format!(
                "RBM with {} hidden units, batch {}, lr {}, {} pixels",
                self.hidden,
                settings.batch,
                settings.learning_rate,
                self.options.data.binarise()
            ),
        };
        learning_curve(&title, &self.metrics).map_err(CommandError::failed)
    }

    /// Prints the strongest columns of the hidden units of a table, and where the files are.
    fn conclude(&self, data: &Dataset, parameters: &RbmParameters) {
        let o = self.options;
        let names = data.columns.as_ref().filter(|_| self.labels.is_none());
        let units = names.map(|names| strongest(parameters, names, DRIVERS));
        if o.run.json {
            return self.print_figures(data, units.as_deref());
        }
        if let Some(units) = &units {
            print("\nA weight below 0 means that the unit is on where the column is 0.");
            for unit in units.iter().take(LISTED) {
                print(&unit.to_string());
            }
        }
        if let Some(best) = &self.best {
            print(&format!(
                "\nThe model is that of epoch {}, the best on held-out data",
                best.epoch
            ));
        }
        let mut files = files(self.labels.is_some()).to_vec();
        files.push(checkpoints::FILE);
        let lines: Vec<_> = files.chunks(4).map(|files| files.join("  ")).collect();
        print(&format!(
            "\nWritten to {}:\n  {}",
            shown(&o.out),
            lines.join("\n  ")
        ));
    }

    /// The figures of `--json`.
    fn print_figures(&self, data: &Dataset, units: Option<&[HiddenUnit]>) {
        let o = self.options;
        let last = self.metrics.last();
        let epochs: Vec<_> = self.metrics.iter().map(EpochMetrics::row).collect();
        let likelihood = last.and_then(|row| row.likelihood).map(|found| found.test);
        let names = [files(self.labels.is_some()), &[checkpoints::FILE]].concat();
        let files = Written::in_directory(&o.out, &names);
        let mut figures = json!({
            "data": data.name, "binarise": o.data.binarise().to_string(), "out": shown(&o.out), "files": files,
            "seconds": self.metrics.iter().map(|row| row.seconds).sum::<f64>(),
            "test_log_likelihood": likelihood,
            "best_epoch": self.best.as_ref().map(|best| best.epoch), "epochs": epochs,
        });
        let row = last.map(|row| json!(row.row()));
        let of_row = |key: &str| row.as_ref().map(|row| row[key].clone());
        let keys: &[&str] = match self.labels {
            Some(_) => &["test_nll", "test_error"],
            None => &[
                "reconstruction_mse",
                "free_energy_gap",
                "test_pseudo_log_likelihood",
            ],
        };
        for key in keys {
            figures[*key] = json!(of_row(key));
        }
        if self.labels.is_none() {
            figures["hidden_units"] = json!(units);
        }
        print_json(&figures);
    }
}

/// Layout of pictures: eight per row, or for rows of a table one per line.
fn grid(images: &Images) -> Result<Grid, PictureError> {
    let grid = Grid::new(images.rows(), images.columns())?;
    Ok(match images.rows() {
        1 => grid.tiles_per_row(1).magnification(8).padding(0, 0),
        _ => grid.magnification(2),
    })
}

/// The weights of the first hidden units as pictures.
fn filter_picture(parameters: &RbmParameters, images: &Images) -> Result<Vec<u8>, CommandError> {
    let shown = FILTERS.min(parameters.hidden) * parameters.visible;
    let draw = || {
        let grid = match images.rows() {
            1 => grid(images)?,
            _ => grid(images)?.tiles_per_row(10),
        };
        let grid = grid.padding(2, 128);
        filters(&parameters.w[..shown], &grid, Palette::Diverging)?.to_png()
    };
    draw().map_err(CommandError::failed)
}
