// Hopfield memory of 3 patterns of 72 units, exponential rule.
// Written by `bitspin firmware export` from 3 patterns of data, rule exponential. Needs the crate `bitspin-core`, and no allocator.
//
// Flash: 136 bytes. RAM: 64 bytes. Beside the program's code and stack.

/// The model: `bitspin_core::blob::Blob::parse(MODEL)` borrows it where it lies.
pub static MODEL: &[u8] = &BYTES.0;

#[rustfmt::skip]
static BYTES: bitspin_core::blob::Aligned<[u8; 136]> = bitspin_core::blob::Aligned([
    0x62, 0x69, 0x74, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x01, 0x00, 0x01, 0x00, 0x88, 0x00, 0x00, 0x00,
    0x48, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00,
    0x0e, 0x1e, 0x3c, 0x78, 0xf0, 0xe2, 0xc1, 0x83, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xff, 0xbf, 0xff, 0xff, 0x0f, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x55, 0x55, 0x55, 0x45, 0x55, 0x55, 0x55, 0x55, 0x75, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x80, 0xa4, 0xaa, 0x52, 0x11, 0xb7, 0x2a, 0x58, 0x02, 0x48, 0x39, 0x51, 0x00,
    0x11, 0xfe, 0x0a, 0x00, 0xd8, 0x7c, 0x01, 0x00, 0x8b, 0x33, 0x00, 0x00, 0xfa, 0x06, 0x00, 0x00,
    0xf2, 0x00, 0x00, 0x00, 0x21, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x0d, 0x71, 0x5e, 0x10,
]);

/// What the desktop recalls, all spins turning at once. Packed spins, unit i in bit i % 64 of word i / 64, set for +1.
pub mod golden {
    /// The most sweeps.
    pub const MOST_SWEEPS: u32 = 100;
    /// FNV-1a over all recalled states.
    pub const DIGEST: u64 = 0x598bf4ff400c5c16;
    /// Damaged patterns.
    #[rustfmt::skip]
    pub static STARTS: [[u64; 2]; 3] = [
        [0x36e1a6e22ce43cdd, 0x0000000000000086],
        [0x00980497dffb3ffe, 0x0000000000000090],
        [0x3554d081c5555557, 0x0000000000000055],
    ];
    /// States that they settle in.
    #[rustfmt::skip]
    pub static STATES: [[u64; 2]; 3] = [
        [0x83c1e2f0783c1e0e, 0x0000000000000007],
        [0x0080000fffffbfff, 0x0000000000000000],
        [0x5555555545555555, 0x0000000000000075],
    ];
    /// Sweeps that this takes.
    #[rustfmt::skip]
    pub static SWEEPS: [u32; 3] = [2, 2, 2];
}

/// Recalls the golden states; says what is not as on the desktop.
///
/// # Errors
/// What differs, in words.
pub fn check() -> Result<(), &'static str> {
    use bitspin_core::bits::Bits;
    use bitspin_core::blob::Blob;
    use bitspin_core::hopfield::settle_synchronous;

    let Ok(Blob::Exponential(network)) = Blob::parse(MODEL) else {
        return Err("the model's bytes");
    };
    let (mut cache, mut scratch) = ([0; 4], [0; 4]);
    let mut digest = DIGEST_START;
    for (at, start) in golden::STARTS.iter().enumerate() {
        let Ok(mut state) = Bits::new(72, *start) else {
            return Err("a start");
        };
        let (cache, scratch) = (&mut cache, &mut scratch);
        match settle_synchronous(&network, &mut state, cache, scratch, golden::MOST_SWEEPS) {
            Ok(recall) if recall.sweeps == golden::SWEEPS[at] => {}
            Ok(_) => return Err("the sweeps of a recall"),
            Err(_) => return Err("the length of a buffer"),
        }
        if *state.as_words() != golden::STATES[at] {
            return Err("a recalled state");
        }
        digest = add_to_digest(digest, state.as_words());
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
