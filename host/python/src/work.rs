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
/// `progress` with the steps done since its last call, which may be 0, until it raises. If either raises, the work is
/// interrupted, and the exception is returned beside its result, so that the caller can keep what was done: a signal's
/// rather than one of `progress`.
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
    let report = |py: Python<'_>, raised: &mut Option<PyErr>| {
        if let Err(signal) = py.check_signals() {
            *raised = Some(signal);
        } else if let (None, Some(progress)) = (&*raised, &progress) {
            let more = steps.swap(0, Ordering::Relaxed);
            *raised = progress.call1(py, (more,)).err();
        }
        if raised.is_some() {
            interrupt.set();
        }
    };
    py.detach(|| {
        thread::scope(|scope| {
            let (ended, ends) = mpsc::channel::<()>();
            let (interrupt, count, report) = (&interrupt, &count, &report);
            let worker = scope.spawn(move || {
                // Dropped at the end, even by a panic.
                let _ended = ended;
                work(Control::new().interrupt(interrupt).progress(count))
            });
            let mut raised = None;
            while ends.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                Python::attach(|py| report(py, &mut raised));
            }
            let result = worker.join();
            Python::attach(|py| report(py, &mut raised));
            let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (result, raised)
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
