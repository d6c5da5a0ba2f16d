//! Work on several threads, its results in order whatever the number of threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::control::Control;

/// `work(part)` for every one of `parts`, each on a thread of its own (the first on this one), in the order of the parts.
pub(crate) fn each<P: Send, T: Send>(
    parts: impl IntoIterator<Item = P>,
    work: impl Fn(P) -> T + Sync,
) -> Vec<T> {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Vec::new();
    };
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let mut results = vec![work(first)];
        for other in others {
            let joined = other.join();
            results.push(joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}

/// `work(part)` for every part in `0..parts`, in the order of the parts. Each thread has a scratch of its own, and takes
/// the next part when it is done with one.
pub(crate) fn map<S, T: Send>(
    parts: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let of_threads = each(0..threads.min(parts).max(1), |_| {
        let mut scratch = scratch();
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&part| part < parts);
        std::iter::from_fn(take)
            .map(|part| (part, work(&mut scratch, part)))
            .collect::<Vec<_>>()
    });
    let mut results: Vec<_> = of_threads.into_iter().flatten().collect();
    results.sort_unstable_by_key(|&(part, _)| part);
    results.into_iter().map(|(_, result)| result).collect()
}

/// [`map`] of work that may fail, or give nothing, until it is interrupted. A part that was not begun before that is none.
///
/// # Errors
/// That of the first part that failed; no part is begun after a failure.
pub(crate) fn map_until<T: Send, E: Send>(
    parts: usize,
    threads: usize,
    control: Control<'_>,
    work: impl Fn(usize) -> Result<Option<T>, E> + Sync,
) -> Result<Vec<Option<T>>, E> {
    let failed = AtomicBool::new(false);
    let results = map(
        parts,
        threads,
        || (),
        |(), part| {
            if control.is_stopped() || failed.load(Ordering::Relaxed) {
                return Ok(None);
            }
            work(part).inspect_err(|_| failed.store(true, Ordering::Relaxed))
        },
    );
    results.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::interrupt::Interrupt;

    #[test]
    fn results_are_in_order_whatever_the_threads() {
        for (parts, threads) in [(0, 1), (1, 0), (1, 4), (100, 1), (100, 3)] {
            let squares = map(parts, threads, || (), |(), part| part * part);
            assert!(squares.into_iter().eq((0..parts).map(|part| part * part)));
            let squares =
                map_until(parts, threads, Control::new(), |k| Ok::<_, ()>(Some(k * k))).unwrap();
            assert!(squares.into_iter().eq((0..parts).map(|k| Some(k * k))));
        }
        let odd = |k: usize| if k == 7 { Err(k) } else { Ok(Some(k)) };
        assert_eq!(map_until(9, 2, Control::new(), odd), Err(7));
    }

    #[test]
    fn threads_work_at_the_same_time() {
        let all_here = Barrier::new(3);
        let waited = map(3, 3, || (), |(), _| all_here.wait().is_leader());
        assert_eq!(waited.iter().filter(|&&leader| leader).count(), 1);
    }

    #[test]
    fn an_interrupt_leaves_the_rest() {
        let interrupt = Interrupt::manual();
        let work = |k| {
            if k == 2 {
                interrupt.set();
            }
            Ok::<_, ()>(Some(k))
        };
        let done = map_until(5, 1, Control::new().interrupt(&interrupt), work).unwrap();
        assert_eq!(done, [Some(0), Some(1), Some(2), None, None]);
    }
}
