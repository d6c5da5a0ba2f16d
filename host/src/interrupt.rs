//! A flag that asks long work to stop.
//!
//! With the feature `cli`, `Interrupt::install` sets it on Ctrl-C: the first asks long work to stop at the next good place,
//! the second stops the program at once. A program that calls `end_soon` also ends by itself soon after the first, wherever
//! it is, unless it has results to save (`Interrupt::save_results`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(feature = "cli")]
mod process;

#[cfg(feature = "cli")]
pub use process::{EXIT_CODE, end_soon};

/// Whether any work has found its interrupt set.
static NOTICED: AtomicBool = AtomicBool::new(false);

/// A flag that asks long work to stop. Clones share it; polling it is one relaxed load.
///
/// ```
/// use bitspin::interrupt::Interrupt;
///
/// let interrupt = Interrupt::manual();
/// let worker = interrupt.clone();
/// assert!(!worker.is_set());
/// interrupt.set();
/// assert!(worker.is_set());
/// ```
#[derive(Clone, Debug)]
pub struct Interrupt {
    flag: Arc<AtomicBool>,
}

impl Interrupt {
    /// An interrupt that no signal sets, only [`set`](Self::set).
    pub fn manual() -> Self {
        Self {
            flag: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Whether work should stop.
    pub fn is_set(&self) -> bool {
        let set = self.flag.load(Ordering::Relaxed);
        if set {
            NOTICED.store(true, Ordering::Relaxed);
        }
        set
    }

    /// Asks work to stop.
    pub fn set(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_flag() {
        let interrupt = Interrupt::manual();
        let clone = interrupt.clone();
        assert!(!interrupt.is_set() && !clone.is_set());
        std::thread::spawn(move || clone.set()).join().unwrap();
        assert!(interrupt.is_set());
        assert!(!Interrupt::manual().is_set());
    }
}
