//! `bitspin validate`.

use bitspin::validate::Report;

use super::CommandError;
use crate::cli::Validate;

/// Checks the engine against the reference and prints the table.
pub(crate) fn run(options: &Validate) -> Result<(), CommandError> {
    let report = Report::from(bitspin::validate::run(options.run.seed));
    if options.run.json {
        super::print_json(&report);
    } else {
        super::print(report.to_string().trim_end());
    }
    match report.rows.iter().filter(|row| !row.passed).count() {
        0 => Ok(()),
        broken => Err(CommandError::failed(format!(
            "{broken} of {} error bounds are exceeded",
            report.rows.len()
        ))),
    }
}
