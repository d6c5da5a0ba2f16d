//! Refuses data whose images all become the same picture.

use bitspin::data::{Binarisation, Constant, Dataset};

use super::CommandError;

/// Refuses a data set whose training images are all the same picture once they are bits; `option` is what chose the
/// rule, as a user writes it before a threshold.
pub(super) fn refuse_constant(
    data: &Dataset,
    how: Binarisation,
    option: &str,
) -> Result<(), CommandError> {
    let Some(constant) = data.constant(how) else {
        return Ok(());
    };
    let (name, count) = (&data.name, data.train.images.count());
    let reason = match constant {
        Constant::Equal => "are equal".into(),
        Constant::Binarised { shade, threshold } => {
            let shade = shade.map_or(String::new(), |shade| format!(", {shade},"));
            let advice = threshold.map_or(String::new(), |threshold| {
                format!("; {option}{threshold} distinguishes them")
            });
            format!("become the same picture{shade} with {how}{advice}")
        }
    };
    Err(CommandError::usage(format!(
        "{name}: expected different images, all {count} training images {reason}"
    )))
}
