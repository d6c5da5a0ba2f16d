//! Estimates of test log-likelihoods beside exact values, on models of up to 24 hidden units, trained well and badly.

use std::path::PathBuf;
use std::process::ExitCode;

use bitspin::BitMatrix;
use bitspin::data::{Binarisation, Dataset};
use bitspin::evaluate::{
    Ais, AisSettings, BaseRate, Estimate, ReverseStart, drawn, exact_samples, free_energy, ln_z,
};
use bitspin::model_file::RbmParameters;
use bitspin::train::{Settings, Trainer, TrainingData, initial_parameters};
use bitspin_benches::report::likelihood::{Found, Likelihood, Trial};
use bitspin_core::rbm::train::Method;
use bitspin_core::rng::Purpose;
use clap::Parser;

/// Trains models, measures them exactly and by every estimate, and prints mean errors and how often the intervals of 95%
/// hold the exact value.
#[derive(Debug, Parser)]
struct Arguments {
    /// Directory of MNIST's IDX files [default: the built-in digits]
    #[arg(long, value_name = "DIR", env = "BITSPIN_MNIST_DIR")]
    data: Option<PathBuf>,
    /// Hidden units, at most 24
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [16, 20])]
    hidden: Vec<usize>,
    /// Learning rates
    #[arg(long, value_name = "X,X", value_delimiter = ',', default_values_t = [0.01, 0.05, 0.1, 0.3])]
    rates: Vec<f32>,
    /// Seeds of each size, method and rate: of training, and of the estimates
    #[arg(long, value_name = "N", default_value_t = 20)]
    seeds: u64,
    /// Passes over the digits
    #[arg(long, value_name = "N", default_value_t = 20)]
    epochs: usize,
    /// Chains each way
    #[arg(long, value_name = "N", default_value_t = 100)]
    chains: usize,
    /// Temperatures
    #[arg(long, value_name = "N", default_value_t = 1000)]
    betas: usize,
    /// Rounds of parallel tempering
    #[arg(long, value_name = "N", default_value_t = 1000)]
    tempering_rounds: usize,
    /// Gibbs steps from data
    #[arg(long, value_name = "N", default_value_t = 1000)]
    burn_in: usize,
    /// Test rows of RAISE
    #[arg(long, value_name = "N", default_value_t = 50)]
    raise_rows: usize,
    /// Chains of RAISE for each row
    #[arg(long, value_name = "N", default_value_t = 5)]
    raise_chains: usize,
    /// Threads
    #[arg(long, value_name = "N", default_value_t = 2)]
    threads: usize,
    /// The day, for the record
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "")]
    date: String,
    /// Where to write the record
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

type Failed = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failed> {
    let data = Dataset::load(arguments.data.as_deref())?;
    let mut record = Likelihood {
        date: arguments.date.clone(),
        data: data.name.clone(),
        epochs: arguments.epochs,
        chains: arguments.chains,
        betas: arguments.betas,
        tempering_rounds: arguments.tempering_rounds,
        burn_in: arguments.burn_in,
        raise_rows: arguments.raise_rows,
        raise_chains: arguments.raise_chains,
        trials: vec![],
    };
    let methods = [
        ("CD-1", Method::ContrastiveDivergence),
        ("PCD-1", Method::Persistent),
    ];
    for &hidden in &arguments.hidden {
        for (name, method) in methods {
            for &learning_rate in &arguments.rates {
                for seed in 1..=arguments.seeds {
                    let settings = Settings {
                        learning_rate,
                        method,
                        seed,
                        epochs: arguments.epochs,
                        threads: arguments.threads,
                        ..Settings::default()
                    };
                    let mut trial = trial(arguments, &data, hidden, settings)?;
                    trial.method = name.into();
                    record.trials.push(trial);
                }
                eprintln!("{hidden} hidden units, {name}, lr {learning_rate}");
            }
        }
    }
    println!("{}", record.markdown());
    if let Some(path) = &arguments.record {
        std::fs::write(path, serde_json::to_string(&record)? + "\n")?;
    }
    Ok(())
}

fn trial(
    arguments: &Arguments,
    data: &Dataset,
    hidden: usize,
    settings: Settings,
) -> Result<Trial, Failed> {
    let (seed, threads) = (settings.seed, settings.threads);
    let packed =
        |images| BitMatrix::binarise(images, Binarisation::Stochastic, 1, Purpose::Evaluation);
    let (train, test) = (packed(&data.train.images), packed(&data.test.images));
    let model = trained(data, hidden, settings.clone())?;
    let exact = ln_z(&model, threads)?;
    let mean = free_energy(&model, &test, threads)?;
    let base = BaseRate::of_data(&train);
    let ais = Ais::new(
        &model,
        &base,
        AisSettings {
            chains: arguments.chains,
            betas: arguments.betas,
            seed,
            threads,
        },
    )?;
    let forward = ais.forward()?;
    let found = |estimate: Estimate| Found {
        error: rounded(exact - estimate.ln_z),
        standard_error: rounded(estimate.standard_error),
        warned: (forward.ln_z - estimate.ln_z).abs()
            > 3.0 * forward.standard_error.hypot(estimate.standard_error)
            || !forward.is_reliable()
            || !estimate.is_reliable(),
    };
    let reversed = |start| -> Result<Found, Failed> { Ok(found(ais.reverse(start)?)) };
    let samples = exact_samples(&model, arguments.chains, seed)?;
    let tempered = ais.tempered(Some(&train), arguments.tempering_rounds)?;
    let rows = drawn(&test, arguments.raise_rows, seed);
    let raise = ais.raise(&rows, arguments.raise_chains)?;
    let reverse_exact = reversed(ReverseStart::Exact(&samples))?;
    Ok(Trial {
        hidden,
        method: String::new(),
        learning_rate: settings.learning_rate,
        seed,
        test_log_likelihood: rounded(-mean - exact),
        forward: Found {
            warned: reverse_exact.warned,
            ..found(forward)
        },
        reverse_exact,
        reverse_tempering: reversed(ReverseStart::Tempering(&tempered))?,
        reverse_data: reversed(ReverseStart::Data(&train, arguments.burn_in))?,
        raise: Found {
            error: rounded(raise.log_likelihood(mean) + mean + exact),
            standard_error: rounded(raise.standard_error()),
            warned: false,
        },
    })
}

/// To four decimal places, for the record.
fn rounded(nats: f64) -> f64 {
    (nats * 1e4).round() / 1e4
}

fn trained(data: &Dataset, hidden: usize, settings: Settings) -> Result<RbmParameters, Failed> {
    let images = &data.train.images;
    let (epochs, seed) = (settings.epochs, settings.seed);
    let initial = initial_parameters(images.pixels_per_image(), hidden, seed);
    let mut trainer = Trainer::new(&initial, images.count(), settings)?;
    for _ in 0..epochs {
        let data = TrainingData::Grey(images.pixels());
        trainer.epoch(data)?;
    }
    Ok(trainer.parameters())
}
