//! Ctrl-C: the first asks long work to stop at the next good place, the second stops the program at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code of a program that Ctrl-C ended: 128 and the number of SIGINT.
pub const EXIT_CODE: i32 = 130;

/// A flag that Ctrl-C (or a request to terminate) sets. Clones share it; polling it is one relaxed load.
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
    /// The interrupt of this process. The first call installs handlers of SIGINT and SIGTERM, and of SIGHUP unless the
    /// program was started to outlive its terminal (`nohup`); later calls return the same flag.
    ///
    /// A signal whose handler cannot be installed ends the program as it does by default.
    pub fn install() -> Self {
        static PROCESS: OnceLock<Interrupt> = OnceLock::new();
        PROCESS
            .get_or_init(|| {
                let interrupt = Self::manual();
                for signal in signals() {
                    let (first, second) = (interrupt.flag.clone(), interrupt.flag.clone());
                    // What was registered first runs first: it ends the program if the flag is set already.
                    // Failing is harmless, as said above: no file is ever half-written, whenever the program ends.
                    let _ = flag::register_conditional_shutdown(signal, EXIT_CODE, second)
                        .and_then(|_| flag::register(signal, first));
                }
                interrupt
            })
            .clone()
    }

    /// An interrupt that no signal sets, only [`set`](Self::set): for tests, and for callers without a terminal.
    pub fn manual() -> Self {
        Self {
            flag: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Whether work should stop.
    pub fn is_set(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Asks work to stop, as the first Ctrl-C does.
    pub fn set(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}

/// The signals that ask the program to stop.
fn signals() -> Vec<i32> {
    #[cfg(unix)]
    if !hangup_is_ignored() {
        return vec![SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
    }
    vec![SIGINT, SIGTERM]
}

/// Whether this process was started with SIGHUP ignored. Known on Linux alone, and taken as no elsewhere.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .filter_map(|line| line.strip_prefix("SigIgn:"))
            .filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            // Signals are counted from 1, and SIGHUP is the first.
            .any(|mask| mask & 1 != 0)
    })
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

    #[test]
    fn installing_twice_gives_one_flag() {
        let first = Interrupt::install();
        let second = Interrupt::install();
        assert!(Arc::ptr_eq(&first.flag, &second.flag));
        assert!(!first.is_set());
    }
}
