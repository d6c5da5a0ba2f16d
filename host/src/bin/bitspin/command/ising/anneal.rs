//! `bitspin ising anneal`.

use std::time::Instant;

use bitspin::Control;
use bitspin::array_file::{ArrayFile, ArrayFormat};
use bitspin::display::shown;
use bitspin::interrupt::Interrupt;
use bitspin::ising::Numbers;
use bitspin::ising::anneal::{Annealed, Betas, Plan, anneal_with};
use bitspin::ising::file::{Couplings, Source};
use bitspin::report::progress::Progress;
use bitspin_core::ising::{Course, Schedule, UpdateRule};
use serde_json::json;

use super::{CommandError, load, print, print_json, tell, weights};
use crate::cli::{Anneal, AnnealSchedule, SpinRule};
use crate::command::memory;
use crate::command::written::{Form, Written};

/// Spins of a state that is printed.
const SHOWN: usize = 64;

/// Anneals, prints and writes.
pub(super) fn run(options: &Anneal) -> Result<(), CommandError> {
    Form::check("--out", options.out.as_ref(), &[Form::Txt, Form::Npy])?;
    let threads = options.run.threads();
    let source = load(&options.model.model, options.model.reading)?;
    let model = &source.couplings;
    let betas = betas(options, model)?;
    memory::ensure("the replicas", options.replicas, model.units() / 4 + 64)?;
    let output = options.replace.file(options.out.as_deref())?;
    tell(&options.model.model, &source);

    let interrupt = Interrupt::install();
    let progress = Progress::new(
        options.replicas as u64 * u64::from(options.sweeps),
        "sweeps",
    );
    let began = Instant::now();
    let count = |sweeps| progress.inc(sweeps);
    let plan = Plan {
        betas,
        rule: match options.rule {
            SpinRule::Glauber => UpdateRule::Glauber,
            SpinRule::Metropolis => UpdateRule::Metropolis,
        },
        replicas: options.replicas,
        starts: None,
        seed: options.run.seed,
    };
    let control = Control::new().interrupt(&interrupt).progress(&count);
    let found = anneal_with(model, &plan, threads, control);
    let seconds = began.elapsed().as_secs_f64();
    progress.finish();
    let name = shown(&options.model.model);
    let (found, numbers) =
        found.map_err(|error| CommandError::usage(format!("{name}: {error}")))?;

    let best = found
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.energy.total_cmp(&b.1.energy));
    let Some((replica, best)) = best else {
        return Err(CommandError::Interrupted(
            "interrupted before the first sweep".into(),
        ));
    };
    let spins = spins(&best.state, model.units());
    let mut written = None;
    if let (Some(output), Some(path)) = (output, &options.out) {
        let form = Form::of("--out", path, &[Form::Txt, Form::Npy])?;
        let variable = |&s: &i8| match model.problem.is_qubo() {
            true => i8::from(s > 0),
            false => s,
        };
        let state: Vec<i8> = spins.iter().map(variable).collect();
        let mut file = ArrayFile::new::<i8>(ArrayFormat::Npy, &[state.len()], &[""; 0]);
        file.row(&state);
        written = Some(Written::array(path, form, &file));
        let lines = || state.iter().map(|s| format!("{s}\n")).collect::<String>();
        output.commit(match form {
            Form::Npy => file.into_bytes(),
            _ => lines().into_bytes(),
        })?;
    }
    let outcome = Outcome {
        options,
        source: &source,
        numbers,
        betas,
        found: &found,
        written,
        replica,
        best,
        energy: model.objective(&best.state),
        cut: model.problem.cut(best.energy),
        seconds,
    };
    if options.run.json {
        outcome.print_json(&spins);
    } else {
        print(&outcome.text(&spins));
    }
    let done = found
        .iter()
        .filter(|one| one.sweeps == options.sweeps)
        .count();
    let rest = "replicas; the state is the best so far";
    CommandError::unless_all(done, options.replicas, rest)
}

/// The given schedule, or one from hot to cold relative to the model's fields.
fn betas(options: &Anneal, model: &Couplings) -> Result<Betas<'static>, CommandError> {
    let course = match options.schedule {
        AnnealSchedule::Linear => Course::Linear,
        AnnealSchedule::Geometric => Course::Geometric,
    };
    match options.betas {
        Some(betas) => {
            Schedule::new(betas.first, betas.last, options.sweeps, course).map(Betas::Schedule)
        }
        None => Betas::default_for(model, options.sweeps, course),
    }
    .map_err(|error| CommandError::usage(format!("--betas: {error}")))
}

fn spins(state: &[u64], units: usize) -> Vec<i8> {
    let bit = |i: usize| state[i / 64] >> (i % 64) & 1 != 0;
    (0..units).map(|i| if bit(i) { 1 } else { -1 }).collect()
}

struct Outcome<'a> {
    written: Option<Written>,
    options: &'a Anneal,
    source: &'a Source,
    numbers: Numbers,
    betas: Betas<'static>,
    found: &'a [Annealed],
    replica: usize,
    best: &'a Annealed,
    /// The lowest energy, in the units of the problem.
    energy: f64,
    cut: Option<f64>,
    seconds: f64,
}

impl Outcome<'_> {
    /// Seconds of its replica until the best state, if all sweeps take the same time.
    fn seconds_to_best(&self) -> f64 {
        let share = f64::from(self.best.sweep) / f64::from(self.best.sweeps.max(1));
        share * self.best.duration.as_secs_f64()
    }

    /// Replicas that reached the lowest energy.
    fn hits(&self) -> usize {
        let lowest = |one: &&Annealed| one.energy == self.best.energy;
        self.found.iter().filter(lowest).count()
    }

    fn print_json(&self, spins: &[i8]) {
        let problem = self.source.couplings.problem;
        let offset = problem.offset();
        let bits: Vec<u8> = spins.iter().map(|&s| u8::from(s > 0)).collect();
        print_json(&json!({
            "model": shown(&self.options.model.model), "format": self.source.format, "convention": self.source.convention,
            "numbers": self.numbers,
            "n": spins.len(), "energy": self.energy, "offset": problem.is_qubo().then_some(offset), "cut": self.cut,
            "assignment": problem.is_qubo().then_some(bits),
            "replica": self.replica, "sweep": self.best.sweep, "seconds_to_best": self.seconds_to_best(),
            "seconds": self.seconds, "hits": self.hits(), "replicas": self.found.len(), "sweeps": self.options.sweeps,
            "first_beta": self.betas.beta(0), "last_beta": self.betas.beta(self.options.sweeps as usize), "seed": self.options.run.seed,
            "rule": self.options.rule.name(), "energies": self.found.iter().map(|one| one.energy + offset).collect::<Vec<_>>(), "state": spins,
            "out": self.options.out.as_deref().map(shown), "files": self.written.iter().collect::<Vec<_>>(),
        }));
    }

    fn text(&self, spins: &[i8]) -> String {
        let (best, n) = (self.best, spins.len());
        let cut = self
            .cut
            .map_or(String::new(), |cut| format!("\ncut            {cut}"));
        let qubo = self.source.couplings.problem.is_qubo();
        let sign = |&s: &i8| match (qubo, s > 0) {
            (true, set) => char::from(b'0' + u8::from(set)),
            (false, true) => '+',
            (false, false) => '-',
        };
        let state: String = spins.iter().take(SHOWN).map(sign).collect();
        let more = if n > SHOWN { " ..." } else { "" };
        let out = self.options.out.as_ref();
        let out = out.map_or(String::new(), |out| format!("\nWritten to {}", shown(&out)));
        let rounding = self.numbers.rounding();
        let rounding = rounding.map_or(String::new(), |text| format!("\nnumbers        {text}"));
        format!(
            "{n} spins, {} replicas of {} sweeps, beta {} to {}, {:.2} s\n\
             weights        {}{rounding}\nlowest energy  {}{cut}\nfound          by replica {} in sweep {}, after {:.3} s; {} of {} replicas reached it\n\
             state          {state}{more}{out}",
            self.found.len(),
            self.options.sweeps,
            super::shown::beta(self.betas.beta(0)),
            super::shown::beta(self.betas.beta(self.options.sweeps as usize)),
            self.seconds,
            weights(self.source),
            self.energy,
            self.replica,
            best.sweep,
            self.seconds_to_best(),
            self.hits(),
            self.found.len()
        )
    }
}
