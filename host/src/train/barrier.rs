//! A barrier that is cheap to pass: threads that wait spin for a while before they sleep.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// Spins before a waiting thread sleeps: some fifty microseconds, more than the shares of a minibatch usually differ by.
/// Where other programs want the cores, a thread that sleeps leaves its core to the one that all wait for.
const SPINS: u32 = 2_000;

/// What lies on cache lines of its own, so that those who wait for it are not disturbed by what changes beside it.
#[derive(Debug)]
#[repr(align(128))]
struct Apart<T>(T);

/// Holds threads until all have come, as often as they like.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    waiting: Apart<AtomicUsize>,
    generation: Apart<AtomicUsize>,
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
    spins: u32,
}

impl Barrier {
    /// A barrier for `threads` threads.
    pub(super) fn new(threads: usize) -> Self {
        // Spinning helps only while every thread has a core of its own.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let spins = if threads <= cores { SPINS } else { 0 };
        Self {
            threads,
            waiting: Apart(AtomicUsize::new(0)),
            generation: Apart(AtomicUsize::new(0)),
            sleepers: AtomicUsize::new(0),
            lock: Mutex::new(()),
            changed: Condvar::new(),
            spins,
        }
    }

    /// Returns when all threads have called it. What a thread wrote before, the others see after.
    pub(super) fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let generation = self.generation.0.load(Ordering::Acquire);
        if self.waiting.0.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.0.store(0, Ordering::Relaxed);
            // In one order for all threads: either this sees a sleeper, or the sleeper sees the new generation.
            self.generation
                .0
                .store(generation.wrapping_add(1), Ordering::SeqCst);
            if self.sleepers.load(Ordering::SeqCst) > 0 {
                let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
                self.changed.notify_all();
            }
            return;
        }
        for _ in 0..self.spins {
            if self.generation.0.load(Ordering::Acquire) != generation {
                return;
            }
            std::hint::spin_loop();
        }
        self.sleep(generation);
    }

    #[cold]
    fn sleep(&self, generation: usize) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while self.generation.0.load(Ordering::SeqCst) == generation {
            guard = self
                .changed
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_runs_ahead() {
        for threads in [1, 2, 3, 8] {
            let barrier = Barrier::new(threads);
            let arrived = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for thread in 0..threads {
                    let (barrier, arrived) = (&barrier, &arrived);
                    scope.spawn(move || {
                        for round in 1..=200 {
                            // Now and then one is so late that the others sleep.
                            if round % 50 == 0 && thread == 0 {
                                std::thread::sleep(std::time::Duration::from_millis(1));
                            }
                            arrived.fetch_add(1, Ordering::Relaxed);
                            barrier.wait();
                            assert!(arrived.load(Ordering::Relaxed) >= round * threads);
                            barrier.wait();
                            assert!(arrived.load(Ordering::Relaxed) <= (round + 1) * threads);
                        }
                    });
                }
            });
            assert_eq!(arrived.load(Ordering::Relaxed), 200 * threads);
        }
    }
}
