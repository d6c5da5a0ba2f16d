// RBM of 19 visible and 5 hidden units, weights sign.
// Written by `bitspin firmware export` from odd.safetensors. Needs the crate `bitspin-core`, and no allocator.
//
// Flash: 112 bytes. RAM: 182 bytes. Beside the program's code and stack.

/// The model: `bitspin_core::blob::Blob::parse(MODEL)` borrows it where it lies.
pub static MODEL: &[u8] = &BYTES.0;

#[rustfmt::skip]
static BYTES: bitspin_core::blob::Aligned<[u8; 112]> = bitspin_core::blob::Aligned([
    0x62, 0x69, 0x74, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x01, 0x00, 0x03, 0x05, 0x70, 0x00, 0x00, 0x00,
    0x13, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x9c, 0x04, 0x0b, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfc, 0x00, 0xfe, 0x00, 0x00, 0x00, 0x02,
    0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x15, 0x0b, 0x1b, 0x03, 0x1e, 0x06, 0x12,
    0x1c, 0x0a, 0x1a, 0x01, 0x0f, 0x1e, 0x1c, 0x15, 0x00, 0x0c, 0x0f, 0x00, 0x5e, 0x42, 0xd3, 0x51,
]);

/// A free energy above this, in 2^-16 nat, is an anomaly: 1% of the data that the model was measured on are.
pub const THRESHOLD: i64 = -316671;

/// What the desktop makes of the model: Gibbs chains, and free energies in 2^-16 nat. Packed bits, unit i in bit
/// i % 64 of word i / 64.
pub mod golden {
    /// Chain k draws from chain k of `Streams::new(SEED, Purpose::Chains)`.
    pub const SEED: u64 = 1;
    /// Gibbs steps per chain.
    pub const STEPS: u32 = 100;
    /// FNV-1a over the states of all chains: after every step the hidden vector, then the visible one.
    pub const DIGEST: u64 = 0x54b283afd7376f1f;
    /// Visible vectors that chains start from.
    #[rustfmt::skip]
    pub static STARTS: [[u64; 1]; 4] = [
        [0x000000000004e6ea],
        [0x000000000004e626],
        [0x000000000004d92a],
        [0x00000000000290ba],
    ];
    /// Their free energies.
    #[rustfmt::skip]
    pub static START_FREE_ENERGIES: [i64; 4] = [-669580, -614307, -604412, -419094];
    /// Visible vectors after the last step.
    #[rustfmt::skip]
    pub static VISIBLE: [[u64; 1]; 4] = [
        [0x000000000004b73e],
        [0x000000000004e7e9],
        [0x00000000000474e9],
        [0x000000000004bdba],
    ];
    /// Hidden vectors that they were drawn from.
    #[rustfmt::skip]
    pub static HIDDEN: [[u64; 1]; 4] = [
        [0x000000000000001b],
        [0x000000000000001e],
        [0x000000000000001e],
        [0x000000000000001e],
    ];
    /// Free energies of the last visible vectors.
    #[rustfmt::skip]
    pub static FREE_ENERGIES: [i64; 4] = [-740825, -663670, -673643, -600274];
}

/// Walks the golden chains; says what is not as on the desktop.
///
/// # Errors
/// What differs, in words.
pub fn check() -> Result<(), &'static str> {
    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::rbm::compact::RbmChain;
    use bitspin_core::rng::{Purpose, Streams};

    let Ok(Blob::Rbm(model)) = Blob::parse(MODEL) else {
        return Err("the model's bytes");
    };
    let mut streams = Streams::new(golden::SEED, Purpose::Chains);
    let mut digest = DIGEST_START;
    for (at, start) in golden::STARTS.iter().enumerate() {
        let Ok(mut chain) = RbmChain::<19, 1>::owned(&model, streams.next_chain()) else {
            return Err("the shape of the model");
        };
        let start = Bits::new(model.shape().visible(), start);
        if !start.is_ok_and(|start| chain.set_visible(&start).is_ok()) {
            return Err("the length of a start");
        }
        if chain.free_energy_fixed() != golden::START_FREE_ENERGIES[at] {
            return Err("a free energy of a start");
        }
        for _ in 0..golden::STEPS {
            chain.step();
            digest = add_to_digest(digest, chain.hidden().as_words());
            digest = add_to_digest(digest, chain.visible().as_words());
        }
        let (visible, hidden) = (chain.visible().as_words(), chain.hidden().as_words());
        if visible != golden::VISIBLE[at] || hidden != golden::HIDDEN[at] {
            return Err("a state after the last step");
        }
        if chain.free_energy_fixed() != golden::FREE_ENERGIES[at] {
            return Err("a free energy after the last step");
        }
    }
    if digest == golden::DIGEST {
        Ok(())
    } else {
        Err("the digest of all states")
    }
}

/// FNV-1a's first number.
const DIGEST_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over the bytes of words, the lowest byte of a word first.
fn add_to_digest(digest: u64, words: &[u64]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    bytes.fold(digest, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
