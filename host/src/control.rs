//! Progress and interruption of long work.

use std::fmt;
use std::time::Instant;

use crate::interrupt::Interrupt;

/// An optional interrupt, an optional deadline and an optional progress closure for long work.
///
/// Every long call has two forms. `run(..)` works to the end. `run_with(.., control)` takes a `Control`, reports steps as
/// they are done, and stops soon after the interrupt is set or the deadline has passed.
///
/// ```
/// use bitspin::{BitMatrix, Chains, Control, engine, interrupt::Interrupt, train::initial_parameters};
///
/// let engine = engine::engine(&initial_parameters(6, 3, 1))?;
/// let mut chains = Chains::from_noise(&engine, 4, 1);
/// let interrupt = Interrupt::manual();
/// // Any thread may set the interrupt; here it is the first report of progress.
/// let stop = |_steps| interrupt.set();
/// chains.run_with(&engine, 1000, 1, Control::new().interrupt(&interrupt).progress(&stop));
/// assert!(chains.steps() < 1000);
/// # Ok::<(), bitspin_core::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    interrupt: Option<&'a Interrupt>,
    deadline: Option<Instant>,
    progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<'a> Control<'a> {
    /// No interrupt, no deadline and no progress.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the work soon after `interrupt` is set.
    #[must_use]
    pub fn interrupt(mut self, interrupt: &'a Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// Stops the work soon after `deadline`, as an interrupt at that time would.
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Calls `progress` with the number of steps done since its last call, from any of the threads that work. The call's
    /// documentation says what a step is.
    #[must_use]
    pub fn progress(mut self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The same interrupt and deadline without progress.
    pub(crate) fn silent(self) -> Self {
        Self {
            progress: None,
            ..self
        }
    }

    /// Whether work should stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_interrupted() || self.deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// Whether work should stop, whatever its deadline.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_set)
    }

    /// Reports `steps` more steps.
    pub(crate) fn advance(&self, steps: usize) {
        if let Some(progress) = self.progress {
            progress(steps as u64);
        }
    }
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            interrupt,
            deadline,
            progress,
        } = self;
        f.debug_struct("Control")
            .field("interrupt", interrupt)
            .field("deadline", deadline)
            .field("progress", &progress.map(|_| ".."))
            .finish()
    }
}

/// The result of work that only an interrupt or a deadline leaves without one, and that had neither.
pub(crate) fn whole<T>(result: Option<T>) -> T {
    result.expect("work without an interrupt runs to its end")
}
