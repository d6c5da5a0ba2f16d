//! `bitspin rbm eval`.

use bitspin::data::{Dataset, Images, PackedImages};
use bitspin::engine::engine;
use bitspin::evaluate;
use bitspin::model_file::RbmFile;
use bitspin_core::rng::Purpose;
use serde::Serialize;

use super::{CommandError, check_size, load_data, load_model, refuse_missing, threads};
use crate::cli::Eval;

/// What is measured; what is not is left out.
#[derive(Debug, Default, Serialize)]
struct Measured {
    visible: usize,
    hidden: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binarise: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ln_z: Option<f64>,
    #[serde(flatten)]
    train: Option<Train>,
    #[serde(flatten)]
    test: Option<Test>,
}

/// On training digits.
#[derive(Debug, Serialize)]
struct Train {
    reconstruction_mse: f64,
    free_energy: f64,
    free_energy_gap: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<f64>,
}

/// On held-out digits.
#[derive(Debug, Serialize)]
struct Test {
    test_reconstruction_mse: f64,
    test_free_energy: f64,
    test_free_energy_gap: f64,
    test_pseudo_log_likelihood: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_log_likelihood: Option<f64>,
}

/// Measures and prints.
pub(crate) fn run(options: &Eval) -> Result<(), CommandError> {
    let threads = threads(options.threads)?;
    let file = load_model(&options.model)?;
    let RbmFile { parameters, .. } = &file;
    let mut measured = Measured {
        visible: parameters.visible,
        hidden: parameters.hidden,
        ..Measured::default()
    };
    let data = match load_data(&options.data) {
        // Without --data, a model of something else than digits still has a partition function.
        Ok(data)
            if options.data.data.is_none()
                && data.pixels_per_image() != parameters.visible
                && options.exact =>
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
    if options.exact {
        measured.ln_z = Some(evaluate::ln_z(parameters, threads).map_err(|error| {
            CommandError::usage(format!("--exact: {}: {error}", options.model.display()))
        })?);
    }
    if let Some(data) = &data {
        measure(options, &file, data, threads, &mut measured)?;
    }
    if options.json {
        super::print_json(&measured);
    } else {
        super::print(table(&measured).trim_end());
    }
    Ok(())
}

/// Fills in what depends on data.
fn measure(
    options: &Eval,
    file: &RbmFile,
    data: &Dataset,
    threads: usize,
    measured: &mut Measured,
) -> Result<(), CommandError> {
    let parameters = &file.parameters;
    let bad = |error: bitspin_core::Error| {
        CommandError::usage(format!("{}: {error}", options.model.display()))
    };
    let engine = engine(parameters).map_err(bad)?;
    let packed = |images: &Images| {
        PackedImages::new(
            images,
            options.data.binarise,
            options.seed,
            Purpose::Evaluation,
        )
    };
    let (train, test) = (packed(&data.train.images), packed(&data.test.images));
    measured.data = Some(data.to_string());
    measured.binarise = Some(options.data.binarise.to_string());
    let gibbs = evaluate::reconstruction(&engine, &train, options.seed, threads).map_err(bad)?;
    let free_energy = evaluate::free_energy(parameters, &train, threads).map_err(bad)?;
    measured.train = Some(Train {
        reconstruction_mse: gibbs.reconstruction_mse,
        free_energy,
        free_energy_gap: gibbs.free_energy_gap,
        log_likelihood: measured.ln_z.map(|ln_z| -free_energy - ln_z),
    });
    let gibbs = evaluate::reconstruction(&engine, &test, options.seed, threads).map_err(bad)?;
    let free_energy = evaluate::free_energy(parameters, &test, threads).map_err(bad)?;
    measured.test = Some(Test {
        test_reconstruction_mse: gibbs.reconstruction_mse,
        test_free_energy: free_energy,
        test_free_energy_gap: gibbs.free_energy_gap,
        test_pseudo_log_likelihood: evaluate::pseudo_log_likelihood(parameters, &test, threads)
            .map_err(bad)?,
        test_log_likelihood: measured.ln_z.map(|ln_z| -free_energy - ln_z),
    });
    Ok(())
}

/// The figures for people.
fn table(measured: &Measured) -> String {
    use std::fmt::Write;
    let mut text = format!(
        "RBM of {} visible and {} hidden units\n",
        measured.visible, measured.hidden
    );
    if let (Some(data), Some(binarise)) = (&measured.data, &measured.binarise) {
        let _ = writeln!(text, "{data}\n{binarise} pixels");
    }
    if let Some(ln_z) = measured.ln_z {
        let _ = writeln!(text, "ln Z = {ln_z:.6} (exact)");
    }
    let (Some(train), Some(test)) = (&measured.train, &measured.test) else {
        return text;
    };
    let mut row = |name: &str, train: Option<f64>, test: Option<f64>, digits: usize| {
        let cell =
            |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.digits$}"));
        let _ = writeln!(text, "{name:<44} {:>14} {:>14}", cell(train), cell(test));
    };
    row("", None, None, 0);
    row(
        "reconstruction error",
        Some(train.reconstruction_mse),
        Some(test.test_reconstruction_mse),
        5,
    );
    row(
        "mean free energy, nats",
        Some(train.free_energy),
        Some(test.test_free_energy),
        3,
    );
    row(
        "free-energy gap F(v) - F(v'), nats",
        Some(train.free_energy_gap),
        Some(test.test_free_energy_gap),
        3,
    );
    row(
        "pseudo-log-likelihood, nats an image",
        None,
        Some(test.test_pseudo_log_likelihood),
        3,
    );
    row(
        "log-likelihood, nats an image",
        train.log_likelihood,
        test.test_log_likelihood,
        3,
    );
    let heading = format!("{:<44} {:>14} {:>14}", "", "training", "held out");
    text.replacen(&format!("{:<44} {:>14} {:>14}", "", "-", "-"), &heading, 1)
}
