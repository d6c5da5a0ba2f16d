//! `bitspin data fetch`.

use super::CommandError;
use crate::cli::Fetch;
use bitspin::display::shown;

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
            "Four files are in {}; use them with --data.",
            shown(&options.dir)
        ));
    }
    Ok(())
}

/// Says how to come by a data set.
#[cfg(not(feature = "download"))]
pub(crate) fn fetch(options: &Fetch) -> Result<(), CommandError> {
    Err(CommandError::usage(format!(
        "this bitspin was built without downloading: build it with `cargo build --release --features download`, or put \
         the four files {} (raw or .gz) into {} by hand",
        bitspin::data::STANDARD_NAMES.join(", "),
        shown(&options.dir)
    )))
}
