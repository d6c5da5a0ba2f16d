//! What a run leaves behind: the model, pictures, the curve, and what is printed.

use std::collections::BTreeMap;

use bitspin::data::{Dataset, Images};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin::output::OutputDirectory;
use bitspin::report::filters::{Palette, filters};
use bitspin::report::grid::Grid;
use bitspin::report::image::PictureError;
use bitspin::report::learning_curve::{EpochPoint, learning_curve};
use bitspin::report::units::strongest;
use bitspin::sampling::{Chains, bits_to_grey};
use bitspin::train::write_csv;
use bitspin_core::rbm::train::Method;
use serde_json::json;

use super::checkpoints;
use super::presets::schedule_metadata;
use super::run::Run;
use crate::command::recorded::record_of;
use crate::command::{CommandError, print, print_json};

/// The files of a run.
pub(super) const FILES: [&str; 6] = [
    "model.safetensors",
    "metrics.csv",
    "real.png",
    "generated.png",
    "filters.png",
    "learning-curve.svg",
];

/// Digits in a picture, as many as the lecture's minibatch.
const PICTURED: usize = 64;

/// Hidden units whose weights are drawn.
const FILTERS: usize = 100;

/// Hidden units whose columns are printed, and how many of those.
const LISTED: usize = 12;
const DRIVERS: usize = 6;

impl Run<'_> {
    /// Writes everything that the run leaves behind, and says where.
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
        output.add("metrics.csv", write_csv(&self.metrics))?;
        let (real, generated) = self.pictures(&parameters, images)?;
        output.add("real.png", real)?;
        output.add("generated.png", generated)?;
        output.add("filters.png", filter_picture(&parameters, images)?)?;
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
        let settings = [
            ("bitspin_version", env!("CARGO_PKG_VERSION").to_string()),
            ("model", "rbm".to_string()),
            ("epochs", trained.to_string()),
            ("batch", self.settings.batch.to_string()),
            ("batch_final", self.settings.final_batch().to_string()),
            (
                "method",
                match self.settings.method {
                    Method::ContrastiveDivergence => "cd",
                    Method::Persistent => "pcd",
                }
                .to_string(),
            ),
            ("centred", self.settings.centred.to_string()),
            ("momentum", o.momentum.to_string()),
            ("weight_decay", o.weight_decay.to_string()),
            ("l1", self.settings.l1.to_string()),
            ("sparsity_target", self.settings.sparsity.target.to_string()),
            ("sparsity_cost", self.settings.sparsity.cost.to_string()),
            ("seed", o.seed.to_string()),
            self.checkpoints.metadata(),
        ];
        let mut metadata = settings
            .into_iter()
            .chain(schedule_metadata(&self.settings))
            .map(|(key, value)| (key.to_string(), value))
            .collect::<BTreeMap<_, _>>();
        record_of(o, data).write(&mut metadata);
        RbmFile {
            parameters: parameters.clone(),
            metadata,
        }
        .to_bytes()
        .map_err(CommandError::failed)
    }

    /// Held-out digits as the model sees them, and their reconstructions, as the lecture draws them.
    fn pictures(
        &self,
        parameters: &RbmParameters,
        images: &Images,
    ) -> Result<(Vec<u8>, Vec<u8>), CommandError> {
        let engine = engine(parameters).map_err(CommandError::failed)?;
        let real = self.evaluation.test.clone().take(PICTURED);
        let mut chains = Chains::from_visible(&engine, real.bits().to_vec(), self.options.seed);
        chains.run(
            &engine,
            self.settings.final_steps(),
            1,
            &Interrupt::manual(),
            &|_| (),
        );
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
        let points: Vec<_> = self
            .metrics
            .iter()
            .map(|row| EpochPoint {
                epoch: row.epoch as f64,
                reconstruction_mse: row.reconstruction_mse,
                free_energy_gap: row.free_energy_gap,
                pseudo_log_likelihood: row.test_pseudo_log_likelihood,
                log_likelihood: row.test_log_likelihood.unwrap_or(f64::NAN),
            })
            .collect();
        let o = self.options;
        let title = format!(
            "RBM with {} hidden units, batch {}, lr {}, {} pixels",
            self.hidden,
            self.settings.batch,
            self.settings.learning_rate,
            o.data.binarise()
        );
        learning_curve(&title, &points).map_err(CommandError::failed)
    }

    /// Says what drives the hidden units of a table, and where everything is.
    fn conclude(&self, data: &Dataset, parameters: &RbmParameters) {
        let o = self.options;
        let units = data
            .columns
            .as_ref()
            .map(|names| strongest(parameters, names, DRIVERS));
        if !o.json {
            if let Some(units) = &units {
                print(
                    "\nWeights below 0: the unit is on where the column is 0, and off where it is 1.",
                );
                for unit in units.iter().take(LISTED) {
                    print(&unit.to_string());
                }
            }
            if let Some(best) = &self.best {
                print(&format!(
                    "\nThe model is that of epoch {}, the best of held-out digits",
                    best.epoch
                ));
            }
            return print(&format!(
                "\nWritten to {}:\n  {}\n  {}  {}",
                shown(&o.out),
                FILES[..3].join("  "),
                FILES[3..].join("  "),
                checkpoints::FILE
            ));
        }
        let last = self.metrics.last();
        print_json(&json!({
            "data": data.name, "binarise": o.data.binarise().to_string(), "out": shown(&o.out),
            "seconds": self.metrics.iter().map(|row| row.seconds).sum::<f64>(),
            "reconstruction_mse": last.map(|row| row.reconstruction_mse),
            "free_energy_gap": last.map(|row| row.free_energy_gap),
            "test_log_likelihood": last.and_then(|row| row.test_log_likelihood),
            "test_pseudo_log_likelihood": last.map(|row| row.test_pseudo_log_likelihood),
            "best_epoch": self.best.as_ref().map(|best| best.epoch), "epochs": self.metrics, "hidden_units": units,
        }));
    }
}

/// Where pictures go: eight beside one another, or, of a table's rows, one below the other.
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
