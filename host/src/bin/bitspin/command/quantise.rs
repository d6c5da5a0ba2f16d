//! `bitspin rbm quantise`.

use bitspin::BitMatrix;
use bitspin::Control;
use bitspin::console;
use bitspin::display::shown;
use bitspin::evaluate::{
    self, AisSettings, BaseRate, Bracket, BracketSettings, ReverseFrom, rounded,
};
use bitspin::firmware::source::weights_name;
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin::output::OutputFile;
use bitspin::report::progress::Progress;
use serde::Serialize;
use serde_json::json;

use super::eval::is_enumerable;
use super::recorded::{Prepared, pixels};
use super::rows::Rows;
use super::written::{Form, Written};
use super::{CommandError, check_size, load_model, refuse_missing};
use crate::cli::{Quantise, Weights};

/// Evaluation of the model in one weight format.
#[derive(Debug, Serialize)]
struct Row {
    format: &'static str,
    bytes: usize,
    /// Exact, or by forward annealing: on average too low.
    ln_z: f64,
    /// 0 where ln Z is exact.
    ln_z_standard_error: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z_effective_sample_size: Option<f64>,
    /// By reverse annealing from samples of parallel tempering: on average too high.
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z_reverse: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z_reverse_standard_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z_reverse_effective_sample_size: Option<f64>,
    ln_z_change: f64,
    /// By `ln_z`: where it is not exact, on average too high.
    test_log_likelihood: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_log_likelihood_reverse: Option<f64>,
    test_log_likelihood_change: f64,
    /// Of both changes, as if both estimates of ln Z were independent.
    change_standard_error: f64,
    /// Reasons to doubt the estimates.
    warnings: Vec<String>,
}

/// Reports, and writes the rounded model.
pub(crate) fn run(options: &Quantise) -> Result<(), CommandError> {
    let threads = options.run.threads();
    Form::check("--out", options.out.as_ref(), &[Form::Safetensors])?;
    let file = load_model(&options.model)?;
    if let (Some(format), Some(out)) = (options.format, &options.out) {
        let output = OutputFile::create(out, options.force)?;
        let small = rounded(&file.parameters, format.format()).map_err(|e| bad(options, e))?;
        let mut metadata = file.metadata.clone();
        metadata.insert(
            "rounded_to".to_string(),
            weights_name(format.format()).to_string(),
        );
        let content = RbmFile {
            parameters: small.parameters,
            metadata,
        }
        .to_bytes();
        output.commit(content.map_err(CommandError::failed)?)?;
        if !options.run.json {
            super::print(&format!(
                "{}: weights of {}",
                shown(&out),
                weights_name(format.format())
            ));
        } else if !options.report {
            super::print_json(
                &json!({ "out": shown(&out), "format": weights_name(format.format()), "bytes": small.bytes, "files": [Written::named(out)] }),
            );
        }
    }
    if options.report {
        report(options, &file, threads)?;
    }
    Ok(())
}

fn bad(options: &Quantise, error: bitspin_core::Error) -> CommandError {
    CommandError::usage(format!("{}: {error}", shown(&options.model)))
}

/// Measures the model in every format and prints the table.
fn report(options: &Quantise, file: &RbmFile, threads: usize) -> Result<(), CommandError> {
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let data = prepared.load(None, Rows::Measured)?;
    refuse_missing(&data)?;
    check_size(&options.model, file, &data.name, &data.train.images)?;
    let seed = options.run.seed;
    let test = prepared.options.pack(&data.test.images, seed);
    let exact = is_enumerable(&file.parameters);
    let settings = BracketSettings {
        ais: AisSettings {
            chains: options.chains,
            betas: options.betas,
            seed,
            threads,
        },
        from: ReverseFrom::Tempering,
        rounds: options.tempering_rounds,
        burn_in: 0,
    };
    let train = prepared.options.pack(&data.train.images, seed);
    let measure = Measure {
        base: BaseRate::of_data(&train),
        train: &train,
        test: &test,
        settings,
        exact,
        interrupt: Interrupt::install(),
        progress: Progress::new(if exact { 0 } else { 6 * settings.steps() }, "steps"),
    };
    let parameters = &file.parameters;
    let all = (parameters.w.len() + parameters.visible + parameters.hidden) * 4;
    let reference = measure
        .row("float32", parameters, all, None)
        .map_err(|e| e.of(options))?;
    let mut rows = vec![];
    for format in Weights::ALL {
        let small = rounded(parameters, format.format()).map_err(|e| bad(options, e))?;
        let (name, bytes) = (weights_name(format.format()), small.bytes);
        let row = measure.row(name, &small.parameters, bytes, Some(&reference));
        rows.push(row.map_err(|e| e.of(options))?);
    }
    rows.insert(0, reference);
    measure.progress.finish();
    prepared.tell();
    let how_ln_z = if exact {
        "by enumeration".to_string()
    } else {
        format!(
            "by AIS with {} chains and {} temperatures: forward, on average too low,\n\
             and reverse from {} rounds of parallel tempering, on average too high;\n\
             test ln p and its change by forward AIS",
            options.chains, options.betas, options.tempering_rounds
        )
    };
    if options.run.json {
        let mut told = json!({
            "data": data.to_string(), "split": "test", "ln_z": how_ln_z,
            "visible": parameters.visible, "hidden": parameters.hidden, "formats": rows,
        });
        prepared.add_to(&mut told, seed);
        super::print_json(&told);
    } else {
        super::print(&format!(
            "{} x {} units, {}\nheld-out images of {}, nats per image\nln Z {how_ln_z}\n\n{}",
            parameters.visible,
            parameters.hidden,
            pixels(&prepared.options, seed),
            data.name,
            table(&rows).trim_end()
        ));
    }
    for row in &rows {
        for warning in &row.warnings {
            console::warning(format_args!("{}: {warning}", row.format));
        }
    }
    Ok(())
}

/// Why a row cannot be computed.
enum RowError {
    Model(bitspin_core::Error),
    Interrupted,
}

impl RowError {
    fn of(self, options: &Quantise) -> CommandError {
        match self {
            Self::Model(error) => bad(options, error),
            Self::Interrupted => {
                CommandError::Interrupted("interrupted before all formats were measured".into())
            }
        }
    }
}

impl From<bitspin_core::Error> for RowError {
    fn from(error: bitspin_core::Error) -> Self {
        Self::Model(error)
    }
}

/// Evaluates every format with the same settings and chains.
struct Measure<'a> {
    base: BaseRate,
    train: &'a BitMatrix,
    test: &'a BitMatrix,
    settings: BracketSettings,
    exact: bool,
    interrupt: Interrupt,
    progress: Progress,
}

impl Measure<'_> {
    fn row(
        &self,
        format: &'static str,
        parameters: &RbmParameters,
        bytes: usize,
        reference: Option<&Row>,
    ) -> Result<Row, RowError> {
        let threads = self.settings.ais.threads;
        let (ln_z, found) = if self.exact {
            (evaluate::ln_z(parameters, threads)?, None)
        } else {
            let tick = |steps| self.progress.inc(steps);
            let found = Bracket::new_with(
                parameters,
                &self.base,
                Some(self.train),
                self.settings,
                &|_, _| (),
                Control::new().interrupt(&self.interrupt).progress(&tick),
            )?;
            let found = found.ok_or(RowError::Interrupted)?;
            (found.forward.ln_z, Some(found))
        };
        let forward = found.map(|found| found.forward);
        let reverse = found.map(|found| found.reverse);
        let error = forward.map_or(0.0, |forward| forward.standard_error);
        let doubts = found.map_or(vec![], |found| found.doubts());
        let test_log_likelihood = evaluate::log_likelihood(parameters, ln_z, self.test, threads)?;
        let [before, likelihood_before, error_before] = reference
            .map_or([ln_z, test_log_likelihood, 0.0], |row| {
                [row.ln_z, row.test_log_likelihood, row.ln_z_standard_error]
            });
        Ok(Row {
            format,
            bytes,
            ln_z,
            ln_z_standard_error: error,
            ln_z_effective_sample_size: forward.map(|forward| forward.effective_sample_size),
            ln_z_reverse: reverse.map(|reverse| reverse.ln_z),
            ln_z_reverse_standard_error: reverse.map(|reverse| reverse.standard_error),
            ln_z_reverse_effective_sample_size: reverse
                .map(|reverse| reverse.effective_sample_size),
            ln_z_change: ln_z - before,
            test_log_likelihood,
            test_log_likelihood_reverse: reverse
                .map(|reverse| test_log_likelihood + ln_z - reverse.ln_z),
            test_log_likelihood_change: test_log_likelihood - likelihood_before,
            change_standard_error: if reference.is_some() {
                error.hypot(error_before)
            } else {
                0.0
            },
            warnings: doubts.iter().map(ToString::to_string).collect(),
        })
    }
}

/// The rows as a table in Markdown, which reads well as text. Where ln Z is exact there is no reverse column.
fn table(rows: &[Row]) -> String {
    use std::fmt::Write;
    let exact = rows.iter().all(|row| row.ln_z_reverse.is_none());
    let reverse = |cell: &str| match exact {
        true => String::new(),
        false => format!(" {cell:>13} |"),
    };
    let mut text = format!(
        "| {:<7} | {:>8} | {:>13} |{} {:>6} | {:>9} | {:>7} |\n| --- | ---: | ---: |{} ---: | ---: | ---: |\n",
        "weights",
        "bytes",
        "ln Z",
        reverse("reverse"),
        "change",
        "test ln p",
        "change",
        if exact { "" } else { " ---: |" },
    );
    for row in rows {
        let change = |value: f64| match row.format {
            "float32" => String::new(),
            _ => format!("{value:+.2}"),
        };
        let with_error = |value: f64, error: f64| match error > 0.0 {
            true => format!("{value:.2} ±{error:.2}"),
            false => format!("{value:.2}"),
        };
        let error = row.ln_z_reverse_standard_error.unwrap_or(0.0);
        let reversed = row.ln_z_reverse.map(|ln_z| with_error(ln_z, error));
        let _ = writeln!(
            text,
            "| {:<7} | {:>8} | {:>13} |{} {:>6} | {:>9.2} | {:>7} |",
            row.format,
            row.bytes,
            with_error(row.ln_z, row.ln_z_standard_error),
            reverse(&reversed.unwrap_or_default()),
            change(row.ln_z_change),
            row.test_log_likelihood,
            change(row.test_log_likelihood_change),
        );
    }
    text
}
