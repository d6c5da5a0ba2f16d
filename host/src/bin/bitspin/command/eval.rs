//! `bitspin rbm eval`.

mod likelihood;
mod mixing;
mod report;
mod rows;

use bitspin::BitMatrix;
use bitspin::console;
use bitspin::data::{Dataset, HeldOut};
use bitspin::display::shown;
use bitspin::engine::engine;
use bitspin::evaluate;
use bitspin::model_file::RbmFile;

use super::recorded::{Prepared, pixels};
use super::rows::{Rows, counts};
use super::{CommandError, check_size, load_model, refuse_missing};
use crate::cli::Eval;
pub(super) use likelihood::is_enumerable;
use report::{Measured, Test, Train, table};
use rows::RowScores;

/// Evaluates and prints.
pub(crate) fn run(options: &Eval) -> Result<(), CommandError> {
    let threads = options.run.threads();
    likelihood::check(options)?;
    let file = load_model(&options.model)?;
    let RbmFile { parameters, .. } = &file;
    let mut measured = Measured {
        visible: parameters.visible,
        hidden: parameters.hidden,
        ..Measured::default()
    };
    let prepared = Prepared::new(&options.model, &file.metadata, &options.data)?;
    let is_given = options.data.data.is_some();
    let options = &Eval {
        data: prepared.options.clone(),
        ..options.clone()
    };
    let rows = RowScores::new(options)?;
    let data = match prepared.load(None, Rows::Measured) {
        // Without --data, the partition function can be computed for any model, whatever its data were.
        Ok(data)
            if !is_given
                && data.pixels_per_image() != parameters.visible
                && (options.exact || options.ais) =>
        {
            None
        }
        Ok(data) => {
            refuse_missing(&data)?;
            check_size(&options.model, &file, &data.name, &data.train.images)?;
            Some(data)
        }
        Err(error) => return Err(error),
    };
    if options.exact || (options.ais && likelihood::is_enumerable(parameters)) {
        measured.ln_z = Some(evaluate::ln_z(parameters, threads).map_err(|error| {
            CommandError::usage(format!("--exact: {}: {error}", shown(&options.model)))
        })?);
    }
    let packed = data.as_ref().map(|data| Packed::new(data, options));
    let mut interrupted = Ok(());
    if options.ais {
        let annealed = likelihood::anneal(options, parameters, packed.as_ref(), threads);
        match annealed {
            Ok(annealed) => {
                measured.warnings.extend_from_slice(annealed.doubts());
                measured.annealed = Some(annealed);
            }
            Err(error @ CommandError::Interrupted(_)) => interrupted = Err(error),
            Err(error) => return Err(error),
        }
    }
    if rows.is_some() && packed.is_none() {
        return Err(CommandError::usage(format!(
            "--per-row: expected --data with rows that fit {}",
            shown(&options.model)
        )));
    }
    if let (Some(data), Some(packed)) = (&data, &packed) {
        prepared.tell();
        measured.preparation = Some(prepared.preparation(options.run.seed));
        measure(options, &file, data, packed, threads, &mut measured)?;
        if let Some(rows) = rows {
            let forward = measured
                .annealed
                .as_ref()
                .map(|found| found.forward.estimate.ln_z);
            let exact = measured.ln_z.map(|ln_z| ("log_likelihood", ln_z));
            let ln_z = exact.or(forward.map(|ln_z| ("log_likelihood_ais", ln_z)));
            measured.files = vec![rows.write(options, parameters, packed, ln_z, threads)?];
        }
        if options.mixing && interrupted.is_ok() {
            match mixing::mix(options, parameters, packed, threads) {
                Ok(mixed) => measured.mixing = Some(mixed),
                Err(error @ CommandError::Interrupted(_)) => interrupted = Err(error),
                Err(error) => return Err(error),
            }
        }
    }
    if options.run.json {
        super::print_json(&measured);
    } else {
        super::print(table(&measured).trim_end());
        for file in &measured.files {
            super::print(&file.line("scores of single rows"));
        }
    }
    for warning in &measured.warnings {
        console::warning(format_args!("{warning}"));
    }
    interrupted
}

/// Both splits as bits.
struct Packed {
    train: BitMatrix,
    test: BitMatrix,
    held_out: HeldOut,
}

impl Packed {
    fn new(data: &Dataset, options: &Eval) -> Self {
        let packed = |images| options.data.pack(images, options.run.seed);
        Self {
            train: packed(&data.train.images),
            test: packed(&data.test.images),
            held_out: data.held_out,
        }
    }
}

/// Evaluates everything that depends on data.
fn measure(
    options: &Eval,
    file: &RbmFile,
    data: &Dataset,
    Packed { train, test, .. }: &Packed,
    threads: usize,
    measured: &mut Measured,
) -> Result<(), CommandError> {
    let parameters = &file.parameters;
    let bad = CommandError::at(&options.model);
    let engine = engine(parameters).map_err(bad)?;
    measured.data = Some(data.to_string());
    measured.rows = Some(counts(data));
    measured.pixels = pixels(&options.data, options.run.seed);
    let annealed = measured.annealed.as_ref();
    let forward = annealed.map(|annealed| annealed.forward.estimate);
    let reverse = annealed.map(|annealed| annealed.reverse.estimate);
    let raise = annealed.and_then(|annealed| annealed.raise.as_ref());
    let raise = raise.map(|raise| (raise.test_log_likelihood, raise.standard_error));
    let gibbs = evaluate::reconstruction(&engine, train, options.run.seed, threads).map_err(bad)?;
    let free_energy = evaluate::free_energy(parameters, train, threads).map_err(bad)?;
    let of_train = Train {
        reconstruction_mse: gibbs.reconstruction_mse,
        free_energy,
        free_energy_gap: gibbs.free_energy_gap,
        log_likelihood: measured.ln_z.map(|ln_z| -free_energy - ln_z),
        log_likelihood_ais: forward.map(|forward| -free_energy - forward.ln_z),
        log_likelihood_reverse_ais: reverse.map(|reverse| -free_energy - reverse.ln_z),
    };
    measured.train = (data.held_out != HeldOut::None).then_some(of_train);
    let gibbs = evaluate::reconstruction(&engine, test, options.run.seed, threads).map_err(bad)?;
    let free_energy = evaluate::free_energy(parameters, test, threads).map_err(bad)?;
    measured.test = Some(Test {
        test_reconstruction_mse: gibbs.reconstruction_mse,
        test_free_energy: free_energy,
        test_free_energy_gap: gibbs.free_energy_gap,
        test_pseudo_log_likelihood: evaluate::pseudo_log_likelihood(parameters, test, threads)
            .map_err(bad)?,
        train_test_free_energy_gap: (measured.train.as_ref())
            .map(|train| free_energy - train.free_energy),
        test_log_likelihood: measured.ln_z.map(|ln_z| -free_energy - ln_z),
        test_log_likelihood_ais: forward.map(|forward| -free_energy - forward.ln_z),
        test_log_likelihood_ais_standard_error: forward.map(|forward| forward.standard_error),
        test_log_likelihood_reverse_ais: reverse.map(|reverse| -free_energy - reverse.ln_z),
        test_log_likelihood_reverse_ais_standard_error: reverse
            .map(|reverse| reverse.standard_error),
        test_log_likelihood_raise: raise.map(|raise| raise.0),
        test_log_likelihood_raise_standard_error: raise.map(|raise| raise.1),
    });
    Ok(())
}
