//! The table of one epoch of training, beside other programs.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Machine, Versions, median, provenance, ratio, seconds, thousands};

/// The record of `benches/peers/run`.
#[derive(Clone, Debug, Deserialize)]
pub struct Peers {
    /// Where it was made.
    pub machine: Machine,
    /// Day, as YYYY-MM-DD.
    pub date: String,
    /// Of what.
    pub versions: Versions,
    /// The work.
    pub work: Work,
    /// Every run, in the order in which they were made.
    pub runs: Vec<Run>,
    /// Peak resident megabytes of `bitspin rbm train` with its defaults.
    pub default_peak_mb: f64,
}

/// What every program was given to do.
#[derive(Clone, Debug, Deserialize)]
pub struct Work {
    pub digits: usize,
    pub visible: usize,
    pub hidden: usize,
    pub batch: usize,
    /// Epochs of the runs that are compared in speed.
    pub epochs: usize,
    pub repeats: usize,
}

/// One run of one program.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// `bitspin`, `torch`, `lecture` or `sklearn`.
    pub program: String,
    /// Threads.
    pub threads: usize,
    /// Seconds of training, epoch after epoch.
    pub seconds: Vec<f64>,
    /// Mean (v - p(v|h))^2 after the last epoch, of every program by the same code.
    pub reconstruction_mse: f64,
    /// Peak resident megabytes.
    pub peak_mb: f64,
}

/// The programs and their names in the table, in its order.
const PROGRAMS: [(&str, &str); 4] = [
    ("bitspin", "bitspin"),
    ("torch", "PyTorch by hand, no autograd"),
    ("sklearn", "scikit-learn's BernoulliRBM (PCD)"),
    ("lecture", "the lecture's PyTorch script"),
];

impl Peers {
    /// The table and what has to be said with it.
    ///
    /// # Errors
    /// A line, if runs of bitspin or PyTorch are missing.
    pub fn markdown(&self) -> Result<String, String> {
        let w = &self.work;
        let mut text = format!(
            "One epoch of CD-1 on MNIST: {} digits, {} x {} units, batches of {}, pixels drawn afresh. Seconds of the \
             second epoch, without loading and evaluation: the median of {} runs (minimum to maximum), and the ratio to \
             bitspin.\n\n",
            thousands(w.digits),
            w.visible,
            w.hidden,
            w.batch,
            w.repeats
        );
        text.push_str("| | 1 thread | | 2 threads | | reconstruction error | memory |\n");
        text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
        for (program, name) in PROGRAMS {
            let Some(error) = self.error(program, w.epochs) else {
                if ["bitspin", "torch"].contains(&program) {
                    return Err(format!("peers.json holds no run of {program}"));
                }
                continue;
            };
            let peak = self
                .of(program, w.epochs)
                .map(|run| run.peak_mb)
                .fold(0.0, f64::max);
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {error:.4} | {peak:.0} MB |",
                self.cells(program, 1),
                self.cells(program, 2)
            );
        }
        let _ = write!(
            text,
            "\nThe reconstruction error is the mean of (v - p(v|h))² over 10,000 digits after {} epochs; one piece of code \
             computes it for the models of all programs",
            w.epochs
        );
        let longest = self
            .runs
            .iter()
            .map(|run| run.seconds.len())
            .max()
            .unwrap_or(0);
        if longest > w.epochs {
            let errors = PROGRAMS.iter().filter_map(|(program, name)| {
                let error = self.error(program, longest)?;
                Some(format!("{error:.4} ({name})"))
            });
            let errors: Vec<_> = errors.collect();
            let _ = write!(text, "; after {longest}: {}", errors.join(", "));
        }
        let _ = writeln!(
            text,
            ". scikit-learn trains with persistent chains on pixels that were drawn once, outside of the measured time. \
             Memory is the peak of the process; `bitspin rbm train` with its defaults peaks at {:.0} MB.\n\n{}",
            self.default_peak_mb,
            provenance(&self.machine, &self.versions, &self.date)
        );
        Ok(text)
    }

    /// One sentence: seconds per epoch on two threads, and the ratios of other programs.
    ///
    /// # Errors
    /// A line, if a program has no run on two threads.
    pub fn summary(&self) -> Result<String, String> {
        let time = |program| {
            let time = median(&self.times(program, 2));
            time.ok_or_else(|| format!("peers.json: no run of {program} on 2 threads"))
        };
        let (ours, w) = (time("bitspin")?, &self.work);
        Ok(format!(
            "Training: an epoch of CD-1 on MNIST ({} digits, {} x {} units, batches of {}) takes {} s on two threads; \
             PyTorch without autograd takes {} times as long, scikit-learn {} times.",
            thousands(w.digits),
            w.visible,
            w.hidden,
            w.batch,
            seconds(ours),
            ratio(time("torch")? / ours),
            ratio(time("sklearn")? / ours),
        ))
    }

    /// One sentence of a record whose programs were held to AVX2: seconds on one and two threads, beside PyTorch's.
    ///
    /// # Errors
    /// A line, if a program has no run.
    pub fn summary_of_avx2(&self) -> Result<String, String> {
        let time = |program, threads| {
            let time = median(&self.times(program, threads));
            time.ok_or_else(|| format!("peers-avx2.json: no run of {program} on {threads} threads"))
        };
        let of = |threads| -> Result<_, String> {
            let ours = time("bitspin", threads)?;
            Ok((seconds(ours), ratio(time("torch", threads)? / ours)))
        };
        let ((one, one_ratio), (two, two_ratio)) = (of(1)?, of(2)?);
        Ok(format!(
            "Without AVX-512, all programs held to AVX2: {one} s on one thread and {two} s on two; PyTorch takes \
             {one_ratio} and {two_ratio} times as long."
        ))
    }

    fn of(&self, program: &str, epochs: usize) -> impl Iterator<Item = &Run> {
        self.runs
            .iter()
            .filter(move |run| run.program == program && run.seconds.len() == epochs)
    }

    /// Median reconstruction error after so many epochs.
    fn error(&self, program: &str, epochs: usize) -> Option<f64> {
        let errors: Vec<_> = self
            .of(program, epochs)
            .map(|run| run.reconstruction_mse)
            .collect();
        median(&errors)
    }

    /// The seconds of the last epoch of every run that counts.
    fn times(&self, program: &str, threads: usize) -> Vec<f64> {
        let runs = self
            .of(program, self.work.epochs)
            .filter(|run| run.threads == threads);
        runs.filter_map(|run| run.seconds.last().copied()).collect()
    }

    /// Two cells: the seconds and, beside bitspin's, how many times as many.
    fn cells(&self, program: &str, threads: usize) -> String {
        let times = self.times(program, threads);
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        let most = times.iter().copied().fold(0.0, f64::max);
        match (median(&times), median(&self.times("bitspin", threads))) {
            (Some(time), Some(ours)) => format!(
                "{} s ({} to {}) | x {}",
                seconds(time),
                seconds(least),
                seconds(most),
                ratio(time / ours)
            ),
            _ => "- | -".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(program: &str, threads: usize, seconds: &[f64], error: f64) -> Run {
        Run {
            program: program.into(),
            threads,
            seconds: seconds.to_vec(),
            reconstruction_mse: error,
            peak_mb: 99.6,
        }
    }

    fn record(runs: Vec<Run>) -> Peers {
        let (machine, versions, date) = crate::report::tests::somewhere();
        Peers {
            machine,
            date,
            versions,
            work: Work {
                digits: 60_000,
                visible: 784,
                hidden: 500,
                batch: 64,
                epochs: 2,
                repeats: 3,
            },
            runs,
            default_peak_mb: 50.0,
        }
    }

    #[test]
    fn medians_are_of_second_epochs_and_ratios_to_bitspin() {
        let runs = vec![
            run("bitspin", 1, &[9.0, 0.25], 0.02),
            run("torch", 1, &[9.0, 2.0], 0.03),
            run("torch", 1, &[9.0, 2.5], 0.03),
            run("torch", 1, &[9.0, 4.0], 0.03),
            run("torch", 1, &[9.0, 4.0, 7.0], 0.01),
        ];
        let text = record(runs).markdown().unwrap();
        assert!(text.contains(
            "| PyTorch by hand, no autograd | 2.50 s (2.00 to 4.00) | x 10.0 | - | - | 0.0300 | 100 MB |"
        ));
        assert!(text.contains("; after 3: 0.0100 (PyTorch by hand, no autograd)."));
        assert!(!text.contains("lecture"));
    }

    #[test]
    fn the_summary_of_avx2_has_both_numbers_of_threads() {
        let mut runs = vec![
            run("bitspin", 1, &[9.0, 0.4], 0.02),
            run("torch", 1, &[9.0, 3.0], 0.03),
            run("bitspin", 2, &[9.0, 0.25], 0.02),
        ];
        let found = record(runs.clone()).summary_of_avx2();
        assert_eq!(
            found,
            Err("peers-avx2.json: no run of torch on 2 threads".into())
        );
        runs.push(run("torch", 2, &[9.0, 2.5], 0.03));
        let text = record(runs).summary_of_avx2().unwrap();
        assert!(text.contains("0.400 s on one thread and 0.250 s on two"));
        assert!(text.contains("takes 7.50 and 10.0 times as long"), "{text}");
    }

    #[test]
    fn a_record_without_our_own_runs_is_refused() {
        let runs = vec![run("torch", 1, &[9.0, 2.0], 0.03)];
        assert!(record(runs).markdown().is_err());
    }
}
