//! Turns signals of failed writes and of exhausted memory into an error message and exit code 1.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGABRT, SIGXFSZ};
use signal_hook::flag;

/// Installs the handlers. If that fails, the default actions of the system stay in place.
pub(crate) fn install() {
    // With a handler, a file beyond the limit of the process is an error of the write, as a full disk is.
    let _ = flag::register(SIGXFSZ, Arc::default());
    // Where memory runs out, the allocator prints one line and aborts. A panic, which is a fault of this program, keeps
    // the exit code and the core dump of an abort.
    let is_out_of_memory = Arc::new(AtomicBool::new(true));
    let _ = flag::register_conditional_shutdown(SIGABRT, 1, is_out_of_memory.clone());
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        is_out_of_memory.store(false, Ordering::SeqCst);
        print(panic);
    }));
}
