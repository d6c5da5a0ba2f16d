//! Parts of work on several threads, their results in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// `work(part)` for every part in `0..parts`, in the order of the parts. Each thread has a scratch of its own, and takes
/// the next part when it is done with one.
pub(crate) fn map<S, T: Send>(
    parts: usize,
    threads: usize,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut scratch = scratch();
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&part| part < parts);
        std::iter::from_fn(take)
            .map(|part| (part, work(&mut scratch, part)))
            .collect::<Vec<_>>()
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(parts)).map(|_| scope.spawn(run)).collect();
        let mut results = run();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|&(part, _)| part);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    #[test]
    fn results_are_in_order_whatever_the_threads() {
        for (parts, threads) in [(0, 1), (1, 0), (1, 4), (100, 1), (100, 3)] {
            let squares = super::map(parts, threads, || (), |(), part| part * part);
            assert!(squares.into_iter().eq((0..parts).map(|part| part * part)));
        }
    }

    #[test]
    fn threads_work_at_the_same_time() {
        let all_here = Barrier::new(3);
        let waited = super::map(3, 3, || (), |(), _| all_here.wait().is_leader());
        assert_eq!(waited.iter().filter(|&&leader| leader).count(), 1);
    }
}
