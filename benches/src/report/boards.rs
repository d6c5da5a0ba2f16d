//! The table of bytes and instructions of the firmware.

use std::fmt::Write as _;

use serde::Deserialize;

use super::thousands;

/// What `.ci/firmware --record` writes.
#[derive(Clone, Debug, Deserialize)]
pub struct Boards {
    /// The compiler's name and version.
    pub compiler: String,
    /// The emulator's.
    pub qemu: String,
    /// One a board and program.
    pub programs: Vec<Program>,
}

/// Bytes of a program, and instructions of its work.
#[allow(missing_docs, reason = "the names say it")]
#[derive(Clone, Debug, Deserialize)]
pub struct Program {
    pub board: String,
    pub program: String,
    pub code: usize,
    /// Models and tables.
    pub constants: usize,
    /// RAM beside the stack.
    pub ram: usize,
    pub stack: usize,
    pub sweep_exponential: Option<usize>,
    pub sweep_hebb: Option<usize>,
    pub sweep_covariance: Option<usize>,
    pub gibbs_step: Option<usize>,
    pub lattice_sweep: Option<usize>,
    pub glass_sweep: Option<usize>,
    pub temperature: Option<usize>,
    pub free_energy: Option<usize>,
    pub classification: Option<usize>,
    pub cd1_step: Option<usize>,
}

/// QEMU's names of the boards.
const BOARDS: [&str; 2] = ["netduinoplus2", "microbit"];

/// Picks the instructions of one kind of work.
type Work = fn(&Program) -> Option<usize>;

/// Each program with what its work is called and where its instructions are.
const PROGRAMS: [(&str, &[(&str, Work)]); 6] = [
    (
        "recall",
        &[
            ("a sweep of the exponential memory, N = 784, P = 32", |p| {
                p.sweep_exponential
            }),
            ("a sweep by Hebb's rule, N = 784, P = 32", |p| p.sweep_hebb),
            ("a sweep by the covariance rule, N = 784, P = 32", |p| {
                p.sweep_covariance
            }),
        ],
    ),
    (
        "dream",
        &[("a Gibbs step, 196 x 64 units, `i8` weights", |p| {
            p.gibbs_step
        })],
    ),
    (
        "ising",
        &[
            ("a sweep of a lattice, 256 spins with 4 neighbours", |p| {
                p.lattice_sweep
            }),
            (
                "a sweep of a spin glass while it cools, 64 spins, all coupled",
                |p| p.glass_sweep,
            ),
            ("a temperature of a geometric schedule", |p| p.temperature),
        ],
    ),
    (
        "score",
        &[("a free energy, 196 x 64 units, `i8` weights", |p| {
            p.free_energy
        })],
    ),
    (
        "classify",
        &[(
            "a class and an energy, 196 pixels, 10 labels, 64 hidden units, `i8` weights",
            |p| p.classification,
        )],
    ),
    (
        "learn",
        &[("a step of CD-1, 196 x 16 units, `i16` weights", |p| {
            p.cd1_step
        })],
    ),
];

impl Boards {
    fn find(&self, board: &str, program: &str) -> Result<&Program, String> {
        let wanted = |p: &&Program| p.board == board && p.program == program;
        let found = self.programs.iter().find(wanted);
        found.ok_or_else(|| format!("boards.json has no {program} of {board}"))
    }

    /// One sentence: instructions and bytes on the Cortex-M0.
    ///
    /// # Errors
    /// A line that says what the record lacks.
    pub fn summary(&self) -> Result<String, String> {
        let (recall, dream) = (
            self.find("microbit", "recall")?,
            self.find("microbit", "dream")?,
        );
        let (Some(sweep), Some(step)) = (recall.sweep_exponential, dream.gibbs_step) else {
            return Err("boards.json does not say what a sweep and a Gibbs step take".into());
        };
        Ok(format!(
            "Boards: on a Cortex-M0 a sweep of a Hopfield memory (784 units, 32 patterns) takes {} instructions, a Gibbs \
             step of an RBM (196 x 64 units) {}; the recall program has {} bytes of code.",
            thousands(sweep),
            thousands(step),
            thousands(recall.code)
        ))
    }

    /// The table of all programs.
    ///
    /// # Errors
    /// A line that says what the record lacks.
    pub fn markdown(&self) -> Result<String, String> {
        let mut text = String::from("| | Cortex-M4F | Cortex-M0 |\n| --- | --- | --- |\n");
        let mut row = |what: &str, numbers: [usize; 2]| {
            let [m4, m0] = numbers.map(thousands);
            let _ = writeln!(text, "| {what} | {m4} | {m0} |");
        };
        for (program, works) in PROGRAMS {
            let both = BOARDS.map(|board| self.find(board, program));
            let [m4, m0] = both;
            let both = [m4?, m0?];
            for &(what, instructions) in works {
                let numbers = both.map(instructions);
                let [Some(m4), Some(m0)] = numbers else {
                    return Err(format!("boards.json does not say what {what} takes"));
                };
                row(&format!("{what}: instructions"), [m4, m0]);
            }
            row(&format!("`{program}`: bytes of code"), both.map(|p| p.code));
            row(
                &format!("`{program}`: bytes of models and tables"),
                both.map(|p| p.constants),
            );
            row(
                &format!("`{program}`: bytes of RAM beside the stack"),
                both.map(|p| p.ram),
            );
            row(
                &format!("`{program}`: bytes of stack at its peak"),
                both.map(|p| p.stack),
            );
        }
        let _ = write!(text, "\n{}, {}.\n", self.compiler, self.qemu);
        Ok(text)
    }
}
