//! `bitspin data fetch`, and what to do where a data set is missing.

use std::path::Path;

use bitspin::display::shown;

use super::CommandError;
use crate::cli::Fetch;

/// How to get MNIST into a directory that lacks it.
#[cfg(feature = "download")]
pub(crate) fn remedy(directory: &Path) -> String {
    format!(
        "`bitspin data fetch {}` downloads MNIST; without --data the built-in digits are used",
        shown(directory)
    )
}

/// How to get MNIST into a directory that lacks it.
#[cfg(not(feature = "download"))]
pub(crate) fn remedy(_: &Path) -> String {
    format!(
        "for MNIST, put the four files of {MNIST} there; without --data the built-in digits are used"
    )
}

/// Where the four files of MNIST can be downloaded.
#[cfg(not(feature = "download"))]
const MNIST: &str = "https://ossci-datasets.s3.amazonaws.com/mnist/";

/// Downloads a data set.
#[cfg(feature = "download")]
pub(crate) fn fetch(options: &Fetch) -> Result<(), CommandError> {
    bitspin::data::fetch(&options.dir, options.fashion)?;
    if options.json {
        super::print_json(
            &serde_json::json!({ "directory": shown(&options.dir), "files": bitspin::data::STANDARD_NAMES }),
        );
    } else {
        super::print(&format!(
            "Four files are in {0}; use them with --data {0}",
            shown(&options.dir)
        ));
    }
    Ok(())
}

/// Explains how to get a data set without downloading.
#[cfg(not(feature = "download"))]
pub(crate) fn fetch(options: &Fetch) -> Result<(), CommandError> {
    Err(CommandError::usage(format!(
        "this bitspin was built without downloading: build it with `cargo build --release --features download`, or put \
         the four files {} (raw or .gz) of {MNIST} into {}",
        bitspin::data::STANDARD_NAMES.join(", "),
        shown(&options.dir)
    )))
}
