//! The table of Ising sweeps beside dwave-samplers.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Machine, Versions, median, provenance, ratio, thousands};

/// The record of `benches/peers/ising.py`.
#[derive(Clone, Debug, Deserialize)]
pub struct Ising {
    /// Where it was made.
    pub machine: Machine,
    /// Day, as YYYY-MM-DD.
    pub date: String,
    /// Of what.
    pub versions: Versions,
    /// What was run.
    pub work: Work,
    /// Every run of every program.
    pub runs: Vec<Run>,
}

/// The models and the schedule.
#[derive(Clone, Debug, Deserialize)]
pub struct Work {
    pub spins: usize,
    pub sweeps: usize,
    pub reads: usize,
    pub betas: [f64; 2],
    pub side: usize,
}

/// A run: of `bitspin` or `dwave-samplers` on the dense model, or of `lattice`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Run {
    pub program: String,
    pub attempts_per_us: Option<f64>,
    /// Of the last states.
    #[serde(default)]
    pub energies: Vec<f64>,
    pub metropolis_attempts_per_ns: Option<f64>,
    pub glauber_attempts_per_ns: Option<f64>,
}

impl Ising {
    fn median(&self, program: &str, key: fn(&Run) -> Option<f64>) -> Result<f64, String> {
        let runs = self.runs.iter().filter(|run| run.program == program);
        let values: Vec<_> = runs.filter_map(key).collect();
        median(&values).ok_or_else(|| format!("ising.json: no run of {program}"))
    }

    /// Mean energy a spin and its standard error.
    fn energy(&self, program: &str) -> Result<(f64, f64), String> {
        let runs = self.runs.iter().filter(|run| run.program == program);
        let energies: Vec<_> = runs.flat_map(|run| run.energies.iter().copied()).collect();
        if energies.len() < 2 {
            return Err(format!("ising.json: fewer than two energies of {program}"));
        }
        let (count, spins) = (energies.len() as f64, self.work.spins as f64);
        let mean = energies.iter().sum::<f64>() / count;
        let squares: f64 = energies.iter().map(|energy| (energy - mean).powi(2)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        Ok((mean / spins, error / spins))
    }

    /// One sentence: attempts per microsecond, and the ratio to dwave-samplers.
    ///
    /// # Errors
    /// A line, if a program has no run.
    pub fn summary(&self) -> Result<String, String> {
        let ours = self.median("bitspin", |run| run.attempts_per_us)?;
        let theirs = self.median("dwave-samplers", |run| run.attempts_per_us)?;
        Ok(format!(
            "Annealing: {} spin-flip attempts per µs on {} coupled spins and one thread, {} times dwave-samplers.",
            ratio(ours),
            thousands(self.work.spins),
            ratio(ours / theirs)
        ))
    }

    /// A table of attempts and energies, and a sentence on the lattice.
    ///
    /// # Errors
    /// A line, if a program has no run.
    pub fn markdown(&self) -> Result<String, String> {
        let work = &self.work;
        let [hot, cold] = work.betas;
        let runs = self.runs.iter().filter(|run| run.program == "bitspin");
        let mut text = format!(
            "Simulated annealing of {} spins, every pair coupled by +1 or -1, on one thread: {} sweeps by Metropolis's \
             rule, beta from {hot} to {cold} in a geometric sequence, {} reads; medians of {} runs of each program.\n\n\
             | | attempts per µs | mean energy per spin of the last states |\n|---|---:|---:|\n",
            thousands(work.spins),
            thousands(work.sweeps),
            work.reads,
            runs.count(),
        );
        let mut rates = [0.0; 2];
        for (rate, program) in rates.iter_mut().zip(["bitspin", "dwave-samplers"]) {
            *rate = self.median(program, |run| run.attempts_per_us)?;
            let (energy, error) = self.energy(program)?;
            let shown = ratio(*rate);
            let _ = writeln!(text, "| {program} | {shown} | {energy:.3} +- {error:.3} |");
        }
        let side = work.side;
        let _ = writeln!(
            text,
            "\nbitspin makes {} times as many attempts. On a lattice of {side} x {side} spins at its critical point, 64 replicas in \
             the bits of one word, it makes {:.2} attempts per ns by Metropolis's rule and {:.2} by Glauber's dynamics.\n\n{}",
            ratio(rates[0] / rates[1]),
            self.median("lattice", |run| run.metropolis_attempts_per_ns)?,
            self.median("lattice", |run| run.glauber_attempts_per_ns)?,
            provenance(&self.machine, &self.versions, &self.date)
        );
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::somewhere;

    #[test]
    fn a_table_shows_medians_and_mean_energies() {
        let (machine, versions, date) = somewhere();
        let run = |program: &str, rate, energies: &[f64]| Run {
            program: program.into(),
            attempts_per_us: Some(rate),
            energies: energies.into(),
            ..Run::default()
        };
        let lattice = Run {
            program: "lattice".into(),
            metropolis_attempts_per_ns: Some(2.5),
            glauber_attempts_per_ns: Some(1.5),
            ..Run::default()
        };
        let mut record = Ising {
            machine,
            date,
            versions,
            work: Work {
                spins: 10,
                sweeps: 1000,
                reads: 2,
                betas: [0.1, 2.0],
                side: 8,
            },
            runs: vec![
                run("bitspin", 100.0, &[-10.0, -14.0]),
                run("bitspin", 300.0, &[-12.0, -12.0]),
                run("dwave-samplers", 10.0, &[-11.0, -11.0]),
            ],
        };
        assert_eq!(
            record.markdown(),
            Err("ising.json: no run of lattice".into())
        );
        record.runs.push(lattice);
        let text = record.markdown().unwrap();
        // The sample deviation of -10, -14, -12, -12 is sqrt(8/3), its error half of that, and a tenth a spin.
        assert!(
            text.contains("| bitspin | 200 | -1.200 +- 0.082 |"),
            "{text}"
        );
        assert!(
            text.contains("| dwave-samplers | 10.0 | -1.100 +- 0.000 |"),
            "{text}"
        );
        assert!(text.contains("20.0 times as many"), "{text}");
    }
}
