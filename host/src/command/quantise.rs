//! `bitspin rbm quantise`.

use bitspin::console;
use bitspin::data::{Images, PackedImages};
use bitspin::display::shown;
use bitspin::evaluate::{self, Ais, AisSettings, BaseRate, Estimate, MAX_BETAS, rounded};
use bitspin::interrupt::Interrupt;
use bitspin::model_file::{RbmFile, RbmParameters};
use bitspin::output::OutputFile;
use bitspin::report::progress::Progress;
use bitspin_core::rng::Purpose;
use serde::Serialize;
use serde_json::json;

use super::eval::{in_range, is_enumerable};
use super::recorded::{Prepared, pixels};
use super::rows::Rows;
use super::written::Form;
use super::{CommandError, MAX_CHAINS, check_size, load_model, refuse_missing, threads};
use crate::cli::{Format, Quantise};

/// What a format makes of the model.
#[derive(Debug, Serialize)]
struct Row {
    format: &'static str,
    bytes: usize,
    ln_z: f64,
    /// 0 where ln Z is exact.
    ln_z_standard_error: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z_effective_sample_size: Option<f64>,
    ln_z_change: f64,
    test_log_likelihood: f64,
    test_log_likelihood_change: f64,
    /// Of both changes, as if both estimates of ln Z were independent.
    change_standard_error: f64,
}

/// Reports, and writes.
pub(crate) fn run(options: &Quantise) -> Result<(), CommandError> {
    in_range("--chains", options.chains, 2, MAX_CHAINS)?;
    in_range("--betas", options.betas, 1, MAX_BETAS)?;
    let threads = threads(options.threads)?;
    Form::check("--out", options.out.as_ref(), &[Form::Safetensors])?;
    let file = load_model(&options.model)?;
    if let (Some(format), Some(out)) = (options.format, &options.out) {
        let output = OutputFile::create(out, options.force)?;
        let small = rounded(&file.parameters, format.of_weights()).map_err(|e| bad(options, e))?;
        let mut metadata = file.metadata.clone();
        metadata.insert("rounded_to".to_string(), format.name().to_string());
        let content = RbmFile {
            parameters: small.parameters,
            metadata,
        }
        .to_bytes();
        output.commit(content.map_err(CommandError::failed)?)?;
        if !options.json {
            super::print(&format!("{}: weights of {}", shown(&out), format.name()));
        } else if !options.report {
            super::print_json(
                &json!({ "out": shown(&out), "format": format.name(), "bytes": small.bytes }),
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
    let (how, seed) = (prepared.options.binarise(), options.seed);
    let packed = |images: &Images| PackedImages::new(images, how, seed, Purpose::Evaluation);
    let test = packed(&data.test.images);
    let exact = is_enumerable(&file.parameters);
    let measure = Measure {
        base: BaseRate::of_data(&packed(&data.train.images)),
        test: &test,
        settings: AisSettings {
            chains: options.chains,
            betas: options.betas,
            seed,
            threads,
        },
        exact,
        interrupt: Interrupt::install(),
        progress: Progress::new(
            if exact {
                0
            } else {
                6 * (options.chains * options.betas) as u64
            },
            "steps",
        ),
    };
    let parameters = &file.parameters;
    let all = (parameters.w.len() + parameters.visible + parameters.hidden) * 4;
    let reference = measure
        .row("float32", parameters, all, None)
        .map_err(|e| e.of(options))?;
    let mut rows = vec![];
    for format in Format::ALL {
        let small = rounded(parameters, format.of_weights()).map_err(|e| bad(options, e))?;
        let (name, bytes) = (format.name(), small.bytes);
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
            "by AIS with {} chains and {} temperatures",
            options.chains, options.betas
        )
    };
    if options.json {
        let mut told = json!({
            "data": data.to_string(), "split": "test", "ln_z": how_ln_z,
            "visible": parameters.visible, "hidden": parameters.hidden, "formats": rows,
        });
        prepared.add_to(&mut told, seed);
        super::print_json(&told);
    } else {
        super::print(&format!(
            "{} x {} units, {}\nheld-out digits of {}, nats an image\nln Z {how_ln_z}\n\n{}",
            parameters.visible,
            parameters.hidden,
            pixels(&prepared.options, seed),
            data.name,
            table(&rows).trim_end()
        ));
    }
    for row in &rows {
        if row
            .ln_z_effective_sample_size
            .is_some_and(|size| size < 0.1 * options.chains as f64)
        {
            console::warning(format_args!(
                "{}: the effective sample size of its ln Z is small; more --betas help",
                row.format
            ));
        }
    }
    Ok(())
}

/// Why a row could not be had.
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

/// How every format is measured: with the same chains.
struct Measure<'a> {
    base: BaseRate,
    test: &'a PackedImages,
    settings: AisSettings,
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
        let threads = self.settings.threads;
        let (ln_z, error, size) = if self.exact {
            (evaluate::ln_z(parameters, threads)?, 0.0, None)
        } else {
            let Estimate {
                ln_z,
                standard_error,
                effective_sample_size,
                ..
            } = Ais::new(parameters, &self.base, self.settings)?
                .forward(&self.interrupt, &|steps| self.progress.inc(steps))?
                .ok_or(RowError::Interrupted)?;
            (ln_z, standard_error, Some(effective_sample_size))
        };
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
            ln_z_effective_sample_size: size,
            ln_z_change: ln_z - before,
            test_log_likelihood,
            test_log_likelihood_change: test_log_likelihood - likelihood_before,
            change_standard_error: if reference.is_some() {
                error.hypot(error_before)
            } else {
                0.0
            },
        })
    }
}

/// The rows as a table in Markdown, which reads well as text.
fn table(rows: &[Row]) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "| {:<7} | {:>9} | {:>8} | {:>6} | {:>9} | {:>6} |\n| --- | --- | --- | --- | --- | --- |\n",
        "weights", "bytes", "ln Z", "change", "test ln p", "change"
    );
    for row in rows {
        let change = |value: f64| {
            if row.format == "float32" {
                String::new()
            } else {
                format!("{value:+.2}")
            }
        };
        let error = if row.ln_z_standard_error > 0.0 {
            format!(" ±{:.2}", row.ln_z_standard_error)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "| {:<7} | {:>9} | {:>8.2}{error} | {:>6} | {:>9.2} | {:>6} |",
            row.format,
            row.bytes,
            row.ln_z,
            change(row.ln_z_change),
            row.test_log_likelihood,
            change(row.test_log_likelihood_change),
        );
    }
    text
}
