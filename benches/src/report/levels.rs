//! The table of SIMD levels: one build at all levels beside builds for one CPU.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::{Machine, Versions, median, provenance};

/// The record of `benches/peers/levels`.
#[derive(Clone, Debug, Deserialize)]
pub struct Levels {
    /// Where it was made.
    pub machine: Machine,
    /// Day, as YYYY-MM-DD.
    pub date: String,
    /// Of what.
    pub versions: Versions,
    /// Every workload of every build at every level.
    pub runs: Vec<Run>,
}

/// A workload of a build at a level.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    pub workload: String,
    /// `flagless`, `x86-64-v3` or `native`.
    pub build: String,
    /// `sse2`, `avx2` or `avx512`.
    pub level: String,
    pub seconds: Vec<f64>,
}

impl Levels {
    /// A row per workload: milliseconds at every level, and the speed as a share of that of a build for one CPU. What the
    /// CPU lacked is left out.
    ///
    /// # Errors
    /// A line, if a workload has no run without flags.
    pub fn markdown(&self) -> Result<String, String> {
        let mut medians: BTreeMap<&str, BTreeMap<(&str, &str), f64>> = BTreeMap::new();
        for run in &self.runs {
            let seconds = median(&run.seconds)
                .ok_or_else(|| format!("levels.json: no time of {}", run.workload))?;
            let of = medians.entry(&run.workload).or_default();
            of.insert((&run.build, &run.level), seconds);
        }
        let mut text = String::from(
            "| workload | sse2, ms | avx2, ms | share of x86-64-v3 | avx512, ms | share of native |\n\
             |---|---:|---:|---:|---:|---:|\n",
        );
        for (workload, times) in &medians {
            let find = |build, level| times.get(&(build, level)).copied();
            if find("flagless", "sse2").is_none() {
                return Err(format!("levels.json: no run of {workload} on sse2"));
            }
            let cell = |level| {
                find("flagless", level).map_or("-".into(), |time| format!("{:.1}", 1e3 * time))
            };
            let share = |build, level| match (find(build, level), find("flagless", level)) {
                (Some(other), Some(time)) => format!("{:.0}%", 100.0 * other / time),
                _ => "-".into(),
            };
            let _ = writeln!(
                text,
                "| {workload} | {} | {} | {} | {} | {} |",
                cell("sse2"),
                cell("avx2"),
                share("x86-64-v3", "avx2"),
                cell("avx512"),
                share("native", "avx512"),
            );
        }
        let _ = writeln!(
            text,
            "\n{}",
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
    fn shares_are_of_the_builds_for_one_cpu() {
        let (machine, versions, date) = somewhere();
        let run = |build: &str, level: &str, seconds: f64| Run {
            workload: "training".into(),
            build: build.into(),
            level: level.into(),
            seconds: vec![seconds],
        };
        let mut record = Levels {
            machine,
            versions,
            date,
            runs: vec![run("flagless", "avx2", 0.5), run("x86-64-v3", "avx2", 0.45)],
        };
        assert_eq!(
            record.markdown(),
            Err("levels.json: no run of training on sse2".into())
        );
        record.runs.push(run("flagless", "sse2", 1.0));
        let text = record.markdown().unwrap();
        assert!(
            text.contains("| training | 1000.0 | 500.0 | 90% | - | - |"),
            "{text}"
        );
        record.runs.push(run("flagless", "avx512", 0.25));
        record.runs.push(run("native", "avx512", 0.2));
        let text = record.markdown().unwrap();
        assert!(
            text.contains("| training | 1000.0 | 500.0 | 90% | 250.0 | 80% |"),
            "{text}"
        );
    }
}
