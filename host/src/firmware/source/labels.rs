//! The golden vectors and the check of a classifier's source file.

use super::{add, begin_check, end_check, numbers, states};
use crate::firmware::golden::LabelVectors;

pub(super) fn write(text: &mut String, vectors: &LabelVectors, hidden: usize) {
    let LabelVectors {
        threshold, digest, ..
    } = vectors;
    let classes = vectors.logits.first().map_or(0, Vec::len);
    add(
        text,
        format_args!(
            "/// An energy E(x) above this, in 2^-16 nat, is an anomaly: 1% of the data that the model was measured on are.
pub const THRESHOLD: i64 = {threshold};

/// What the desktop makes of the model: logits and energies in 2^-16 nat. Packed pixels, pixel i in bit i % 64 of word
/// i / 64.
pub mod golden {{
    /// FNV-1a over all logits.
    pub const DIGEST: u64 = {digest:#018x};\n"
        ),
    );
    states(text, "Images.", "IMAGES", &vectors.images);
    add(
        text,
        format_args!(
            "    /// Their logits.\n    #[rustfmt::skip]\n    pub static LOGITS: [[i64; {classes}]; {}] = [\n",
            vectors.logits.len()
        ),
    );
    for logits in &vectors.logits {
        add(text, format_args!("        {logits:?},\n"));
    }
    text.push_str("    ];\n");
    let (name, found) = ("CLASSES", &vectors.classes);
    numbers(text, "Their classes.", name, "usize", found);
    let (name, energies) = ("ENERGIES", &vectors.energies);
    numbers(text, "Their energies.", name, "i64", energies);
    begin_check(text, "Classifies the golden images");
    add(
        text,
        format_args!(
            "    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::rbm::labels::{{class, energy_fixed}};

    let Ok(Blob::Labelled(model)) = Blob::parse(MODEL) else {{
        return Err(\"the model's bytes\");
    }};
    let (mut fields, mut logits) = ([0; {hidden}], [0; {classes}]);
    let mut digest = DIGEST_START;
    for (at, image) in golden::IMAGES.iter().enumerate() {{
        let found = Bits::new(model.pixels(), image)
            .and_then(|image| model.logits(&image, &mut fields, &mut logits));
        if found.is_err() {{
            return Err(\"the shape of the model\");
        }}
        if logits != golden::LOGITS[at] {{
            return Err(\"a logit\");
        }}
        if class(&logits) != golden::CLASSES[at] || energy_fixed(&logits) != golden::ENERGIES[at] {{
            return Err(\"a class or an energy\");
        }}
        for logit in logits {{
            digest = add_to_digest(digest, &[logit as u64]);
        }}
    }}
"
        ),
    );
    end_check(text, "logits");
}
