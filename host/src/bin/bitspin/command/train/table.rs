//! The table that is printed while a model trains: a line per epoch.

use bitspin::train::{EpochMetrics, Measures};

/// The headings of the columns of [`epoch_line`]; `unit` is one of `images` and `rows`.
pub(super) fn headings(labelled: bool, unit: &str) -> String {
    let rate = format!("{unit}/s");
    let first = format!("{:>5} {:>8} {rate:>9}", "epoch", "seconds");
    let rest = match labelled {
        true => ["train NLL", "train error", "test NLL", "test error"]
            .map(|heading| format!(" {heading:>11}"))
            .concat(),
        false => format!(
            " {:>14} {:>13} {:>18}",
            "reconstruction", "F(v) - F(v')", "held-out pseudo-LL"
        ),
    };
    first + &rest
}

/// The figures of an epoch in a line, and the likelihood in another.
pub(super) fn epoch_line(row: &EpochMetrics) -> String {
    let mut line = format!(
        "{:>5} {:>8.3} {:>9.0}",
        row.epoch, row.seconds, row.images_per_second
    );
    line += &match row.measures {
        Measures::Unlabelled {
            reconstruction_mse,
            free_energy_gap,
            test_pseudo_log_likelihood,
        } => format!(
            " {reconstruction_mse:>14.5} {free_energy_gap:>13.3} {test_pseudo_log_likelihood:>18.3}"
        ),
        Measures::Labelled {
            train_nll,
            train_error,
            test_nll,
            test_error,
        } => {
            let nats = train_nll.map_or("-".into(), |nll| format!("{nll:.5}"));
            let error = train_error.map_or("-".into(), |error| format!("{:.2}%", 100.0 * error));
            format!(
                " {nats:>11} {error:>11} {test_nll:>11.5} {:>10.2}%",
                100.0 * test_error
            )
        }
    };
    if let Some(found) = row.likelihood {
        let what = match row.measures {
            Measures::Unlabelled { .. } => "held-out ln p",
            Measures::Labelled { .. } => "held-out ln p(x, y)",
        };
        line += &match found.standard_error {
            0.0 => format!("\n      {what} {:.3}", found.test),
            error => format!(
                "\n      {what} {:.3} +- {error:.3} (forward AIS: on average too high)",
                found.test
            ),
        };
    }
    line
}
