//! A model as a Rust source file that needs nothing but `bitspin_core`: the blob as an aligned `static`, golden vectors, and a
//! function that holds a board to them.

mod ising;
mod labels;

use std::fmt::{self, Display, Write};

use bitspin_core::bits::words;
use bitspin_core::blob::{Blob, Header, IsingWeights, Kind};
use bitspin_core::hopfield::LearningRule;
use bitspin_core::network::Network;
use bitspin_core::rbm::WeightFormat;

use super::golden::{IsingVectors, LabelVectors, RbmVectors, RecallVectors};
use super::{BlobFile, Footprint, network};

/// Golden vectors of the source file.
#[derive(Clone, Debug, PartialEq)]
pub enum Vectors {
    /// Of an RBM.
    Rbm(RbmVectors),
    /// Of a Hopfield memory.
    Recall(RecallVectors),
    /// Of an Ising model.
    Ising(IsingVectors),
    /// Of an RBM with label units.
    Labels(LabelVectors),
}

/// The source file. `origin` says in a line what the model was made from.
///
/// # Panics
/// Never: a string grows.
#[must_use]
pub fn source(file: &BlobFile, vectors: &Vectors, origin: &str) -> String {
    let (blob, len) = (file.blob(), file.bytes().len());
    let footprint = Footprint::of(&blob, len);
    let mut text = format!(
        "// {}.
// Written by `bitspin firmware export` from {}. Needs the crate `bitspin-core`, and no allocator.
//
// Flash: {} bytes. RAM: {} bytes. Beside the program's code and stack.

/// The model: `bitspin_core::blob::Blob::parse(MODEL)` borrows it where it lies.
pub static MODEL: &[u8] = &BYTES.0;

#[rustfmt::skip]
static BYTES: bitspin_core::blob::Aligned<[u8; {len}]> = bitspin_core::blob::Aligned([\n",
        Described(&file.header()),
        origin.replace(|c: char| c.is_control(), " "),
        footprint.flash,
        footprint.ram,
    );
    for line in file.bytes().chunks(16) {
        let bytes: Vec<_> = line.iter().map(|byte| format!("0x{byte:02x}")).collect();
        add(&mut text, format_args!("    {},\n", bytes.join(", ")));
    }
    text.push_str("]);\n\n");
    match (vectors, &blob) {
        (Vectors::Rbm(vectors), Blob::Rbm(model)) => {
            write_rbm(&mut text, vectors, model.fields_len());
        }
        (Vectors::Labels(vectors), Blob::Labelled(model)) => {
            labels::write(&mut text, vectors, model.rbm().shape().hidden());
        }
        (Vectors::Ising(vectors), Blob::Ising(model)) => {
            ising::write(&mut text, vectors, model.units());
        }
        (Vectors::Recall(vectors), blob) => {
            if let (Some(network), Some(variant)) = (network(blob), variant(blob)) {
                write_recall(&mut text, vectors, network, variant);
            }
        }
        _ => {}
    }
    text
}

fn add(text: &mut String, arguments: fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("a string grows");
}

/// The name of a network's variant of [`Blob`].
fn variant(blob: &Blob<'_>) -> Option<&'static str> {
    match blob {
        Blob::Patterns(_) => Some("Patterns"),
        Blob::Exponential(_) => Some("Exponential"),
        Blob::CouplingsI16(_) => Some("CouplingsI16"),
        Blob::CouplingsI8(_) => Some("CouplingsI8"),
        Blob::CouplingsSign(_) => Some("CouplingsSign"),
        _ => None,
    }
}

/// A header in words: what the model is, its shape and its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a>(pub &'a Header);

impl Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            Kind::Patterns {
                units, count, rule, ..
            } => {
                let rule = match rule {
                    LearningRule::Hebb => "Hebb",
                    LearningRule::Covariance => "covariance",
                };
                write!(
                    f,
                    "Hopfield memory of {count} patterns of {units} units, {rule} rule"
                )
            }
            Kind::Exponential { units, count, .. } => write!(
                f,
                "Hopfield memory of {count} patterns of {units} units, exponential rule"
            ),
            Kind::CouplingsI16 { units } => {
                write!(f, "Hopfield network of {units} units, couplings of 16 bits")
            }
            Kind::CouplingsI8 { units } => {
                write!(f, "Hopfield network of {units} units, couplings of 8 bits")
            }
            Kind::CouplingsSign { units } => {
                write!(f, "Hopfield network of {units} units, couplings of one bit")
            }
            Kind::Rbm { shape, format } => write!(
                f,
                "RBM of {} visible and {} hidden units, weights {}",
                shape.visible(),
                shape.hidden(),
                weights_name(format.weights)
            ),
            Kind::Labelled {
                shape,
                format,
                classes,
            } => write!(
                f,
                "RBM of {} visible and {} hidden units, {classes} of the visible ones labels, weights {}",
                shape.visible(),
                shape.hidden(),
                weights_name(format.weights)
            ),
            Kind::Ising {
                units,
                stored,
                weights,
                fraction_bits,
            } => {
                let bits = 8 * weights.bytes();
                write!(f, "Ising model of {units} spins, ")?;
                match stored {
                    Some(stored) => {
                        write!(f, "{} couplings of {bits} bits in sparse rows", stored / 2)
                    }
                    None => write!(f, "all pairs coupled by {bits} bits"),
                }?;
                write!(f, ", {fraction_bits} binary places")
            }
            _ => f.write_str("model of another kind"),
        }
    }
}

/// A weight format by its name.
#[must_use]
pub fn weights_name(weights: WeightFormat) -> &'static str {
    match weights {
        WeightFormat::I16 => "i16",
        WeightFormat::I8 => "i8",
        WeightFormat::I4 => "i4",
        WeightFormat::Ternary => "ternary",
        WeightFormat::Sign => "sign",
    }
}

/// The width of an Ising model's couplings by its name.
#[must_use]
pub fn couplings_name(weights: IsingWeights) -> &'static str {
    match weights {
        IsingWeights::I16 => "i16",
        IsingWeights::I8 => "i8",
    }
}

/// A `static` of one packed vector a row.
fn states(text: &mut String, doc: &str, name: &str, states: &[Vec<u64>]) {
    let words = states.first().map_or(0, Vec::len);
    add(
        text,
        format_args!(
            "    /// {doc}\n    #[rustfmt::skip]\n    pub static {name}: [[u64; {words}]; {}] = [\n",
            states.len()
        ),
    );
    for state in states {
        text.push_str("        [");
        for (at, word) in state.iter().enumerate() {
            let before = match at {
                0 => "",
                _ if at % 4 == 0 => ",\n         ",
                _ => ", ",
            };
            add(text, format_args!("{before}{word:#018x}"));
        }
        text.push_str("],\n");
    }
    text.push_str("    ];\n");
}

/// A `static` of numbers.
fn numbers<T: Display>(text: &mut String, doc: &str, name: &str, kind: &str, numbers: &[T]) {
    let list: Vec<_> = numbers.iter().map(T::to_string).collect();
    let (count, list) = (numbers.len(), list.join(", "));
    add(
        text,
        format_args!(
            "    /// {doc}\n    #[rustfmt::skip]\n    pub static {name}: [{kind}; {count}] = [{list}];\n"
        ),
    );
}

/// Ends the module of golden vectors and begins the function that holds a board to them.
fn begin_check(text: &mut String, what: &str) {
    add(
        text,
        format_args!(
            "}}

/// {what}; says what is not as on the desktop.
///
/// # Errors
/// What differs, in words.
pub fn check() -> Result<(), &'static str> {{\n"
        ),
    );
}

/// Ends that function by the digest of all `what`.
fn end_check(text: &mut String, what: &str) {
    add(
        text,
        format_args!(
            "    if digest == golden::DIGEST {{
        Ok(())
    }} else {{
        Err(\"the digest of all {what}\")
    }}
}}\n{DIGEST}"
        ),
    );
}

fn write_rbm(text: &mut String, vectors: &RbmVectors, fields: usize) {
    let RbmVectors {
        seed,
        steps,
        threshold,
        digest,
        ..
    } = vectors;
    add(
        text,
        format_args!(
            "/// A free energy above this, in 2^-16 nat, is an anomaly: 1% of the data that the model was measured on are.
pub const THRESHOLD: i64 = {threshold};

/// What the desktop makes of the model: Gibbs chains, and free energies in 2^-16 nat. Packed bits, unit i in bit
/// i % 64 of word i / 64.
pub mod golden {{
    /// Chain k draws from chain k of `Streams::new(SEED, Purpose::Chains)`.
    pub const SEED: u64 = {seed};
    /// Gibbs steps per chain.
    pub const STEPS: u32 = {steps};
    /// FNV-1a over the states of all chains: after every step the hidden vector, then the visible one.
    pub const DIGEST: u64 = {digest:#018x};\n"
        ),
    );
    states(
        text,
        "Visible vectors that chains start from.",
        "STARTS",
        &vectors.starts,
    );
    let (name, energies) = ("START_FREE_ENERGIES", &vectors.start_free_energies);
    numbers(text, "Their free energies.", name, "i64", energies);
    states(
        text,
        "Visible vectors after the last step.",
        "VISIBLE",
        &vectors.visible,
    );
    states(
        text,
        "Hidden vectors that they were drawn from.",
        "HIDDEN",
        &vectors.hidden,
    );
    let (name, energies) = ("FREE_ENERGIES", &vectors.free_energies);
    numbers(
        text,
        "Free energies of the last visible vectors.",
        name,
        "i64",
        energies,
    );
    let words = words(fields);
    begin_check(text, "Walks the golden chains");
    add(
        text,
        format_args!(
            "    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::rbm::compact::RbmChain;
    use bitspin_core::rng::{{Purpose, Streams}};

    let Ok(Blob::Rbm(model)) = Blob::parse(MODEL) else {{
        return Err(\"the model's bytes\");
    }};
    let mut streams = Streams::new(golden::SEED, Purpose::Chains);
    let mut digest = DIGEST_START;
    for (at, start) in golden::STARTS.iter().enumerate() {{
        let Ok(mut chain) = RbmChain::<{fields}, {words}>::owned(&model, streams.next_chain()) else {{
            return Err(\"the shape of the model\");
        }};
        let start = Bits::new(model.shape().visible(), start);
        if !start.is_ok_and(|start| chain.set_visible(&start).is_ok()) {{
            return Err(\"the length of a start\");
        }}
        if chain.free_energy_fixed() != golden::START_FREE_ENERGIES[at] {{
            return Err(\"a free energy of a start\");
        }}
        for _ in 0..golden::STEPS {{
            chain.step();
            digest = add_to_digest(digest, chain.hidden().as_words());
            digest = add_to_digest(digest, chain.visible().as_words());
        }}
        let (visible, hidden) = (chain.visible().as_words(), chain.hidden().as_words());
        if visible != golden::VISIBLE[at] || hidden != golden::HIDDEN[at] {{
            return Err(\"a state after the last step\");
        }}
        if chain.free_energy_fixed() != golden::FREE_ENERGIES[at] {{
            return Err(\"a free energy after the last step\");
        }}
    }}
"
        ),
    );
    end_check(text, "states");
}

fn write_recall(text: &mut String, vectors: &RecallVectors, network: &dyn Network, variant: &str) {
    let RecallVectors {
        most_sweeps,
        digest,
        ..
    } = vectors;
    add(
        text,
        format_args!(
            "/// What the desktop recalls, all spins turning at once. Packed spins, unit i in bit i % 64 of word i / 64, set for +1.
pub mod golden {{
    /// The most sweeps.
    pub const MOST_SWEEPS: u32 = {most_sweeps};
    /// FNV-1a over all recalled states.
    pub const DIGEST: u64 = {digest:#018x};\n"
        ),
    );
    states(text, "Damaged patterns.", "STARTS", &vectors.starts);
    states(
        text,
        "States that they settle in.",
        "STATES",
        &vectors.states,
    );
    numbers(
        text,
        "Sweeps that this takes.",
        "SWEEPS",
        "u32",
        &vectors.sweeps,
    );
    let words = vectors.states.first().map_or(0, Vec::len);
    begin_check(text, "Recalls the golden states");
    add(
        text,
        format_args!(
            "    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::hopfield::settle_synchronous;

    let Ok(Blob::{variant}(network)) = Blob::parse(MODEL) else {{
        return Err(\"the model's bytes\");
    }};
    let (mut cache, mut scratch) = ([0; {cache}], [0; {scratch}]);
    let mut digest = DIGEST_START;
    for (at, start) in golden::STARTS.iter().enumerate() {{
        let Ok(mut state) = Bits::new({units}, *start) else {{
            return Err(\"a start\");
        }};
        let (cache, scratch) = (&mut cache, &mut scratch);
        match settle_synchronous(&network, &mut state, cache, scratch, golden::MOST_SWEEPS) {{
            Ok(recall) if recall.sweeps == golden::SWEEPS[at] => {{}}
            Ok(_) => return Err(\"the sweeps of a recall\"),
            Err(_) => return Err(\"the length of a buffer\"),
        }}
        if *state.as_words() != golden::STATES[at] {{
            return Err(\"a recalled state\");
        }}
        digest = add_to_digest(digest, state.as_words());
    }}
",
            cache = network.synchronous_len(),
            scratch = 2 * words,
            units = network.units(),
        ),
    );
    end_check(text, "states");
}

/// FNV-1a for a board.
const DIGEST: &str = "
/// FNV-1a's first number.
const DIGEST_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over the bytes of words, the lowest byte of a word first.
fn add_to_digest(digest: u64, words: &[u64]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    bytes.fold(digest, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
";
