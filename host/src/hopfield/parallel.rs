//! Parts of work on several threads that may be interrupted, or fail.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::interrupt::Interrupt;

/// `work(part)` for every part in `0..parts`, in the order of the parts; each thread takes the next part when it is done
/// with one. A part that was not begun before `interrupt` was set, or gave none, is none.
///
/// # Errors
/// That of a part that failed.
pub(crate) fn map<T: Send, E: Send>(
    parts: usize,
    threads: usize,
    interrupt: &Interrupt,
    work: impl Fn(usize) -> Result<Option<T>, E> + Sync,
) -> Result<Vec<Option<T>>, E> {
    let results = Mutex::new((0..parts).map(|_| None).collect::<Vec<_>>());
    let next = AtomicUsize::new(0);
    let run = || -> Result<(), E> {
        while !interrupt.is_set() {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                break;
            }
            let result = work(part).inspect_err(|_| next.store(parts, Ordering::Relaxed))?;
            results.lock().expect("no holder panics")[part] = result;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(parts)).map(|_| scope.spawn(run)).collect();
        let mut ended = run();
        for other in others {
            let joined = other.join();
            ended = ended.and(joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        ended
    })?;
    Ok(results.into_inner().expect("no holder panics"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_whatever_the_threads() {
        let never = Interrupt::manual();
        for (parts, threads) in [(0, 1), (1, 4), (100, 1), (100, 3)] {
            let squares = map(parts, threads, &never, |k| Ok::<_, ()>(Some(k * k))).unwrap();
            assert!(squares.into_iter().eq((0..parts).map(|k| Some(k * k))));
        }
        let odd = |k: usize| if k == 7 { Err(k) } else { Ok(Some(k)) };
        assert_eq!(map(9, 2, &never, odd), Err(7));
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
        let done = map(5, 1, &interrupt, work).unwrap();
        assert_eq!(done, [Some(0), Some(1), Some(2), None, None]);
    }
}
