//! `bitspin boltzmann train`: the results.

use bitspin::boltzmann::{
    Clamped, Patterns, Row, Settings, Survey, learning_curve, model_file, probability_plot, survey,
    visible_probabilities,
};
use bitspin::display::shown;
use bitspin::evaluate::convergence::Advice;
use bitspin::output::OutputDirectory;
use bitspin::report::grid::Grid;
use bitspin::report::table::csv;
use serde_json::json;

use super::{CommandError, print, print_json};
use crate::cli::BoltzmannTrain;
use crate::command::written::Written;

/// The files of a run.
pub(super) const FILES: [&str; 6] = [
    "model.safetensors",
    "metrics.csv",
    "learning-curve.svg",
    "data.png",
    "samples.png",
    "probabilities.svg",
];

/// Pictures of data, and of samples.
const PICTURED: usize = 64;

/// Ladders and sweeps of the chains that draw samples, from noise.
const LADDERS: usize = PICTURED;
const SWEEPS: usize = 1500;

/// Maximum number of spin updates of the sampling chains: a few seconds.
const MOST_UPDATES: usize = 1 << 28;

/// A trained model, its settings and its figures.
pub(super) struct Outcome<'a> {
    pub(super) options: &'a BoltzmannTrain,
    pub(super) settings: &'a Settings,
    pub(super) patterns: &'a Patterns,
    pub(super) w: &'a [f32],
    pub(super) h: &'a [f32],
    pub(super) clamped: Clamped,
    pub(super) epochs: usize,
    pub(super) rows: Vec<Row>,
}

impl Outcome<'_> {
    /// Draws from the model, writes all files, and prints the results.
    pub(super) fn write(&self, mut output: OutputDirectory) -> Result<(), CommandError> {
        let survey = self.survey()?;
        output.add(FILES[0], self.model_file()?)?;
        output.add(FILES[1], csv(&self.rows))?;
        let curve = learning_curve(&self.title(), &self.rows, self.patterns.entropy());
        output.add(FILES[2], curve.map_err(CommandError::failed)?.into_bytes())?;
        let data: Vec<&[u64]> = self.most_frequent();
        output.add(FILES[3], self.picture(&data)?)?;
        let samples: Vec<&[u64]> = survey.states.iter().map(Vec::as_slice).collect();
        output.add(FILES[4], self.picture(&samples)?)?;
        let mut written = FILES[..5].to_vec();
        let probabilities = self.probabilities()?;
        if let Some(both) = &probabilities {
            let svg =
                probability_plot(&self.title(), both.clone()).map_err(CommandError::failed)?;
            output.add(FILES[5], svg.into_bytes())?;
            written.push(FILES[5]);
        }
        output.commit()?;
        let outside = probabilities.map(|both| {
            let outside = both.iter().filter(|&&(q, _)| q == 0.0);
            outside.map(|&(_, p)| p).sum()
        });
        self.conclude(&survey, &written, outside);
        Ok(())
    }

    fn title(&self) -> String {
        let (settings, visible) = (self.settings, self.patterns.visible());
        let name = self.patterns.name.trim_start_matches("built-in ");
        format!(
            "{name}: {visible} visible and {} hidden spins, {}",
            settings.hidden, settings.method
        )
    }

    /// Samples of the model by tempering, from noise.
    fn survey(&self) -> Result<Survey, CommandError> {
        let settings = self.settings;
        let sweep = LADDERS * settings.temperatures * self.h.len();
        let sweeps = SWEEPS.min(MOST_UPDATES / sweep).max(30);
        let (rungs, seed) = (settings.temperatures, settings.seed);
        survey(
            self.w,
            self.h,
            LADDERS,
            rungs,
            sweeps,
            seed,
            settings.threads,
        )
        .map_err(CommandError::failed)
    }

    /// The convergence of the chains that draw samples.
    fn verdict(&self, survey: &Survey) -> String {
        survey.energy.sentence(&Advice {
            longer: "sweeps, that is, draw by bitspin ising sample with more --sweeps",
            burn_in: "--burn-in",
            chains: "--chains",
            faster: Some("more --temperatures"),
        })
    }

    fn model_file(&self) -> Result<Vec<u8>, CommandError> {
        model_file(
            self.w,
            self.h,
            &self.patterns.name,
            self.settings,
            self.epochs,
        )
        .to_bytes()
        .map_err(CommandError::failed)
    }

    /// The most frequent patterns.
    fn most_frequent(&self) -> Vec<&[u64]> {
        let mut all: Vec<_> = self.patterns.iter().collect();
        all.sort_by_key(|&(_, count)| -count);
        all.into_iter()
            .take(PICTURED)
            .map(|(state, _)| state)
            .collect()
    }

    /// The visible spins of states as a picture: +1 white.
    fn picture(&self, states: &[&[u64]]) -> Result<Vec<u8>, CommandError> {
        let (rows, columns) = self.patterns.picture;
        let visible = self.patterns.visible();
        let tiles: Vec<Vec<u8>> = states
            .iter()
            .map(|state| {
                let bit = |i: usize| state[i / 64] >> (i % 64) & 1 != 0;
                (0..visible).map(|i| 255 * u8::from(bit(i))).collect()
            })
            .collect();
        let draw = || {
            let grid = Grid::new(rows, columns)?;
            let factor = (32 / rows.max(columns)).max(1);
            let across = if columns > 4 * rows { 2 } else { 8 };
            let grid = grid.tiles_per_row(across).padding(1, 128);
            grid.magnification(factor).draw(&tiles)?.to_png()
        };
        draw().map_err(CommandError::failed)
    }

    /// Probabilities of all visible states under the data and the model, if they can be listed.
    fn probabilities(&self) -> Result<Option<Vec<(f64, f64)>>, CommandError> {
        let visible = self.patterns.visible();
        let threads = self.settings.threads;
        let model = visible_probabilities(self.w, self.h, visible, threads);
        let Some(model) = model.map_err(CommandError::failed)? else {
            return Ok(None);
        };
        let mut both: Vec<(f64, f64)> = model.into_iter().map(|p| (0.0, p)).collect();
        for ((state, _), q) in self.patterns.iter().zip(self.patterns.shares()) {
            both[state[0] as usize].0 = q;
        }
        Ok(Some(both))
    }

    /// Prints the results; `outside` is the model's probability of all states that are not in the data.
    fn conclude(&self, survey: &Survey, written: &[&str], outside: Option<f64>) {
        let last = self.rows.last();
        let verdict = self.verdict(survey);
        if !self.options.run.json {
            let kl = match last.and_then(|row| row.kl) {
                Some(kl) => format!("K(data; model) {kl:.4} nats\n{}", reverse(last, outside)),
                None => {
                    "K(data; model) and K(model; data) are unknown: too many spins to enumerate"
                        .into()
                }
            };
            return print(&format!(
                "\n{kl}\nSamples: {LADDERS} ladders of {} temperatures. {verdict}\nWritten to {}:\n  {}",
                self.settings.temperatures,
                shown(&self.options.out),
                written.join("  ")
            ));
        }
        let clamped = match self.clamped {
            Clamped::NoHidden => "none",
            Clamped::Exact => "exact",
            Clamped::Sampled => "sampled",
        };
        print_json(&json!({
            "data": self.patterns.name, "patterns": self.patterns.total(), "distinct": self.patterns.distinct(),
            "entropy": self.patterns.entropy(), "visible": self.patterns.visible(), "hidden": self.settings.hidden,
            "method": self.settings.method.to_string(), "clamped": clamped, "seed": self.settings.seed,
            "epochs": self.epochs, "seconds": last.map(|row| row.seconds), "kl": last.and_then(|row| row.kl),
            "kl_reverse": last.and_then(|row| row.kl_reverse),
            "kl_reverse_is_infinite": last.and_then(|row| row.kl_reverse).map(f64::is_infinite),
            "model_outside_data": outside,
            "cross_entropy": last.and_then(|row| row.cross_entropy),
            "pseudo_log_likelihood": last.and_then(|row| row.pseudo_log_likelihood),
            "sample_energy": survey.energy, "verdict": verdict, "out": shown(&self.options.out), "files": Written::in_directory(&self.options.out, written),
            "metrics": self.rows,
        }));
    }
}

/// K(model; data) in words.
fn reverse(last: Option<&Row>, outside: Option<f64>) -> String {
    match last.and_then(|row| row.kl_reverse) {
        Some(kl) if kl.is_finite() => format!("K(model; data) {kl:.4} nats"),
        Some(_) => {
            let share = outside.map_or("some".into(), |share| format!("{:.4}", share));
            format!(
                "K(model; data) is infinite: {share} of the model's probability is on states that are not in the data"
            )
        }
        None => "K(model; data) is unknown: too many states to enumerate".into(),
    }
}
