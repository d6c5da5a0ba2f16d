//! What the library's fields are called on the command line.

/// Fields as the library's messages name them, and the options that set them. A name stands before those that it begins
/// with.
const OPTIONS: [(&str, &str); 34] = [
    ("settings.batch", "--batch"),
    ("settings.chains", "--chains"),
    ("settings.epochs", "--epochs"),
    ("settings.hidden", "--hidden"),
    ("settings.l1", "--l1"),
    ("settings.last_batch", "--batch-final"),
    ("settings.last_steps", "--k-final"),
    ("settings.learning_rate_decay", "--lr-decay"),
    ("settings.learning_rate", "--lr"),
    ("settings.method", "--method"),
    ("settings.momentum", "--momentum"),
    (
        "settings.objective: expected a weight",
        "--mix: expected a number",
    ),
    ("settings.objective", "--objective"),
    ("settings.schedule.decay", "--lr-decay"),
    ("settings.schedule.last", "--lr-final"),
    ("settings.sparsity.cost", "--sparsity-cost"),
    ("settings.sparsity.target", "--sparsity-target"),
    ("settings.steps", "--k"),
    ("settings.sweeps", "--sweeps"),
    ("settings.temperatures", "--temperatures"),
    ("settings.threads", "--threads"),
    ("settings.weight_decay", "--weight-decay"),
    ("options.grey = ", "--grey-range "),
    ("options.header = false", "--no-header"),
    ("options.header = true", "--header"),
    ("options.header", "--header"),
    ("options.labels", "--labels"),
    ("options.row_names = ", "--row-names "),
    ("options.row_names", "--row-names"),
    ("options.separator", "--separator"),
    ("reading.convention = ", "--convention "),
    ("reading.test_labels", "--test-labels"),
    ("reading.test", "--test"),
    ("`symmetrise`", "--symmetrise"),
];

/// A message of the library in the words of the command line.
pub(super) fn in_options(message: &str) -> String {
    let mut message = message.to_owned();
    for (field, option) in OPTIONS {
        if message.contains(field) {
            message = message.replace(field, option);
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_hides_one_that_it_begins() {
        for (at, (field, _)) in OPTIONS.iter().enumerate() {
            assert!(
                OPTIONS[at + 1..]
                    .iter()
                    .all(|(later, _)| !later.starts_with(field))
            );
        }
    }

    #[test]
    fn messages_name_options() {
        for (message, expected) in [
            (
                "settings.last_batch: expected 1",
                "--batch-final: expected 1",
            ),
            ("settings.learning_rate_decay: x", "--lr-decay: x"),
            (
                "settings.objective: expected a weight above 0",
                "--mix: expected a number above 0",
            ),
            (
                "options.header = true or options.header = false",
                "--header or --no-header",
            ),
            ("reading.test_labels, reading.test", "--test-labels, --test"),
            ("no field", "no field"),
        ] {
            assert_eq!(in_options(message), expected);
        }
    }
}
