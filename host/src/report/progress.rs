//! Progress bar with rate and time left.

use std::fmt;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::console;
use crate::display::duration;

/// The bar and the numbers beside it fit a terminal of 80 columns.
const TEMPLATE: &str = "[{bar:28}] {percent:>3}%  {rate:>22}  {left:>10} left";

/// Progress of `total` steps, drawn on standard error while that is a terminal; otherwise nothing is printed.
///
/// Clones are handles of one bar, and any thread may advance it. Dropping the last one removes the bar.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar from 0 to `total`, whose rate is shown as `unit` a second: `Progress::new(60_000, "digits")`.
    pub fn new(total: u64, unit: &str) -> Self {
        // Five frames a second are enough to be seen, and cost nothing beside the work.
        Self::on(ProgressDrawTarget::stderr_with_hz(5), total, unit)
    }

    /// Progress that prints nothing anywhere.
    pub fn hidden() -> Self {
        Self::on(ProgressDrawTarget::hidden(), 0, "")
    }

    fn on(target: ProgressDrawTarget, total: u64, unit: &str) -> Self {
        let unit: String = unit.chars().filter(|c| !c.is_control()).take(10).collect();
        let style = ProgressStyle::with_template(TEMPLATE)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key(
                "rate",
                move |state: &ProgressState, out: &mut dyn fmt::Write| {
                    let _ = write!(out, "{} {unit}/s", rate(state.per_sec()));
                },
            )
            .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
                let _ = write!(out, "{}", duration(state.eta()));
            })
            .progress_chars("=> ");
        Self {
            bar: ProgressBar::with_draw_target(Some(total), target).with_style(style),
        }
    }

    /// Whether the bar is drawn nowhere.
    pub fn is_hidden(&self) -> bool {
        self.bar.is_hidden()
    }

    /// Advances by `steps`.
    pub fn inc(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Moves to `position`.
    pub fn set(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Starts again at 0, of `total` steps: the next epoch.
    pub fn restart(&self, total: u64) {
        self.bar.set_length(total);
        self.bar.reset();
    }

    /// Takes the bar away, does `work` (which may print), and draws the bar again.
    pub fn suspend<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    /// Prints a line to standard output above the bar, whether or not there is one.
    pub fn println(&self, line: &str) {
        self.suspend(|| console::print(line));
    }

    /// [`println`](Self::println), unless nothing but the result should be printed.
    pub fn println_unless(&self, quiet: bool, line: &str) {
        if !quiet {
            self.println(line);
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A rate in at most seven characters.
fn rate(per_second: f64) -> String {
    match per_second {
        r if r >= 999.5e9 => "> 999 G".into(),
        r if r >= 999.5e6 => format!("{:.1} G", r / 1e9),
        r if r >= 999_500.0 => format!("{:.1} M", r / 1e6),
        r if r >= 9_950.0 => format!("{:.0} k", r / 1e3),
        r if r >= 9.95 => format!("{r:.0}"),
        r if r >= 0.0 => format!("{r:.1}"),
        _ => "0.0".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that keeps what is written to it.
    #[derive(Clone, Debug, Default)]
    struct Recorder(Arc<Mutex<Vec<String>>>);

    impl Recorder {
        fn keep(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push(text.into());
            Ok(())
        }
    }

    impl TermLike for Recorder {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.keep(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.keep(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_bar_shows_a_rate_and_fits_80_columns() {
        let terminal = Recorder::default();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let progress = Progress::on(target, 1000, "sweeps per second");
        progress.set(500);
        progress.bar.force_draw();
        let drawn = terminal.0.lock().unwrap().clone();
        let bar = drawn.iter().rfind(|line| line.contains("50%")).unwrap();
        assert!(bar.contains("sweeps per/s") && bar.trim_end().ends_with("left"));
        assert!(bar.chars().count() < 80, "{bar}");
    }

    #[test]
    fn rates_are_short() {
        let cases = [
            (0.04, "0.0"),
            (7.25, "7.2"),
            (812.3, "812"),
            (9_949.0, "9949"),
            (61_234.0, "61 k"),
            (999_500.0, "1.0 M"),
            (2.5e9, "2.5 G"),
            (f64::INFINITY, "> 999 G"),
            (f64::NAN, "0.0"),
        ];
        for (per_second, text) in cases {
            assert_eq!(rate(per_second), text);
        }
    }

    #[test]
    fn hidden_progress_still_runs_the_work() {
        let progress = Progress::hidden();
        progress.inc(3);
        progress.set(u64::MAX);
        progress.restart(0);
        assert!(progress.is_hidden());
        assert_eq!(progress.suspend(|| 5), 5);
        progress.finish();
    }
}
