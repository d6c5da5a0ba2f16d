//! The time of a minibatch by stage, in microseconds, for a model that was trained before.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bitspin_benches::stages::{Bench, simd};
use bitspin_benches::workload::{BATCH, HIDDEN, Trained};
use clap::Parser;

/// Prints what each stage of a minibatch of CD-1 costs on one thread.
#[derive(Debug, Parser)]
struct Arguments {
    /// Directory of MNIST's IDX files [default: the built-in digits]
    #[arg(long, value_name = "DIR", env = "BITSPIN_MNIST_DIR")]
    data: Option<PathBuf>,
    /// Hidden units
    #[arg(long, value_name = "N", default_value_t = HIDDEN)]
    hidden: usize,
    /// Passes over the digits before anything is timed
    #[arg(long, value_name = "N", default_value_t = 2)]
    epochs: usize,
}

/// Repetitions of which the median counts, and runs of a stage in each.
const REPETITIONS: usize = 51;
const RUNS: u32 = 10;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Trained::new(
        arguments.data.as_deref(),
        arguments.hidden,
        arguments.epochs,
    ) {
        Ok(trained) => {
            table(&trained);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn table(trained: &Trained) {
    let mut bench = Bench::new(trained);
    let [data, chain, changed, hidden] = bench.densities();
    let (visible_units, hidden_units) = (trained.parameters.visible, trained.parameters.hidden);
    println!("{visible_units} x {hidden_units} units, {BATCH} images per minibatch, one thread");
    println!(
        "bits per image: {data:.0} of the datum, {chain:.0} of the chain, {changed:.0} in which they differ, \
         {hidden:.0} hidden\n"
    );
    println!(
        "{:<28} {:>12} {:>10} {:>12} {:>7}",
        "stage", "us/minibatch", "vectors", "ns/vector", "share"
    );
    let stages: Vec<_> = simd::STAGES
        .iter()
        .filter(|stage| stage.in_training)
        .collect();
    let times: Vec<f64> = stages
        .iter()
        .map(|stage| microseconds(RUNS, || (stage.run)(&mut bench)))
        .collect();
    let sum: f64 = times.iter().sum();
    for (stage, time) in stages.iter().zip(&times) {
        let vectors = (stage.vectors)(&bench);
        println!(
            "{:<28} {time:>12.2} {vectors:>10} {:>12.3} {:>6.1}%",
            stage.name,
            time * 1e3 / vectors.max(1) as f64,
            100.0 * time / sum
        );
    }
    println!("{:<28} {sum:>12.2}", "sum of the stages");
    let images = trained.pixels.len() / visible_units;
    let batches = images.div_ceil(BATCH) as f64;
    for threads in [1, 2] {
        let mut trainer = trained.trainer(threads);
        let mut seconds: Vec<f64> = (0..3)
            .map(|_| {
                let begin = Instant::now();
                trained.epoch(&mut trainer);
                begin.elapsed().as_secs_f64()
            })
            .collect();
        let name = format!(
            "training, {threads} thread{}",
            if threads == 1 { "" } else { "s" }
        );
        let epoch = median(&mut seconds);
        println!(
            "{name:<28} {:>12.2}   {epoch:.4} s an epoch of {images}",
            epoch * 1e6 / batches
        );
    }
}

/// Median microseconds of a run.
fn microseconds(runs: u32, mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let begin = Instant::now();
            for _ in 0..runs {
                work();
            }
            begin.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
        })
        .collect();
    median(&mut times)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
