//! The table of annealed importance sampling beside PyTorch.

use serde::Deserialize;

use super::{Machine, Versions, median, provenance, ratio, seconds, thousands};

/// The record of `benches/peers/ais`.
#[derive(Clone, Debug, Deserialize)]
pub struct Ais {
    /// Where it was made.
    pub machine: Machine,
    /// Day, as YYYY-MM-DD.
    pub date: String,
    /// Of what.
    pub versions: Versions,
    /// What was run.
    pub work: Work,
    /// Every run of both programs.
    pub runs: Vec<Run>,
}

/// The size of the work.
#[derive(Clone, Debug, Deserialize)]
pub struct Work {
    pub visible: usize,
    pub hidden: usize,
    pub chains: usize,
    pub betas: usize,
    pub threads: usize,
}

/// A run of `bitspin` or `torch`.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub program: String,
    /// Temperatures, perhaps fewer than the work's.
    pub betas: usize,
    pub seconds: f64,
    pub ln_z_ais: f64,
}

impl Ais {
    /// Median seconds for all temperatures, and the median ln Z.
    fn medians(&self, program: &str) -> Result<(f64, f64), String> {
        let of = |value: &dyn Fn(&Run) -> f64| {
            let runs = self.runs.iter().filter(|run| run.program == program);
            let values: Vec<_> = runs.map(value).collect();
            median(&values).ok_or_else(|| format!("ais.json: no run of {program}"))
        };
        let all = self.work.betas as f64;
        Ok((
            of(&|run| run.seconds * all / run.betas as f64)?,
            of(&|run| run.ln_z_ais)?,
        ))
    }

    /// One sentence: seconds, and the ratio of PyTorch.
    ///
    /// # Errors
    /// A line, if a program has no run.
    pub fn summary(&self) -> Result<String, String> {
        let ((ours, _), (theirs, _)) = (self.medians("bitspin")?, self.medians("torch")?);
        let work = &self.work;
        Ok(format!(
            "Likelihood: annealed importance sampling with {} chains and {} temperatures takes {} s, {} times as fast as \
             PyTorch.",
            thousands(work.chains),
            thousands(work.betas),
            seconds(ours),
            ratio(theirs / ours)
        ))
    }

    /// A table of seconds and of ln Z.
    ///
    /// # Errors
    /// A line, if a program has no run.
    pub fn markdown(&self) -> Result<String, String> {
        let work = &self.work;
        let (ours, theirs) = (self.medians("bitspin")?, self.medians("torch")?);
        let scaled = self.runs.iter().find(|run| run.betas != work.betas);
        let scaled = scaled.map_or(String::new(), |run| {
            let fewer = thousands(run.betas);
            format!(" PyTorch was given {fewer} temperatures; its time is scaled.")
        });
        Ok(format!(
            "Estimating ln Z of an RBM of {} x {} units by {} chains and {} temperatures, on {} threads; medians.{scaled}\n\n\
             | | seconds | ln Z |\n|---|---:|---:|\n| bitspin | {} | {:.2} |\n| PyTorch | {} | {:.2} |\n\n\
             bitspin is {} times as fast.\n\n{}",
            work.visible,
            work.hidden,
            thousands(work.chains),
            thousands(work.betas),
            work.threads,
            seconds(ours.0),
            ours.1,
            seconds(theirs.0),
            theirs.1,
            ratio(theirs.0 / ours.0),
            provenance(&self.machine, &self.versions, &self.date)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::somewhere;

    #[test]
    fn fewer_temperatures_are_scaled() {
        let (machine, versions, date) = somewhere();
        let run = |program: &str, betas, seconds| Run {
            program: program.into(),
            betas,
            seconds,
            ln_z_ais: 7.0,
        };
        let mut record = Ais {
            machine,
            date,
            versions,
            work: Work {
                visible: 4,
                hidden: 3,
                chains: 500,
                betas: 10_000,
                threads: 2,
            },
            runs: vec![run("bitspin", 10_000, 5.0)],
        };
        assert_eq!(record.markdown(), Err("ais.json: no run of torch".into()));
        record.runs.push(run("torch", 1_000, 4.0));
        let text = record.markdown().unwrap();
        assert!(text.contains("| PyTorch | 40.0 | 7.00 |"), "{text}");
        assert!(text.contains("given 1,000 temperatures"), "{text}");
        assert!(text.contains("bitspin is 8.00 times as fast"), "{text}");
    }
}
