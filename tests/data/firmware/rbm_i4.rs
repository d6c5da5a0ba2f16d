// RBM of 19 visible and 5 hidden units, weights i4.
// Written by `bitspin firmware export` from odd.safetensors. Needs the crate `bitspin-core`, and no allocator.
//
// Flash: 152 bytes. RAM: 182 bytes. Beside the program's code and stack.

/// The model: `bitspin_core::blob::Blob::parse(MODEL)` borrows it where it lies.
pub static MODEL: &[u8] = &BYTES.0;

#[rustfmt::skip]
static BYTES: bitspin_core::blob::Aligned<[u8; 152]> = bitspin_core::blob::Aligned([
    0x62, 0x69, 0x74, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x01, 0x00, 0x03, 0x03, 0x98, 0x00, 0x00, 0x00,
    0x13, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0xf1, 0x01, 0x0b, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfc, 0x00, 0xfe, 0x00, 0x00, 0x00, 0x02,
    0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd1, 0xe0, 0x00, 0x01, 0xd5, 0x04, 0x22, 0x40,
    0x0d, 0x15, 0x2e, 0x05, 0x54, 0x9e, 0x0e, 0x4f, 0x05, 0x04, 0x0d, 0xe2, 0x0e, 0x0f, 0xfd, 0x01,
    0xef, 0x21, 0x00, 0x2e, 0x3c, 0x0b, 0x7c, 0x1c, 0x02, 0xa0, 0x0f, 0x0f, 0x61, 0x11, 0x0e, 0x5e,
    0x21, 0x00, 0xff, 0x40, 0x00, 0x05, 0xe2, 0x03, 0xf0, 0xac, 0x0d, 0xdf, 0x24, 0x0f, 0x70, 0x11,
    0x0a, 0x00, 0x00, 0x00, 0x1a, 0x57, 0x44, 0xfb,
]);

/// A free energy above this, in 2^-16 nat, is an anomaly: 1% of the data that the model was measured on are.
pub const THRESHOLD: i64 = -410039;

/// What the desktop makes of the model: Gibbs chains, and free energies in 2^-16 nat. Packed bits, unit i in bit
/// i % 64 of word i / 64.
pub mod golden {
    /// Chain k draws from chain k of `Streams::new(SEED, Purpose::Chains)`.
    pub const SEED: u64 = 1;
    /// Gibbs steps per chain.
    pub const STEPS: u32 = 100;
    /// FNV-1a over the states of all chains: after every step the hidden vector, then the visible one.
    pub const DIGEST: u64 = 0x32c79ec264474f52;
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
    pub static START_FREE_ENERGIES: [i64; 4] = [-718185, -761405, -711983, -773711];
    /// Visible vectors after the last step.
    #[rustfmt::skip]
    pub static VISIBLE: [[u64; 1]; 4] = [
        [0x000000000000f43e],
        [0x000000000004f52a],
        [0x000000000004f22f],
        [0x000000000006bf7a],
    ];
    /// Hidden vectors that they were drawn from.
    #[rustfmt::skip]
    pub static HIDDEN: [[u64; 1]; 4] = [
        [0x0000000000000017],
        [0x000000000000001e],
        [0x000000000000001f],
        [0x000000000000001e],
    ];
    /// Free energies of the last visible vectors.
    #[rustfmt::skip]
    pub static FREE_ENERGIES: [i64; 4] = [-973512, -976841, -864999, -700877];
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
