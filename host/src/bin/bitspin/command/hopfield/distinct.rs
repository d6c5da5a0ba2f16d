//! Distinct patterns of a memory.

use bitspin::BitMatrix;
use bitspin::console::note;
use bitspin::data::best_threshold;
use bitspin::display::shown;
use bitspin::hopfield::{Complements, Rule, complements, equal_patterns};

use super::{CommandError, Source, Stored};

impl Stored {
    /// The first `count` images as patterns of a memory. Says which of them are complements, where the rule cannot tell
    /// them apart.
    ///
    /// # Errors
    /// A usage error that names two patterns that are equal, and a threshold at which none are.
    pub(crate) fn patterns(
        &self,
        source: &Source,
        rule: Rule,
        count: usize,
    ) -> Result<BitMatrix, CommandError> {
        let images = self.images.first(count);
        let patterns = source.binarise(&images);
        if let Some((first, second)) = equal_patterns(&patterns) {
            let shade = match patterns.iter().nth(first) {
                Some(pattern) if pattern.iter().all(|&word| word == 0) => " (all black)",
                _ => "",
            };
            let advice = match best_threshold(&images, count) {
                Some(threshold) => format!("--threshold {threshold} keeps all patterns distinct"),
                None if images.image(first) == images.image(second) => {
                    "the pictures are identical, so leave one out".into()
                }
                None => "no --threshold keeps all patterns distinct".into(),
            };
            return Err(CommandError::usage(format!(
                "{}: patterns {} and {} are equal{shade} at --threshold {}, expected different ones; {advice}",
                self.name,
                self.called(first),
                self.called(second),
                source.threshold
            )));
        }
        let pair = complements(&patterns);
        let what = match rule.complements() {
            Complements::Distinct => None,
            // Refused as dependent patterns.
            Complements::Same if rule == Rule::PseudoInverse => None,
            Complements::Same => Some("stores them as one pattern"),
            Complements::Cancel => Some("stores neither: they cancel each other"),
        };
        if let (Some((first, second)), Some(what)) = (pair, what) {
            note(format_args!(
                "patterns {} and {} are complements of each other; rule {rule} {what}",
                self.called(first),
                self.called(second)
            ));
        }
        Ok(patterns)
    }

    /// A pattern's number, and its file if it has one.
    fn called(&self, index: usize) -> String {
        match self.files.get(index) {
            Some(file) => format!("{index} ({})", shown(file)),
            None => index.to_string(),
        }
    }
}
