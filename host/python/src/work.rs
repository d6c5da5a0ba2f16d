//! Long work without the GIL, which Ctrl-C stops.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use bitspin::Control;
use bitspin::interrupt::Interrupt;
use pyo3::prelude::*;

/// How often Python's signals are looked at and progress is reported.
const TICK: Duration = Duration::from_millis(50);

/// Does `work` on a thread of its own, without the GIL. Meanwhile this thread lets Python handle signals and calls
/// `progress` with the steps done since its last call. If either raises, the work is interrupted, and the exception is
/// returned beside its result, so that the caller can keep what was done.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(Control<'_>) -> T + Send,
) -> (T, Option<PyErr>) {
    let progress = progress.map(|progress| progress.clone().unbind());
    let interrupt = Interrupt::manual();
    let steps = AtomicU64::new(0);
    let count = |more| {
        steps.fetch_add(more, Ordering::Relaxed);
    };
    let report = |py: Python<'_>| -> PyResult<()> {
        py.check_signals()?;
        if let Some(progress) = &progress {
            match steps.swap(0, Ordering::Relaxed) {
                0 => {}
                more => {
                    progress.call1(py, (more,))?;
                }
            }
        }
        Ok(())
    };
    py.detach(|| {
        thread::scope(|scope| {
            let (ended, ends) = mpsc::channel::<()>();
            let (interrupt, count) = (&interrupt, &count);
            let worker = scope.spawn(move || {
                // Dropped at the end, even by a panic.
                let _ended = ended;
                work(Control::new().interrupt(interrupt).progress(count))
            });
            let mut raised = None;
            while ends.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = Python::attach(report) {
                    interrupt.set();
                    raised.get_or_insert(error);
                }
            }
            let result = worker.join();
            let last = Python::attach(report);
            let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (result, raised.or(last.err()))
        })
    })
}

/// [`run`] of work whose result is of no use if it was interrupted.
pub(crate) fn finish<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(Control<'_>) -> T + Send,
) -> PyResult<T> {
    match run(py, progress, work) {
        (result, None) => Ok(result),
        (_, Some(error)) => Err(error),
    }
}
