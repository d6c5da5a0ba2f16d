//! A barrier that is cheap to pass: threads that wait spin for a while before they give up their core.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Spins before a waiting thread starts to yield its core: some ten microseconds, more than the shares of a minibatch
/// usually differ by, and little lost where other programs want the core.
const SPINS: u32 = 1_000;

/// Holds threads until all have come, as often as they like.
#[derive(Debug)]
pub(super) struct Barrier {
    threads: usize,
    waiting: AtomicUsize,
    generation: AtomicUsize,
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
            waiting: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            spins,
        }
    }

    /// Returns when all threads have called it. What a thread wrote before, the others see after.
    pub(super) fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let generation = self.generation.load(Ordering::Acquire);
        if self.waiting.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.waiting.store(0, Ordering::Relaxed);
            self.generation
                .store(generation.wrapping_add(1), Ordering::Release);
            return;
        }
        let mut spun = 0;
        while self.generation.load(Ordering::Acquire) == generation {
            if spun < self.spins {
                spun += 1;
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
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
                for _ in 0..threads {
                    scope.spawn(|| {
                        for round in 1..=200 {
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
