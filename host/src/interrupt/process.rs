//! The interrupt of the process: Ctrl-C and requests to terminate.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::{Interrupt, NOTICED};

/// The exit code of a program that Ctrl-C ended: 128 and the number of SIGINT.
pub const EXIT_CODE: i32 = 130;

/// How long work may take to notice an interrupt, and to report what it has when it did.
const TO_NOTICE: Duration = Duration::from_millis(500);
const TO_REPORT: Duration = Duration::from_secs(3);

/// Time between two checks of the flag.
const TICK: Duration = Duration::from_millis(50);

/// Whether the work has results that are worth waiting for.
static SAVES: AtomicBool = AtomicBool::new(false);

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

    /// Lets the process live after an interrupt until its results are saved.
    pub fn save_results(&self) {
        SAVES.store(true, Ordering::Relaxed);
    }
}

/// From now on an interrupt of this process ends it soon: half a second later if no work has noticed it, three seconds
/// later if the work is still reporting, and not at all if it [saves results](Interrupt::save_results), which ends by itself. No
/// file is half-written whenever that is.
pub fn end_soon() {
    let flag = Interrupt::install().flag;
    let watch = move || {
        while !flag.load(Ordering::Relaxed) {
            thread::sleep(TICK);
        }
        let set = Instant::now();
        loop {
            let patience = match NOTICED.load(Ordering::Relaxed) {
                true => TO_REPORT,
                false => TO_NOTICE,
            };
            if set.elapsed() > patience && !SAVES.load(Ordering::Relaxed) {
                crate::console::error("interrupted");
                std::process::exit(EXIT_CODE);
            }
            thread::sleep(TICK);
        }
    };
    // Without the thread a second Ctrl-C is needed.
    let _ = thread::Builder::new().stack_size(1 << 16).spawn(watch);
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
    use std::sync::Arc;

    use super::*;

    #[test]
    fn installing_twice_gives_one_flag() {
        let first = Interrupt::install();
        let second = Interrupt::install();
        assert!(Arc::ptr_eq(&first.flag, &second.flag));
        assert!(!first.is_set());
    }
}
